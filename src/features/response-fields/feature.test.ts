// response-fields: the keys, the policy and its hook. The grammar and what is refused by name: field-changes.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { responseFields } from './feature.ts';

/** The lines that come of `lines`. */
function change(texts: Readonly<Record<string, string>>, lines: string): string {
  const policy = responseFields.compile(parseValues(responseFields, texts), sampleContext().context);
  if (policy === null) return lines;
  const hooks = responseFields.prepare?.(policy, { path: '/', pathKind: 'prefix' });
  return hooks?.respond?.(sampleRequest(), lines, false) ?? lines;
}

describe('response-fields', () => {
  it('sets, adds and removes', () => {
    const lines = 'X-Old: 1\r\nX-Both: 1\r\nX-Kept: 1\r\n';
    const changed = change(
      {
        'response-headers-remove': 'x-old',
        'response-headers-set': 'X-Both: 2',
        'response-headers-add': 'X-Kept: 2',
      },
      lines,
    );
    assert.doesNotMatch(changed, /X-Old/i);
    assert.deepEqual(changed.match(/X-Both: ./gi), ['X-Both: 2']);
    assert.deepEqual(changed.match(/X-Kept: ./gi)?.sort(), ['X-Kept: 1', 'X-Kept: 2']);
  });

  it('does nothing without an annotation', () => {
    assert.equal(responseFields.compile(new Map(), sampleContext().context), null);
  });

  it('refuses, with the object, what is no list or would break out of its line', () => {
    for (const name of ['response-headers-set', 'response-headers-add'])
      for (const text of [
        'X-A',
        ': a',
        'X A: b',
        'X-A: b\r',
        'X-A: b\0',
        'Content-Length: 1',
        'X-A: $nothing',
      ])
        assert.ok('wanted' in parseKey(responseFields, name, text), `${name}: ${JSON.stringify(text)}`);
    for (const text of ['a b', 'content-length', 'x\0'])
      assert.ok('wanted' in parseKey(responseFields, 'response-headers-remove', text), JSON.stringify(text));
    for (const { onInvalid } of responseFields.keys) assert.equal(onInvalid, 'reject');
  });

  it('takes a bounded number of fields', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `X-A${i}: b`).join('\n');
    assert.ok('wanted' in parseKey(responseFields, 'response-headers-set', many));
  });
});
