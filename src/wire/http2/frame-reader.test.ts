// The frame reader against frames written the plainest way: the same verdict at every split, and each rule of RFC 9113 section 6 that a frame
// alone can break.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frame, FrameLog, hello, limits, readPieces } from './frame-log.fixture.ts';
import { FrameReader } from './frame-reader.ts';
import { errorCodes } from './frame-types.ts';

const helloLine = 'settings ';
const text = (length: number): Buffer => Buffer.alloc(length, 'abcdefghij');

/** Bytes of one frame or of a head in several, and the lines that they are worth. */
interface Written {
  readonly bytes: Buffer;
  readonly lines: readonly string[];
}

const streams = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const word = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function padded(content: Buffer, padding: number | null): Buffer {
  return padding === null ? content : Buffer.concat([Buffer.from([padding]), content, Buffer.alloc(padding)]);
}

const paddings = fc.option(fc.integer({ min: 0, max: 255 }), { nil: null });

const dataFrames = fc
  .tuple(streams, fc.integer({ min: 0, max: 3_000 }), paddings, fc.boolean())
  .map(([stream, length, padding, ends]): Written => {
    const flags = (ends ? 1 : 0) | (padding === null ? 0 : 8);
    return {
      bytes: frame(0, flags, stream, padded(text(length), padding)),
      lines: [
        `data ${stream} ${length}+${padding === null ? 0 : padding + 1} ${ends}`,
        `content ${text(length).toString('latin1')}`,
      ],
    };
  });

const heads = fc
  .tuple(
    streams,
    fc.integer({ min: 0, max: 600 }),
    paddings,
    fc.option(word, { nil: null }),
    fc.boolean(),
    fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }),
  )
  .map(([stream, length, padding, parent, ends, more]): Written => {
    const priority = Buffer.alloc(parent === null ? 0 : 5);
    if (parent !== null) priority.writeUInt32BE(parent);
    const pieces = [text(length), ...more.map(text)];
    const flags =
      (ends ? 1 : 0) |
      (more.length === 0 ? 4 : 0) |
      (padding === null ? 0 : 8) |
      (parent === null ? 0 : 0x20);
    const first = frame(1, flags, stream, padded(Buffer.concat([priority, text(length)]), padding));
    const rest = more.map((size, i) => frame(9, i === more.length - 1 ? 4 : 0, stream, text(size)));
    return {
      bytes: Buffer.concat([first, ...rest]),
      lines: [`block ${stream} ${Buffer.concat(pieces).toString('latin1')} ${ends} ${parent === stream}`],
    };
  });

function word32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const others: fc.Arbitrary<Written> = fc.oneof(
  fc.tuple(streams, word).map(([stream, parent]) => ({
    bytes: frame(2, 0, stream, Buffer.concat([word32(parent), Buffer.from([7])])),
    lines: [`priority ${stream} ${parent === stream}`],
  })),
  fc.tuple(streams, word).map(([stream, code]) => ({
    bytes: frame(3, 0, stream, word32(code)),
    lines: [`reset ${stream} ${code}`],
  })),
  fc.uint8Array({ minLength: 0, maxLength: 5 }).map((seed) => {
    const payload = Buffer.alloc(6 * seed.length, 1);
    return { bytes: frame(4, 0, 0, payload), lines: [`settings ${payload.toString('hex')}`] };
  }),
  fc.constant({ bytes: frame(4, 1, 0), lines: ['settings-ack'] }),
  fc.tuple(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.boolean()).map(([data, isAck]) => ({
    bytes: frame(6, isAck ? 1 : 0, 0, Buffer.from(data)),
    lines: [`ping ${Buffer.from(data).toString('hex')} ${isAck}`],
  })),
  fc.tuple(word, word).map(([last, code]) => ({
    bytes: frame(7, 0, 0, Buffer.concat([word32(last), word32(code), text(5)])),
    lines: [`goaway ${code}`],
  })),
  fc.tuple(fc.oneof(fc.constant(0), streams), word).map(([stream, increment]) => ({
    bytes: frame(8, 0, stream, word32(increment)),
    lines: [`window ${stream} ${increment}`],
  })),
  fc
    .tuple(streams, fc.integer({ min: 10, max: 255 }), fc.integer({ min: 0, max: 400 }))
    .map(([stream, type, size]) => ({
      bytes: frame(type, 0xff, stream, text(size)),
      lines: ['unknown'],
    })),
);

test('any frames, cut anywhere, are read as they were written', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(dataFrames, heads, others), { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (written, cuts) => {
        const bytes = Buffer.concat([hello, ...written.map((each) => each.bytes)]);
        const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
        const pieces = [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
        const { lines, code } = readPieces(pieces);
        assert.equal(code, 0);
        assert.deepEqual(lines, [helloLine, ...written.flatMap((each) => each.lines)]);
      },
    ),
  );
});

