// proxy-*-timeout: from seconds to the settings that the data plane reads.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { timeouts } from './feature.ts';

function settingsOf(texts: Readonly<Record<string, string>>): object | null {
  const policy = timeouts.compile(parseValues(timeouts, texts), sampleContext().context);
  return policy === null ? null : (timeouts.settings?.(policy) ?? null);
}

describe('proxy-*-timeout', () => {
  it('sets what is written and nothing else, in milliseconds', () => {
    assert.equal(settingsOf({}), null);
    assert.deepEqual(settingsOf({ 'proxy-read-timeout': '3600' }), { readTimeoutMs: 3_600_000 });
    assert.deepEqual(
      settingsOf({ 'proxy-connect-timeout': '1', 'proxy-send-timeout': '2', 'proxy-read-timeout': '+3' }),
      { connectTimeoutMs: 1_000, sendTimeoutMs: 2_000, readTimeoutMs: 3_000 },
    );
  });

  it('refuses units, zero and negative numbers', () => {
    for (const text of ['60s', '50k', '0', '-1', '1.5', '', ' 5'])
      assert.ok('wanted' in parseKey(timeouts, 'proxy-read-timeout', text), text);
  });

  it('stays within what a timer can hold', () => {
    assert.deepEqual(settingsOf({ 'proxy-send-timeout': '999999999' }), { sendTimeoutMs: 2_147_483_000 });
  });

  it('describes itself', () => {
    const described = timeouts.describe({ connectTimeoutMs: 1_000, readTimeoutMs: 90_000 });
    assert.equal(described, 'connect within 1 s, read within 90 s');
  });
});
