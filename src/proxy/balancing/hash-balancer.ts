// HashBalancer: equal keys go to the same endpoint of a ring, to the next one when that was tried. With a bound, an endpoint that
// has more than its fair share under way passes a request on (consistent hashing with bounded loads); with subsets a key
// has several endpoints, and the one with fewer requests of two drawn ones answers.
import type { Balanced, Balancer, Candidates, Random } from './balancer.ts';
import type { HashRing } from './hash-ring.ts';

export interface HashOptions {
  readonly subsetSize: number;
  /** 0: no bound. */
  readonly maxLoadPercent: number;
}

export class HashBalancer<Endpoint extends Balanced> implements Balancer<Endpoint> {
  readonly #candidates: Candidates<Endpoint>;
  readonly #ring: HashRing<Endpoint>;
  readonly #random: Random;
  readonly #options: HashOptions;

  constructor(
    candidates: Candidates<Endpoint>,
    ring: HashRing<Endpoint>,
    random: Random,
    options: HashOptions,
  ) {
    this.#candidates = candidates;
    this.#ring = ring;
    this.#random = random;
    this.#options = options;
  }

  select(key: number, tried: readonly Endpoint[] | null): Endpoint | null {
    const { subsetSize, maxLoadPercent } = this.#options;
    if (subsetSize > 1) return this.#selectOfSubset(key, tried, subsetSize);
    if (tried === null && maxLoadPercent === 0) return this.#ring.find(key, () => true);
    let fallback: Endpoint | null = null;
    const chosen = this.#ring.find(key, (endpoint) => {
      if (tried?.includes(endpoint) === true) return false;
      fallback ??= endpoint;
      return maxLoadPercent === 0 || this.#hasRoom(endpoint, maxLoadPercent);
    });
    return chosen ?? fallback;
  }

  /** One more request would still be within its part of all requests under way, the new one included, times the bound. */
  #hasRoom(endpoint: Endpoint, maxLoadPercent: number): boolean {
    const { eligible: list, active, evenFromMs } = this.#candidates;
    let part = 1 / list.length;
    if (evenFromMs === Number.POSITIVE_INFINITY) {
      part = endpoint.weight / list.reduce((sum, each) => sum + each.weight, 0);
    }
    return endpoint.active < Math.ceil(((active + 1) * part * maxLoadPercent) / 100);
  }

  #selectOfSubset(key: number, tried: readonly Endpoint[] | null, size: number): Endpoint | null {
    const subset: Endpoint[] = [];
    this.#ring.find(key, (endpoint) => {
      if (tried?.includes(endpoint) !== true) subset.push(endpoint);
      return subset.length >= size;
    });
    const first = this.#draw(subset);
    const second = this.#draw(subset);
    if (first === null || second === null) return null;
    return second.active / second.weight < first.active / first.weight ? second : first;
  }

  /** By chance, in proportion to the weights. */
  #draw(subset: readonly Endpoint[]): Endpoint | null {
    let rest = this.#random() * subset.reduce((sum, { weight }) => sum + weight, 0);
    for (const endpoint of subset) {
      rest -= endpoint.weight;
      if (rest < 0) return endpoint;
    }
    return subset.at(-1) ?? null;
  }
}
