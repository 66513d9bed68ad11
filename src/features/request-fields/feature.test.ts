// request-fields: the keys, the policy and its hook. The grammar and what is refused by name: field-changes.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { requestFields } from './feature.ts';

/** The lines that come of `lines`. */
function change(texts: Readonly<Record<string, string>>, lines: string): string {
  const policy = requestFields.compile(parseValues(requestFields, texts), sampleContext().context);
  if (policy === null) return lines;
  const hooks = requestFields.prepare?.(policy, { path: '/', pathKind: 'prefix' });
  return hooks?.forward?.(sampleRequest(), lines) ?? lines;
}

describe('request-fields', () => {
  it('sets, adds and removes', () => {
    const lines = 'X-Old: 1\r\nX-Both: 1\r\nX-Kept: 1\r\n';
    const changed = change(
      {
        'request-headers-remove': 'x-old',
        'request-headers-set': 'X-Both: 2',
        'request-headers-add': 'X-Kept: 2',
      },
      lines,
    );
    assert.doesNotMatch(changed, /X-Old/i);
    assert.deepEqual(changed.match(/X-Both: ./gi), ['X-Both: 2']);
    assert.deepEqual(changed.match(/X-Kept: ./gi)?.sort(), ['X-Kept: 1', 'X-Kept: 2']);
  });

  it('does nothing without an annotation', () => {
    assert.equal(requestFields.compile(new Map(), sampleContext().context), null);
  });

  it('refuses, with the object, what is no list or would break out of its line', () => {
    for (const name of ['request-headers-set', 'request-headers-add'])
      for (const text of [
        'X-A',
        ': a',
        'X A: b',
        'X-A: b\r',
        'X-A: b\0',
        'Content-Length: 1',
        'X-A: $nothing',
      ])
        assert.ok('wanted' in parseKey(requestFields, name, text), `${name}: ${JSON.stringify(text)}`);
    for (const text of ['a b', 'content-length', 'x\0'])
      assert.ok('wanted' in parseKey(requestFields, 'request-headers-remove', text), JSON.stringify(text));
    for (const { onInvalid } of requestFields.keys) assert.equal(onInvalid, 'reject');
  });

  it('takes a bounded number of fields', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `X-A${i}: b`).join('\n');
    assert.ok('wanted' in parseKey(requestFields, 'request-headers-set', many));
  });
});
