// RequestBody: the body of one request on its way upstream: counted or decoded as it arrives, held until a link to the upstream takes
// it, which frames it anew, bounded by the route.
import { ChunkedDecoder } from '../wire/http1/chunked.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';
import type { Refusal } from '../wire/http1/refusal.ts';
import type { Downstream } from './downstream.ts';
import type { BodyTarget } from './upstream-link.ts';

/** Limits of the chunked coding (rules L4, L5). */
const chunkLimits = { maxLineBytes: 1_024, maxOverheadBytes: 16_384, maxTrailerFields: 32 } as const;

export function makeChunkedDecoder(maxTrailerBytes: number): ChunkedDecoder {
  return new ChunkedDecoder({ ...chunkLimits, maxTrailerBytes });
}

/** How the end of a body shows: by its length, by its coding, or told by the client's protocol. */
export type BodyEnding = 'counted' | 'coded' | 'told';

function bodyEndingOf(head: RequestHead, isCoded: boolean): BodyEnding {
  if (head.contentLength < 0) return isCoded ? 'coded' : 'told';
  // A client that has more to say behind its last byte.
  return isCoded || head.trailer === '' ? 'counted' : 'told';
}

const noBytes = Buffer.alloc(0);

/** Gets the content of a body beside the upstream. Pieces are valid during the call. */
export interface BodyReader {
  read(piece: Buffer, isLast: boolean): void;
  /** The rest will not come. */
  abandon(): void;
}

export class RequestBody {
  /** Bytes of content still to come; unused for chunked. */
  #remaining: number;
  readonly #decoder: ChunkedDecoder | null;
  readonly #maxBytes: number;
  /** `end` tells its end. */
  readonly #isTold: boolean;
  /** The length was announced. */
  readonly #isSized: boolean;
  /** Pieces of content that wait for a link. */
  #held: Buffer[] = [];
  /** The whole content, kept for another attempt; null once it is too late or too large. */
  #replay: Buffer[] | null = [];
  #target: BodyTarget | null = null;
  /** Sees every piece too; null: nobody does. */
  #reader: BodyReader | null = null;
  /** Content bytes received, coding not counted. */
  receivedBytes = 0;
  /** Bytes on the wire, coding counted: for `$request_length`. */
  wireBytes = 0;
  /** True when the last byte has arrived. */
  isComplete = false;
  /** Complete lines that a trailer may carry; known when complete. */
  trailers = '';
  /** What is wrong with the coding, when `receive` returned -1; null: the body is larger than it may be. */
  refusal: Refusal | null = null;

  /** `contentLength` -1: not known. `maxBytes` 0: unlimited. */
  constructor(contentLength: number, maxBytes: number, maxTrailerBytes: number, ending: BodyEnding) {
    this.#remaining = contentLength;
    this.#isTold = ending === 'told';
    this.#isSized = contentLength >= 0;
    this.#decoder = ending === 'coded' ? makeChunkedDecoder(maxTrailerBytes) : null;
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
    if (this.#isSized) return this.#receiveCounted(chunk, start);
    const length = chunk.length - start;
    this.receivedBytes += length;
    if (this.#maxBytes !== 0 && this.receivedBytes > this.#maxBytes) return -1;
    if (length > 0) this.#forward(start === 0 ? chunk : chunk.subarray(start));
    return chunk.length;
  }

  /** The client has sent its last, and `trailers` (complete lines) behind it. False: bytes are missing. */
  end(trailers: string): boolean {
    this.trailers = trailers;
    if (!this.#isTold || this.isComplete) return this.isComplete;
    if (this.#isSized && this.#remaining > 0) return false;
    this.isComplete = true;
    this.#forward(noBytes);
    return true;
  }

  #receiveCounted(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#remaining);
    const length = end - start;
    this.#remaining -= length;
    this.receivedBytes += length;
    this.isComplete = this.#remaining === 0 && !this.#isTold;
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
    if (decoder.done) this.trailers = decoder.trailers;
    if (length > 0 || this.isComplete)
      this.#forward(runs.length === 1 ? (runs[0] ?? noBytes) : Buffer.concat(runs));
    return position;
  }

  /** Empty only with the end of the body. */
  #forward(piece: Buffer): void {
    if (this.#reader !== null) this.#reader.read(piece, this.isComplete);
    const target = this.#target;
    if (target === null) {
      if (piece.length > 0) this.#held.push(piece);
      return;
    }
    // Past the first piece a replay would mean to buffer the body: no further attempt then (rule K6).
    this.#replay = null;
    target.sendPiece(piece, this.#isSized, this.isComplete, this.trailers);
  }

  /** Sends everything that waits, behind the head of a (further) attempt, and from now on what comes. */
  startSending(target: BodyTarget): void {
    const pieces = this.#replay;
    // An attempt that cannot have the whole body is never made.
    if (pieces === null) return;
    this.#target = target;
    pieces.push(...this.#held);
    this.#held = [];
    if (!this.isComplete) this.#replay = null;
    const last = this.isComplete ? pieces.length - 1 : -1;
    for (const [index, piece] of pieces.entries()) {
      target.sendPiece(piece, this.#isSized, index === last, this.trailers);
    }
    if (this.isComplete && pieces.length === 0) {
      target.sendPiece(noBytes, this.#isSized, true, this.trailers);
    }
  }

  /** Before anything is sent: `reader` gets what was received so far, and all that comes. */
  copyTo(reader: BodyReader): void {
    for (const piece of this.#held) reader.read(piece, false);
    if (this.isComplete) reader.read(noBytes, true);
    else this.#reader = reader;
  }

  /** Nothing more is taken: the exchange is over. */
  abandon(): void {
    this.stopSending();
    if (this.#reader !== null && !this.isComplete) this.#reader.abandon();
    this.#reader = null;
  }

  /** The attempt's link is gone. */
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
    return !this.isComplete && (target === null || target.needsDrain);
  }
}

/** Of a request that has one. */
export function makeRequestBody(
  head: RequestHead,
  { core, isBodyCoded }: Pick<Downstream, 'core' | 'isBodyCoded'>,
  maxBytes: number,
): RequestBody {
  const { maxTrailerBytes } = core.settings.limits;
  return new RequestBody(head.contentLength, maxBytes, maxTrailerBytes, bodyEndingOf(head, isBodyCoded));
}
