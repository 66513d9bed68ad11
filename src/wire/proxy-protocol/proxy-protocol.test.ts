// PROXY protocol headers: what is one, what is none, the same verdict however the bytes are cut, and back from what is written.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { crc32c } from './crc32c.ts';
import {
  maxProxyHeaderBytes,
  type ProxyEnd,
  type ProxyReading,
  readProxyHeader,
  renderProxyV1,
  renderProxyV2,
} from './index.ts';

const v2Signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const v4Ends = [192, 0, 2, 1, 198, 51, 100, 2, 0xc3, 0x50, 0x01, 0xbb];

function text(line: string): Uint8Array {
  return Uint8Array.from(line, (char) => char.charCodeAt(0));
}

/** `declared`: the length field, if it is not that of the rest. */
function v2(command: number, family: number, rest: readonly number[], declared = rest.length): Uint8Array {
  return Uint8Array.from([...v2Signature, command, family, declared >> 8, declared & 0xff, ...rest]);
}

function ends(
  source: readonly [string, number],
  destination: readonly [string, number],
  transport = 'stream',
) {
  return {
    kind: 'ends',
    transport,
    source: { address: source[0], port: source[1] },
    destination: { address: destination[0], port: destination[1] },
  };
}

/** The verdict on the whole, after asserting that no shorter beginning is judged otherwise. */
function readAll(bytes: Uint8Array): ProxyReading {
  const whole = readProxyHeader(bytes);
  const end = whole.kind === 'done' ? whole.length : bytes.length;
  for (let length = 0; length <= end; length += 1) {
    const part = readProxyHeader(bytes.subarray(0, length));
    if (part.kind === 'more') continue;
    assert.deepEqual(part, whole, `cut at ${length}`);
    if (part.kind === 'done')
      assert.equal(length, part.length, 'no verdict before the last byte of the header');
  }
  return whole;
}

const accepted: readonly (readonly [string, Uint8Array, object])[] = [
  [
    'v1, IPv4',
    text('PROXY TCP4 192.0.2.1 198.51.100.2 50000 443\r\n'),
    ends(['192.0.2.1', 50_000], ['198.51.100.2', 443]),
  ],
  ['v1, IPv6', text('PROXY TCP6 2001:DB8::1 ::1 1 0\r\n'), ends(['2001:db8::1', 1], ['::1', 0])],
  [
    'v1, IPv4 in IPv6',
    text('PROXY TCP6 ::ffff:10.0.0.1 ::ffff:10.0.0.2 1 2\r\n'),
    ends(['10.0.0.1', 1], ['10.0.0.2', 2]),
  ],
  ['v1, the longest line', text(`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`), { kind: 'unknown' }],
  ['v1, unknown', text('PROXY UNKNOWN\r\n'), { kind: 'unknown' }],
  ['v1, unknown with anything behind', text('PROXY UNKNOWN ffff::1 \x7f 0\r\n'), { kind: 'unknown' }],
  ['v2, IPv4', v2(0x21, 0x11, v4Ends), ends(['192.0.2.1', 50_000], ['198.51.100.2', 443])],
  [
    'v2, IPv4 datagram',
    v2(0x21, 0x12, v4Ends),
    ends(['192.0.2.1', 50_000], ['198.51.100.2', 443], 'datagram'),
  ],
  [
    'v2, IPv6',
    v2(0x21, 0x21, [0x20, 1, 0x0d, 0xb8, ...Array(11).fill(0), 1, ...Array(15).fill(0), 1, 0, 80, 0, 81]),
    ends(['2001:db8::1', 80], ['::1', 81]),
  ],
  ['v2, Unix', v2(0x21, 0x31, Array(216).fill(65)), { kind: 'unknown' }],
  ['v2, unspecified, with anything behind', v2(0x21, 0x00, [1, 2, 3]), { kind: 'unknown' }],
  ['v2, LOCAL', v2(0x20, 0x00, []), { kind: 'local' }],
  ['v2, LOCAL of any family, with anything behind', v2(0x20, 0x11, [9, 9]), { kind: 'local' }],
  [
    'v2, fields',
    v2(0x21, 0x11, [...v4Ends, 4, 0, 0, 0xea, 0, 2, 1, 2]),
    ends(['192.0.2.1', 50_000], ['198.51.100.2', 443]),
  ],
];

