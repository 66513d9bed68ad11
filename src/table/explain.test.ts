import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Upstream } from '../model/index.ts';
import { explain } from './explain.ts';
import { renderExplanation } from './render-explanation.ts';
import { sampleCertificate, sampleHost, sampleRoute, sampleTable } from './sample-table.fixture.ts';

const upstream: Upstream = {
  id: 'shop/web:80',
  namespace: 'shop',
  service: 'web',
  port: '80',
  target: {
    kind: 'endpoints',
    endpoints: [
      { address: '10.0.0.1', port: 8080, ready: true },
      { address: '10.0.0.2', port: 8080, ready: false },
    ],
  },
};

const table = sampleTable(
  [
    sampleHost(
      'shop.test',
      [
        sampleRoute('r0', 'exact', '/cart'),
        sampleRoute('r1', 'prefix', '/cart/items'),
        sampleRoute('r2', 'regex', '/car.*'),
        sampleRoute('r3', 'prefix', '/cart', 'shop/gone:80'),
        sampleRoute('r4', 'prefix', '/car', 503),
      ],
      { tls: { certificate: 'shop/tls', source: 'ingress/shop/web/tls/0' } },
    ),
    sampleHost('*.shop.test', [], {
      fallback: sampleRoute('d', 'prefix', '/'),
      tls: { certificate: null, source: 'ingress/shop/all/tls/0' },
    }),
  ],
  {
    upstreams: new Map([[upstream.id, upstream]]),
    certificates: new Map([['shop/tls', sampleCertificate('shop/tls', ['shop.test'])]]),
  },
);

describe('explain', () => {
  it('says for every candidate why it won or lost', () => {
    const { candidates } = explain(table, { host: 'shop.test', path: '/cart' });
    assert.deepEqual(
      candidates.map(({ id, outcome, why }) => [id, outcome, why]),
      [
        ['r0', 'won', 'the path is equal'],
        ['r1', 'lost', 'the path ends before element 2 of the rule, "items"'],
        [
          'r2',
          'lost',
          'the pattern matches from the start of the path, but exact "/cart" goes first, as exact',
        ],
        [
          'r3',
          'lost',
          'the path starts with every element of the rule, but exact "/cart" goes first, as exact',
        ],
        ['r4', 'lost', 'element 1 of the path is "cart", the rule wants "car"'],
      ],
    );
  });

  it('names the longer path and the order of the rules as reasons', () => {
    const { candidates } = explain(table, { host: 'shop.test', path: '/cart/items/7' });
    assert.match(candidates[0]?.why ?? '', /"\/cart\/items\/7" is not equal to "\/cart"/);
    assert.match(candidates[2]?.why ?? '', /but prefix "\/cart\/items" goes first, as the longer path$/);
    const equal = sampleTable([
      sampleHost('', [sampleRoute('a', 'prefix', '/foo'), sampleRoute('b', 'regex', '/foo')]),
    ]);
    const why = explain(equal, { host: 'x', path: '/foo' }).candidates[1]?.why ?? '';
    assert.match(why, /goes first in the order of the rules$/);
  });

  it('says by what the route came, and which endpoints serve', () => {
    const rule = explain(table, { host: 'shop.test', path: '/cart' });
    assert.equal(rule.via, 'rule');
    assert.equal(rule.upstream, upstream);
    assert.deepEqual(
      rule.endpoints.map((endpoint) => endpoint.address),
      ['10.0.0.1'],
    );
    assert.deepEqual(rule.host, { tier: 'exact', pattern: 'shop.test' });
    assert.deepEqual(rule.tls, {
      source: 'ingress/shop/web/tls/0',
      certificate: 'shop/tls',
      names: ['shop.test'],
    });
    const own = explain(table, { host: 'a.shop.test', path: '/x' });
    assert.equal(own.via, 'host-default-backend');
    assert.deepEqual(own.host, { tier: 'wildcard', pattern: '*.shop.test' });
    assert.equal(own.route.id, 'd');
    const none = explain(table, { host: 'other.test', path: '/' });
    assert.equal(none.via, 'table-fallback');
    assert.deepEqual(none.host, { tier: 'none', pattern: '' });
    assert.equal(none.tls, null);
  });

  it('serves from terminating endpoints only when no other is left', () => {
    const endpoints = [{ address: '10.0.0.2', port: 8080, ready: false }];
    const dying: Upstream = { ...upstream, target: { kind: 'endpoints', endpoints } };
    const only = { ...table, upstreams: new Map([[dying.id, dying]]) };
    assert.deepEqual(explain(only, { host: 'shop.test', path: '/cart' }).endpoints, endpoints);
  });
});

describe('renderExplanation', () => {
  it('is stable text', () => {
    const text = renderExplanation(explain(table, { host: 'shop.test', path: '/cart/x', method: 'POST' }));
    assert.equal(
      text,
      [
        'request   POST http://shop.test/cart/x',
        'host      shop.test (exact)',
        'rules',
        '  lost  exact  /cart        r0: the path "/cart/x" is not equal to "/cart"',
        '  lost  prefix /cart/items  r1: element 2 of the path is "x", the rule wants "items"',
        '  won   regex  /car.*       r2: the pattern matches from the start of the path',
        '  lost  prefix /cart        r3: the path starts with every element of the rule, but regex "/car.*" goes first, as the longer path',
        '  lost  prefix /car         r4: element 1 of the path is "cart", the rule wants "car"',
        'route     r2, a rule',
        'backend   shop/web:80',
        '  10.0.0.1:8080',
        'tls       certificate shop/tls for shop.test, by ingress/shop/web/tls/0',
      ].join('\n'),
    );
  });

  it('says what the port of the Service says is spoken', () => {
    const spoken = {
      ...table,
      upstreams: new Map([[upstream.id, { ...upstream, protocol: 'h2c' as const }]]),
    };
    const text = renderExplanation(explain(spoken, { host: 'shop.test', path: '/cart' }));
    assert.match(text, /^backend {3}shop\/web:80, by h2c$/m);
  });

  it('tells what the proxy answers itself, and never a key', () => {
    const text = renderExplanation(explain(table, { host: '', path: '/' }));
    assert.match(text, /^host {6}none/m);
    assert.match(text, /^backend {3}the proxy answers 404/m);
    assert.match(text, /^tls {7}none$/m);
    assert.doesNotMatch(renderExplanation(explain(table, { host: 'shop.test', path: '/' })), /SECRET KEY/);
  });
});
