// limit-rate: values and policy. How bodies are slowed down is in proxy/paced-body.test.ts and test/behaviour/response-rate.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, prepareSample } from '../sample-context.fixture.ts';
import { limitRate } from './feature.ts';

function policyOf(texts: Readonly<Record<string, string>>): unknown {
  return prepareSample(limitRate, texts)?.policy ?? null;
}

describe('limit-rate', () => {
  it('counts KiB, of the rate and of what goes before it', () => {
    const policy = policyOf({ 'limit-rate': '512', 'limit-rate-after': '1024' });
    assert.deepEqual(policy, { bytesPerSecond: 524_288, fullSpeedBytes: 1_048_576 });
    assert.deepEqual(limitRate.settings?.(policy), { responsePace: policy });
    assert.equal(limitRate.describe(policy), 'send bodies at 512 KiB a second behind the first 1024 KiB');
    const plain = policyOf({ 'limit-rate': '+1' });
    assert.deepEqual(plain, { bytesPerSecond: 1_024, fullSpeedBytes: 0 });
    assert.equal(limitRate.describe(plain), 'send bodies at 1 KiB a second');
  });

  it('is off by zero, below it, and without a rate', () => {
    for (const rate of ['0', '-1'])
      assert.equal(policyOf({ 'limit-rate': rate, 'limit-rate-after': '9' }), null);
    assert.equal(policyOf({ 'limit-rate-after': '9' }), null);
    assert.deepEqual(policyOf({ 'limit-rate': '1', 'limit-rate-after': '-9' }), {
      bytesPerSecond: 1_024,
      fullSpeedBytes: 0,
    });
  });

  it('takes no units, and no number that arithmetic would round', () => {
    for (const name of ['limit-rate', 'limit-rate-after'])
      for (const text of ['1k', '', ' 1', '1.5', '1\n', '9007199254740993'])
        assert.ok('wanted' in parseKey(limitRate, name, text), `${name} ${JSON.stringify(text)}`);
    const most = policyOf({ 'limit-rate': '9007199254740991' }) as { bytesPerSecond: number };
    assert.equal(most.bytesPerSecond, 1_024 ** 4);
  });

  it('has its defaults in the settings', () => {
    assert.deepEqual(
      limitRate.keys.map(({ name, setting, onInvalid }) => [name, setting, onInvalid]),
      [
        ['limit-rate', 'limit-rate', 'default'],
        ['limit-rate-after', 'limit-rate-after', 'default'],
      ],
    );
  });
});
