// permanent-redirect and temporal-redirect: which one, with which status, and what they never say.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LocalResponse, RequestView } from '../contract.ts';
import { parseKey, prepareSample, sampleRequest } from '../sample-context.fixture.ts';
import { redirect } from './feature.ts';

function answer(
  texts: Readonly<Record<string, string>>,
  request: Partial<RequestView> = {},
): LocalResponse | null {
  return prepareSample(redirect, texts)?.hooks.admit?.(sampleRequest(request)) ?? null;
}

const url = 'http://redirect.example.com/x?y=1';

describe('redirect', () => {
  it('sends every request to the URL as it is written', () => {
    const request = { path: '/something/else', query: '?q=2', method: 'POST' };
    assert.deepEqual(answer({ 'permanent-redirect': url }, request), {
      status: 301,
      reason: 'redirect',
      location: url,
    });
    assert.equal(answer({ 'temporal-redirect': url })?.status, 302);
    assert.equal(answer({}), null);
    assert.equal(answer({ 'permanent-redirect': ' ', 'temporal-redirect': '' }), null);
  });

  it('goes by the temporal one where both are there', () => {
    const both = { 'permanent-redirect': 'https://a.test', 'temporal-redirect': 'https://b.test' };
    assert.deepEqual([answer(both)?.status, answer(both)?.location], [302, 'https://b.test']);
  });

  it('has the status of its own code, if that is one', () => {
    const cases = [
      ['permanent', '302', 302],
      ['permanent', '308', 308],
      ['permanent', '309', 301],
      ['permanent', '200', 301],
      ['temporal', '307', 307],
      ['temporal', '308', 302],
      ['temporal', '299', 302],
    ] as const;
    for (const [kind, code, wanted] of cases) {
      const texts = { [`${kind}-redirect`]: url, [`${kind}-redirect-code`]: code };
      assert.equal(answer(texts)?.status, wanted, `${kind} ${code}`);
    }
    assert.ok('wanted' in parseKey(redirect, 'permanent-redirect-code', '301x'));
  });

  it('puts a path behind scheme and host, unless it shall stay one', () => {
    const path = { 'permanent-redirect': '/bar' };
    assert.equal(answer(path, { scheme: 'https' })?.location, 'https://shop.example.com/bar');
    assert.equal(answer({ ...path, 'relative-redirects': 'true' })?.location, '/bar');
    assert.equal(answer(path, { host: '' })?.location, '/bar');
  });

  it('refuses what is no URL, and what could break out of the line', () => {
    const wrong = [
      '//evil.test',
      'javascript:x',
      'ftp://a',
      'http://',
      'http://a b',
      'a/b',
      `${url}\r\nX: y`,
    ];
    for (const text of [...wrong, 'http://a#b', 'http://u@a']) {
      assert.ok('wanted' in parseKey(redirect, 'permanent-redirect', text), text);
      assert.ok('wanted' in parseKey(redirect, 'temporal-redirect', text), text);
    }
    assert.ok('wanted' in parseKey(redirect, 'temporal-redirect', '/bar'));
  });

  it('says where variables may stand', () => {
    for (const name of ['permanent-redirect', 'temporal-redirect']) {
      const parsed = parseKey(redirect, name, `${url}$request_uri`);
      assert.ok('wanted' in parsed && parsed.wanted.includes('sallyport.dev/return'), name);
    }
  });

  it('describes itself', () => {
    assert.equal(redirect.describe({ status: 301, url, isRelative: false }), `answer 301 to "${url}"`);
  });
});
