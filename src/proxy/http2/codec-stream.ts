// CodecStream: one stream as frames know it. What it sends goes straight into the connection's output while there is room and a window; else it
// waits here, heads and bodies in order, until its turn comes (SendSide.pump).
import { errorCodes } from '../../wire/http2/frame-types.ts';
import type { PooledBuffer } from '../buffer-pool.ts';
import type { Http2Stream, StreamEvents } from './codec.ts';
import type { Sender, SendSide } from './send-side.ts';
import type { StreamInput } from './stream-input.ts';

/** Up to this many bytes that must wait are copied, which costs less than another read buffer. */
const copyBytes = 16_384;
const noBytes = Buffer.alloc(0);

/** What the stream asks of its session. */
export interface StreamHost {
  readonly highWaterBytes: number;
  /** Something is to be written at the end of the turn. */
  schedule(): void;
  /** It is over; `onClosed` is told at the end of the turn. */
  close(stream: CodecStream, wasReset: boolean): void;
}

interface WaitingHead {
  readonly status: number;
  readonly ownLines: string;
  readonly lines: string;
  readonly contentLength: number;
  readonly ends: boolean;
}

interface WaitingPiece {
  readonly bytes: Buffer;
  start: number;
  readonly end: number;
  /** To be told when the bytes are copied; null: nobody. */
  readonly owner: PooledBuffer | null;
}

export class CodecStream implements Http2Stream, Sender {
  readonly id: number;
  readonly #host: StreamHost;
  readonly #send: SendSide;
  /** Null: the head was all. */
  readonly input: StreamInput | null;
  events: StreamEvents | null = null;
  /** What the client still takes of this stream. */
  windowBytes: number;
  isClosed = false;
  queuedBytes = 0;
  #heads: WaitingHead[] | null = null;
  #pieces: WaitingPiece[] | null = null;
  /** The end waits behind the pieces: complete lines of trailers, mostly none; null: more may follow. */
  #endTrailers: string | null = null;
  #isEnded = false;
  #isListed = false;
  #wantsDrain = false;
  /** RST_STREAM follows the end. */
  #stopsClient = false;

  constructor(id: number, host: StreamHost, send: SendSide, windowBytes: number, input: StreamInput | null) {
    this.id = id;
    this.#host = host;
    this.#send = send;
    this.windowBytes = windowBytes;
    this.input = input;
  }

  get mustWait(): boolean {
    if (this.queuedBytes < this.#host.highWaterBytes) return false;
    this.#wantsDrain = true;
    return true;
  }

  get isSent(): boolean {
    return this.#isEnded;
  }

  get isReceived(): boolean {
    return this.input === null || this.input.hasEnded;
  }

  get #isWaiting(): boolean {
    return this.#heads !== null || this.#pieces !== null || this.#endTrailers !== null;
  }

  // ── sending ──

  sendInterim(status: number, lines: string): void {
    this.sendHead(status, '', lines, -1, false);
  }

  sendHead(status: number, ownLines: string, lines: string, contentLength: number, ends: boolean): void {
    if (this.isClosed) return;
    this.#host.schedule();
    if (this.#isWaiting || !this.#send.output.hasRoom) {
      this.#heads ??= [];
      this.#heads.push({ status, ownLines, lines, contentLength, ends });
      this.#list();
      return;
    }
    this.#send.sendHead(this.id, status, ownLines, lines, contentLength, ends);
    if (ends) this.#ended();
  }

  sendData(
    owner: PooledBuffer | null,
    bytes: Buffer,
    start: number,
    end: number,
    trailers: string | null,
  ): boolean {
    if (this.isClosed) return false;
    this.#host.schedule();
    let at = start;
    if (!this.#isWaiting) {
      const endsHere = trailers === '';
      while (at < end && this.#send.output.hasRoom) {
        const sent = this.#sendPiece(bytes, at, end, endsHere);
        at += sent;
        if (sent === 0) break;
        if (at === end && endsHere) {
          this.#ended();
          return false;
        }
      }
    }
    if (trailers !== null) this.#endTrailers = trailers;
    const isLent = at < end && this.#hold(owner, bytes, at, end);
    if (trailers !== null && !this.#isBodyWaiting && this.#send.output.hasRoom) this.#sendEnd();
    if (this.#isWaiting) this.#list();
    return isLent;
  }

  get #isBodyWaiting(): boolean {
    return this.#heads !== null || this.#pieces !== null;
  }

  #sendPiece(bytes: Buffer, start: number, end: number, endsStream: boolean): number {
    const sent = this.#send.sendData(this.id, bytes, start, end, this.windowBytes, endsStream);
    this.windowBytes -= sent;
    return sent;
  }

