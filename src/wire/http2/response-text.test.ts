// Heads and trailers of HTTP/2 responses as the text that the common parser reads, and what is refused before it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderResponseText, renderTrailerText } from './response-text.ts';

test('a head becomes a status line and lines', () => {
  const raw = [':status', '200', 'x-a', 'b', 'set-cookie', 'a=1', 'set-cookie', 'b=2'];
  assert.equal(
    renderResponseText(raw),
    'HTTP/1.1 200 \r\nx-a: b\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\n',
  );
});

test('what RFC 9113 calls malformed is refused', () => {
  const bad: readonly (readonly string[])[] = [
    [],
    ['x-a', 'b'],
    [':status', '101'],
    [':status', '20'],
    [':status', '2000'],
    [':status', '200', ':status', '200'],
    ['x-a', 'b', ':status', '200'],
    [':status', '200', ':path', '/'],
    [':status', '200', 'connection', 'close'],
    [':status', '200', 'transfer-encoding', 'chunked'],
    [':status', '200', 'x-a', 'b\r\nx: y'],
    [':status', '200', 'x\nb', 'c'],
  ];
  for (const raw of bad) assert.equal(renderResponseText(raw), null, JSON.stringify(raw));
  for (const raw of [
    [':status', '200'],
    ['te', 'x', 'upgrade', 'h2c'],
    ['a', 'b\nc'],
  ])
    assert.equal(renderTrailerText(raw), null, JSON.stringify(raw));
});

test('no value makes more lines than there are fields', () => {
  const field = fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(field, { maxLength: 5 }), (fields) => {
      const text = renderTrailerText(fields.flat());
      if (text !== null) assert.equal(text.split('\r\n').length, fields.length + 2);
    }),
  );
});
