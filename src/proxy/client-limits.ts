// ClientLimits: how much each client address asked of late, for each Ingress that limits it. Leaky buckets as nginx counts them, and
// requests under way. Lives as long as the worker, so that a new table forgets nobody; bounded in memory.
import type { ClientLimits as LimitSettings } from '../features/index.ts';
import { compileTrust } from '../wire/forwarded/index.ts';

/** Addresses that one bucket of an Ingress remembers; the one that asked longest ago is forgotten. */
const maxAddresses = 20_000;
const maxZones = 10_000;

interface Bucket {
  /** Requests over the rate, as of `atMs`. */
  excess: number;
  atMs: number;
}

/** Requests that leak at a rate. */
class Buckets {
  readonly #byAddress = new Map<string, Bucket>();

  /** What the excess would be with one request more. */
  excessOf(address: string, perMs: number, nowMs: number): number {
    const bucket = this.#byAddress.get(address);
    if (bucket === undefined) return 0;
    return Math.max(0, bucket.excess - perMs * Math.max(0, nowMs - bucket.atMs) + 1);
  }

  fill(address: string, excess: number, nowMs: number): void {
    // Taken out and put in again: the order of the map is that of the last requests.
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { excess, atMs: nowMs });
    if (this.#byAddress.size > maxAddresses)
      this.#byAddress.delete(this.#byAddress.keys().next().value ?? '');
  }
}

/** Counts of one Ingress. */
class Zone {
  readonly perSecond = new Buckets();
  readonly perMinute = new Buckets();
  /** Requests under way; no entry: none. */
  readonly active = new Map<string, number>();
}

/** Gives back what a request holds, once. */
export interface HeldLimit {
  release(address: string): void;
}

export type LimitVerdict = 'limit-requests' | 'limit-connections' | HeldLimit | null;

/** The limits of one route. */
export class RouteLimit implements HeldLimit {
  readonly #settings: LimitSettings;
  readonly #isExempt: (address: string) => boolean;
  readonly #zone: Zone;

  constructor(settings: LimitSettings, zone: Zone) {
    this.#settings = settings;
    this.#isExempt = compileTrust(settings.exempt);
    this.#zone = zone;
  }

  /** Counts one request; what is refused counts nowhere. Null: let in, and nothing is held. */
  take(address: string, nowMs: number): LimitVerdict {
    const { perSecond, perMinute, atOnce, burstMultiplier, exempt } = this.#settings;
    if (exempt.length > 0 && this.#isExempt(address)) return null;
    const zone = this.#zone;
    const ofSecond = perSecond === 0 ? 0 : zone.perSecond.excessOf(address, perSecond / 1_000, nowMs);
    const ofMinute = perMinute === 0 ? 0 : zone.perMinute.excessOf(address, perMinute / 60_000, nowMs);
    if (ofSecond > perSecond * burstMultiplier || ofMinute > perMinute * burstMultiplier)
      return 'limit-requests';
    const active = zone.active.get(address) ?? 0;
    if (atOnce !== 0 && active >= atOnce) return 'limit-connections';
    if (perSecond !== 0) zone.perSecond.fill(address, ofSecond, nowMs);
    if (perMinute !== 0) zone.perMinute.fill(address, ofMinute, nowMs);
    if (atOnce === 0) return null;
    zone.active.set(address, active + 1);
    return this;
  }

  release(address: string): void {
    const { active } = this.#zone;
    const left = (active.get(address) ?? 0) - 1;
    if (left > 0) active.set(address, left);
    else active.delete(address);
  }
}

export class ClientLimits {
  readonly #zones = new Map<string, Zone>();

  /** `owner`: whose paths count together. */
  limitOf(owner: string, settings: LimitSettings): RouteLimit {
    const zone = this.#zones.get(owner) ?? new Zone();
    this.#zones.delete(owner);
    this.#zones.set(owner, zone);
    if (this.#zones.size > maxZones) this.#zones.delete(this.#zones.keys().next().value ?? '');
    return new RouteLimit(settings, zone);
  }
}
