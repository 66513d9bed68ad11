// The comparison of two tables by numbers: equal tables never differ, and whatever tables and requests are drawn, it finds a difference in
// where a request goes exactly where the slow and wordy decision does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Fingerprints } from '../../src/cli/compare/fingerprint.ts';
import { type DifferenceName, namesOf } from '../../src/cli/compare/outcome.ts';
import { type ComparedRequest, RequestComparer } from '../../src/cli/compare/request-comparer.ts';
import { TableSide } from '../../src/cli/compare/table-side.ts';
import { type Decision, decideRequest, serverNameOf } from '../../src/cli/decide-request.ts';
import { allQuirks, features, prepareFeatures, settingsOf } from '../../src/features/index.ts';
import type { Ingress, PathType } from '../../src/kube/index.ts';
import type { RouteTable } from '../../src/model/index.ts';
import { translate, type TranslateOptions } from '../../src/translate/index.ts';
import { sampleBackend, sampleIngress, sampleOptions } from '../../src/translate/sample-objects.fixture.ts';

const nowMs = Date.UTC(2026, 0, 1);
const options: TranslateOptions = sampleOptions({ features });
const prefix = options.annotationPrefixes.nginx;

const annotationSets: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'use-regex': 'true' },
  { 'rewrite-target': '/x' },
  { 'use-regex': 'true', 'rewrite-target': '/y/$1' },
  { 'permanent-redirect': 'http://r.test/' },
  { 'app-root': '/start' },
  { 'force-ssl-redirect': 'true' },
  { 'limit-rps': '5' },
  { 'whitelist-source-range': '10.0.0.0/8' },
  { 'whitelist-source-range': 'nonsense' },
  { 'proxy-read-timeout': '7' },
  { 'enable-cors': 'true' },
];

const rule = fc.record({
  host: fc.constantFrom('a.test', '*.test', ''),
  path: fc.constantFrom('/', '/foo', '/foo/', '/Foo', '/foo/bar', '/foo/(.*)', '/b%2Fc', '/[a-f]+'),
  type: fc.constantFrom<PathType>('Prefix', 'Exact', 'ImplementationSpecific'),
  service: fc.constantFrom('web', 'api'),
});

const ingress = fc.record({
  name: fc.constantFrom('x', 'y', 'z'),
  namespace: fc.constantFrom('one', 'two'),
  age: fc.integer({ min: 1, max: 3 }),
  rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
  annotations: fc.constantFrom(...annotationSets),
  hasTls: fc.boolean(),
});

const cluster = fc
  .uniqueArray(ingress, { maxLength: 4, selector: ({ namespace, name }) => `${namespace}/${name}` })
  .map((list) => list.map(toIngress));

type Drawn = typeof ingress extends fc.Arbitrary<infer Each> ? Each : never;

function toIngress({ name, namespace, age, rules, annotations, hasTls }: Drawn): Ingress {
  return sampleIngress(
    {
      ...(hasTls && { tls: [{ hosts: ['a.test'] }] }),
      rules: rules.map(({ host, path, type, service }) => ({
        ...(host !== '' && { host }),
        http: { paths: [{ path, pathType: type, backend: sampleBackend(service) }] },
      })),
    },
    {
      name,
      namespace,
      day: age,
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`${prefix}/${key}`, value]),
      ),
    },
  );
}

const request: fc.Arbitrary<ComparedRequest> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'TRACE', 'OPTIONS'),
  scheme: fc.constantFrom('http', 'https'),
  host: fc.constantFrom('a.test', 'b.test', 'c.b.test', '10.0.0.1', ''),
  rawPath: fc.constantFrom(
    '/',
    '/foo',
    '/FOO',
    '/foo/',
    '/foo/bar',
    '/foo/x%20y',
    '/abc',
    '/b/c',
    '/b%2Fc',
    '/foo%2Fbar',
    '/foo/../b',
    '/%zz',
    '/foo/%2e%2e/x',
    '//foo',
  ),
  query: fc.constantFrom('', '?', '?q=1'),
});

function tableOf(ingresses: readonly Ingress[], quirks = allQuirks): RouteTable {
  return translate(ingresses, { ...options, quirks }, nowMs).table;
}

