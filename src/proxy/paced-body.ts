// PacedBody: the body of one response at the rate that its route allows, between those who make it and the client's ResponseWriter. What may not
// go yet is held, at most a read of the upstream, which is paused meanwhile; the sweep of deadlines lets go what time allows. A second's
// worth may go at once, as in nginx, so that small answers are not late; on the average the rate is met exactly.
import type { ResponsePace } from '../features/index.ts';
import { awaitReading } from './body-waits.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import { tickMs, type Timed } from './deadlines.ts';
import type { ResponseWriter } from './downstream.ts';
import type { Exchange } from './exchange.ts';

/** Where the body of a response goes. */
export type BodySink = Pick<ResponseWriter, 'mustWait' | 'sendBody'>;

export class PacedBody implements BodySink, Timed {
  /** A time long past while bytes are held: every sweep calls. */
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #exchange: Exchange;
  readonly #client: BodySink;
  /** Bytes in a second, which is also the most that piles up while nothing is sent. */
  readonly #rate: number;
  /** Bytes that are not counted. */
  #free: number;
  #credit: number;
  /** Until when the credit was given. Never ahead of the clock by more than the clock of the sweeps may lag, so nothing goes early. */
  #creditedMs: number;
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  /** With the last byte held; null: more follows. */
  #trailers: string | null = null;
  #onOut: (() => void) | null = null;

  constructor(exchange: Exchange, pace: ResponsePace) {
    this.#exchange = exchange;
    this.#client = exchange.connection.response;
    this.#rate = pace.bytesPerSecond;
    this.#free = pace.fullSpeedBytes;
    this.#credit = pace.bytesPerSecond;
    this.#creditedMs = exchange.core.deadlines.nowMs + tickMs;
  }

  get isHolding(): boolean {
    return this.#heldBytes > 0;
  }

  get mustWait(): boolean {
    return this.#heldBytes > 0 || this.#client.mustWait;
  }

  sendBody(
    owner: PooledBuffer | null,
    bytes: Buffer,
    start: number,
    end: number,
    trailers: string | null,
  ): boolean {
    const length = end - start;
    const taken = this.#heldBytes > 0 ? 0 : this.#take(length);
    if (taken === length && this.#heldBytes === 0)
      return this.#client.sendBody(owner, bytes, start, end, trailers);
    if (taken < length) this.#hold(Buffer.from(bytes.subarray(start + taken, end)));
    this.#trailers = trailers;
    return taken > 0 && this.#client.sendBody(owner, bytes, start, start + taken, null);
  }

  /** The client has taken what was sent. True: nothing is held, and more is to come. */
  resume(): boolean {
    this.#release();
    return this.#heldBytes === 0 && this.#onOut === null;
  }

  /** Calls when all that was held is out. */
  whenOut(onOut: () => void): void {
    this.#onOut = onOut;
    awaitReading(this.#exchange);
  }

  onDeadline(): void {
    try {
      this.#release();
      if (this.#heldBytes === 0 && this.#onOut === null) this.#askForMore();
    } catch (error) {
      this.#exchange.connection.onBug(error);
    }
  }

  /** Nothing more goes out. Returns how many bytes never did. */
  destroy(): number {
    const lost = this.#heldBytes;
    this.#held.length = 0;
    this.#rest();
    return lost;
  }

  #hold(piece: Buffer): void {
    if (this.#heldBytes === 0) {
      this.deadlineMs = Number.NEGATIVE_INFINITY;
      this.#exchange.core.deadlines.add(this);
    }
    this.#held.push(piece);
    this.#heldBytes += piece.length;
  }

  #rest(): void {
    this.#heldBytes = 0;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#exchange.core.deadlines.remove(this);
  }

  /** How many of `wanted` bytes may go now; they count as gone. */
  #take(wanted: number): number {
    const { nowMs } = this.#exchange.core.deadlines;
    if (nowMs > this.#creditedMs) {
      const earned = ((nowMs - this.#creditedMs) * this.#rate) / 1_000;
      // A part of a byte is kept beside the most.
      this.#credit = Math.min(this.#rate + (this.#credit % 1), this.#credit + earned);
      this.#creditedMs = nowMs;
    }
    const free = Math.min(wanted, this.#free);
    const paid = Math.min(wanted - free, Math.floor(this.#credit));
    this.#free -= free;
    this.#credit -= paid;
    return free + paid;
  }

  #release(): void {
    while (this.#heldBytes > 0 && !this.#client.mustWait) {
      const piece = this.#held[0] as Buffer; // There is one while bytes are held.
      const length = this.#take(piece.length);
      if (length === 0) break;
      if (length === piece.length) this.#held.shift();
      else this.#held[0] = piece.subarray(length);
      this.#heldBytes -= length;
      const isLast = this.#heldBytes === 0;
      this.#client.sendBody(null, piece, 0, length, isLast ? this.#trailers : null);
    }
    if (this.#heldBytes > 0) awaitReading(this.#exchange);
    else {
      this.#rest();
      this.#onOut?.();
    }
  }

  #askForMore(): void {
    // A client that is slower than the rate tells when it has drained.
    if (this.#client.mustWait) awaitReading(this.#exchange);
    else this.#exchange.onDownstreamDrain();
  }
}
