// FrameReader: the frames of an HTTP/2 client out of bytes that come in any pieces (RFC 9113 4 and 6): the preface, lengths, stream
// identifiers that a type may or must not have, padding, CONTINUATION behind its HEADERS and nothing in between. What a frame means for a
// stream or a connection is its sink's business.
//
// What is kept between two reads: the start of a frame header, one frame that is not DATA (16 KiB), one field block (`maxBlockBytes`).
// DATA goes on as it comes. Casts in here: offsets stay below the length of the bytes.
import { FieldBlock } from './field-block.ts';
import { FrameHeader } from './frame-header.ts';
import { errorCodes, frameFlags, frameHeaderBytes, frameTypes } from './frame-types.ts';
import { http2Preface } from './preface.ts';

/** Gets what a reader finds, in order. Ranges of bytes hold for the call only. */
export interface FrameSink {
  /** A DATA frame begins. `paddingBytes`: with the byte that tells their number; all of it counts for flow control. */
  onDataFrame(stream: number, contentBytes: number, paddingBytes: number, endsStream: boolean): void;
  /** A piece of its content, maybe empty. `isLast`: the frame ends with it. */
  onData(bytes: Buffer, start: number, end: number, isLast: boolean): void;
  /** A whole field block. `isOwnParent`: it names its own stream as the one that it depends on. */
  onFieldBlock(
    stream: number,
    bytes: Buffer,
    start: number,
    end: number,
    endsStream: boolean,
    isOwnParent: boolean,
  ): void;
  onPriority(stream: number, isOwnParent: boolean): void;
  onReset(stream: number, code: number): void;
  /** `bytes[start,end)`: whole entries. */
  onSettings(bytes: Buffer, start: number, end: number): void;
  onSettingsAck(): void;
  /** Eight bytes from `start` on. */
  onPing(bytes: Buffer, start: number, isAck: boolean): void;
  onGoaway(code: number): void;
  /** `increment` may be 0, which is an error of the stream or, for stream 0, of the connection. */
  onWindowUpdate(stream: number, increment: number): void;
  /** A frame of a type that nobody knows. */
  onUnknown(): void;
  /** A frame that is wrong for its stream alone. */
  onStreamError(stream: number, code: number): void;
}

export interface FrameReaderLimits {
  readonly maxFrameBytes: number;
  /** Of a field block, as it came. */
  readonly maxBlockBytes: number;
  /** CONTINUATION frames of one field block. */
  readonly maxContinuations: number;
}

const inHeader = 0;
const inPayload = 1;
const inData = 2;
const inPadding = 3;
type State = typeof inHeader | typeof inPayload | typeof inData | typeof inPadding;

