// Against nghttp2, which is in node:http2: its blocks are read by our decoder, ours by its decoder, over sessions of pairs of streams in
// memory, with tables of several sizes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, performServerHandshake } from 'node:http2';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder, HpackEncoder, maxFieldBytes, maxSizeUpdatesBytes } from './index.ts';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const limits = { maxFields: 1_000, maxListBytes: 1_000_000 };
const headersType = 1;
const settingsType = 4;
const continuationType = 9;
const ackFlag = 0x01;
const endStreamFlag = 0x01;
const endHeadersFlag = 0x04;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

function renderFrame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function renderSettings(tableBytes: number): Buffer {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(1, 0);
  payload.writeUInt32BE(tableBytes, 2);
  return renderFrame(settingsType, 0, 0, payload);
}

/** The frames that come, one after the other. */
async function* readFrames(stream: Duplex, skippedBytes: number): AsyncGenerator<Frame> {
  let bytes = Buffer.alloc(0);
  let at = skippedBytes;
  for await (const piece of stream) {
    bytes = Buffer.concat([bytes, piece as Buffer]);
    while (bytes.length >= at + 9 && bytes.length >= at + 9 + bytes.readUIntBE(at, 3)) {
      const end = at + 9 + bytes.readUIntBE(at, 3);
      yield { type: bytes[at + 3] ?? 0, flags: bytes[at + 4] ?? 0, payload: bytes.subarray(at + 9, end) };
      at = end;
    }
  }
}

/** What a client of node:http2 sends for each request, once it knows our SETTINGS_HEADER_TABLE_SIZE. */
async function blocksOfClient(tableBytes: number, requests: readonly Fields[]): Promise<Buffer[]> {
  const [near, far] = duplexPair();
  const session = connect('http://a.test', { createConnection: () => near });
  far.write(renderSettings(tableBytes));
  await once(session, 'remoteSettings');
  for (const fields of requests) {
    const headers: Record<string, string | string[]> = { ':path': '/p', ':method': 'GET' };
    for (const [name, value] of fields) headers[name] = value;
    session.request(headers, { endStream: true }).on('error', () => {});
  }
  const blocks: Buffer[] = [];
  let block: Buffer[] = [];
  for await (const { type, flags, payload } of readFrames(far, preface.length)) {
    if (type !== headersType && type !== continuationType) continue;
    block.push(payload);
    if ((flags & endHeadersFlag) === 0) continue;
    blocks.push(Buffer.concat(block));
    block = [];
    if (blocks.length === requests.length) break;
  }
  session.destroy();
  return blocks;
}

/** What a server of node:http2 makes of our blocks: names and values of each request. */
async function readWithServer(tableBytes: number, requests: readonly Fields[]): Promise<string[][]> {
  const [near, far] = duplexPair();
  const session = performServerHandshake(far, { settings: { headerTableSize: tableBytes } });
  const seen: string[][] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  session.on('error', reject);
  session.on('close', () => reject(new Error('the session closed before all requests were read')));
  session.on('stream', (stream, _headers, _flags, rawHeaders) => {
    stream.on('error', () => {});
    seen.push(rawHeaders);
    if (seen.length === requests.length) resolve();
  });
  near.resume();
  const acknowledged = once(session, 'localSettings');
  const ack = renderFrame(settingsType, ackFlag, 0, Buffer.alloc(0));
  near.write(Buffer.concat([preface, renderFrame(settingsType, 0, 0, Buffer.alloc(0)), ack]));
  await acknowledged;
  const encoder = new HpackEncoder(8_192);
  encoder.setMaxTableBytes(tableBytes);
  for (const [index, fields] of requests.entries()) {
    const flags = endStreamFlag | endHeadersFlag;
    near.write(renderFrame(headersType, flags, 2 * index + 1, encodeBlock(encoder, fields)));
  }
  if (requests.length > 0) await promise;
  session.destroy();
  near.destroy();
  return seen;
}

function encodeBlock(encoder: HpackEncoder, fields: Fields): Buffer {
  const room = fields.reduce((sum, [name, value]) => sum + maxFieldBytes(name.length, value.length), 0);
  const target = Buffer.alloc(maxSizeUpdatesBytes + room);
  let at = encoder.begin(target, 0);
  for (const [name, value] of fields) at = encoder.encodeString(target, at, name, value);
  return target.subarray(0, at);
}

type Fields = readonly (readonly [name: string, value: string])[];

/** What a field may hold, so that neither side drops it (node does with `__proto__`). Digits, letters and signs: codes of every length that text has. */
const name = fc.oneof(
  fc.constantFrom('accept', 'user-agent', 'cookie', 'authorization', 'content-type', 'x-a', 'x-tenant'),
  fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-.'.split('')),
    minLength: 1,
    maxLength: 40,
  }),
);
const visible = Array.from({ length: 0x5e }, (_, code) => String.fromCharCode(0x21 + code));
const value = fc.oneof(
  fc.constantFrom('v', 'text/html', 'gzip, deflate', 'y'.repeat(500)),
  fc.string({ unit: fc.constantFrom(...visible), minLength: 1, maxLength: 60 }),
);
/** Names once each: node joins those that come twice. */
const fieldList = fc.uniqueArray(fc.tuple(name, value), { selector: ([name]) => name, maxLength: 12 });
const isOfConnection = new Set(['te', 'host', 'upgrade', 'connection', 'expect', 'keep-alive']);
const requests = fc.array(
  fieldList.map((fields) => fields.filter(([name]) => !isOfConnection.has(name))),
  { minLength: 1, maxLength: 8 },
);
const tableBytes = fc.constantFrom(0, 64, 256, 4_096, 8_192);

describe('HPACK of nghttp2', () => {
  it('reads what its encoder writes', async () => {
    await fc.assert(
      fc.asyncProperty(tableBytes, requests, async (tableBytes, requests) => {
        const decoder = new HpackDecoder(4_096);
        decoder.setMaxTableBytes(tableBytes);
        const blocks = await blocksOfClient(tableBytes, requests);
        assert.equal(blocks.length, requests.length);
        for (const [index, block] of blocks.entries()) {
          const fields: string[] = [];
          assert.equal(
            decoder.decode(block, 0, block.length, fields, limits),
            'ok',
            `${decoder.defect}: ${block.toString('hex')}`,
          );
          const pairs = fields.flatMap((text, i) => (i % 2 === 0 ? [[text, fields[i + 1]]] : []));
          assert.deepEqual(
            new Map(pairs.filter(([name]) => !name?.startsWith(':')) as [string, string][]),
            new Map(requests[index]),
          );
          assert.ok(decoder.tableBytes <= tableBytes);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('its decoder reads what ours writes', async () => {
    await fc.assert(
      fc.asyncProperty(tableBytes, requests, async (tableBytes, requests) => {
        const complete = requests.map(
          (fields): Fields => [
            [':method', 'GET'],
            [':scheme', 'http'],
            [':authority', 'a.test'],
            [':path', '/p'],
            ...fields,
          ],
        );
        const seen = await readWithServer(tableBytes, complete);
        assert.deepEqual(
          seen,
          complete.map((fields) => fields.flat()),
        );
      }),
      { numRuns: 100 },
    );
  });
});
