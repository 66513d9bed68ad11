// ClientLimits: how much each client asked of late, for each Ingress that limits it. Leaky buckets as nginx counts them, and requests
// under way. Lives as long as the worker, so that a new table forgets nobody; bounded in memory over all Ingresses together.
import type { ClientLimits as LimitSettings } from '../features/index.ts';
import { parseIp } from '../std/ip-address.ts';
import { compileTrust } from '../wire/forwarded/index.ts';

/** What a worker remembers: pairs of an Ingress and a client. */
const defaultMaxVisits = 50_000;
/** At the bound one part in so many is forgotten. */
const evictedShare = 64;
/** Looked at with each request that counts: more than one, so that the drained go faster than new ones come. */
const visitsPerSweep = 2;
/** Of an IPv6 address: what one client has to itself, whatever it puts behind. */
const networkBytes = 8;

/** What one client has asked of one Ingress. */
interface Visit {
  /** Requests over the rates, as of `atMs`. */
  readonly ofSecond: number;
  readonly ofMinute: number;
  readonly atMs: number;
  /** From then on it is as if it had never asked. */
  readonly drainedMs: number;
}

/** Gives back what a request holds, once. */
export interface HeldLimit {
  release(address: string): void;
}

export type LimitVerdict = 'limit-requests' | 'limit-connections' | HeldLimit | null;

/** The limits of one route. */
export class RouteLimit implements HeldLimit {
  readonly #limits: ClientLimits;
  readonly #owner: string;
  readonly #settings: LimitSettings;
  readonly #isExempt: (address: string) => boolean;

  constructor(limits: ClientLimits, owner: string, settings: LimitSettings) {
    this.#limits = limits;
    this.#owner = owner;
    this.#settings = settings;
    this.#isExempt = compileTrust(settings.exempt);
  }

  /** Counts one request; what is refused counts nowhere. Null: let in, and nothing is held. */
  take(address: string, nowMs: number): LimitVerdict {
    const { perSecond, perMinute, atOnce, burstMultiplier, exempt } = this.#settings;
    if (exempt.length > 0 && this.#isExempt(address)) return null;
    const key = this.#keyOf(address);
    const limits = this.#limits;
    const visit = limits.lookup(key);
    const waitedMs = visit === undefined ? 0 : Math.max(0, nowMs - visit.atMs);
    const ofSecond = visit === undefined ? 0 : excessOf(visit.ofSecond, perSecond / 1_000, waitedMs);
    const ofMinute = visit === undefined ? 0 : excessOf(visit.ofMinute, perMinute / 60_000, waitedMs);
    if (ofSecond > perSecond * burstMultiplier || ofMinute > perMinute * burstMultiplier)
      return 'limit-requests';
    if (atOnce !== 0 && limits.activeOf(key) >= atOnce) return 'limit-connections';
    if (perSecond !== 0 || perMinute !== 0) {
      const drainedMs =
        nowMs + Math.max(drainMs(ofSecond, perSecond / 1_000), drainMs(ofMinute, perMinute / 60_000));
      limits.note(key, { ofSecond, ofMinute, atMs: nowMs, drainedMs });
    }
    if (atOnce === 0) return null;
    limits.hold(key);
    return this;
  }

  release(address: string): void {
    this.#limits.release(this.#keyOf(address));
  }

  /** No name of an Ingress has a blank. */
  #keyOf(address: string): string {
    return `${this.#owner} ${clientOf(address)}`;
  }
}

/** With one request more, after `waitedMs`; zero where there is no such rate. */
function excessOf(excess: number, perMs: number, waitedMs: number): number {
  return perMs === 0 ? 0 : Math.max(0, excess - perMs * waitedMs + 1);
}

/** Until a further request finds what the first one found; a millisecond more, for what rounding may be off. */
function drainMs(excess: number, perMs: number): number {
  return perMs === 0 ? 0 : (excess + 1) / perMs + 1;
}

/** Who counts as one client: an IPv4 address, or an IPv6 network of 64 bits, whose addresses its owner may change with each request. */
export function clientOf(address: string): string {
  if (!address.includes(':')) return address;
  return parseIp(address)?.slice(0, networkBytes).join(':') ?? address;
}

export class ClientLimits {
  /** By Ingress and client, in the order of their last requests. */
  readonly #visits = new Map<string, Visit>();
  /** Requests under way; no entry: none. Bounded by the requests of a worker. */
  readonly #active = new Map<string, number>();
  readonly #maxVisits: number;
  /** Goes round, from request to request. */
  #hand = this.#visits.entries();

  constructor(maxVisits = defaultMaxVisits) {
    this.#maxVisits = maxVisits;
  }

  /** `owner`: whose paths count together. */
  limitOf(owner: string, settings: LimitSettings): RouteLimit {
    return new RouteLimit(this, owner, settings);
  }

  get visitCount(): number {
    return this.#visits.size;
  }

  lookup(key: string): Visit | undefined {
    return this.#visits.get(key);
  }

  note(key: string, visit: Visit): void {
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
}
