// EndpointQueue: requests that wait because every endpoint of a Service port has as many under way as it may. Bounded in length and in
// time; first come, first served. An upstream without such a bound pays one comparison per request.
import type { UpstreamSettings } from '../model/index.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { LiveEndpoint } from './live-endpoint.ts';

export interface Waiter {
  /** An endpoint may have room. */
  onEndpointFree(): void;
  /** The time is over. */
  onWaitedTooLong(): void;
  onUpstreamBug(error: unknown): void;
}

export class EndpointQueue {
  readonly #set: { readonly eligible: readonly LiveEndpoint[] };
  readonly #deadlines: Deadlines;
  /** In the order in which they came. */
  readonly #places = new Set<WaitingPlace>();
  #settings: Pick<UpstreamSettings, 'maxActive' | 'maxWaiting' | 'maxWaitMs'> = {
    maxActive: 0,
    maxWaiting: 0,
    maxWaitMs: 0,
  };

  constructor(set: { readonly eligible: readonly LiveEndpoint[] }, deadlines: Deadlines) {
    this.#set = set;
    this.#deadlines = deadlines;
  }

  configure(settings: Pick<UpstreamSettings, 'maxActive' | 'maxWaiting' | 'maxWaitMs'>): void {
    this.#settings = settings;
    this.wakeAll();
  }

  /** Requests that wait now. */
  get size(): number {
    return this.#places.size;
  }

  /** Those that were tried, and those that have no room. */
  avoided(tried: readonly LiveEndpoint[] | null): readonly LiveEndpoint[] | null {
    if (this.#settings.maxActive === 0) return tried;
    const full = this.#full();
    if (full.length === 0) return tried;
    return tried === null ? full : [...tried, ...full];
  }

  /** There is an endpoint that was not tried and has no room. */
  isWorthWaiting(tried: readonly LiveEndpoint[] | null): boolean {
    return this.#full().some((endpoint) => tried?.includes(endpoint) !== true);
  }

  /** Null: too many wait already. */
  join(waiter: Waiter): WaitingPlace | null {
    const { maxWaiting, maxWaitMs } = this.#settings;
    if (this.#places.size >= maxWaiting) return null;
    const place = new WaitingPlace(waiter, this.#deadlines.after(maxWaitMs), () => this.#leave(place));
    this.#places.add(place);
    this.#deadlines.add(place);
    return place;
  }

  /** An endpoint has room for one more. */
  wake(): void {
    const [first] = this.#places;
    if (first === undefined) return;
    first.leave();
    try {
      first.waiter.onEndpointFree();
    } catch (error) {
      // Another request's end has called: this must cost the one that waits and nobody else (rule V1).
      first.waiter.onUpstreamBug(error);
    }
  }

  /** Everything may be different: each one that waits looks again. */
  wakeAll(): void {
    for (let count = this.#places.size; count > 0; count -= 1) this.wake();
  }

  #full(): readonly LiveEndpoint[] {
    const { maxActive } = this.#settings;
    return maxActive === 0 ? [] : this.#set.eligible.filter(({ active }) => active >= maxActive);
  }

  #leave(place: WaitingPlace): void {
    this.#places.delete(place);
    this.#deadlines.remove(place);
  }
}

export class WaitingPlace implements Timed {
  readonly deadlineMs: number;
  readonly waiter: Waiter;
  readonly leave: () => void;

  constructor(waiter: Waiter, deadlineMs: number, leave: () => void) {
    this.waiter = waiter;
    this.deadlineMs = deadlineMs;
    this.leave = leave;
  }

  onDeadline(): void {
    this.leave();
    this.waiter.onWaitedTooLong();
  }
}
