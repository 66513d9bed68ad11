// Quirks of ingress-nginx: whatever one namespace turns on, no other namespace gains or loses a request by it; without them nothing differs;
// and changes one by one give what the final state gives.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allQuirks, features } from '../../src/features/index.ts';
import type { Ingress, PathType } from '../../src/kube/index.ts';
import type { Route, VirtualHost } from '../../src/model/index.ts';
import { explain, HostIndex, printTable } from '../../src/table/index.ts';
import { translate, Translator, type TranslateOptions } from '../../src/translate/index.ts';
import { sampleBackend, sampleIngress, sampleOptions } from '../../src/translate/sample-objects.fixture.ts';

const nowMs = Date.UTC(2026, 0, 1);
const host = 'a.test';
const options: TranslateOptions = sampleOptions({ features });
const nginx = options.annotationPrefixes.nginx;

interface Plan {
  readonly name: string;
  readonly namespace: string;
  readonly age: number;
  readonly paths: readonly { readonly path: string; readonly type: PathType }[];
  readonly annotations: Readonly<Record<string, string>>;
}

const path = fc.record({
  path: fc.constantFrom('/', '/foo', '/foo/', '/foo/bar', '/foobar', '/F', '/a.c', '/foo/[a-z]+', '/b/'),
  type: fc.constantFrom<PathType>('Prefix', 'Exact', 'ImplementationSpecific'),
});

const plan: fc.Arbitrary<Plan> = fc.record({
  name: fc.constantFrom('x', 'y', 'z'),
  namespace: fc.constantFrom('one', 'two'),
  age: fc.integer({ min: 0, max: 2 }),
  paths: fc.array(path, { minLength: 1, maxLength: 4 }),
  annotations: fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { [`${nginx}/use-regex`]: 'true' },
    { [`${nginx}/rewrite-target`]: '/x' },
    { [`${nginx}/permanent-redirect`]: 'http://r.test/' },
  ),
});

const plans = fc.uniqueArray(plan, {
  minLength: 1,
  maxLength: 5,
  selector: ({ namespace, name }) => `${namespace}/${name}`,
});

const paths = [
  '/',
  '/foo',
  '/FOO',
  '/foo/',
  '/foo/bar',
  '/foo/BAR/x',
  '/foobar',
  '/f',
  '/abc',
  '/b',
  '/b/c',
  '/nothing',
];

function ingressOf(
  { name, namespace, age, paths: list, annotations }: Plan,
  more: Readonly<Record<string, string>> = {},
): Ingress {
  const http = {
    paths: list.map((each) => ({ path: each.path, pathType: each.type, backend: sampleBackend(name) })),
  };
  return sampleIngress(
    { rules: [{ host, http }] },
    { name, namespace, day: age + 1, annotations: { ...annotations, ...more } },
  );
}

function hostOf(ingresses: readonly Ingress[], given: TranslateOptions = options): VirtualHost | undefined {
  return translate(ingresses, given, nowMs).table.hosts.get(host);
}

function routeOf(virtualHost: VirtualHost | undefined, asked: string): Route | null {
  return virtualHost === undefined ? null : new HostIndex(virtualHost).match(asked);
}

describe('quirks', () => {
  it('of one namespace neither give nor take a request of another', () => {
    const names = [...allQuirks].join(',');
    fc.assert(
      fc.property(plans, (list) => {
        const before = hostOf(list.map((each) => ingressOf(each)));
        const after = hostOf(
          list.map((each) =>
            ingressOf(each, each.namespace === 'one' ? { 'sallyport.dev/quirks': names } : {}),
          ),
        );
        for (const asked of paths) {
          const [plain, quirky] = [routeOf(before, asked), routeOf(after, asked)];
          const isOfTwo = plain?.labels.namespace === 'two' || quirky?.labels.namespace === 'two';
          if (isOfTwo) assert.equal(quirky?.id, plain?.id, asked);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('that are off leave everything as it is, whatever turns them on elsewhere', () => {
    fc.assert(
      fc.property(plans, (list) => {
        const ingresses = list.map((each) => ingressOf(each));
        const asked = list.map((each) => ingressOf(each, { 'sallyport.dev/quirks': 'host-wide-regex' }));
        const none = translate(ingresses, options, nowMs);
        const fixed = translate(asked, { ...options, quirksOff: allQuirks }, nowMs);
        assert.equal(printTable(fixed.table), printTable(none.table));
        assert.deepEqual(fixed.problems, none.problems);
        for (const { code } of none.problems) assert.notEqual(code, 'QuirkInForce');
      }),
      { numRuns: 200 },
    );
  });

  it('are told of wherever the routing would be another one', () => {
    fc.assert(
      fc.property(plans, (list) => {
        const ingresses = list.map((each) => ingressOf(each));
        const all = translate(ingresses, { ...options, quirks: allQuirks }, nowMs);
        const isTold = all.problems.some(({ code }) => code === 'QuirkInForce');
        if (isTold) return;
        const none = hostOf(ingresses);
        for (const asked of paths) {
          const [plain, quirky] = [routeOf(none, asked), routeOf(all.table.hosts.get(host), asked)];
          assert.equal(quirky?.labels.service, plain?.labels.service, asked);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('give the same by explain and by the index, and by one change after the other', () => {
    fc.assert(
      fc.property(plans, plans, (list, earlier) => {
        const quirky = { ...options, quirks: allQuirks };
        const ingresses = list.map((each) => ingressOf(each));
        const { table } = translate(ingresses, quirky, nowMs);
        const virtualHost = table.hosts.get(host);
        for (const asked of paths) {
          const { route } = explain(table, { host, path: asked });
          const expected = routeOf(virtualHost, asked) ?? virtualHost?.fallback ?? table.fallback;
          assert.equal(route, expected, asked);
        }
        const translator = new Translator(quirky);
        for (const each of earlier) translator.apply([{ kind: 'set', object: ingressOf(each) }], nowMs);
        for (const { namespace, name } of earlier) {
          translator.apply([{ kind: 'removed', ref: { kind: 'Ingress', namespace, name } }], nowMs);
        }
        for (const object of ingresses) translator.apply([{ kind: 'set', object }], nowMs);
        assert.equal(printTable(translator.table), printTable(table));
      }),
      { numRuns: 200 },
    );
  });
});
