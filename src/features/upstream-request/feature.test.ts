// upstream-vhost and connection-proxy-header: values, and what they set.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, prepareSample } from '../sample-context.fixture.ts';
import { upstreamRequest } from './feature.ts';

function settingsOf(texts: Readonly<Record<string, string>>): object | null {
  const sample = prepareSample(upstreamRequest, texts);
  return sample === null ? null : (upstreamRequest.settings?.(sample.policy) ?? null);
}

describe('upstream-request', () => {
  it('sets what is written and nothing else', () => {
    assert.equal(settingsOf({}), null);
    assert.equal(settingsOf({ 'upstream-vhost': '', 'connection-proxy-header': ' ' }), null);
    assert.deepEqual(settingsOf({ 'upstream-vhost': 'inner:8080' }), { upstreamHost: 'inner:8080' });
    assert.deepEqual(settingsOf({ 'connection-proxy-header': 'close' }), { connectionField: 'close' });
    const both = { 'upstream-vhost': 'a', 'connection-proxy-header': 'keep-alive' };
    assert.deepEqual(settingsOf(both), { upstreamHost: 'a', connectionField: 'keep-alive' });
  });

  it('has no hook: the data plane reads the settings', () => {
    assert.deepEqual(prepareSample(upstreamRequest, { 'upstream-vhost': 'a' })?.hooks, {});
  });

  it('refuses what is no host, and what is another connection option', () => {
    for (const text of ['$host', 'a b', 'a/b', 'http://a', 'a:', 'a:123456', '-', 'a\r\nX: y', 'a\n', '.a'])
      assert.ok('wanted' in parseKey(upstreamRequest, 'upstream-vhost', text), text);
    for (const text of ['upgrade', 'Close', 'close, te', 'keep-alive\r\nX: y'])
      assert.ok('wanted' in parseKey(upstreamRequest, 'connection-proxy-header', text), text);
  });

  it('describes itself', () => {
    const policy = { upstreamHost: 'a', connectionField: 'close' };
    assert.equal(upstreamRequest.describe(policy), 'send Host "a", send Connection "close"');
    assert.equal(upstreamRequest.describe({ upstreamHost: 'a' }), 'send Host "a"');
  });
});
