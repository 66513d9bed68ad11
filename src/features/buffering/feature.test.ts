// Buffers: what is read, what is refused, and the little that acts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { type BufferingPolicy, buffering } from './feature.ts';

function policyOf(texts: Readonly<Record<string, string>>): {
  policy: BufferingPolicy | null;
  notes: string[];
} {
  const { context, issues } = sampleContext();
  const policy = buffering.compile(parseValues(buffering, texts), context) as BufferingPolicy | null;
  return { policy, notes: issues.map(({ severity, key }) => `${severity} ${key}`) };
}

const prefix = 'nginx.ingress.kubernetes.io';

describe('buffering', () => {
  it('bounds the heads of responses', () => {
    const { policy, notes } = policyOf({ 'proxy-buffer-size': '8k' });
    assert.deepEqual(policy, { maxResponseHeadBytes: 8_192 });
    assert.deepEqual(notes, []);
    assert.deepEqual(buffering.settings?.(policy), { maxResponseHeadBytes: 8_192 });
    assert.equal(buffering.describe(policy), 'refuse heads of responses over 8192 bytes');
  });

  it('closes the connections of endpoints that want HTTP/1.0', () => {
    const { policy, notes } = policyOf({ 'proxy-http-version': '1.0' });
    assert.deepEqual(buffering.settings?.(policy), { connectionField: 'close' });
    assert.deepEqual(notes, [`info ${prefix}/proxy-http-version`]);
    assert.equal(buffering.describe(policy), 'send Connection "close"');
    assert.equal(policyOf({ 'proxy-http-version': '1.1' }).policy, null);
  });

  it('takes the rest without acting, and says so where somebody could wait for an effect', () => {
    const silent = {
      'client-body-buffer-size': '1m',
      'proxy-buffers-number': '8',
      'proxy-busy-buffers-size': '16K',
      'proxy-max-temp-file-size': '0',
      'proxy-request-buffering': 'off',
      'proxy-buffering': 'off',
      'http2-push-preload': 'false',
    };
    assert.deepEqual(policyOf(silent), { policy: null, notes: [] });
    assert.deepEqual(policyOf({}), { policy: null, notes: [] });
    for (const [name, text] of [
      ['proxy-request-buffering', 'on'],
      ['proxy-buffering', 'on'],
      ['http2-push-preload', 'true'],
    ] as const) {
      assert.deepEqual(policyOf({ [name]: text }), { policy: null, notes: [`info ${prefix}/${name}`] });
    }
  });

  it('refuses what is no value of the key', () => {
    const wrong: Readonly<Record<string, readonly string[]>> = {
      'proxy-buffer-size': ['0', '15r', '', '-1', '4k\n'],
      'client-body-buffer-size': ['15r', '1 k', ''],
      'proxy-buffers-number': ['0', '-4', '8k', ''],
      'proxy-busy-buffers-size': ['x', ''],
      'proxy-max-temp-file-size': ['1024mb', ''],
      'proxy-http-version': ['2', '2.0', '1.1 ', ''],
      'proxy-request-buffering': ['true', 'ON', ''],
      'proxy-buffering': ['yes', ''],
      'http2-push-preload': ['yes', ''],
    };
    for (const [name, texts] of Object.entries(wrong)) {
      for (const text of texts) assert.ok('wanted' in parseKey(buffering, name, text), `${name}: ${text}`);
    }
    assert.equal(Object.keys(wrong).length, buffering.keys.length);
  });
});
