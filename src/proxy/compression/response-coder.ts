// ResponseCoder: compresses one response between the relay and the client's ResponseWriter. The work is done by the runtime's threads;
// what waits in here is bounded, both ways. What was written and is not followed at once by more is flushed, so that streams stay streams.
import { type BrotliCompress, constants, createBrotliCompress, createGzip, type Gzip } from 'node:zlib';
import { awaitReading } from '../body-waits.ts';
import type { Exchange } from '../exchange.ts';
import type { Coding } from './choose-coding.ts';

/** A coder holds from 64 KiB to about 1 MiB: beyond this many at once in a worker, responses go as they are. */
const maxCoders = 128;
/** Brotli's window, as nginx has it: 512 KiB; with more a coder would hold several MiB. */
const brotliWindowBits = 19;
/** zlib's own defaults. */
const gzipWindowBits = 15;
const gzipMemoryLevel = 8;
const maxHeldBytes = 32_768;
const noBytes = Buffer.alloc(0);

let openCount = 0;

/** Room for another coder in this worker. */
export function mayCode(): boolean {
  return openCount < maxCoders;
}

/** The smallest window that holds `length` bytes (-1: unknown). */
function windowBitsFor(length: number, least: number, most: number): number {
  return length < 0 ? most : Math.min(most, Math.max(least, Math.ceil(Math.log2(length + 1))));
}

function makeStream({ name, level }: Coding, length: number): Gzip | BrotliCompress {
  if (name === 'gzip') {
    const windowBits = windowBitsFor(length, 9, gzipWindowBits);
    const memLevel = Math.max(1, gzipMemoryLevel - (gzipWindowBits - windowBits));
    return createGzip({ level, windowBits, memLevel });
  }
  return createBrotliCompress({
    params: {
      [constants.BROTLI_PARAM_QUALITY]: level,
      [constants.BROTLI_PARAM_LGWIN]: windowBitsFor(
        length,
        constants.BROTLI_MIN_WINDOW_BITS,
        brotliWindowBits,
      ),
      ...(length < 0 ? {} : { [constants.BROTLI_PARAM_SIZE_HINT]: length }),
    },
  });
}

export class ResponseCoder {
  readonly #exchange: Exchange;
  readonly #stream: Gzip | BrotliCompress;
  readonly #flushKind: number;
  /** More may be written. */
  readonly #onRoom: () => void;
  #unflushed = 0;
  #isOver = false;
  /** Behind the end of the input: what came out last waits for the end, so that both leave in one write. */
  #held: Buffer | null = null;
  #trailers: string | null = null;
  /** The coded response is out. */
  #onEnd: (() => void) | null = null;
  #hasEnded = false;

  /** `length`: of the response as it comes, -1: unknown. */
  constructor(exchange: Exchange, coding: Coding, length: number, onRoom: () => void) {
    this.#exchange = exchange;
    this.#onRoom = onRoom;
    this.#flushKind = coding.name === 'gzip' ? constants.Z_SYNC_FLUSH : constants.BROTLI_OPERATION_FLUSH;
    const stream = makeStream(coding, length);
    this.#stream = stream;
    openCount += 1;
    stream.on('data', (bytes: Buffer) => this.#guard(() => this.#take(bytes)));
    stream.on('end', () => this.#guard(() => this.#finish()));
    stream.on('drain', () => this.#guard(() => this.#onRoom()));
    stream.on('error', (error) => {
      if (!this.#isOver) exchange.connection.onBug(error);
    });
  }

  /** The sender pauses until `onRoom`. */
  get mustWait(): boolean {
    return !this.#isOver && this.#stream.writableNeedDrain;
  }

  /** `trailers`: null while more follows. The bytes are copied. */
  write(bytes: Buffer, start: number, end: number, trailers: string | null): void {
    if (this.#isOver) return;
    // The head of a stream goes out without waiting for the first of its pieces.
    if (start === end && trailers === null) return this.#send(noBytes, null);
    this.#trailers = trailers;
    const copy = Buffer.from(bytes.subarray(start, end));
    if (trailers !== null) {
      this.#stream.end(copy);
      return;
    }
    this.#unflushed += 1;
    this.#stream.write(copy, () => this.#guard(() => this.#flush()));
  }

  /** A piece was taken. If nothing stands behind it, whoever waits for it shall have it. */
  #flush(): void {
    this.#unflushed -= 1;
    if (this.#unflushed === 0 && this.#trailers === null) this.#stream.flush(this.#flushKind);
  }

  /** The client has taken what was sent. */
  resume(): void {
    if (!this.#isOver) this.#stream.resume();
  }

  /** Calls when all of it is out, at once if that is so. */
  whenEnded(onEnd: () => void): void {
    if (this.#hasEnded) onEnd();
    else this.#onEnd = onEnd;
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return;
    const held = this.#held;
    this.#held = null;
    if (this.#trailers === null) this.#send(bytes, null);
    else if (held === null) this.#held = bytes;
    else if (held.length + bytes.length <= maxHeldBytes) this.#held = Buffer.concat([held, bytes]);
    else {
      this.#held = bytes;
      this.#send(held, null);
    }
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#send(this.#held ?? noBytes, this.#trailers ?? '');
    this.#hasEnded = true;
    this.destroy();
    this.#onEnd?.();
  }

  #send(bytes: Buffer, trailers: string | null): void {
    const { response } = this.#exchange;
    this.#exchange.bytesSent += bytes.length;
    response.sendBody(null, bytes, 0, bytes.length, trailers);
    if (trailers !== null || !response.mustWait) return;
    this.#stream.pause();
    awaitReading(this.#exchange);
  }

  /** Rule V1: an exception costs this client and nobody else. */
  #guard(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#exchange.connection.onBug(error);
    }
  }

  /** Gives its memory back; nothing more goes out. */
  destroy(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    openCount -= 1;
    this.#held = null;
    this.#stream.destroy();
  }
}
