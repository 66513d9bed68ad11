// Round robin, the default. Equal weights: an index that goes round, one addition per request. Unequal ones: smooth weighted
// round robin, where each endpoint gains its weight per round and the one that is chosen pays the sum, so that a heavy one is
// chosen often but not in a row.
import type { Balanced, Balancer, Candidates } from './balancer.ts';

export class RoundRobin<Endpoint extends Balanced> implements Balancer<Endpoint> {
  readonly #candidates: Candidates<Endpoint>;
  #cursor: number;
  /** What each endpoint has gained and not yet paid. */
  #credits = new Map<Endpoint, number>();
  #version = -1;

  /** `startFraction` in [0, 1): where the round starts; workers and upstreams start at different places. */
  constructor(candidates: Candidates<Endpoint>, startFraction: number) {
    this.#candidates = candidates;
    this.#cursor = Math.floor(startFraction * 1_000);
  }

  select(_key: number, tried: readonly Endpoint[] | null, nowMs: number): Endpoint | null {
    const { eligible: list, evenFromMs } = this.#candidates;
    if (nowMs < evenFromMs) return this.#selectWeighted(tried, nowMs);
    const count = list.length;
    for (let step = 0; step < count; step += 1) {
      this.#cursor = this.#cursor + 1 >= count ? 0 : this.#cursor + 1;
      const endpoint = list[this.#cursor];
      if (endpoint !== undefined && (tried === null || !tried.includes(endpoint))) return endpoint;
    }
    return null;
  }

  #selectWeighted(tried: readonly Endpoint[] | null, nowMs: number): Endpoint | null {
    this.#keepCredits();
    let best: Endpoint | null = null;
    let bestCredit = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (const endpoint of this.#candidates.eligible) {
      if (tried?.includes(endpoint) === true) continue;
      const weight = endpoint.weightAt(nowMs);
      const credit = (this.#credits.get(endpoint) ?? 0) + weight;
      this.#credits.set(endpoint, credit);
      sum += weight;
      if (credit > bestCredit) {
        best = endpoint;
        bestCredit = credit;
      }
    }
    if (best !== null) this.#credits.set(best, bestCredit - sum);
    return best;
  }

  /** Endpoints that left take their credits along; those that came begin with none. */
  #keepCredits(): void {
    const { version, eligible: list } = this.#candidates;
    if (version === this.#version) return;
    this.#version = version;
    this.#credits = new Map(list.map((endpoint) => [endpoint, this.#credits.get(endpoint) ?? 0]));
  }
}
