// Field lines of HTTP/1.1 as a field block, read back by the decoder.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder, HpackEncoder } from '../hpack/index.ts';
import { FieldBlockWriter } from './field-block-writer.ts';
import { addFieldLines, makeHttp2Fields } from './response-fields.ts';

const limits = { maxFields: 10_000, maxListBytes: 10_000_000 };

class Pair {
  readonly writer = new FieldBlockWriter();
  readonly #encoder = new HpackEncoder(4_096);
  readonly #decoder = new HpackDecoder(4_096);

  /** Names and values by turns. */
  send(...lines: readonly string[]): string[] {
    this.writer.begin(this.#encoder);
    this.writer.addField(':status', '200');
    for (const each of lines) this.writer.addLines(each);
    const fields: string[] = [];
    const { bytes, length } = this.writer;
    assert.equal(this.#decoder.decode(bytes, 0, length, fields, limits), 'ok');
    assert.deepEqual(fields.splice(0, 2), [':status', '200']);
    return fields;
  }
}

test('names in lower case, values without the white space around them, also when they come again', () => {
  const pair = new Pair();
  for (let i = 0; i < 3; i += 1) {
    assert.deepEqual(pair.send('X-A: \t b c \t\r\nETag:\r\n'), ['x-a', 'b c', 'etag', '']);
  }
});

test('several of a name stay several, in order; of what may come once the first counts, in each block anew', () => {
  const pair = new Pair();
  const lines = 'Set-Cookie: a\r\nLocation: /a\r\nset-cookie: b\r\nlocation: /b\r\n';
  for (let i = 0; i < 2; i += 1) {
    assert.deepEqual(pair.send('LOCATION: /own\r\n', lines), [
      ...['location', '/own', 'set-cookie', 'a', 'set-cookie', 'b'],
    ]);
  }
});

test('what belongs to a connection stays behind', () => {
  const lines =
    'Connection: x\r\nKeep-Alive: 1\r\nProxy-Connection: x\r\nTransfer-Encoding: chunked\r\nUpgrade: h2c\r\nTE: trailers\r\nX: y\r\n';
  assert.deepEqual(new Pair().send(lines), ['x', 'y']);
});

test('a block of any size fits, and any name is harmless', () => {
  const value = 'v'.repeat(50_000);
  const pair = new Pair();
  assert.deepEqual(pair.send(`__proto__: a\r\nx: ${value}\r\ny: ${value}\r\n`), [
    ...['__proto__', 'a', 'x', value, 'y', value],
  ]);
  assert.deepEqual(pair.send('x: y\r\n'), ['x', 'y']);
});

test('more spellings than are remembered', () => {
  const pair = new Pair();
  for (let i = 0; i < 1_500; i += 1) {
    assert.deepEqual(pair.send(`X-${i}: 1\r\nETag: a\r\nETag: b\r\n`), [`x-${i}`, '1', 'etag', 'a']);
  }
});

test('any lines say what they say to the object of fields', () => {
  const name = fc.constantFrom(
    'a',
    'B',
    'Date',
    'date',
    'set-cookie',
    'Upgrade',
    'te',
    'x-Long-Name',
    'ETag',
  );
  const value = fc.string({ unit: fc.constantFrom(' ', 'a', 'é', '\t', ':', '~'), maxLength: 40 });
  const pair = new Pair();
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (pairs) => {
      const lines = pairs.map(([each, text]) => `${each}: ${text}\r\n`).join('');
      const expected = makeHttp2Fields();
      addFieldLines(expected, lines);
      const got = makeHttp2Fields();
      const fields = pair.send(lines);
      for (let i = 0; i < fields.length; i += 2) {
        const [key = '', text = ''] = fields.slice(i, i + 2);
        const earlier = got[key];
        if (earlier === undefined) got[key] = text;
        else if (typeof earlier === 'string') got[key] = [earlier, text];
        else earlier.push(text);
      }
      assert.deepEqual(got, expected);
    }),
  );
});
