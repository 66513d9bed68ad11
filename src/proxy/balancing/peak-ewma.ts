// Peak EWMA: of two endpoints drawn by chance, the one that is likely to answer sooner: its mean time to the response head,
// times the requests that stand in line. The mean jumps up to a slow answer at once and forgets it slowly, so that an endpoint
// that turns slow is left quickly; without answers it fades, so that it is tried again.
import type { Balanced, Balancer, Candidates, Random } from './balancer.ts';
import { TwoChoices } from './two-choices.ts';

/** Time in which a measurement fades to a third: that of ingress-nginx. */
const fadeMs = 10_000;
/** Below this, differences say nothing. */
const floorMs = 0.1;

interface Mean {
  ms: number;
  atMs: number;
}

export class PeakEwma<Endpoint extends Balanced> implements Balancer<Endpoint> {
  readonly #candidates: Candidates<Endpoint>;
  readonly #choices: TwoChoices<Endpoint>;
  /** Of endpoints that have answered; those that are gone go with their last request. */
  readonly #means = new WeakMap<Endpoint, Mean>();
  #defaultMs = 0;
  #version = -1;

  constructor(candidates: Candidates<Endpoint>, random: Random) {
    this.#candidates = candidates;
    this.#choices = new TwoChoices(candidates, random);
  }

  select(_key: number, tried: readonly Endpoint[] | null, nowMs: number): Endpoint | null {
    if (this.#version !== this.#candidates.version) this.#updateDefault(nowMs);
    return this.#choices.select(tried, nowMs, this.#costOf);
  }

  readonly observe = (endpoint: Endpoint, latencyMs: number, nowMs: number): void => {
    const mean = this.#means.get(endpoint);
    if (mean === undefined) {
      this.#means.set(endpoint, { ms: latencyMs, atMs: nowMs });
      return;
    }
    const share = Math.exp(-Math.max(nowMs - mean.atMs, 0) / fadeMs);
    mean.ms = latencyMs > mean.ms * share ? latencyMs : mean.ms * share + latencyMs * (1 - share);
    mean.atMs = Math.max(nowMs, mean.atMs);
  };

  readonly #costOf = (endpoint: Endpoint, nowMs: number): number => {
    const latencyMs = Math.max(this.#meanAt(endpoint, nowMs), floorMs);
    return (latencyMs * (endpoint.active + 1)) / endpoint.weightAt(nowMs);
  };

  #meanAt(endpoint: Endpoint, nowMs: number): number {
    const mean = this.#means.get(endpoint);
    if (mean === undefined) return this.#defaultMs;
    return mean.ms * Math.exp(-Math.max(nowMs - mean.atMs, 0) / fadeMs);
  }

  /** One that has never answered counts as good as the others in the mean, or all requests would go there at first. */
  #updateDefault(nowMs: number): void {
    this.#version = this.#candidates.version;
    const known = this.#candidates.eligible.filter((endpoint) => this.#means.has(endpoint));
    const sum = known.reduce((total, endpoint) => total + this.#meanAt(endpoint, nowMs), 0);
    this.#defaultMs = known.length === 0 ? 0 : sum / known.length;
  }
}