  /** True: the owner's memory is lent. */
  #hold(owner: PooledBuffer | null, bytes: Buffer, start: number, end: number): boolean {
    const isCopied = owner !== null && end - start <= copyBytes;
    const slice = bytes.subarray(start, end);
    const lender = isCopied ? null : owner;
    lender?.lend();
    this.#pieces ??= [];
    this.#pieces.push({
      bytes: isCopied ? Buffer.from(slice) : slice,
      start: 0,
      end: slice.length,
      owner: lender,
    });
    this.queuedBytes += slice.length;
    return lender !== null;
  }

  /** Nothing of the body waits: what says that it is complete. */
  #sendEnd(): void {
    const trailers = this.#endTrailers ?? '';
    this.#endTrailers = null;
    if (trailers !== '') this.#send.sendTrailers(this.id, trailers);
    else this.#send.sendData(this.id, noBytes, 0, 0, 0, true);
    this.#ended();
  }

  #list(): void {
    if (this.#isListed) return;
    this.#isListed = true;
    this.#send.wait(this);
  }

  /** The client has given its window back. */
  grow(bytes: number): void {
    this.windowBytes += bytes;
    if (!this.#isWaiting) return;
    this.#host.schedule();
    this.#list();
  }

  sendNext(): boolean {
    this.#isListed = false;
    if (this.isClosed) return false;
    if (!this.#send.output.hasRoom) {
      this.#list();
      return false;
    }
    if (this.#heads !== null) this.#sendHeads(this.#heads);
    else if (this.#pieces === null) this.#sendEnd();
    else if (!this.#sendWaiting(this.#pieces)) return false;
    if (this.isClosed) return true;
    if (this.#isWaiting) this.#list();
    // Half of it: what comes then meets what is left, and the client waits for neither.
    if (this.#wantsDrain && 2 * this.queuedBytes <= this.#host.highWaterBytes) {
      this.#wantsDrain = false;
      this.events?.onDrain();
    }
    return true;
  }

  #sendHeads(heads: readonly WaitingHead[]): void {
    this.#heads = null;
    for (const { status, ownLines, lines, contentLength, ends } of heads) {
      this.#send.sendHead(this.id, status, ownLines, lines, contentLength, ends);
      if (ends) this.#ended();
    }
  }

  /** False: no window. The stream's own brings it back to the list when it opens, that of the connection finds it there. */
  #sendWaiting(pieces: WaitingPiece[]): boolean {
    const [piece] = pieces;
    if (piece === undefined) return false;
    const isLast = pieces.length === 1 && this.#endTrailers === '';
    const sent = this.#sendPiece(piece.bytes, piece.start, piece.end, isLast);
    if (sent === 0) {
      if (this.windowBytes > 0) this.#list();
      return false;
    }
    piece.start += sent;
    this.queuedBytes -= sent;
    if (piece.start < piece.end) return true;
    piece.owner?.onWritten();
    pieces.shift();
    if (pieces.length > 0) return true;
    this.#pieces = null;
    if (isLast) {
      this.#endTrailers = null;
      this.#ended();
    }
    return true;
  }

  #ended(): void {
    this.#isEnded = true;
    if (this.#stopsClient && !this.isReceived) this.reset(errorCodes.none);
    else this.closeIfDone();
  }

  /** Both sides have said their last. */
  closeIfDone(): void {
    if (!this.#isEnded || !this.isReceived || this.isClosed) return;
    this.#leave(false);
  }

  // ── ends ──

  reset(code: number): void {
    if (this.isClosed) return;
    this.#send.sendReset(this.id, code);
    this.#host.schedule();
    this.#leave(true);
  }

  stopClient(): void {
    this.#stopsClient = true;
    if (this.#isEnded && !this.isReceived) this.reset(errorCodes.none);
  }

  /** The client has reset it, or the connection is over: nothing more comes or goes. */
  abandon(): void {
    if (!this.isClosed) this.#leave(false);
  }

  #leave(wasReset: boolean): void {
    this.isClosed = true;
    for (const piece of this.#pieces ?? []) piece.owner?.onWritten();
    this.#pieces = null;
    this.#heads = null;
    this.#endTrailers = null;
    this.queuedBytes = 0;
    this.input?.drop();
    this.#host.close(this, wasReset);
  }

  // ── receiving ──

  expectBytes(length: number): boolean {
    return this.input === null ? length === 0 : this.input.expectBytes(length);
  }

  pause(): void {
    this.input?.pause();
  }

  resume(): void {
    this.input?.resume();
  }
}
