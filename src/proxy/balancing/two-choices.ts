// Draws two different endpoints by chance, in proportion to their weights. Taking the better of two drawn ones spreads load nearly
// as evenly as looking at all, costs the same for any number, and never sends all requests to the one that looks best now.
import { type Balanced, type Candidates, type Random, untried } from './balancer.ts';

export class TwoChoices<Endpoint extends Balanced> {
  readonly #candidates: Candidates<Endpoint>;
  readonly #random: Random;

  constructor(candidates: Candidates<Endpoint>, random: Random) {
    this.#candidates = candidates;
    this.#random = random;
  }

  /** The one of two with the lower cost, the first drawn one where they are equal. Null: there is none left. */
  select(
    tried: readonly Endpoint[] | null,
    nowMs: number,
    costOf: (endpoint: Endpoint, nowMs: number) => number,
  ): Endpoint | null {
    const list = untried(this.#candidates.eligible, tried);
    const isEven = nowMs >= this.#candidates.evenFromMs;
    const at = isEven ? this.#drawEven(list.length) : this.#drawWeighted(list, -1, nowMs);
    const first = list[at];
    if (first === undefined || list.length < 2) return first ?? null;
    // Another one: drawn from a list without the first.
    const other = isEven ? this.#drawEven(list.length - 1) : this.#drawWeighted(list, at, nowMs);
    const second = list[isEven && other >= at ? other + 1 : other] ?? first;
    return costOf(second, nowMs) < costOf(first, nowMs) ? second : first;
  }

  #drawEven(count: number): number {
    return Math.min(Math.floor(this.#random() * count), count - 1);
  }

  /** `except`: an index that is not drawn. */
  #drawWeighted(list: readonly Endpoint[], except: number, nowMs: number): number {
    let sum = 0;
    for (const [index, endpoint] of list.entries()) if (index !== except) sum += endpoint.weightAt(nowMs);
    let rest = this.#random() * sum;
    let last = -1;
    for (const [index, endpoint] of list.entries()) {
      if (index === except) continue;
      last = index;
      rest -= endpoint.weightAt(nowMs);
      if (rest < 0) break;
    }
    return last;
  }
}
