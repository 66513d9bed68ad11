// proxy-body-size: from text to the setting that the data plane reads.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseValues, sampleContext } from '../sample-context.fixture.ts';
import { bodySize } from './feature.ts';

function settingsOf(text: string): { settings: object | null; issues: number } {
  const { context, issues } = sampleContext();
  const policy = bodySize.compile(parseValues(bodySize, { 'proxy-body-size': text }), context);
  return { settings: policy === null ? null : (bodySize.settings?.(policy) ?? null), issues: issues.length };
}

describe('proxy-body-size', () => {
  it('sets the limit in bytes', () => {
    assert.deepEqual(settingsOf('8m'), { settings: { maxBodyBytes: 8_388_608 }, issues: 0 });
    assert.deepEqual(settingsOf('500'), { settings: { maxBodyBytes: 500 }, issues: 0 });
  });

  it('is unlimited at 0', () => {
    assert.deepEqual(settingsOf('0'), { settings: { maxBodyBytes: 0 }, issues: 0 });
    assert.equal(bodySize.describe({ maxBodyBytes: 0 }), 'accept bodies of any size');
    assert.equal(bodySize.describe({ maxBodyBytes: 5 }), 'refuse bodies over 5 bytes');
  });

  it('leaves the default for values that do not parse, and for the unit "b", which it reports', () => {
    assert.deepEqual(settingsOf('15r'), { settings: null, issues: 0 });
    assert.deepEqual(settingsOf('15b'), { settings: null, issues: 1 });
  });
});
