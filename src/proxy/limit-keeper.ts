// LimitKeeper: the primary's side of limits that count for all workers of an instance. Decides one request after another in the order in
// which questions come, by one set of counts, so that what the workers let in together is what one bucket lets in.
import { ClientLimits } from './client-limits.ts';
import type { LimitAnswer, LimitAsk, LimitQuestions } from './limit-asker.ts';

export class LimitKeeper {
  readonly #counts: ClientLimits;
  /** What each worker holds: key → requests under way. */
  readonly #held = new Map<number, Map<string, number>>();
  readonly #nowMs: () => number;

  /** `nowMs`: a clock that never goes back. */
  constructor(nowMs: () => number, counts = new ClientLimits()) {
    this.#nowMs = nowMs;
    this.#counts = counts;
  }

  set share(share: number) {
    this.#counts.share = share;
  }

  answer(worker: number, { asks, released }: LimitQuestions): LimitAnswer[] {
    for (const key of released) this.#release(worker, key);
    const nowMs = this.#nowMs();
    return asks.map((ask) => this.#decide(worker, ask, nowMs));
  }

  /** A worker has ended, and its requests with it. */
  forget(worker: number): void {
    for (const [key, count] of this.#held.get(worker) ?? []) {
      for (let i = 0; i < count; i += 1) this.#counts.release(key);
    }
    this.#held.delete(worker);
  }

  #decide(worker: number, { key, rates }: LimitAsk, nowMs: number): LimitAnswer {
    const decision = this.#counts.take(key, rates, nowMs);
    if (decision === 'held') {
      const held = this.#heldBy(worker);
      held.set(key, (held.get(key) ?? 0) + 1);
    }
    const waitMs = decision === 'limit-requests' ? this.#counts.waitMs(key, rates, nowMs) : 0;
    return { decision, waitMs };
  }

  #release(worker: number, key: string): void {
    const held = this.#heldBy(worker);
    const count = held.get(key) ?? 0;
    if (count === 0) return;
    if (count > 1) held.set(key, count - 1);
    else held.delete(key);
    this.#counts.release(key);
  }

  #heldBy(worker: number): Map<string, number> {
    const held = this.#held.get(worker) ?? new Map<string, number>();
    this.#held.set(worker, held);
    return held;
  }
}
