// What a hostile name may do to a terminal: nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { escapeUnprintable, escapeUnprintableJson } from './printable.ts';

const hostile = 'a\x1b[31m\u202eb\u009b2J\r\nINFO forged\t\0\u2028\ud800é💡';

describe('escapeUnprintable', () => {
  it('leaves one printable line and what can be read as it was', () => {
    assert.equal(
      escapeUnprintable(hostile),
      'a\\u001b[31m\\u202eb\\u009b2J\\r\\nINFO forged\\t\\u0000\\u2028\\ud800é💡',
    );
  });
});

describe('escapeUnprintableJson', () => {
  it('keeps the value and the line ends between values', () => {
    const json = JSON.stringify({ name: hostile }, null, 2);
    const escaped = escapeUnprintableJson(json);
    assert.doesNotMatch(escaped, /[^\P{C}\n]|[\u2028\u2029]/u);
    assert.deepEqual(JSON.parse(escaped), { name: hostile });
    assert.equal(escaped.split('\n').length, 3);
  });
});