const refused: readonly (readonly [string, Uint8Array, string])[] = [
  ['HTTP', text('GET / HTTP/1.1\r\n'), 'no-signature'],
  ['TLS', Uint8Array.from([22, 3, 1]), 'no-signature'],
  ['another case', text('proxy TCP4'), 'no-signature'],
  ['almost the signature of v2', Uint8Array.from([...v2Signature.slice(0, 11), 0x0d]), 'no-signature'],
  ['v1, LF alone', text('PROXY TCP4 1.2.3.4 1.2.3.5 1 2\n'), 'v1-malformed'],
  ['v1, CR inside', text('PROXY TCP4 1.2.3.4\r 1.2.3.5 1 2\r\n'), 'v1-malformed'],
  ['v1, two spaces', text('PROXY TCP4  1.2.3.4 1.2.3.5 1 2\r\n'), 'v1-malformed'],
  ['v1, a tab', text('PROXY TCP4\t1.2.3.4 1.2.3.5 1 2\r\n'), 'v1-malformed'],
  ['v1, a word too many', text('PROXY TCP4 1.2.3.4 1.2.3.5 1 2 3\r\n'), 'v1-malformed'],
  ['v1, a word too few', text('PROXY TCP4 1.2.3.4 1.2.3.5 1\r\n'), 'v1-malformed'],
  ['v1, the other family', text('PROXY TCP4 ::1 ::1 1 2\r\n'), 'v1-malformed'],
  ['v1, one of the other family', text('PROXY TCP6 ::1 1.2.3.4 1 2\r\n'), 'v1-malformed'],
  ['v1, a zone', text('PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n'), 'v1-malformed'],
  ['v1, octal', text('PROXY TCP4 010.0.0.1 1.2.3.5 1 2\r\n'), 'v1-malformed'],
  ['v1, a port with a zero in front', text('PROXY TCP4 1.2.3.4 1.2.3.5 01 2\r\n'), 'v1-malformed'],
  ['v1, a port too large', text('PROXY TCP4 1.2.3.4 1.2.3.5 65536 2\r\n'), 'v1-malformed'],
  ['v1, a signed port', text('PROXY TCP4 1.2.3.4 1.2.3.5 +1 2\r\n'), 'v1-malformed'],
  ['v1, UDP', text('PROXY UDP4 1.2.3.4 1.2.3.5 1 2\r\n'), 'v1-malformed'],
  ['v1, glued to UNKNOWN', text('PROXY UNKNOWNS\r\n'), 'v1-malformed'],
  ['v1, 106 bytes without an end', text(`PROXY UNKNOWN ${'f'.repeat(92)}\r\n`), 'v1-too-long'],
  ['v1, endless', text(`PROXY ${'f'.repeat(200)}`), 'v1-too-long'],
  ['v2, version 1', v2(0x11, 0x11, v4Ends), 'v2-version'],
  ['v2, command 2', v2(0x22, 0x11, v4Ends), 'v2-command'],
  ['v2, family 4', v2(0x21, 0x41, v4Ends), 'v2-family'],
  ['v2, transport 3', v2(0x21, 0x13, v4Ends), 'v2-family'],
  ['v2, a family without transport', v2(0x21, 0x10, v4Ends), 'v2-family'],
  ['v2, a transport without family', v2(0x21, 0x01, v4Ends), 'v2-family'],
  ['v2, addresses cut', v2(0x21, 0x11, v4Ends.slice(0, 11)), 'v2-too-short'],
  ['v2, IPv6 in the size of IPv4', v2(0x21, 0x21, v4Ends), 'v2-too-short'],
  ['v2, beyond the bound', v2(0x21, 0x11, v4Ends, maxProxyHeaderBytes - 15), 'v2-too-long'],
  ['v2, a field head cut', v2(0x21, 0x11, [...v4Ends, 4, 0]), 'v2-tlv'],
  ['v2, a field beyond the end', v2(0x21, 0x11, [...v4Ends, 4, 0, 2, 1]), 'v2-tlv'],
  ['v2, a checksum of 3 bytes', v2(0x21, 0x11, [...v4Ends, 3, 0, 3, 1, 2, 3]), 'v2-tlv'],
  ['v2, a wrong checksum', v2(0x21, 0x11, [...v4Ends, 3, 0, 4, 1, 2, 3, 4]), 'v2-checksum'],
];