function comparerOf(old: RouteTable, next: RouteTable): RequestComparer {
  const fingerprints = new Fingerprints();
  return new RequestComparer(new TableSide(old, fingerprints), new TableSide(next, fingerprints));
}

/** Where a request ends, by the slow decision: an answer of the proxy, or who gets it and with which path. */
function endOf(table: RouteTable, asked: ComparedRequest): unknown {
  const decision = slow(table, asked);
  const { answer, explanation } = decision;
  if (explanation === null) return 'refused';
  if (answer !== null && answer.reason !== 'no-endpoint') return [answer.status, answer.location];
  // Nobody has endpoints here, so the path is what features say that they make of it.
  const rewritten = decision.features.find(({ effect }) => effect.startsWith('rewrites'))?.effect;
  return [explanation.backend, rewritten ?? explanation.request.path];
}

function slow(table: RouteTable, asked: ComparedRequest): Decision {
  const serverName = asked.scheme === 'https' ? serverNameOf(asked.host) : '';
  return decideRequest(table, { ...asked, serverName, fields: '', contentLength: 0 });
}

function limitsOf(table: RouteTable, asked: ComparedRequest): unknown {
  const { explanation } = slow(table, asked);
  if (explanation === null || explanation.backend.kind === 'status') return null;
  const { clientLimits, maxBodyBytes } = settingsOf(prepareFeatures(features, explanation.route));
  return [clientLimits, maxBodyBytes];
}

function isForEndpoints(table: RouteTable, asked: ComparedRequest): boolean {
  const { answer, explanation } = slow(table, asked);
  return explanation?.backend.kind === 'upstream' && (answer === null || answer.reason === 'no-endpoint');
}

const ways: readonly DifferenceName[] = ['route', 'rewrite', 'redirect', 'answer'];
const runs = { seed: 20_261_121, numRuns: 1_500 };

describe('the comparison of requests', () => {
  it('finds no difference between tables of the same objects', () => {
    fc.assert(
      fc.property(cluster, fc.array(request, { maxLength: 8 }), (ingresses, requests) => {
        const comparer = comparerOf(tableOf(ingresses), tableOf(structuredClone(ingresses)));
        for (const asked of requests) assert.equal(comparer.compare(asked), 0, asked.rawPath);
      }),
      { ...runs, numRuns: 300 },
    );
  });

  it('finds what the slow decision finds', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(cluster, cluster, fc.array(request, { maxLength: 8 }), (before, after, requests) => {
        const [old, next] = [tableOf(before), tableOf([...before.slice(1), ...after])];
        const comparer = comparerOf(old, next);
        for (const asked of requests) {
          const found = namesOf(comparer.compare(asked));
          for (const name of found) seen.add(name);
          const isSameEnd = isDeepStrictEqual(endOf(old, asked), endOf(next, asked));
          const text = `${JSON.stringify(asked)} ${found.join(' ')}`;
          assert.equal(
            ways.some((way) => found.includes(way)),
            !isSameEnd,
            text,
          );
          const [a, b] = [limitsOf(old, asked), limitsOf(next, asked)];
          if (found.includes('limits')) assert.notDeepEqual(a, b, text);
          else if (isSameEnd && isForEndpoints(old, asked)) assert.deepEqual(a, b, text);
        }
      }),
      runs,
    );
    const wanted = [...ways, 'authentication', 'limits', 'response', 'settings'];
    assert.deepEqual(
      wanted.filter((name) => !seen.has(name)),
      [],
    );
  });

  it('finds the same whichever way it is asked, and whatever was asked before', () => {
    fc.assert(
      fc.property(cluster, fc.array(request, { minLength: 1, maxLength: 8 }), (ingresses, requests) => {
        const [old, next] = [tableOf(ingresses), tableOf(ingresses, new Set())];
        const forth = comparerOf(old, next);
        const back = comparerOf(next, old);
        for (const asked of requests) {
          const found = forth.compare(asked);
          assert.equal(back.compare(asked), found);
          assert.equal(comparerOf(old, next).compare(asked), found);
        }
      }),
      { ...runs, numRuns: 300 },
    );
  });
});
