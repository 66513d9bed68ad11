// custom-headers: which ConfigMaps are taken, what they set, and that anything else denies.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RouteHooks } from '../contract.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { allowedKey, customHeaders } from './feature.ts';

interface Read {
  readonly hooks: RouteHooks;
  readonly told: string;
  readonly described: string;
}

function read(
  data: Readonly<Record<string, string>> | null,
  name = 'shop/fields',
  allowed = 'X-One, my-custom-header',
): Read {
  const configMaps = new Map(data === null ? [] : [['shop/fields', data] as const]);
  const { context, issues } = sampleContext({ configMaps });
  const values = new Map(parseValues(customHeaders, { 'custom-headers': name }));
  const names = allowedKey.parse(allowed);
  if ('value' in names) values.set(allowedKey.name, names.value);
  const policy = structuredClone(customHeaders.compile(values, context));
  const hooks = customHeaders.prepare?.(policy, { path: '/', pathKind: 'prefix' }) ?? {};
  return { hooks, told: issues[0]?.message ?? '', described: customHeaders.describe(policy) };
}

describe('custom-headers', () => {
  it('sets its fields on answers of all, in place of others, as they are written', () => {
    const { hooks, described, told } = read({ 'My-Custom-Header': '$remote_addr', 'x-one': ' 1 ' });
    for (const isOwn of [true, false]) {
      const lines = hooks.respond?.(sampleRequest(), 'X-ONE: 2\r\nOther: 3\r\nx-one: 4\r\n', isOwn);
      assert.equal(lines, 'Other: 3\r\nMy-Custom-Header: $remote_addr\r\nx-one: 1\r\n');
    }
    assert.equal(hooks.admit, undefined);
    assert.deepEqual([described, told], ['set My-Custom-Header, x-one of responses', '']);
  });

  it('denies where the ConfigMap, or a field of it, is not what it must be', () => {
    const good = { 'X-One': '1' };
    const cases: readonly (readonly [Read, RegExp])[] = [
      [read(null), /does not exist/],
      [read(good, 'other/fields'), /another namespace/],
      [read(good, 'fields'), /NAMESPACE\/NAME/],
      [read({ 'X-Two': '1' }), /"X-Two" is not listed/],
      [read(good, undefined, ''), /not listed/],
      [read({ 'Content-Length': '1' }, undefined, 'Content-Length'), /can be set/],
      [read({ 'X One': '1' }), /can be set/],
      [read({ 'X-One': 'a\r\nX-Two: b' }), /no value/],
      [read({ 'X-One': '' }), /no value/],
      [read({ 'X-One': 'ä' }), /no value/],
      [read({ 'X-One': 'a'.repeat(4_097) }), /no value/],
    ];
    for (const [{ hooks, told, described }, wanted] of cases) {
      assert.match(told, wanted);
      assert.deepEqual(hooks.admit?.(sampleRequest()), { status: 503, reason: 'custom-headers-denied' });
      assert.match(described, /^answer 503/);
    }
  });

  it('names the ConfigMap that it wants, and asks for nothing without one', () => {
    const nameOf = (text: string) =>
      customHeaders.configMapOf?.(parseValues(customHeaders, { 'custom-headers': text }), 'shop');
    assert.equal(nameOf('shop/fields'), 'shop/fields');
    assert.equal(nameOf(''), null);
    assert.equal(customHeaders.compile(new Map(), sampleContext().context), null);
    for (const text of ['a/b/c', 'a b', 'A/b', 'a/b\r\n\r\nx'])
      assert.ok('wanted' in parseKey(customHeaders, 'custom-headers', text), text);
    for (const text of ['a b', 'a:b', 'a\nb']) assert.ok('wanted' in allowedKey.parse(text), text);
  });
});