const prefaceBytes = http2Preface.length;
/** The header, and the length of the padding behind it. */
const longestHeaderBytes = frameHeaderBytes + 1;
const noBytes = Buffer.alloc(0);

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #limits: FrameReaderLimits;
  readonly #header = new FrameHeader();
  readonly #block = new FieldBlock();
  #state: State = inHeader;
  #prefaceAt = 0;
  #isFirst = true;
  #isStopped = false;
  #error = 0;
  /** The start of a header that came in pieces. */
  readonly #headerHeld = Buffer.alloc(longestHeaderBytes);
  #headerHeldBytes = 0;
  /** The payload of the present frame, or of what came of it. */
  #held: Buffer = noBytes;
  #heldBytes = 0;
  /** Of the present DATA frame: content, then padding, that are still to come. */
  #left = 0;
  #paddingLeft = 0;

  constructor(sink: FrameSink, limits: FrameReaderLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** No further frame is read, also not of the bytes at hand. */
  stop(): void {
    this.#isStopped = true;
    this.#held = noBytes;
    this.#block.clear();
  }

  /** Takes the next bytes. Returns the error code that ends the connection; 0: none. */
  receive(chunk: Buffer): number {
    let at = this.#prefaceAt < prefaceBytes ? this.#readPreface(chunk) : 0;
    while (at >= 0 && at < chunk.length && !this.#isStopped) {
      if (this.#state === inHeader) at = this.#readHeader(chunk, at);
      else if (this.#state === inData) at = this.#readData(chunk, at);
      else if (this.#state === inPadding) at = this.#skipPadding(chunk, at);
      else at = this.#readPayload(chunk, at);
    }
    if (this.#error !== 0) this.stop();
    return this.#error;
  }

  #fail(code: number): -1 {
    this.#error = code;
    return -1;
  }

  #readPreface(chunk: Buffer): number {
    const length = Math.min(chunk.length, prefaceBytes - this.#prefaceAt);
    const from = this.#prefaceAt;
    if (chunk.compare(http2Preface, from, from + length, 0, length) !== 0)
      return this.#fail(errorCodes.protocol);
    this.#prefaceAt += length;
    return length;
  }

  // ── header ──

  #readHeader(chunk: Buffer, start: number): number {
    const held = this.#headerHeldBytes;
    const header = this.#header;
    if (held === 0 && chunk.length - start >= longestHeaderBytes) {
      header.read(chunk, start);
      return this.#beginFrame(chunk, start + header.bytes);
    }
    // In pieces: byte by byte, because its length tells itself.
    this.#headerHeld[held] = chunk[start] as number;
    this.#headerHeldBytes = held + 1;
    if (held + 1 < frameHeaderBytes) return start + 1;
    header.read(this.#headerHeld, 0);
    if (held + 1 < header.bytes) return start + 1;
    this.#headerHeldBytes = 0;
    return this.#beginFrame(chunk, start + 1);
  }

  /** `at`: behind the header, in `chunk`. */
  #beginFrame(chunk: Buffer, at: number): number {
    const header = this.#header;
    if (header.length > this.#limits.maxFrameBytes) return this.#fail(errorCodes.frameSize);
    if (this.#isFirst) {
      if (header.type !== frameTypes.settings || header.has(frameFlags.ack))
        return this.#fail(errorCodes.protocol);
      this.#isFirst = false;
    }
    const code = header.judge(this.#block.stream);
    if (code !== 0) return this.#fail(code);
    if (header.type === frameTypes.data) return this.#beginData(at);
    const { length } = header;
    if (chunk.length - at >= length) return this.#dispatch(chunk, at, at + length) ? at + length : -1;
    this.#held = Buffer.allocUnsafeSlow(length);
    this.#heldBytes = 0;
    this.#state = inPayload;
    return at;
  }

  // ── DATA ──

  #beginData(at: number): number {
    const header = this.#header;
    const paddingBytes = header.bytes - frameHeaderBytes + header.padding;
    const content = header.length - paddingBytes;
    if (content < 0) return this.#fail(errorCodes.protocol);
    this.#left = content;
    this.#paddingLeft = header.padding;
    this.#sink.onDataFrame(header.stream, content, paddingBytes, header.has(frameFlags.endStream));
    if (content > 0) this.#state = inData;
    else if (header.padding > 0) this.#state = inPadding;
    else this.#endData(noBytes, 0, 0);
    return at;
  }

  #readData(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left > 0) {
      this.#sink.onData(chunk, at, end, false);
    } else if (this.#paddingLeft > 0) {
      this.#state = inPadding;
      this.#sink.onData(chunk, at, end, false);
    } else this.#endData(chunk, at, end);
    return end;
  }

  #skipPadding(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#paddingLeft);
    this.#paddingLeft -= end - at;
    if (this.#paddingLeft === 0) this.#endData(noBytes, 0, 0);
    return end;
  }

  #endData(bytes: Buffer, start: number, end: number): void {
    this.#state = inHeader;
    this.#sink.onData(bytes, start, end, true);
  }

  // ── other frames ──

  #readPayload(chunk: Buffer, at: number): number {
    const { length } = this.#header;
    const end = Math.min(chunk.length, at + length - this.#heldBytes);
    chunk.copy(this.#held, this.#heldBytes, at, end);
    this.#heldBytes += end - at;
    if (this.#heldBytes < length) return end;
    const payload = this.#held;
    this.#held = noBytes;
    this.#state = inHeader;
    return this.#dispatch(payload, 0, length) ? end : -1;
  }

  /** False: an error of the connection. */
  #dispatch(bytes: Buffer, start: number, end: number): boolean {
    const header = this.#header;
    const { stream } = header;
    const sink = this.#sink;
    switch (header.type) {
      case frameTypes.headers:
        return this.#readHeaders(bytes, start, end);
      case frameTypes.continuation:
        return this.#continueBlock(bytes, start, end);
      case frameTypes.priority:
        if (end - start !== 5) sink.onStreamError(stream, errorCodes.frameSize);
        else sink.onPriority(stream, readId(bytes, start) === stream);
        return true;
      case frameTypes.reset:
        sink.onReset(stream, bytes.readUInt32BE(start));
        return true;
      case frameTypes.settings:
        if (header.has(frameFlags.ack)) sink.onSettingsAck();
        else sink.onSettings(bytes, start, end);
        return true;
      case frameTypes.ping:
        sink.onPing(bytes, start, header.has(frameFlags.ack));
        return true;
      case frameTypes.goaway:
        sink.onGoaway(bytes.readUInt32BE(start + 4));
        return true;
      case frameTypes.windowUpdate:
        sink.onWindowUpdate(stream, readId(bytes, start));
        return true;
      default:
        sink.onUnknown();
        return true;
    }
  }

  #readHeaders(bytes: Buffer, payloadStart: number, payloadEnd: number): boolean {
    const header = this.#header;
    let start = payloadStart;
    let end = payloadEnd;
    let isOwnParent = false;
    if (header.has(frameFlags.padded)) {
      end -= bytes[start] as number;
      start += 1;
    }
    if (header.has(frameFlags.priority)) {
      isOwnParent = start + 5 <= payloadEnd && readId(bytes, start) === header.stream;
      start += 5;
    }
    if (start > end) {
      this.#fail(errorCodes.protocol);
      return false;
    }
    const endsStream = header.has(frameFlags.endStream);
    if (header.has(frameFlags.endHeaders)) {
      this.#sink.onFieldBlock(header.stream, bytes, start, end, endsStream, isOwnParent);
      return true;
    }
    this.#block.begin(header.stream, endsStream, isOwnParent);
    return this.#addToBlock(bytes, start, end);
  }

  #continueBlock(bytes: Buffer, start: number, end: number): boolean {
    const block = this.#block;
    block.frames += 1;
    if (block.frames > this.#limits.maxContinuations) {
      this.#fail(errorCodes.enhanceYourCalm);
      return false;
    }
    if (!this.#addToBlock(bytes, start, end)) return false;
    if (!this.#header.has(frameFlags.endHeaders)) return true;
    const { stream, endsStream, isOwnParent, length } = block;
    const whole = block.bytes;
    block.clear();
    this.#sink.onFieldBlock(stream, whole, 0, length, endsStream, isOwnParent);
    return true;
  }

  #addToBlock(bytes: Buffer, start: number, end: number): boolean {
    if (this.#block.length + end - start > this.#limits.maxBlockBytes) {
      this.#fail(errorCodes.enhanceYourCalm);
      return false;
    }
    this.#block.add(bytes, start, end);
    return true;
  }
}

/** 31 bits: what is reserved has no meaning. */
function readId(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) & 0x7fff_ffff;
}
