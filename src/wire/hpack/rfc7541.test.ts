// The examples of RFC 7541 appendix C: decoded byte for byte, and encoded where the RFC and this encoder choose the same representation.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HpackDecoder, HpackEncoder } from './index.ts';

const limits = { maxFields: 100, maxListBytes: 16_384 };

interface Block {
  readonly hex: string;
  readonly fields: readonly string[];
  readonly tableBytes: number;
}

interface Example {
  readonly name: string;
  readonly maxTableBytes: number;
  readonly blocks: readonly Block[];
}

const getFields = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com'];
const requests: readonly (readonly [fields: readonly string[], tableBytes: number])[] = [
  [getFields, 57],
  [[...getFields, 'cache-control', 'no-cache'], 110],
  [
    [
      ...[':method', 'GET', ':scheme', 'https', ':path', '/index.html', ':authority', 'www.example.com'],
      ...['custom-key', 'custom-value'],
    ],
    164,
  ],
];
const redirect = [
  ...['cache-control', 'private', 'date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ...['location', 'https://www.example.com'],
];
const responses: readonly (readonly [fields: readonly string[], tableBytes: number])[] = [
  [[':status', '302', ...redirect], 222],
  [[':status', '307', ...redirect], 222],
  [
    [
      ...[':status', '200', 'cache-control', 'private', 'date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
      ...['location', 'https://www.example.com', 'content-encoding', 'gzip'],
      ...['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
    ],
    215,
  ],
];

function makeBlocks(all: typeof requests, hexes: readonly string[]): Block[] {
  return all.map(([fields, tableBytes], index) => ({ hex: hexes[index] ?? '', fields, tableBytes }));
}

const rawRequests = [
  '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
  '8286 84be 5808 6e6f 2d63 6163 6865',
  '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
];

const examples: readonly Example[] = [
  {
    name: 'C.2.1 a literal for the table',
    maxTableBytes: 4_096,
    blocks: [
      {
        hex: '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
        fields: ['custom-key', 'custom-header'],
        tableBytes: 55,
      },
    ],
  },
  {
    name: 'C.2.2 a literal beside the table',
    maxTableBytes: 4_096,
    blocks: [{ hex: '040c 2f73 616d 706c 652f 7061 7468', fields: [':path', '/sample/path'], tableBytes: 0 }],
  },
  {
    name: 'C.2.3 a literal that is never indexed',
    maxTableBytes: 4_096,
    blocks: [
      { hex: '1008 7061 7373 776f 7264 0673 6563 7265 74', fields: ['password', 'secret'], tableBytes: 0 },
    ],
  },
  {
    name: 'C.2.4 an index',
    maxTableBytes: 4_096,
    blocks: [{ hex: '82', fields: [':method', 'GET'], tableBytes: 0 }],
  },
  { name: 'C.3 requests', maxTableBytes: 4_096, blocks: makeBlocks(requests, rawRequests) },
  {
    name: 'C.4 requests in the Huffman code',
    maxTableBytes: 4_096,
    blocks: makeBlocks(requests, [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ]),
  },
  {
    name: 'C.5 responses, which evict',
    maxTableBytes: 256,
    blocks: makeBlocks(responses, [
      '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d ' +
        '546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '4803 3330 37c1 c0bf',
      '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 ' +
        '666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 ' +
        '3630 303b 2076 6572 7369 6f6e 3d31',
    ]),
  },
  {
    name: 'C.6 responses in the Huffman code, which evict',
    maxTableBytes: 256,
    blocks: makeBlocks(responses, [
      '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 ' +
        '63c7 8f0b 97c8 e9ae 82ae 43d3',
      '4883 640e ffc1 c0bf',
      '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 ' +
        'b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
    ]),
  },
];

function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

describe('RFC 7541 appendix C, decoded', () => {
  for (const { name, maxTableBytes, blocks } of examples) {
    it(name, () => {
      const decoder = new HpackDecoder(maxTableBytes);
      for (const { hex, fields, tableBytes } of blocks) {
        const bytes = fromHex(hex);
        const decoded: string[] = [];
        assert.equal(decoder.decode(bytes, 0, bytes.length, decoded, limits), 'ok');
        assert.deepEqual(decoded, fields);
        assert.equal(decoder.tableBytes, tableBytes);
      }
    });
  }

  it('C.1 an integer of several bytes', () => {
    // 1337 behind a prefix of five bits: the size of the table.
    const decoder = new HpackDecoder(4_096);
    const bytes = fromHex('3f9a 0a');
    assert.equal(decoder.decode(bytes, 0, bytes.length, [], limits), 'ok');
    const long = 'x'.repeat(1_337 - 32 - 1);
    const entry = Buffer.concat([fromHex('4001'), Buffer.from('y'), fromHex('7f99 09'), Buffer.from(long)]);
    assert.equal(decoder.decode(entry, 0, entry.length, [], limits), 'ok');
    assert.equal(decoder.tableBytes, 1_337);
  });
});

describe('RFC 7541 appendix C, encoded', () => {
  it('C.1 an integer of several bytes', () => {
    const target = Buffer.alloc(100);
    const encoder = new HpackEncoder(1_337);
    assert.equal(target.toString('hex', 0, encoder.begin(target, 0)), '3f9a0a');
  });

  it('C.2.2, C.2.4 and C.3.1 to C.3.2', () => {
    const encoder = new HpackEncoder(4_096);
    const target = Buffer.alloc(200);
    const encode = (fields: readonly string[]): string => {
      let at = encoder.begin(target, 0);
      for (let i = 0; i < fields.length; i += 2) {
        at = encoder.encodeString(target, at, fields[i] ?? '', fields[i + 1] ?? '');
      }
      return target.toString('hex', 0, at);
    };
    assert.equal(encode([':path', '/sample/path']), '040c2f73616d706c652f70617468');
    assert.equal(encode([':method', 'GET']), '82');
    for (const index of [0, 1]) {
      assert.equal(encode(requests[index]?.[0] ?? []), rawRequests[index]?.replaceAll(' ', ''));
    }
  });
});
