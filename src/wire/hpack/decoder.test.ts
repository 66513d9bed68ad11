// What the decoder refuses, and what it does beyond its limits.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HpackDefect, HpackDecoder, type HpackLimits, type HpackResult } from './index.ts';
import {
  ReferenceEncoder,
  huffmanBits,
  integerBits,
  packBits,
  textBits,
} from './reference-encoder.fixture.ts';

const wide: HpackLimits = { maxFields: 1_000, maxListBytes: 1_000_000 };
const inserted = { usesIndex: false, usesNameIndex: false, kind: 'inserted', usesHuffman: false } as const;

interface Decoded {
  readonly result: HpackResult;
  readonly fields: string[];
}

function decode(decoder: HpackDecoder, block: Buffer, limits = wide): Decoded {
  const fields: string[] = [];
  // A block stands anywhere in what was read; what is around it must not matter.
  const bytes = Buffer.concat([Buffer.alloc(3, 0x82), block, Buffer.alloc(3, 0xff)]);
  return { result: decoder.decode(bytes, 3, 3 + block.length, fields, limits), fields };
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

const defects: readonly (readonly [what: string, block: Buffer, defect: HpackDefect])[] = [
  ['index 0', fromHex('80'), 'index-unknown'],
  ['an index behind the empty dynamic table', fromHex('be'), 'index-unknown'],
  ['a name with an index behind the table', fromHex('7e 00'), 'index-unknown'],
  ['an index of many bytes', fromHex('ff ff ff ff 7f'), 'index-unknown'],
  ['an integer of more than four further bytes', fromHex('ff ff ff ff ff 7f'), 'integer-too-long'],
  ['an integer of zeros without end', fromHex('ff 80 80 80 80 80 80 80 00'), 'integer-too-long'],
  ['an integer that is cut off', fromHex('ff ff'), 'block-cut-off'],
  ['a literal without a name', fromHex('40'), 'block-cut-off'],
  ['a literal without a value', fromHex('40 01 61'), 'block-cut-off'],
  ['a name that is cut off', fromHex('40 02 61'), 'block-cut-off'],
  ['a value that is cut off', fromHex('42 05 61 62'), 'block-cut-off'],
  ['a length far behind the block', fromHex('42 7f ff ff ff 7f 61'), 'block-cut-off'],
  ['an update behind a field', fromHex('82 20'), 'size-update-behind-field'],
  ['an update above the setting', packBits(integerBits('001', 4_097)), 'size-update-above-setting'],
  ['padding of eight bits', fromHex('42 82 1f ff'), 'huffman-code'],
  ['padding of sixteen bits', fromHex('42 83 1f ff ff'), 'huffman-code'],
  ['nothing but padding of eight bits', fromHex('42 81 ff'), 'huffman-code'],
  ['padding with a zero', fromHex('42 81 1e'), 'huffman-code'],
  ['padding of zeros', fromHex('42 81 18'), 'huffman-code'],
  ['the end of the string, spelled out', fromHex('42 84 ff ff ff ff'), 'huffman-code'],
  ['the end of the string behind a byte', fromHex('42 85 1f ff ff ff ff'), 'huffman-code'],
  ['a long code that is cut off', packBits(`01000010${integerBits('1', 2)}1111111111111110`), 'huffman-code'],
];

describe('what the decoder refuses', () => {
  for (const [what, block, defect] of defects) {
    it(what, () => {
      const decoder = new HpackDecoder(4_096);
      assert.equal(decode(decoder, block).result, 'error');
      assert.equal(decoder.defect, defect);
      // The tables differ from now on, so that nothing can be read any more.
      assert.deepEqual(decode(decoder, fromHex('82')), { result: 'error', fields: [] });
      assert.equal(decoder.defect, defect);
    });
  }
});

describe('sizes of the dynamic table', () => {
  it('follows updates at the start of a block, also several and without a field', () => {
    const decoder = new HpackDecoder(4_096);
    const encoder = new ReferenceEncoder(4_096);
    decode(decoder, packBits(encoder.field('a', 'b', inserted) + encoder.field('c', 'd', inserted)));
    assert.equal(decoder.tableBytes, 68);
    decode(decoder, packBits(encoder.sizeUpdate(34)));
    assert.equal(decoder.tableBytes, 34);
    assert.deepEqual(decode(decoder, fromHex('be')).fields, ['c', 'd']);
    const both = packBits(encoder.sizeUpdate(0) + encoder.sizeUpdate(4_096));
    assert.equal(decode(decoder, both).result, 'ok');
    assert.equal(decoder.tableBytes, 0);
  });

  it('wants an update once the setting was lowered', () => {
    const decoder = new HpackDecoder(4_096);
    decoder.setMaxTableBytes(100);
    assert.equal(decode(decoder, fromHex('82')).result, 'error');
    assert.equal(decoder.defect, 'size-update-missing');
  });

  it('wants the lowest of several settings first', () => {
    const lowered = (): HpackDecoder => {
      const decoder = new HpackDecoder(4_096);
      for (const setting of [100, 50, 8_192]) decoder.setMaxTableBytes(setting);
      return decoder;
    };
    const update = (...sizes: number[]): Buffer =>
      packBits(sizes.map((size) => integerBits('001', size)).join('') + '10000010');
    assert.equal(decode(lowered(), update(50, 8_192)).result, 'ok');
    assert.equal(decode(lowered(), update(10)).result, 'ok');
    assert.equal(decode(lowered(), update(8_192)).result, 'error');
    assert.equal(decode(lowered(), update(51)).result, 'error');
    assert.equal(decode(lowered(), update(50, 8_193)).result, 'error');
  });

  it('wants none when the setting was raised', () => {
    const decoder = new HpackDecoder(4_096);
    decoder.setMaxTableBytes(8_192);
    assert.equal(decode(decoder, fromHex('82')).result, 'ok');
  });

  it('is emptied by an entry that does not fit', () => {
    const decoder = new HpackDecoder(100);
    const encoder = new ReferenceEncoder(100);
    decode(decoder, packBits(encoder.field('a', 'b', inserted)));
    const large = 'x'.repeat(100);
    assert.deepEqual(decode(decoder, packBits(encoder.field('c', large, inserted))), {
      result: 'ok',
      fields: ['c', large],
    });
    assert.equal(decoder.tableBytes, 0);
  });
});

describe('limits of the decoder', () => {
  it('appends what comes before a limit, and goes on with the table', () => {
    for (const limits of [
      { maxFields: 2, maxListBytes: 1_000 },
      { maxFields: 100, maxListBytes: 2 * 34 },
    ]) {
      const decoder = new HpackDecoder(4_096);
      const encoder = new ReferenceEncoder(4_096);
      const block = ['a', 'c', 'e', 'g'].map((name) => encoder.field(name, 'x', inserted)).join('');
      assert.deepEqual(decode(decoder, packBits(block), limits), {
        result: 'too-many',
        fields: ['a', 'x', 'c', 'x'],
      });
      assert.equal(decoder.tableBytes, 4 * 34);
      assert.deepEqual(decode(decoder, fromHex('be c1'), limits).fields, ['g', 'x', 'a', 'x']);
    }
  });

  it('appends nothing behind a field that was too large, however small it is', () => {
    const decoder = new HpackDecoder(4_096);
    const block = packBits(`00000000${textBits('a', false)}${textBits('x'.repeat(99), true)}10000010`);
    assert.deepEqual(decode(decoder, block, { maxFields: 9, maxListBytes: 99 }), {
      result: 'too-many',
      fields: [],
    });
  });

  it('keeps a field for the table that is too large for the list', () => {
    const decoder = new HpackDecoder(4_096);
    const encoder = new ReferenceEncoder(4_096);
    const large = 'x'.repeat(500);
    const block = packBits(encoder.field('a', large, inserted));
    assert.equal(decode(decoder, block, { maxFields: 9, maxListBytes: 99 }).result, 'too-many');
    assert.deepEqual(decode(decoder, fromHex('be')).fields, ['a', large]);
  });

  it('an index a thousand times over costs no copies', () => {
    const decoder = new HpackDecoder(4_096);
    const encoder = new ReferenceEncoder(4_096);
    decode(decoder, packBits(encoder.field('a', 'x'.repeat(4_000), inserted)));
    const bomb = Buffer.alloc(60_000, 0xbe);
    const { result, fields } = decode(decoder, bomb, { maxFields: 100, maxListBytes: 65_536 });
    assert.equal(result, 'too-many');
    assert.equal(fields.length, 2 * 16);
    assert.equal(decoder.tableBytes, 4_033);
  });

  it('takes a Huffman string larger than its scratch space', () => {
    const decoder = new HpackDecoder(4_096);
    const text = 'ab~\xff'.repeat(10_000);
    const block = packBits(`00000000${textBits('a', true)}${textBits(text, true)}`);
    assert.deepEqual(decode(decoder, block), { result: 'ok', fields: ['a', text] });
  });
});

it('every byte has the code that the RFC gives it', () => {
  const codes = [
    ['0', '00000'],
    ['t', '01001'],
    [' ', '010100'],
    ['&', '11111000'],
    ['!', '1111111000'],
    ['\\', '1111111111111110000'],
    ['\0', '1111111111000'],
    ['\n', '111111111111111111111111111100'],
    ['\x80', '11111111111111100110'],
    ['\xff', '11111111111111111111101110'],
    ['\x16', '111111111111111111111111111110'],
  ];
  for (const [char = '', bits = ''] of codes) assert.ok(huffmanBits(char).startsWith(bits), char);
  const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
  const decoder = new HpackDecoder(4_096);
  const block = packBits(`00000000${textBits('a', true)}${textBits(all, true)}`);
  assert.deepEqual(decode(decoder, block).fields, ['a', all]);
});
