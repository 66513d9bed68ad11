// RequestBody: the body of one request on its way upstream: counted or decoded as it arrives, framed anew, held until an
// upstream connection takes it, bounded by the route. Knows no socket but the two it is handed.
import type { Socket } from 'node:net';
import { ChunkedDecoder } from '../wire/http1/chunked.ts';
import { renderChunkHeader, renderLastChunk } from '../wire/http1/render.ts';
import type { Refusal } from '../wire/http1/refusal.ts';

/** Limits of the chunked coding (rules L4, L5). */
const chunkLimits = { maxLineBytes: 1_024, maxOverheadBytes: 16_384, maxTrailerFields: 32 } as const;

export function makeChunkedDecoder(maxTrailerBytes: number): ChunkedDecoder {
  return new ChunkedDecoder({ ...chunkLimits, maxTrailerBytes });
}

export class RequestBody {
  /** Bytes of content still to come; unused for chunked. */
  #remaining: number;
  readonly #decoder: ChunkedDecoder | null;
  readonly #maxBytes: number;
  /** Neither counted nor chunked: `end` tells its end. */
  readonly #isOpen: boolean;
  /** Framed pieces that wait for an upstream connection. */
  #held: Buffer[] = [];
  /** The whole framed body, kept for another attempt; null once it is too late or too large. */
  #replay: Buffer[] | null = [];
  #target: Socket | null = null;
  /** Content bytes received, coding not counted. */
  receivedBytes = 0;
  /** Bytes on the wire, coding counted: for `$request_length`. */
  wireBytes = 0;
  /** True when the last byte has arrived. */
  isComplete = false;
  /**
   * Complete lines; known when complete. Not for HTTP/1.1 upstreams, which cannot say that they take any (rule T1).
   */
  trailers = '';
  /** What is wrong with the coding, when `receive` returned -1; null: the body is larger than it may be. */
  refusal: Refusal | null = null;

  /** `contentLength` -1: not known, and if `isCoded` in chunks. `maxBytes` 0: unlimited. */
  constructor(contentLength: number, maxBytes: number, maxTrailerBytes: number, isCoded: boolean) {
    this.#remaining = contentLength;
    this.#isOpen = contentLength < 0 && !isCoded;
    this.#decoder = contentLength < 0 && isCoded ? makeChunkedDecoder(maxTrailerBytes) : null;
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes what belongs to the body from `chunk[start,end)` and sends it on, or holds it. Returns the position behind the
   * body's bytes, or -1: it cannot be taken, see `refusal`. Sending may have filled the target: see `wantsPause`.
   */
  receive(chunk: Buffer, start: number): number {
    const result =
      this.#decoder === null
        ? this.#receiveUncoded(chunk, start)
        : this.#receiveChunked(chunk, start, this.#decoder);
    if (result >= 0) this.wireBytes += result - start;
    return result;
  }

  #receiveUncoded(chunk: Buffer, start: number): number {
    if (!this.#isOpen) return this.#receiveCounted(chunk, start);
    const length = chunk.length - start;
    this.receivedBytes += length;
    if (this.#maxBytes !== 0 && this.receivedBytes > this.#maxBytes) return -1;
    if (length > 0) this.#forward(frameChunk([chunk.subarray(start)], length, false));
    return chunk.length;
  }

  /** The client has sent its last, and `trailers` (complete lines) behind it. False: bytes are missing. */
  end(trailers: string): boolean {
    this.trailers = trailers;
    if (!this.#isOpen || this.isComplete) return this.isComplete;
    this.isComplete = true;
    this.#forward(frameChunk([], 0, true));
    return true;
  }

  #receiveCounted(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#remaining);
    const length = end - start;
    this.#remaining -= length;
    this.receivedBytes += length;
    this.isComplete = this.#remaining === 0;
    if (length > 0) this.#forward(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    return end;
  }

  #receiveChunked(chunk: Buffer, start: number, decoder: ChunkedDecoder): number {
    let position = start;
    const runs: Buffer[] = [];
    let length = 0;
    while (position < chunk.length && !decoder.done) {
      position = decoder.next(chunk, position, chunk.length);
      if (position < 0) {
        this.refusal = decoder.refusal;
        return -1;
      }
      const { dataStart, dataEnd } = decoder;
      if (dataEnd > dataStart) {
        runs.push(chunk.subarray(dataStart, dataEnd));
        length += dataEnd - dataStart;
      }
    }
    this.receivedBytes += length;
    if (this.#maxBytes !== 0 && this.receivedBytes > this.#maxBytes) return -1;
    this.isComplete = decoder.done;
    if (length > 0 || this.isComplete) this.#forward(frameChunk(runs, length, this.isComplete));
    return position;
  }

  #forward(framed: Buffer): void {
    const target = this.#target;
    if (target === null) {
      this.#held.push(framed);
      return;
    }
    // Past the first piece a replay would mean to buffer the body: no further attempt then (rule K6).
    this.#replay = null;
    target.write(framed);
  }

  /** Everything that waits, to be sent behind the head of a (further) attempt; null: that attempt cannot be made. */
  startSending(target: Socket): readonly Buffer[] | null {
    if (this.#replay === null) return null;
    this.#target = target;
    if (this.#held.length > 0) {
      this.#replay.push(...this.#held);
      this.#held = [];
    }
    const pieces = this.#replay;
    if (!this.isComplete) this.#replay = null;
    return pieces;
  }

  /** The attempt's connection is gone. */
  stopSending(): void {
    this.#target = null;
  }

  /** Whether all bytes could be sent again, on another connection. */
  get isReplayable(): boolean {
    return this.#replay !== null;
  }

  /** True while the client should not send more: nobody takes it, or the upstream is slower. */
  get wantsPause(): boolean {
    const target = this.#target;
    return !this.isComplete && (target === null || target.writableNeedDrain);
  }
}

/** One chunk of the runs' bytes, followed by the last chunk where the body ends (RFC 9112 7.1). */
function frameChunk(runs: readonly Buffer[], length: number, isLast: boolean): Buffer {
  const pieces: Buffer[] = [];
  if (length > 0) {
    pieces.push(Buffer.from(renderChunkHeader(length), 'latin1'), ...runs, Buffer.from('\r\n', 'latin1'));
  }
  if (isLast) pieces.push(Buffer.from(renderLastChunk(''), 'latin1'));
  return Buffer.concat(pieces);
}
