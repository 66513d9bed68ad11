// RecentRequests: what is known of the last requests of a worker, for who asks after one of them by its id. A ring of arrays that are
// there from the start: keeping a request is some stores of numbers and of texts that live anyway; what is shown is made when it is asked for.
// Ids are copied: kept as they are, they would outlive their requests by far, and the collector would move every one of them.
import type { Exchange } from './exchange.ts';

/** Plain data: it goes to the primary. Milliseconds. */
export interface RequestFacts {
  readonly requestId: string;
  /** Source of the route; empty: no route took it. */
  readonly routeId: string;
  /** Sent, or logged where nothing could be sent. */
  readonly status: number;
  /** Why the proxy answered itself, or gave up; empty: an endpoint answered. */
  readonly reason: string;
  readonly attempts: number;
  /** Of the endpoints in the order of the attempts, separated by ", ". */
  readonly addresses: string;
  /** Of the last attempt; 0: none came. */
  readonly upstreamStatus: number;
  /** Since the epoch. */
  readonly endedMs: number;
  readonly durationMs: number;
  /** Of the last attempt; -1: it had a connection, or there was none. */
  readonly connectMs: number;
  /** Of the last attempt, until the response's head; -1: none came. */
  readonly headerMs: number;
}

export const recentRequests = 4_096;
/** Longer ids are of no use to find anything by, and would hold memory. */
export const maxKeptIdLength = 128;
const numbers = 7;

export class RecentRequests {
  readonly #size: number;
  /** `maxKeptIdLength` bytes each. */
  readonly #ids: Buffer;
  readonly #idLengths: Uint8Array;
  readonly #routes: string[];
  readonly #reasons: string[];
  readonly #addresses: string[];
  readonly #numbers: Float64Array;
  #next = 0;

  constructor(size: number = recentRequests) {
    this.#size = size;
    const texts = (): string[] => Array.from({ length: size }, () => '');
    this.#ids = Buffer.alloc(size * maxKeptIdLength);
    this.#idLengths = new Uint8Array(size);
    this.#routes = texts();
    this.#reasons = texts();
    this.#addresses = texts();
    this.#numbers = new Float64Array(size * numbers);
  }

  /** In place of the oldest. */
  keep(exchange: Exchange, nowMs: number): void {
    const { route, attempts } = exchange;
    const index = this.#next;
    this.#next = index + 1 === this.#size ? 0 : index + 1;
    const { requestId } = exchange;
    const { length } = requestId;
    if (length <= maxKeptIdLength) {
      this.#ids.write(requestId, index * maxKeptIdLength, length, 'latin1');
      this.#idLengths[index] = length;
    } else this.#idLengths[index] = 0;
    this.#routes[index] = route === null ? '' : route.route.id;
    this.#reasons[index] = exchange.reason;
    this.#addresses[index] = attempts.addresses;
    const at = index * numbers;
    const values = this.#numbers;
    values[at] = exchange.status;
    values[at + 1] = attempts.count;
    values[at + 2] = exchange.upstreamStatus;
    values[at + 3] = nowMs;
    values[at + 4] = nowMs - exchange.startedMs;
    values[at + 5] = attempts.connectMs;
    values[at + 6] = attempts.headerMs;
  }

  /** The last one of this id; null: it is not known, or not any more. */
  find(requestId: string): RequestFacts | null {
    if (requestId === '') return null;
    for (let back = 1; back <= this.#size; back += 1) {
      const index = (this.#next - back + this.#size) % this.#size;
      if (this.#isId(index, requestId)) return this.#read(index, requestId);
    }
    return null;
  }

  #isId(index: number, requestId: string): boolean {
    const length = this.#idLengths[index] ?? 0;
    const start = index * maxKeptIdLength;
    return length === requestId.length && this.#ids.toString('latin1', start, start + length) === requestId;
  }

  #read(index: number, requestId: string): RequestFacts {
    const value = (at: number): number => this.#numbers[index * numbers + at] ?? 0;
    return {
      requestId,
      routeId: this.#routes[index] ?? '',
      reason: this.#reasons[index] ?? '',
      addresses: this.#addresses[index] ?? '',
      status: value(0),
      attempts: value(1),
      upstreamStatus: value(2),
      endedMs: performance.timeOrigin + value(3),
      durationMs: value(4),
      connectMs: value(5),
      headerMs: value(6),
    };
  }
}
