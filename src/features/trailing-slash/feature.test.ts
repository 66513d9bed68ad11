// trailing-slash: the location of the redirect. Which routes have it, the quirk says (test/golden/quirks).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LocalResponse, RequestView } from '../contract.ts';
import { sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { trailingSlash, trailingSlashName, trailingSlashPolicy } from './feature.ts';

function answer(part: Partial<RequestView>): LocalResponse | null | undefined {
  const route = { path: '/foo/', pathKind: 'prefix' };
  const hooks = trailingSlash.prepare?.(trailingSlashPolicy[trailingSlashName], route);
  return hooks?.admit?.(sampleRequest(part));
}

describe('trailing-slash', () => {
  it('sends to the path with a slash, query and scheme kept', () => {
    assert.equal(answer({ path: '/foo' })?.status, 301);
    assert.equal(answer({ path: '/foo' })?.location, 'http://shop.example.com/foo/');
    assert.equal(
      answer({ path: '/foo', query: '?a=/b', scheme: 'https' })?.location,
      'https://shop.example.com/foo/?a=/b',
    );
  });

  it('names the host of the rule, never the one that the client spelt, nor a port', () => {
    const location = answer({ path: '/foo', authority: 'SHOP.example.com:8080' })?.location;
    assert.equal(location, 'http://shop.example.com/foo/');
  });

  it('is a path alone where no host was named', () => {
    assert.equal(answer({ path: '/foo', host: '', authority: '' })?.location, '/foo/');
  });

  it('is asked for by no annotation', () => {
    assert.deepEqual(trailingSlash.keys, []);
    assert.equal(trailingSlash.compile(new Map([['trailing-slash', true]]), sampleContext().context), null);
  });
});