describe('readProxyHeader', () => {
  for (const [name, bytes, header] of accepted) {
    it(`accepts ${name}`, () => {
      assert.deepEqual(readAll(bytes), { kind: 'done', header, length: bytes.length });
      const followed = readAll(Uint8Array.from([...bytes, 0x16, 0x03]));
      assert.deepEqual(followed, { kind: 'done', header, length: bytes.length });
    });
  }

  for (const [name, bytes, reason] of refused) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(readAll(bytes), { kind: 'refused', reason });
    });
  }

  it('accepts the largest header of version 2, and waits for all of it', () => {
    const filler = maxProxyHeaderBytes - 16 - v4Ends.length - 3;
    const bytes = v2(0x21, 0x11, [
      ...v4Ends,
      0xee,
      filler >> 8,
      filler & 0xff,
      ...Array<number>(filler).fill(7),
    ]);
    assert.equal(bytes.length, maxProxyHeaderBytes);
    assert.equal(readAll(bytes).kind, 'done');
  });

  it('comes to a verdict within the bound, whatever comes', () => {
    const start = fc.constantFrom(text('PROXY '), Uint8Array.from(v2Signature), Uint8Array.from([]));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
        const padded = new Uint8Array(maxProxyHeaderBytes);
        padded.set([...head, ...tail]);
        assert.notEqual(readProxyHeader(padded).kind, 'more');
        readAll(Uint8Array.from([...head, ...tail]));
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

describe('renderProxyV1, renderProxyV2', () => {
  it('write what is known of the protocol', () => {
    const source = { address: '192.0.2.1', port: 50_000 };
    const destination = { address: '198.51.100.2', port: 443 };
    assert.equal(renderProxyV1(source, destination), 'PROXY TCP4 192.0.2.1 198.51.100.2 50000 443\r\n');
    assert.equal(
      renderProxyV1(source, { address: '::1', port: 443 }),
      'PROXY TCP6 ::ffff:192.0.2.1 ::1 50000 443\r\n',
    );
    assert.equal(renderProxyV1(null, destination), 'PROXY UNKNOWN\r\n');
    assert.deepEqual(readAll(renderProxyV2(null, null, 'stream')), {
      kind: 'done',
      header: { kind: 'local' },
      length: 23,
    });
    const rendered = renderProxyV2(source, destination, 'stream');
    assert.deepEqual([...rendered.subarray(0, 28)], [...v2(0x21, 0x11, v4Ends, 19)]);
  });

  it('are read back as they were written', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const end = fc.record({ address, port: fc.nat(65_535) });
    fc.assert(
      fc.property(end, end, fc.constantFrom('stream', 'datagram'), (source, destination, transport) => {
        const v1 = readProxyHeader(text(renderProxyV1(source, destination)));
        const binary = readProxyHeader(renderProxyV2(source, destination, transport));
        assert.ok(v1.kind === 'done' && v1.header.kind === 'ends');
        assert.ok(binary.kind === 'done' && binary.header.kind === 'ends');
        assert.deepEqual(binary.header, { ...v1.header, transport });
        assert.equal(v1.header.source.port, source.port);
        assert.equal(v1.header.destination.port, destination.port);
        const again: ProxyEnd = v1.header.source;
        assert.equal(renderProxyV1(again, again), renderProxyV1({ ...again }, { ...again }));
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  it('protects the whole header of version 2 by its checksum', () => {
    const bytes = renderProxyV2({ address: '2001:db8::1', port: 1 }, { address: '::1', port: 2 }, 'stream');
    const typeOfChecksum = bytes.length - 7;
    for (let at = 16; at < bytes.length; at += 1) {
      // Another type, and nothing says that there is a checksum.
      if (at === typeOfChecksum) continue;
      const broken = Uint8Array.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 0x10;
      assert.notEqual(readProxyHeader(broken).kind, 'done', `byte ${at}`);
    }
  });
});

describe('crc32c', () => {
  it('gives the known sums', () => {
    const sum = (bytes: Uint8Array): number => crc32c(bytes, bytes.length, 0, 0);
    assert.equal(sum(text('123456789')), 0xe306_9283);
    assert.equal(sum(new Uint8Array(32)), 0x8a91_36aa);
    assert.equal(crc32c(text('123456789'), 9, 0, 9), sum(new Uint8Array(9)));
  });
});
