// EndpointQueue: requests that wait because every endpoint of a Service port has as many as it may. Bounded in length and in
// time; first come, first served. An upstream without such a bound pays one comparison per request.
import { defaultUpstreamSettings, type UpstreamSettings } from '../model/index.ts';
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
  #settings: UpstreamSettings = defaultUpstreamSettings;
  #isBounded = false;

  constructor(set: { readonly eligible: readonly LiveEndpoint[] }, deadlines: Deadlines) {
    this.#set = set;
    this.#deadlines = deadlines;
  }

  configure(settings: UpstreamSettings): void {
    this.#settings = settings;
    this.#isBounded = settings.maxActive > 0 || settings.adaptiveLimit.isOn;
    this.wakeAll();
  }

  /** Requests that wait now. */
  get size(): number {
    return this.#places.size;
  }

  /** Those that were tried, and those that have no room. */
  avoided(tried: readonly LiveEndpoint[] | null): readonly LiveEndpoint[] | null {
    if (!this.#isBounded) return tried;
    const full = this.#full();
    if (full.length === 0) return tried;
    return tried === null ? full : [...tried, ...full];
  }

  /** There is an endpoint that was not tried and has no room. */
  isWorthWaiting(tried: readonly LiveEndpoint[] | null): boolean {
    return this.#full().some((endpoint) => tried?.includes(endpoint) !== true);
  }

  /** Null: too many wait already. `before`: the place that it had a moment ago, whose time goes on. */
  join(waiter: Waiter, before: WaitingPlace | null): WaitingPlace | null {
    const { maxWaiting, maxWaitMs } = this.#settings;
    if (this.#places.size >= maxWaiting) return null;
    const deadlineMs = before?.deadlineMs ?? this.#deadlines.after(maxWaitMs);
    const place = new WaitingPlace(waiter, deadlineMs, () => this.#leave(place));
    this.#places.add(place);
    this.#deadlines.add(place);
    return place;
  }

  /** An endpoint may have room: who waits is asked in order, until none has. One that was tried is no room for who tried it. */
  wake(): void {
    for (let count = this.#places.size; count > 0 && this.#hasRoom(); count -= 1) this.#wakeFirst();
  }

  /** Everything may be different: each one that waits looks again. */
  wakeAll(): void {
    for (let count = this.#places.size; count > 0; count -= 1) this.#wakeFirst();
  }

  #wakeFirst(): void {
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

  #hasRoom(): boolean {
    return this.#set.eligible.some((endpoint) => !this.#isFull(endpoint));
  }

  #full(): readonly LiveEndpoint[] {
    return this.#isBounded ? this.#set.eligible.filter((endpoint) => this.#isFull(endpoint)) : [];
  }

  #isFull({ active, meter }: LiveEndpoint): boolean {
    const { maxActive } = this.#settings;
    return (maxActive > 0 && active >= maxActive) || meter?.isFull === true;
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
