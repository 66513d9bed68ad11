// custom-http-errors, disable-proxy-intercept-errors, default-backend: values and policy. What becomes of a request is in test/behaviour/features.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorPagesPolicy } from '../contract.ts';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { errorPages } from './feature.ts';

function policyOf(texts: Readonly<Record<string, string>>): ErrorPagesPolicy | null {
  return errorPages.compile(
    parseValues(errorPages, texts),
    sampleContext().context,
  ) as ErrorPagesPolicy | null;
}

describe('error-pages', () => {
  it('lists statuses once, and the Service in the namespace of the Ingress', () => {
    assert.equal(policyOf({}), null);
    assert.equal(policyOf({ 'disable-proxy-intercept-errors': 'true' }), null);
    const policy = policyOf({ 'custom-http-errors': '503, 404,404,', 'default-backend': 'errors' });
    assert.deepEqual(policy, { codes: [404, 503], leavesUpstream: false, upstream: 'shop/errors:' });
    assert.deepEqual(errorPages.settings?.(policy), { errorPages: policy });
    assert.equal(errorPages.upstreamOf?.(policy), 'shop/errors:');
    const described = 'answer 404, 503 from shop/errors; shop/errors stands in where there is no endpoint';
    assert.equal(errorPages.describe(policy), described);
  });

  it('needs no Service of its own', () => {
    const policy = policyOf({ 'custom-http-errors': '404', 'disable-proxy-intercept-errors': '1' });
    assert.deepEqual(policy, { codes: [404], leavesUpstream: true, upstream: null });
    assert.equal(errorPages.upstreamOf?.(policy), null);
    assert.equal(errorPages.describe(policy), 'answer 404 of the proxy from the default backend');
  });

  it('is off by an empty name', () => {
    assert.equal(policyOf({ 'default-backend': ' ' }), null);
  });

  it('refuses what is no status and no name', () => {
    for (const text of ['200', '399', '600', '4040', '404 503', 'x', '404\n'])
      assert.ok('wanted' in parseKey(errorPages, 'custom-http-errors', text), text);
    for (const text of ['other/errors', 'Errors', '1a', 'a_b', 'a.b', `a${'b'.repeat(63)}`, 'a\r\n'])
      assert.ok('wanted' in parseKey(errorPages, 'default-backend', text), text);
  });
});
