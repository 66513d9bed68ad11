import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RouteTable, Upstream } from '../model/index.ts';
import { emptyTable } from '../model/index.ts';
import { diffTables, isEmptyDiff, renderTableDiff } from './diff.ts';
import { printTable } from './print.ts';
import { sampleCertificate, sampleHost, sampleRoute, sampleTable } from './sample-table.fixture.ts';

function upstream(id: string, target: Upstream['target']): Upstream {
  return { id, namespace: 'shop', service: 'web', port: '80', target };
}

const upstreams = [
  upstream('shop/web:80', {
    kind: 'endpoints',
    endpoints: [
      { address: '10.0.0.1', port: 8080, ready: true },
      { address: 'fd00::1', port: 8080, ready: false },
    ],
  }),
  upstream('shop/idle:80', { kind: 'endpoints', endpoints: [] }),
  upstream('shop/ext:443', { kind: 'dns', name: 'example.org', port: 443 }),
  upstream('shop/gone:80', { kind: 'unavailable', reason: 'Service "shop/gone" does not exist' }),
];

const rewritten = { ...sampleRoute('r2', 'regex', '/a/(.*)'), policies: { zeta: { b: 1 }, alpha: true } };

const table: RouteTable = sampleTable(
  [
    sampleHost('shop.test', [sampleRoute('r0', 'exact', '/cart'), sampleRoute('r1', 'prefix', '/', 503)], {
      fallback: sampleRoute('d', 'prefix', '/'),
      tls: { certificate: 'shop/tls', source: 'ingress/shop/web/tls/0' },
    }),
    sampleHost('', [rewritten]),
    sampleHost('*.test', [], { tls: { certificate: null, source: 's' } }),
  ],
  {
    upstreams: new Map(upstreams.map((unit) => [unit.id, unit])),
    certificates: new Map([['shop/tls', sampleCertificate('shop/tls', ['shop.test', 'www.shop.test'])]]),
    defaultCertificate: 'shop/tls',
  },
);

describe('printTable', () => {
  it('prints nothing of the empty table', () => assert.equal(printTable(emptyTable), ''));

  it('prints one route per line, sorted units, and no key', () => {
    assert.equal(
      printTable(table),
      `host (any)
  regex  /a/(.*)  → shop/web:80  r2  [alpha: true; zeta: {"b":1}]

host *.test  tls (default certificate) by s

host shop.test  tls shop/tls by ingress/shop/web/tls/0
  exact    /cart  → shop/web:80   r0
  prefix   /      → 503 (sample)  r1
  default         → shop/web:80   d

upstream shop/ext:443  dns example.org:443

upstream shop/gone:80  unavailable: Service "shop/gone" does not exist

upstream shop/idle:80  no endpoints

upstream shop/web:80
  10.0.0.1:8080
  [fd00::1]:8080 (terminating)

certificate shop/tls  for shop.test, www.shop.test  sha256 0123456789abcdef
default certificate shop/tls
`,
    );
  });

  it('prints a default backend that is not the plain 404, and policies as described', () => {
    const fallback = {
      ...sampleRoute('controller/default-backend', 'prefix', '/', 'a/b:80'),
      policies: { x: 1 },
    };
    assert.equal(
      printTable(sampleTable([], { fallback }), {
        describePolicy: (name, policy) => `${name} is ${String(policy)}`,
      }),
      'default  → a/b:80  controller/default-backend  [x: x is 1]\n',
    );
  });
});

describe('diffTables', () => {
  it('finds nothing between equal tables', () => {
    const copy = structuredClone(table);
    const diff = diffTables(table, { ...copy, version: 99 });
    assert.equal(isEmptyDiff(diff), true);
    assert.equal(renderTableDiff(diff), '');
  });

  it('shows what came, went and changed, line by line', () => {
    const wider = sampleRoute('r9', 'prefix', '/a-longer-path', 404);
    const after: RouteTable = {
      ...table,
      hosts: new Map([
        ...[...table.hosts].filter(([host]) => host !== '*.test'),
        ['shop.test', sampleHost('shop.test', [sampleRoute('r0', 'exact', '/cart'), wider])],
        ['new.test', sampleHost('new.test', [])],
      ]),
      upstreams: new Map([
        ...[...table.upstreams].filter(([id]) => id !== 'shop/ext:443'),
        [
          'shop/idle:80',
          upstream('shop/idle:80', {
            kind: 'endpoints',
            endpoints: [{ address: '10.0.0.9', port: 1, ready: true }],
          }),
        ],
      ]),
      certificates: new Map([
        ['shop/tls', { ...sampleCertificate('shop/tls', ['shop.test']), fingerprint: 'f'.repeat(64) }],
      ]),
      defaultCertificate: null,
      fallback: sampleRoute('f', 'prefix', '/'),
    };
    assert.equal(
      renderTableDiff(diffTables(table, after)),
      `- host *.test  tls (default certificate) by s
+ host new.test
~ host shop.test
- host shop.test  tls shop/tls by ingress/shop/web/tls/0
-   prefix  /  → 503 (sample)  r1
-   default  → shop/web:80  d
+ host shop.test
+   prefix  /a-longer-path  → 404 (sample)  r9
- default  → 404
+ default  → shop/web:80  f
- upstream shop/ext:443  dns example.org:443
~ upstream shop/idle:80
- upstream shop/idle:80  no endpoints
+ upstream shop/idle:80
+   10.0.0.9:1
~ certificate shop/tls
- certificate shop/tls  for shop.test, www.shop.test  sha256 0123456789abcdef
+ certificate shop/tls  for shop.test  sha256 ffffffffffffffff
- default certificate shop/tls
+ default certificate (none)
`,
    );
  });

  it('says so when only the order of routes changed', () => {
    const [a, b] = [sampleRoute('a', 'prefix', '/a'), sampleRoute('b', 'prefix', '/b')];
    const diff = diffTables(sampleTable([sampleHost('x', [a, b])]), sampleTable([sampleHost('x', [b, a])]));
    assert.equal(renderTableDiff(diff), '~ host x  (order or inner values)\n');
  });
});
