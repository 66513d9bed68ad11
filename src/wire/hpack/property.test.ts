// Properties over generated blocks: what any encoder may write is read as it was meant; what ours writes is read back, whatever becomes of the
// sizes; and hostile bytes end in a verdict, with the table and the list within their bounds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder, HpackEncoder, maxFieldBytes, maxSizeUpdatesBytes } from './index.ts';
import { type Choice, ReferenceEncoder, packBits } from './reference-encoder.fixture.ts';
import { staticFields } from './static-table.ts';

const limits = { maxFields: 1_000, maxListBytes: 1_000_000 };
const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 60 });
/** Few names and values, so that they come again; some of the static table; some of any bytes. */
const name = fc.oneof(
  fc.constantFrom(
    'a',
    'server',
    'content-type',
    'x-a',
    'x-b',
    'cookie',
    '__proto__',
    'date',
    'x'.repeat(130),
  ),
  fc.constantFrom(...staticFields.filter((text, i) => i >= 2 && i % 2 === 0 && text !== '')),
  latin1,
);
const value = fc.oneof(
  fc.constantFrom('', 'v', 'text/html', '200', 'gzip, deflate', 'y'.repeat(300), 'z'.repeat(3_000)),
  latin1,
);
const field = fc.tuple(name, value);
const choice: fc.Arbitrary<Choice> = fc.record({
  usesIndex: fc.boolean(),
  usesNameIndex: fc.boolean(),
  kind: fc.constantFrom('inserted', 'inserted', 'plain', 'secret'),
  usesHuffman: fc.boolean(),
});
const size = fc.oneof(fc.constantFrom(0, 31, 32, 64, 100, 4_096), fc.nat(10_000));

describe('HPACK properties', () => {
  it('reads whatever representation an encoder chooses', () => {
    const block = fc.record({
      setting: fc.option(size, { freq: 3, nil: undefined }),
      updates: fc.array(size, { maxLength: 2 }),
      fields: fc.array(fc.tuple(field, choice), { maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
        const encoder = new ReferenceEncoder(4_096);
        const decoder = new HpackDecoder(4_096);
        let most = 4_096;
        for (const { setting, updates, fields } of blocks) {
          let bits = '';
          if (setting !== undefined) {
            most = setting;
            decoder.setMaxTableBytes(setting);
            bits += encoder.sizeUpdate(setting);
          }
          for (const update of updates) bits += encoder.sizeUpdate(Math.min(update, most));
          for (const [[name, value], each] of fields) bits += encoder.field(name, value, each);
          const bytes = packBits(bits);
          const decoded: string[] = [];
          assert.equal(decoder.decode(bytes, 0, bytes.length, decoded, limits), 'ok', decoder.defect ?? '');
          assert.deepEqual(decoded, fields.map(([pair]) => pair).flat());
          assert.equal(decoder.tableBytes, encoder.tableBytes);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('reads what our encoder writes, whatever becomes of the sizes', () => {
    const step = fc.record({
      settings: fc.array(size, { maxLength: 3 }),
      fields: fc.array(fc.tuple(field, fc.boolean()), { maxLength: 15 }),
    });
    fc.assert(
      fc.property(size, fc.array(step, { maxLength: 12 }), (most, steps) => {
        const encoder = new HpackEncoder(most);
        const decoder = new HpackDecoder(4_096);
        for (const { settings, fields } of steps) {
          for (const setting of settings) {
            encoder.setMaxTableBytes(setting);
            decoder.setMaxTableBytes(setting);
          }
          const block = encodeBlock(encoder, fields);
          const decoded: string[] = [];
          assert.equal(decoder.decode(block, 0, block.length, decoded, limits), 'ok', decoder.defect ?? '');
          assert.deepEqual(decoded, fields.map(([pair]) => pair).flat());
          assert.equal(decoder.tableBytes, encoder.tableBytes);
          assert.ok(encoder.tableBytes <= most);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('hostile bytes end in a verdict within the bounds', () => {
    const changes = fc.array(fc.tuple(fc.nat(5_000), fc.nat(255)), { maxLength: 6 });
    const valid = fc.array(fc.tuple(field, choice), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(fc.tuple(valid, changes), { maxLength: 4 }), (blocks) => {
        const encoder = new ReferenceEncoder(4_096);
        assertBounded(
          blocks.map(([fields, places]) => {
            const bytes = packBits(
              fields.map(([[name, value], each]) => encoder.field(name, value, each)).join(''),
            );
            for (const [place, byte] of places) bytes[place % bytes.length] = byte;
            return bytes;
          }),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('random bytes end in a verdict within the bounds', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), (blocks) => assertBounded(blocks)),
      { numRuns: 2_000 },
    );
  });
});

/** Each field as text, or as bytes in the middle of others. */
function encodeBlock(
  encoder: HpackEncoder,
  fields: readonly (readonly [[string, string], boolean])[],
): Buffer {
  const room = fields.reduce((sum, [[name, value]]) => sum + maxFieldBytes(name.length, value.length), 0);
  const target = Buffer.alloc(maxSizeUpdatesBytes + room);
  let at = encoder.begin(target, 0);
  for (const [[name, value], isText] of fields) {
    const bytes = Buffer.from(`<${value}>`, 'latin1');
    at = isText
      ? encoder.encodeString(target, at, name, `<${value}>`, 1, 1 + value.length)
      : encoder.encodeBytes(target, at, name, bytes, 1, 1 + value.length);
    assert.ok(at > 0);
  }
  return target.subarray(0, at);
}

function assertBounded(blocks: readonly Buffer[]): void {
  const decoder = new HpackDecoder(256);
  const small = { maxFields: 5, maxListBytes: 400 };
  let isBroken = false;
  for (const block of blocks) {
    const fields: string[] = [];
    const result = decoder.decode(block, 0, block.length, fields, small);
    assert.ok(!isBroken || result === 'error');
    isBroken ||= result === 'error';
    assert.equal(decoder.defect !== null, isBroken);
    assert.ok(decoder.tableBytes <= 256);
    assert.ok(fields.length % 2 === 0 && fields.length <= 10);
    const listBytes = fields.reduce((sum, text) => sum + text.length + 16, 0);
    assert.ok(listBytes <= small.maxListBytes);
  }
}
