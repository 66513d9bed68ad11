// The fast lookups of table/ against references written for clarity from the rules of the Ingress API: hosts, path types,
// precedence. Whatever rules and requests are drawn, both must choose the same.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Route, VirtualHost } from '../../src/model/index.ts';
import { explain, findHost, HostIndex, resolveTls } from '../../src/table/index.ts';
import { sampleHost, sampleRoute, sampleTable } from '../../src/table/sample-table.fixture.ts';

/** Fixed, so that the gate is the same everywhere; fast-check prints it, and the shrunk case, on failure. */
const runs = { seed: 20_260_417, numRuns: 600 };

// The reference for paths. Exact: equal. Prefix: each element of the rule equals the request's at the same place, the
// rule's trailing slash ignored. Regex (here only patterns that JavaScript reads alike): from the start, in any case.
function referenceMatches(route: Route, path: string): boolean {
  const { kind, path: rule } = route.match;
  if (kind === 'exact') return rule === path;
  if (kind === 'regex') return new RegExp(`^(?:${rule})`, 'i').test(path);
  const wanted = rule.replace(/\/$/, '').split('/');
  const given = path.split('/');
  return wanted.every((element, index) => given[index] === element);
}

function referenceMatch(host: VirtualHost, path: string): Route | null {
  return host.routes.find((route) => referenceMatches(route, path)) ?? null;
}

/** Order of precedence: exact first, then the longer text, then prefix before regex, then as declared. */
function inPrecedence(routes: readonly Route[]): Route[] {
  const order = { exact: 0, prefix: 1, regex: 2 };
  const isExact = (route: Route) => (route.match.kind === 'exact' ? 0 : 1);
  return routes.toSorted(
    (a, b) =>
      isExact(a) - isExact(b) ||
      b.match.path.length - a.match.path.length ||
      order[a.match.kind] - order[b.match.kind],
  );
}

const element = fc.constantFrom('a', 'b', 'aa', 'ab', 'A', 'constructor', 'a-b', '.well-known');
const rulePath = fc
  .tuple(
    fc.array(fc.oneof({ weight: 9, arbitrary: element }, fc.constant('')), { maxLength: 4 }),
    fc.boolean(),
  )
  .map(([elements, slash]) => (elements.length === 0 ? '/' : `/${elements.join('/')}${slash ? '/' : ''}`));
const requestPath = fc
  .tuple(fc.array(fc.oneof(element, fc.constant('')), { maxLength: 6 }), fc.boolean())
  .map(([elements, slash]) => `/${elements.join('/')}${slash ? '/' : ''}`);
const pattern = fc.constantFrom(
  '/a',
  '/a/b',
  '/a(/|$)(.*)',
  '/[ab]+/.*',
  '/',
  '/a.*$',
  '/(a|ab)/b',
  '/aa?$',
  '/.*/b',
);

const rule = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('prefix' as const), path: rulePath }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('exact' as const), path: rulePath }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('regex' as const), path: pattern }) },
);
const routes = fc
  .array(rule, { maxLength: 12 })
  .map((rules) => rules.map(({ kind, path }, index) => sampleRoute(`rule/${index}`, kind, path)));

describe('HostIndex', () => {
  it('equals the reference for rules in order of precedence', () => {
    fc.assert(
      fc.property(routes.map(inPrecedence), fc.array(requestPath, { maxLength: 20 }), (sorted, paths) => {
        const host = sampleHost('a.com', sorted);
        const index = new HostIndex(host);
        for (const path of paths) assert.equal(index.match(path)?.id, referenceMatch(host, path)?.id, path);
      }),
      runs,
    );
  });

  it('equals a first-match scan for rules in any order', () => {
    fc.assert(
      fc.property(routes, fc.array(requestPath, { maxLength: 20 }), (drawn, paths) => {
        const host = sampleHost('a.com', drawn);
        const index = new HostIndex(host);
        for (const path of paths) assert.equal(index.match(path)?.id, referenceMatch(host, path)?.id, path);
      }),
      runs,
    );
  });

  it('equals explain', () => {
    fc.assert(
      fc.property(routes.map(inPrecedence), requestPath, (sorted, path) => {
        const table = sampleTable([sampleHost('a.com', sorted)]);
        const explanation = explain(table, { host: 'a.com', path });
        const chosen = new HostIndex(sampleHost('a.com', sorted)).match(path);
        assert.equal(explanation.route.id, (chosen ?? table.fallback).id);
        assert.equal(explanation.candidates.length, sorted.length);
        const won = explanation.candidates.filter((candidate) => candidate.outcome === 'won');
        assert.deepEqual(
          won.map((candidate) => candidate.id),
          chosen === null ? [] : [chosen.id],
        );
      }),
      runs,
    );
  });
});

const label = fc.constantFrom('a', 'b', 'foo', '1', '10');
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const isIp = (host: string) => /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':');
const hostPattern = fc.oneof(
  name.filter((host) => !isIp(host)),
  name.map((host) => `*.${host}`),
  fc.constantFrom('', '*.10.1.1', '*.a'),
);
const requestHost = fc.oneof(
  { weight: 8, arbitrary: name },
  fc.constantFrom('', '1.10.1.1', '::1', '[::1]', '.a'),
);
const tables = fc
  .uniqueArray(fc.record({ pattern: hostPattern, hasTls: fc.boolean() }), {
    selector: (host) => host.pattern,
    maxLength: 10,
  })
  .map((hosts) =>
    sampleTable(
      hosts.map(({ pattern, hasTls }) =>
        sampleHost(pattern, [], { tls: hasTls ? { certificate: null, source: pattern } : null }),
      ),
    ),
  );

/** Whether a pattern takes a host: equal, or `*.` for exactly one label; nothing but '' takes an IP address. */
function referenceTakes(pattern: string, host: string): boolean {
  if (pattern === '') return true;
  if (isIp(host)) return false;
  if (!pattern.startsWith('*.')) return pattern === host;
  const labels = host.split('.');
  return labels.length > 1 && labels[0] !== '' && labels.slice(1).join('.') === pattern.slice(2);
}

/** Exact before wildcard before the host of all names. */
function referenceTier(pattern: string): number {
  if (pattern === '') return 2;
  return pattern.startsWith('*.') ? 1 : 0;
}

describe('findHost', () => {
  it('equals the reference', () => {
    fc.assert(
      fc.property(tables, requestHost, (table, host) => {
        const takers = [...table.hosts.keys()].filter((pattern) => referenceTakes(pattern, host));
        takers.sort((a, b) => referenceTier(a) - referenceTier(b));
        assert.equal(findHost(table, host)?.host, takers[0]);
      }),
      { ...runs, numRuns: 3000 },
    );
  });
});

describe('resolveTls', () => {
  it('equals the reference', () => {
    fc.assert(
      fc.property(tables, requestHost, (table, host) => {
        const takers = [...table.hosts.values()].filter(
          (unit) => unit.host !== '' && unit.tls !== null && referenceTakes(unit.host, host),
        );
        takers.sort((a, b) => referenceTier(a.host) - referenceTier(b.host));
        assert.equal(resolveTls(table, host)?.source, takers[0]?.tls?.source);
      }),
      { ...runs, numRuns: 3000 },
    );
  });
});
