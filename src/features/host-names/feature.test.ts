// server-alias and from-to-www-redirect: values, and the answer of a host that is sent away. Who gets a name is for the goldens.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { hostNames, readAliases, redirectPolicies, wantsWwwRedirect } from './feature.ts';

describe('host-names', () => {
  it('reads names once and in lower case, and patterns apart', () => {
    const aliases = readAliases(
      parseValues(hostNames, { 'server-alias': 'B.test, *.c.test,,b.test , ~^w\\d+$' }),
    );
    assert.deepEqual(aliases, { names: ['b.test', '*.c.test'], patterns: ['~^w\\d+$'] });
    assert.equal(readAliases(new Map()), null);
    for (const text of [
      'a b',
      'a/b',
      'http://a',
      'a:80',
      '*.*.a',
      'a.*',
      '-a',
      'a\nb',
      `${'a'.repeat(64)}.b`,
    ])
      assert.ok('wanted' in parseKey(hostNames, 'server-alias', text), text);
    const many = Array.from({ length: 101 }, (_, index) => `h${index}`).join(',');
    assert.ok('wanted' in parseKey(hostNames, 'server-alias', many));
  });

  it('redirects when it is told to', () => {
    assert.equal(wantsWwwRedirect(parseValues(hostNames, { 'from-to-www-redirect': 'true' })), true);
    assert.equal(wantsWwwRedirect(new Map()), false);
    assert.ok('wanted' in parseKey(hostNames, 'from-to-www-redirect', 'on'));
  });

  it('adds nothing to the routes of its own Ingress', () => {
    const values = parseValues(hostNames, { 'server-alias': 'b', 'from-to-www-redirect': 'true' });
    assert.equal(hostNames.compile(values, sampleContext().context), null);
  });

  it('sends to the host, with the port and without one slash at the end', () => {
    const policy = structuredClone(redirectPolicies('shop.test')['host-names']);
    const admit = hostNames.prepare?.(policy, { path: '/', pathKind: 'prefix' }).admit;
    const answer = admit?.(sampleRequest({ path: '/foo' }));
    assert.deepEqual(answer, {
      status: 308,
      reason: 'www-redirect',
      location: 'http://shop.test:80/foo',
    });
    const secure = { scheme: 'https', ports: { own: '443', https: 443 } };
    assert.equal(admit?.(sampleRequest(secure))?.location, 'https://shop.test:443');
    const query = sampleRequest({ path: '/a/', query: '?b=//' });
    assert.equal(admit?.(query)?.location, 'http://shop.test:80/a/?b=/');
    assert.equal(hostNames.describe(policy), 'redirect to "shop.test"');
  });
});
