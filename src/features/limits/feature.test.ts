// limit-rps, limit-rpm, limit-connections: values and policy. How they count is in proxy/client-limits.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, prepareSample } from '../sample-context.fixture.ts';
import { limits } from './feature.ts';

function policyOf(texts: Readonly<Record<string, string>>): unknown {
  return prepareSample(limits, texts)?.policy ?? null;
}

describe('limits', () => {
  it('are off without a number, and by zero', () => {
    assert.equal(policyOf({}), null);
    assert.equal(policyOf({ 'limit-rps': '0', 'limit-rpm': '0', 'limit-connections': '0' }), null);
    assert.equal(policyOf({ 'limit-burst-multiplier': '2', 'limit-allowlist': '10.0.0.0/8' }), null);
  });

  it('count together, with a burst of five times the rate', () => {
    const texts = { 'limit-rps': '5', 'limit-rpm': '100', 'limit-connections': '3' };
    const policy = { perSecond: 5, perMinute: 100, atOnce: 3, burstMultiplier: 5, exempt: [] };
    assert.deepEqual(policyOf(texts), policy);
    assert.deepEqual(limits.settings?.(policy), { clientLimits: policy });
    const described = '5 requests a second, 100 requests a minute, 3 requests at once';
    assert.equal(limits.describe(policy), `allow each address ${described}`);
  });

  it('take another burst, and zero as absent', () => {
    const burst = (text: string): unknown =>
      (policyOf({ 'limit-rps': '1', 'limit-burst-multiplier': text }) as { burstMultiplier: number })
        .burstMultiplier;
    assert.deepEqual([burst('2'), burst('0')], [2, 5]);
  });

  it('spare who is listed, by the newer name first', () => {
    const exempt = (texts: Readonly<Record<string, string>>): unknown =>
      (policyOf({ 'limit-rps': '1', ...texts }) as { exempt: readonly string[] }).exempt;
    assert.deepEqual(exempt({ 'limit-whitelist': '10.0.0.0/8' }), ['10.0.0.0/8']);
    const both = { 'limit-whitelist': '10.0.0.0/8', 'limit-allowlist': '::1, 192.0.2.1' };
    assert.deepEqual(exempt(both), ['::1', '192.0.2.1']);
  });

  it('refuse what is no count and no list: nothing opens by a typing mistake', () => {
    for (const name of ['limit-rps', 'limit-rpm', 'limit-connections'])
      for (const text of ['-1', '1.5', '10r/s', '', '1000001', '1\n'])
        assert.ok('wanted' in parseKey(limits, name, text), `${name} ${text}`);
    for (const text of ['10.0.0.0/33', 'all', '', 'a,b'])
      assert.ok('wanted' in parseKey(limits, 'limit-allowlist', text), text);
    const rates = limits.keys.filter(({ name }) => name !== 'limit-burst-multiplier');
    assert.ok(rates.every(({ onInvalid }) => onInvalid === 'reject'));
  });
});
