// ClientLimits: how much each client asked of late, for each Ingress that limits it. Leaky buckets as nginx counts them, and requests
// under way. Outlives tables, so that a new one forgets nobody; bounded in memory over all Ingresses together.
import type { ClientLimits as LimitSettings } from '../features/index.ts';
import { parseIp } from '../std/ip-address.ts';

/** What is remembered: pairs of an Ingress and a client. */
const defaultMaxVisits = 50_000;
/** At the bound one part in so many is forgotten. */
const evictedShare = 64;
/** Looked at with each request that counts: more than one, so that the drained go faster than new ones come. */
const visitsPerSweep = 2;
/** Of an IPv6 address: what one client has to itself, whatever it puts behind. */
const networkBytes = 8;

/** How much of what; all else of the settings says who. */
export type Rates = Pick<LimitSettings, 'perSecond' | 'perMinute' | 'atOnce' | 'burstMultiplier'>;

export type LimitRefusal = 'limit-requests' | 'limit-connections';

/** `held`: let in, to be given back by `release`. `free`: let in, and nothing is held. */
export type LimitDecision = LimitRefusal | 'held' | 'free';

/** What one client has asked of one Ingress. */
interface Visit {
  /** Requests over the rates, as of `atMs`. */
  readonly ofSecond: number;
  readonly ofMinute: number;
  readonly atMs: number;
  /** From then on it is as if it had never asked. */
  readonly drainedMs: number;
}

/** Who counts as one client: an IPv4 address, or an IPv6 network of 64 bits, whose addresses its owner may change with each request. */
export function clientOf(address: string): string {
  if (!address.includes(':')) return address;
  return parseIp(address)?.slice(0, networkBytes).join(':') ?? address;
}

export class ClientLimits {
  /**
   * Among how many that count for themselves the limits are divided, evenly; together these never let in more than one that counts for all,
   * except where a limit is smaller than their number: then each lets in one.
   */
  share = 1;
  /** By Ingress and client, in the order of their last requests. */
  readonly #visits = new Map<string, Visit>();
  /** Requests under way; no entry: none. Bounded by the requests that are under way. */
  readonly #active = new Map<string, number>();
  readonly #maxVisits: number;
  /** Goes round, from request to request. */
  #hand = this.#visits.entries();

  constructor(maxVisits = defaultMaxVisits) {
    this.#maxVisits = maxVisits;
  }

  get visitCount(): number {
    return this.#visits.size;
  }

  /** Counts one request; what is refused counts nowhere. `key`: the Ingress and the client. */
  take(key: string, rates: Rates, nowMs: number): LimitDecision {
    const { perSecond, perMinute, atOnce } = rates;
    const ofSecond = this.#excess(key, 'ofSecond', perSecond / 1_000, nowMs);
    const ofMinute = this.#excess(key, 'ofMinute', perMinute / 60_000, nowMs);
    if (ofSecond > this.#burst(perSecond, rates) || ofMinute > this.#burst(perMinute, rates))
      return 'limit-requests';
    if (this.isFull(key, atOnce)) return 'limit-connections';
    if (perSecond !== 0 || perMinute !== 0) {
      const waitMs = Math.max(
        this.#drainMs(ofSecond, perSecond / 1_000),
        this.#drainMs(ofMinute, perMinute / 60_000),
      );
      this.#note(key, { ofSecond, ofMinute, atMs: nowMs, drainedMs: nowMs + waitMs });
    }
    if (atOnce === 0) return 'free';
    this.hold(key);
    return 'held';
  }

  /** How long the rates refuse this client at the least, whatever else it asks meanwhile. */
  waitMs(key: string, rates: Rates, nowMs: number): number {
    const { perSecond, perMinute } = rates;
    const overSecond =
      this.#excess(key, 'ofSecond', perSecond / 1_000, nowMs) - this.#burst(perSecond, rates);
    const overMinute =
      this.#excess(key, 'ofMinute', perMinute / 60_000, nowMs) - this.#burst(perMinute, rates);
    const ofSecondMs = perSecond === 0 ? 0 : (overSecond * this.share * 1_000) / perSecond;
    const ofMinuteMs = perMinute === 0 ? 0 : (overMinute * this.share * 60_000) / perMinute;
    // Rounded down: at the very end of the time a rounding error must not refuse what the count lets in.
    return Math.max(0, Math.floor(ofSecondMs), Math.floor(ofMinuteMs));
  }

  /** As many requests are under way as may be. */
  isFull(key: string, atOnce: number): boolean {
    return atOnce !== 0 && this.activeOf(key) >= Math.max(1, Math.floor(atOnce / this.share));
  }

  activeOf(key: string): number {
    return this.#active.get(key) ?? 0;
  }

  hold(key: string): void {
    this.#active.set(key, this.activeOf(key) + 1);
  }

  release(key: string): void {
    const left = this.activeOf(key) - 1;
    if (left > 0) this.#active.set(key, left);
    else this.#active.delete(key);
  }

  /** With one request more, now; zero where there is no such rate. */
  #excess(key: string, of: 'ofSecond' | 'ofMinute', perMs: number, nowMs: number): number {
    const visit = this.#visits.get(key);
    if (perMs === 0 || visit === undefined) return 0;
    const waitedMs = Math.max(0, nowMs - visit.atMs);
    return Math.max(0, visit[of] - (perMs / this.share) * waitedMs + 1);
  }

  /** The first request is beside the burst; it is divided with it. */
  #burst(rate: number, { burstMultiplier }: Rates): number {
    return Math.max(0, (rate * burstMultiplier + 1) / this.share - 1);
  }

  /** Until a further request finds what the first one found; a millisecond more, for what rounding may be off. */
  #drainMs(excess: number, perMs: number): number {
    return perMs === 0 ? 0 : ((excess + 1) * this.share) / perMs + 1;
  }

  #note(key: string, visit: Visit): void {
    this.#sweep(visit.atMs);
    // Taken out and put in again: the order of the map is that of the last requests.
    this.#visits.delete(key);
    this.#visits.set(key, visit);
    if (this.#visits.size > this.#maxVisits) this.#forgetOldest();
  }

  /** Some at once: each look for the oldest steps over the gaps that the last ones left. */
  #forgetOldest(): void {
    let count = Math.ceil(this.#maxVisits / evictedShare);
    for (const key of this.#visits.keys()) {
      this.#visits.delete(key);
      count -= 1;
      if (count === 0) return;
    }
  }

  #sweep(nowMs: number): void {
    for (let i = 0; i < visitsPerSweep; i += 1) {
      const next = this.#hand.next();
      if (next.done === true) {
        this.#hand = this.#visits.entries();
        return;
      }
      const [key, visit] = next.value;
      if (visit.drainedMs <= nowMs) this.#visits.delete(key);
    }
  }
}
