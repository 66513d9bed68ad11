// RouteLimit: the limits of one route: who is exempt, who counts as one client, and who decides: this process alone, or the primary for
// all workers of the instance (docs/design/limits.md).
import type { ClientLimits as LimitSettings } from '../features/index.ts';
import { compileTrust } from '../wire/forwarded/index.ts';
import { type ClientLimits, clientOf, type LimitDecision, type LimitRefusal } from './client-limits.ts';
import type { LimitAsker } from './limit-asker.ts';

/** Gives back what a request holds, once. */
export interface HeldLimit {
  release(address: string): void;
}

/** Null: let in, and nothing is held. */
export type LimitVerdict = LimitRefusal | HeldLimit | null;

/** Waits for a verdict, which comes in a later turn of the event loop. */
export interface LimitWaiter {
  onLimit(verdict: LimitVerdict): void;
}

/** `asker`: who decides; null: `counts` alone do. */
export interface LimitSource {
  readonly counts: ClientLimits;
  readonly asker: LimitAsker | null;
}

export class RouteLimit implements HeldLimit {
  readonly #source: LimitSource;
  readonly #owner: string;
  readonly #settings: LimitSettings;
  readonly #isExempt: (address: string) => boolean;
  /** What the primary has let in and must be told of. */
  readonly #granted: HeldLimit = { release: (address) => this.#giveBack(address) };

  /** `owner`: whose paths count together. */
  constructor(source: LimitSource, owner: string, settings: LimitSettings) {
    this.#source = source;
    this.#owner = owner;
    this.#settings = settings;
    this.#isExempt = compileTrust(settings.exempt);
  }

  /** `undecided`: ask. What is refused counts nowhere. */
  take(address: string, nowMs: number): LimitVerdict | 'undecided' {
    const { exempt } = this.#settings;
    if (exempt.length > 0 && this.#isExempt(address)) return null;
    const { counts, asker } = this.#source;
    const key = this.#keyOf(address);
    if (asker !== null && asker.isHeard) return asker.foresee(key, this.#settings) ?? 'undecided';
    return this.#verdictOf(counts.take(key, this.#settings, nowMs), this);
  }

  /** The waiter is always told, soon. Only after `undecided`. */
  ask(address: string, waiter: LimitWaiter): void {
    const key = this.#keyOf(address);
    this.#source.asker?.ask(key, this.#settings, (decision, isOwn) =>
      waiter.onLimit(this.#verdictOf(decision, isOwn ? this : this.#granted)),
    );
  }

  release(address: string): void {
    this.#source.counts.release(this.#keyOf(address));
  }

  #giveBack(address: string): void {
    this.#source.asker?.giveBack(this.#keyOf(address));
  }

  #verdictOf(decision: LimitDecision, holder: HeldLimit): LimitVerdict {
    if (decision === 'free') return null;
    return decision === 'held' ? holder : decision;
  }

  /** No name of an Ingress has a blank. */
  #keyOf(address: string): string {
    return `${this.#owner} ${clientOf(address)}`;
  }
}
