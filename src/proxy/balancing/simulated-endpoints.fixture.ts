// Endpoints, candidates, a clock and a seeded randomness for the tests of balancers: nothing of the data plane, no real time.
import type { Balanced, Balancer, Candidates } from './balancer.ts';

export class SimulatedEndpoint implements Balanced {
  readonly label: string;
  active = 0;
  weight: number;
  /** Requests that were given to it. */
  served = 0;

  constructor(label: string, weight = 1) {
    this.label = label;
    this.weight = weight;
  }

  weightAt(): number {
    return this.weight;
  }
}

export class SimulatedCandidates implements Candidates<SimulatedEndpoint> {
  version = 0;
  eligible: readonly SimulatedEndpoint[] = [];
  evenFromMs = 0;
  nowMs = 1_000;
  readonly #started: { readonly endpoint: SimulatedEndpoint; readonly endMs: number }[] = [];

  constructor(weights: readonly number[]) {
    this.set(weights.map((weight, index) => new SimulatedEndpoint(`10.0.0.${index + 1}:80`, weight)));
  }

  get active(): number {
    return this.eligible.reduce((sum, endpoint) => sum + endpoint.active, 0);
  }

  set(eligible: readonly SimulatedEndpoint[]): void {
    this.eligible = eligible;
    this.version += 1;
    const isEven = eligible.every((endpoint) => endpoint.weight === eligible[0]?.weight);
    this.evenFromMs = isEven ? 0 : Number.POSITIVE_INFINITY;
  }

  /** Time goes on; what ends meanwhile is told to the balancer. */
  advance(balancer: Balancer<SimulatedEndpoint>, ms: number, latencyOf: LatencyOf): void {
    this.nowMs += ms;
    const ended = this.#started.filter(({ endMs }) => endMs <= this.nowMs);
    for (const each of ended) {
      this.#started.splice(this.#started.indexOf(each), 1);
      each.endpoint.active -= 1;
      balancer.observe?.(each.endpoint, latencyOf(each.endpoint), each.endMs);
    }
  }

  start(endpoint: SimulatedEndpoint, latencyMs: number): void {
    endpoint.active += 1;
    endpoint.served += 1;
    this.#started.push({ endpoint, endMs: this.nowMs + latencyMs });
  }
}

export type LatencyOf = (endpoint: SimulatedEndpoint) => number;

/** Mulberry32: small, fast, the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
