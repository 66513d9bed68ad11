// proxy-next-upstream*: words to the policy of further attempts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultRetryPolicy } from '../../model/index.ts';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { nextUpstream } from './feature.ts';

function compile(texts: Readonly<Record<string, string>>): unknown {
  return nextUpstream.compile(parseValues(nextUpstream, texts), sampleContext().context);
}

const never = {
  error: false,
  timeout: false,
  responseTimeout: false,
  invalidHeader: false,
  nonIdempotent: false,
  statuses: null,
  maxTries: null,
  maxMs: 0,
};

describe('proxy-next-upstream', () => {
  it('says nothing where nothing is written', () => assert.equal(compile({}), null));

  it('reads words in any order', () => {
    assert.deepEqual(compile({ 'proxy-next-upstream': 'http_503  timeout error http_429 non_idempotent' }), {
      ...never,
      error: true,
      timeout: true,
      responseTimeout: true,
      nonIdempotent: true,
      statuses: [503, 429],
    });
    assert.deepEqual(compile({ 'proxy-next-upstream': 'invalid_header' }), { ...never, invalidHeader: true });
  });

  it('is switched off by off, whatever stands beside it', () => {
    assert.deepEqual(compile({ 'proxy-next-upstream': 'error http_500 off' }), never);
  });

  it('keeps the default conditions where only tries or time are written', () => {
    assert.deepEqual(compile({ 'proxy-next-upstream-tries': '5' }), { ...defaultRetryPolicy, maxTries: 5 });
    assert.deepEqual(compile({ 'proxy-next-upstream-tries': '0', 'proxy-next-upstream-timeout': '10' }), {
      ...defaultRetryPolicy,
      maxTries: Number.MAX_SAFE_INTEGER,
      maxMs: 10_000,
    });
  });

  it('refuses other words and numbers', () => {
    for (const text of ['', ' ', 'errors', 'http_501', 'error,timeout', 'error\n'])
      assert.ok('wanted' in parseKey(nextUpstream, 'proxy-next-upstream', text), text);
    for (const text of ['-1', '1.5', 'x']) {
      assert.ok('wanted' in parseKey(nextUpstream, 'proxy-next-upstream-tries', text), text);
      assert.ok('wanted' in parseKey(nextUpstream, 'proxy-next-upstream-timeout', text), text);
    }
  });

  it('describes itself', () => {
    const policy = compile({ 'proxy-next-upstream': 'error http_503', 'proxy-next-upstream-tries': '2' });
    assert.equal(nextUpstream.describe(policy), 'tried again after errors, 503, at most 2 tries');
    assert.equal(nextUpstream.describe(never), 'never tried again');
  });
});
