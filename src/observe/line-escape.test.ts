import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeJson, escapeNginx } from './line-escape.ts';

/** Characters up to `max`, lone surrogates among them. */
const textUpTo = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.integer({ min: 0, max }).map((code) => String.fromCharCode(code)) });
const latin1 = textUpTo(0xff);

test('nginx escaping leaves printable ASCII alone and writes the rest as hexadecimal in capitals', () => {
  assert.equal(escapeNginx('GET /a?b=c HTTP/1.1'), 'GET /a?b=c HTTP/1.1');
  assert.equal(escapeNginx('a"b\\c'), 'a\\x22b\\x5Cc');
  assert.equal(escapeNginx('\r\n\t\0\x7f\x1b[31m'), '\\x0D\\x0A\\x09\\x00\\x7F\\x1B[31m');
  assert.equal(escapeNginx('é\xff~ '), '\\xE9\\xFF~ ');
  assert.equal(escapeNginx(''), '');
});

test('nginx escaping can be undone byte for byte', () => {
  fc.assert(
    fc.property(latin1, (value) => {
      const escaped = escapeNginx(value);
      assert.match(escaped, /^[ !#-~]*$/);
      const back = escaped.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) =>
        String.fromCharCode(parseInt(hex, 16)),
      );
      assert.equal(back, value);
    }),
    { numRuns: 300 },
  );
});

test('JSON escaping gives ASCII that parses back to the value', () => {
  assert.equal(escapeJson('a"b\\c\n'), 'a\\"b\\\\c\\u000a');
  fc.assert(
    fc.property(fc.oneof(latin1, textUpTo(0xffff)), (value) => {
      const escaped = escapeJson(value);
      assert.match(escaped, /^[ -~]*$/);
      assert.equal(JSON.parse(`"${escaped}"`), value);
    }),
    { numRuns: 300 },
  );
});
