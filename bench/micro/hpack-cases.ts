// Header blocks of HTTP/2: requests as a browser or a load generator sends them, and responses as we send them.
import { HpackDecoder, HpackEncoder } from '../../src/wire/hpack/index.ts';
import { packBits, ReferenceEncoder } from '../../src/wire/hpack/reference-encoder.fixture.ts';
import { requestHeads, responseHeads } from './heads.ts';
import type { MicroCase } from './measure.ts';

const group = 'hpack';
const limits = { maxFields: 100, maxListBytes: 65_536 };
const connectionNames = new Set(['connection', 'host']);

/** The lines of a head as names in lower case and values, without those of a connection. */
function fieldsOf(head: string): [name: string, value: string][] {
  return head
    .split('\r\n')
    .slice(1, -2)
    .map((line): [string, string] => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(': ') + 2),
    ])
    .filter(([name]) => !connectionNames.has(name));
}

/** As nghttp2 does: in the table what it can be in, except the path, and in the Huffman code. */
function encodeRequest(encoder: ReferenceEncoder, head: string): Buffer {
  const fields: [string, string][] = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', 'shop.example.com'],
    [':path', head.slice(4, head.indexOf(' HTTP/1.1'))],
    ...fieldsOf(head),
  ];
  const choice = { usesIndex: true, usesNameIndex: true, usesHuffman: true } as const;
  return packBits(
    fields
      .map(([name, value]) =>
        encoder.field(name, value, { ...choice, kind: name === ':path' ? 'plain' : 'inserted' }),
      )
      .join(''),
  );
}

function decodeCases(name: string, head: string): MicroCase[] {
  const encoder = new ReferenceEncoder(4_096);
  const [first, second] = [encodeRequest(encoder, head), encodeRequest(encoder, head)];
  const fields: string[] = [];
  const known = new HpackDecoder(4_096);
  known.decode(first, 0, first.length, fields, limits);
  return [
    {
      group,
      name: `decode the first request of ${name}, ${first.length} bytes, ${fields.length / 2} fields`,
      run: () => {
        fields.length = 0;
        new HpackDecoder(4_096).decode(first, 0, first.length, fields, limits);
        return fields.length;
      },
    },
    {
      group,
      name: `decode a further request of ${name}, ${second.length} bytes`,
      run: () => {
        fields.length = 0;
        known.decode(second, 0, second.length, fields, limits);
        return fields.length;
      },
    },
  ];
}

function encodeCases(name: string, head: string): MicroCase[] {
  const fields = fieldsOf(head);
  const target = Buffer.alloc(4_096);
  const encode = (encoder: HpackEncoder): number => {
    let at = encoder.encodeString(target, encoder.begin(target, 0), ':status', '200');
    for (const [name, value] of fields) at = encoder.encodeString(target, at, name, value);
    return at;
  };
  const bytes = fields.map(([name, value]) => [name, Buffer.from(value, 'latin1')] as const);
  const encodeBytes = (encoder: HpackEncoder): number => {
    let at = encoder.encodeString(target, encoder.begin(target, 0), ':status', '200');
    for (const [name, value] of bytes) at = encoder.encodeBytes(target, at, name, value, 0, value.length);
    return at;
  };
  const known = new HpackEncoder(4_096);
  const first = encode(known);
  encode(known);
  return [
    {
      group,
      name: `encode the first response of ${name}, ${first} bytes, ${fields.length + 1} fields`,
      run: () => encode(new HpackEncoder(4_096)),
    },
    {
      group,
      name: `encode a further response of ${name}, ${encode(known)} bytes`,
      run: () => encode(known),
    },
    { group, name: `the same from bytes`, run: () => encodeBytes(known) },
  ];
}

export function hpackCases(): MicroCase[] {
  return [
    ...['curl', 'browser'].flatMap((name) => decodeCases(name, requestHeads.get(name) ?? '')),
    ...[...responseHeads].flatMap(([name, head]) => encodeCases(name, head)),
  ];
}
