// Least request: of two endpoints drawn by chance, the one with fewer requests under way, in proportion to its weight. Suits
// requests of very different cost. A worker knows its own requests only, which is enough where every worker does the same.
import type { Balanced, Balancer, Candidates, Random } from './balancer.ts';
import { TwoChoices } from './two-choices.ts';

export class LeastRequest<Endpoint extends Balanced> implements Balancer<Endpoint> {
  readonly #choices: TwoChoices<Endpoint>;

  constructor(candidates: Candidates<Endpoint>, random: Random) {
    this.#choices = new TwoChoices(candidates, random);
  }

  select(_key: number, tried: readonly Endpoint[] | null, nowMs: number): Endpoint | null {
    return this.#choices.select(tried, nowMs, loadOf);
  }
}

function loadOf(endpoint: Balanced, nowMs: number): number {
  return endpoint.active / endpoint.weightAt(nowMs);
}