/** What is wrong, the error code, and the frames behind the first SETTINGS. */
const bad: readonly (readonly [what: string, code: number, ...frames: readonly Buffer[]])[] = [
  ['DATA on stream 0', errorCodes.protocol, frame(0, 0, 0, text(3))],
  ['DATA padded by more than there is', errorCodes.protocol, frame(0, 8, 1, [3, 1, 2])],
  ['DATA padded without a length', errorCodes.frameSize, frame(0, 8, 1)],
  ['a frame that is too long', errorCodes.frameSize, frame(0, 0, 1, text(16_385))],
  ['an unknown frame that is too long', errorCodes.frameSize, frame(0x42, 0, 1, text(16_385))],
  ['HEADERS on stream 0', errorCodes.protocol, frame(1, 4, 0, text(3))],
  ['HEADERS padded by more than there is', errorCodes.protocol, frame(1, 12, 1, [3, 1, 2])],
  ['HEADERS too short for a priority', errorCodes.frameSize, frame(1, 0x24, 1, text(4))],
  ['HEADERS too short for priority and padding', errorCodes.frameSize, frame(1, 0x2c, 1, [0, 0, 0, 0, 0])],
  ['PRIORITY on stream 0', errorCodes.protocol, frame(2, 0, 0, text(5))],
  ['RST_STREAM on stream 0', errorCodes.protocol, frame(3, 0, 0, text(4))],
  ['RST_STREAM of three bytes', errorCodes.frameSize, frame(3, 0, 1, text(3))],
  ['SETTINGS on a stream', errorCodes.protocol, frame(4, 0, 1)],
  ['SETTINGS of seven bytes', errorCodes.frameSize, frame(4, 0, 0, text(7))],
  ['an acknowledgement with settings', errorCodes.frameSize, frame(4, 1, 0, text(6))],
  ['PUSH_PROMISE', errorCodes.protocol, frame(5, 4, 1, text(4))],
  ['PING on a stream', errorCodes.protocol, frame(6, 0, 1, text(8))],
  ['PING of seven bytes', errorCodes.frameSize, frame(6, 0, 0, text(7))],
  ['GOAWAY on a stream', errorCodes.protocol, frame(7, 0, 1, text(8))],
  ['GOAWAY of seven bytes', errorCodes.frameSize, frame(7, 0, 0, text(7))],
  ['WINDOW_UPDATE of five bytes', errorCodes.frameSize, frame(8, 0, 1, text(5))],
  ['CONTINUATION behind nothing', errorCodes.protocol, frame(9, 4, 1, text(3))],
  ['CONTINUATION on stream 0', errorCodes.protocol, frame(9, 4, 0, text(3))],
  ['CONTINUATION behind a whole head', errorCodes.protocol, frame(1, 4, 1, text(3)), frame(9, 4, 1, text(3))],
  ['CONTINUATION of another stream', errorCodes.protocol, frame(1, 0, 1, text(3)), frame(9, 4, 3, text(3))],
  ['PING within a head', errorCodes.protocol, frame(1, 0, 1, text(3)), frame(6, 0, 0, text(8))],
  ['an unknown frame within a head', errorCodes.protocol, frame(1, 0, 1, text(3)), frame(0x42, 0, 1)],
  [
    'a head in more frames than there may be',
    errorCodes.enhanceYourCalm,
    frame(1, 0, 1),
    ...Array.from({ length: 9 }, () => frame(9, 0, 1)),
  ],
  [
    'a head of more bytes than there may be',
    errorCodes.enhanceYourCalm,
    frame(1, 0, 1, text(16_000)),
    frame(9, 0, 1, text(16_000)),
    frame(9, 4, 1, text(16_000)),
  ],
];
for (const [what, code, ...frames] of bad) {
  test(`${what}: the same at every split`, () => {
    const bytes = Buffer.concat([hello, ...frames]);
    const whole = readPieces([bytes]);
    assert.equal(whole.code, code);
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    assert.deepEqual(readPieces(single), whole);
    const step = Math.max(1, Math.floor(bytes.length / 200));
    for (let at = 1; at < bytes.length; at += step) {
      assert.deepEqual(readPieces([bytes.subarray(0, at), bytes.subarray(at)]), whole, `split at ${at}`);
    }
  });
}

test('what is wrong for one stream alone is told so', () => {
  const { lines, code } = readPieces([hello, frame(2, 0, 5, text(4)), frame(6, 0, 0, Buffer.alloc(8))]);
  assert.equal(code, 0);
  assert.deepEqual(lines.slice(1), ['stream-error 5 6', 'ping 0000000000000000 false']);
});

test('the first frame is SETTINGS, and no acknowledgement', () => {
  const preface = hello.subarray(0, 24);
  for (const first of [frame(6, 0, 0, text(8)), frame(4, 1, 0), frame(1, 4, 1, text(3)), frame(0x42, 0, 0)]) {
    assert.equal(readPieces([preface, first]).code, errorCodes.protocol);
  }
});

test('another preface is an error with its first wrong byte', () => {
  for (let at = 0; at < 24; at += 1) {
    const bytes = Buffer.from(hello.subarray(0, at + 1));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    assert.equal(readPieces([bytes]).code, errorCodes.protocol);
  }
});

test('the reserved bit of a stream means nothing', () => {
  const bytes = frame(3, 0, 1, [0, 0, 0, 8]);
  bytes.writeUInt32BE(0x8000_0001, 5);
  assert.deepEqual(readPieces([hello, bytes]).lines, [helloLine, 'reset 1 8']);
});

test('a reader that was stopped reads nothing more, also not of the bytes at hand', () => {
  const log = new FrameLog();
  const reader = new FrameReader(log, limits);
  log.onPing = () => reader.stop();
  const ping = frame(6, 0, 0, text(8));
  assert.equal(reader.receive(Buffer.concat([hello, ping, frame(4, 1, 0)])), 0);
  assert.equal(reader.receive(frame(4, 1, 0)), 0);
  assert.deepEqual(log.lines, [helloLine]);
});

test('whatever comes, reading ends, and in pieces as in one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat({ max: 400 }), (garbage, cut) => {
      const bytes = Buffer.concat([hello, Buffer.from(garbage)]);
      const at = Math.min(cut, bytes.length);
      const whole = readPieces([bytes]);
      assert.deepEqual(readPieces([bytes.subarray(0, at), bytes.subarray(at)]), whole);
    }),
  );
});
