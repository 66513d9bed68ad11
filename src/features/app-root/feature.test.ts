// app-root: the redirect from the root of a host, and where there is none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LocalResponse, RequestView } from '../contract.ts';
import { parseKey, prepareSample, sampleRequest } from '../sample-context.fixture.ts';
import { appRoot } from './feature.ts';

function answer(root: string, request: Partial<RequestView> = {}): LocalResponse | null {
  return prepareSample(appRoot, { 'app-root': root })?.hooks.admit?.(sampleRequest(request)) ?? null;
}

describe('app-root', () => {
  it('sends the root to the page, by scheme and host as the client has them, without its query', () => {
    const wanted = { status: 302, reason: 'app-root', location: 'http://shop.example.com/foo' };
    assert.deepEqual(answer('/foo'), wanted);
    assert.deepEqual(answer('/foo', { query: '?a=1' }), wanted);
    const secure = { scheme: 'https', authority: 'Shop.example.com:8443' };
    assert.equal(answer('/foo', secure)?.location, 'https://Shop.example.com:8443/foo');
  });

  it('leaves other paths alone, and requests that name no host', () => {
    assert.equal(answer('/foo', { path: '/foo' }), null);
    assert.equal(answer('/foo', { path: '/a' }), null);
    assert.equal(answer('/foo', { authority: '' }), null);
  });

  it('never leads in a circle', () => {
    assert.equal(prepareSample(appRoot, { 'app-root': '/' }), null);
    assert.equal(prepareSample(appRoot, {}), null);
  });

  it('refuses what would lead elsewhere', () => {
    for (const text of ['//evil.test', 'foo', 'https://evil.test/', '', '/a b', '/a\r\nX: y', '/a?b'])
      assert.ok('wanted' in parseKey(appRoot, 'app-root', text), text);
  });

  it('describes itself', () => {
    assert.equal(appRoot.describe({ path: '/foo' }), 'redirect from "/" to "/foo"');
  });
});
