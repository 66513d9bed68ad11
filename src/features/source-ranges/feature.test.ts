// Lists of addresses: values, precedence, and who gets in.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { sourceRanges } from './feature.ts';

function verdict(texts: Readonly<Record<string, string>>, clientAddress: string): unknown {
  const policy = sourceRanges.compile(parseValues(sourceRanges, texts), sampleContext().context);
  if (policy === null) return null;
  const route = { path: '/', pathKind: 'prefix' };
  const result = sourceRanges
    .prepare?.(structuredClone(policy), route)
    .access?.(sampleRequest({ clientAddress }));
  return typeof result === 'object' && 'status' in result ? result.status : result;
}

describe('source-ranges', () => {
  it('refuses the denied, as the original proves it', () => {
    const list = { 'denylist-source-range': '18.0.0.0/8, 56.0.0.1' };
    assert.equal(verdict(list, '18.0.0.1'), 403);
    assert.equal(verdict(list, '56.0.0.1'), 403);
    assert.equal(verdict(list, '56.0.0.2'), 'abstains');
  });

  it('asks the denied first, then the allowed, then refuses', () => {
    const lists = {
      'denylist-source-range': '18.1.0.0/16, 56.0.0.0/8',
      'allowlist-source-range': '18.0.0.0/8, 55.0.0.0/8',
    };
    assert.equal(verdict(lists, '18.1.0.1'), 403);
    assert.equal(verdict(lists, '10.10.10.10'), 403);
    assert.equal(verdict(lists, '18.4.0.1'), 'granted');
    assert.equal(verdict(lists, '55.55.55.55'), 'granted');
  });

  it('takes the older name where the newer one is absent', () => {
    assert.equal(verdict({ 'whitelist-source-range': '10.0.0.0/8' }, '10.1.1.1'), 'granted');
    const both = { 'whitelist-source-range': '10.0.0.0/8', 'allowlist-source-range': '11.0.0.0/8' };
    assert.equal(verdict(both, '10.1.1.1'), 403);
  });

  it('reads host bits, both families and spaces, and nothing else', () => {
    const good = ['10.0.0.1/8', '::1', '2001:db8::/32 , 10.0.0.1', '0.0.0.0/0'];
    const bad = [
      '',
      ' ',
      '10.0.0.0/33',
      '10.0.0',
      'a',
      '10.0.0.1,,10.0.0.2',
      '10.0.0.1\n',
      '010.0.0.1',
      '::1%eth0',
    ];
    for (const text of good)
      assert.ok('value' in parseKey(sourceRanges, 'allowlist-source-range', text), text);
    for (const text of bad)
      assert.ok('wanted' in parseKey(sourceRanges, 'denylist-source-range', text), text);
  });

  it('does not let a client in by another spelling of its address', () => {
    assert.equal(verdict({ 'denylist-source-range': '10.0.0.1' }, '::ffff:10.0.0.1'), 403);
    assert.equal(verdict({ 'denylist-source-range': '::ffff:10.0.0.1' }, '10.0.0.1'), 403);
    assert.equal(verdict({ 'allowlist-source-range': '10.0.0.1' }, 'unknown'), 403);
  });

  it('protects when its value does not parse, as annotation and as setting', () => {
    for (const key of sourceRanges.keys) assert.equal(key.onInvalid, 'deny');
    const route = { path: '/', pathKind: 'prefix' };
    for (const key of sourceRanges.keys.filter(({ setting }) => setting !== undefined)) {
      const policy = sourceRanges.compile(new Map([[key.name, key.invalidSetting]]), sampleContext().context);
      for (const clientAddress of ['192.0.2.1', '2001:db8::1']) {
        const answer = sourceRanges.prepare?.(policy, route).access?.(sampleRequest({ clientAddress }));
        assert.deepEqual(answer, { status: 403, reason: 'source-range' });
      }
    }
  });
});
