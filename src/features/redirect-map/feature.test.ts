// redirect-map: which line acts, where it leads, and that no request leads it elsewhere.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestView } from '../contract.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { redirectMap } from './feature.ts';

function go(text: string, request: Partial<RequestView>): string {
  const policy = redirectMap.compile(
    parseValues(redirectMap, { 'redirect-map': text }),
    sampleContext().context,
  );
  assert.notEqual(policy, null);
  const hooks = redirectMap.prepare?.(policy, { path: '/', pathKind: 'prefix' });
  const answer = hooks?.admit?.(sampleRequest(request)) ?? null;
  return answer === null ? 'on' : `${answer.status} ${answer.location}`;
}

describe('redirect-map', () => {
  const map = '/old /new 302\n/docs/* https://docs.example/*\n/docs/v1/* /archive 308\n/q /a?b=1\n/s/* /*';
  const own = 'http://shop.example.com';

  it('takes the whole path before the longest beginning', () => {
    assert.equal(go(map, { path: '/old' }), `302 ${own}/new`);
    assert.equal(go(map, { path: '/old/' }), 'on');
    assert.equal(go(map, { path: '/docs/a/b' }), '301 https://docs.example/a/b');
    assert.equal(go(map, { path: '/docs/v1/x' }), `308 ${own}/archive`);
    assert.equal(go(map, { path: '/docs' }), 'on');
    assert.equal(go('/old /new\n/old/* /x', { path: '/old/y' }), `301 ${own}/x`);
  });

  it('keeps the query, unless the place has one', () => {
    assert.equal(go(map, { path: '/old', query: '?x=1' }), `302 ${own}/new?x=1`);
    assert.equal(go(map, { path: '/q', query: '?x=1' }), `301 ${own}/a?b=1`);
  });

  it('never lets the rest of a path become a host', () => {
    assert.equal(go(map, { path: '/s//evil.example' }), `301 ${own}/evil.example`);
    assert.equal(go(map, { path: '/s//evil.example', host: '' }), '301 /evil.example');
    assert.equal(go(map, { path: '/s/\\evil.example', host: '' }), '301 /evil.example');
  });

  it('takes no other lines', () => {
    const bad = [
      '/a',
      '/a /b 200',
      '/a /b 301 x',
      'a /b',
      '/a //b',
      '/a /\\b',
      '/a javascript:x',
      '/a https://',
      '/a https://*',
      '/a /b*',
      '/a /b/*',
      '/a/* /b?x/*',
      '/a /$host',
      '/a /b\n/a /c',
      '/a "/b"',
      '/a?x /b',
      '/a /b\r\nSet-Cookie: x',
      Array.from({ length: 1_001 }, (_, index) => `/a${index} /b`).join('\n'),
    ];
    for (const text of bad)
      assert.ok('wanted' in parseKey(redirectMap, 'redirect-map', text), text.slice(0, 80));
  });
});
