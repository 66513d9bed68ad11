// Timers that fire when a test says so.
import type { StartTimer } from './start-timer.ts';

interface Pending {
  readonly atMs: number;
  readonly run: () => void;
}

export class FakeTimers {
  nowMs: number;
  readonly #pending = new Set<Pending>();

  constructor(nowMs = Date.parse('2026-03-01T12:00:00Z')) {
    this.nowMs = nowMs;
  }

  get count(): number {
    return this.#pending.size;
  }

  readonly start: StartTimer = (delayMs, run) => {
    const pending: Pending = { atMs: this.nowMs + delayMs, run };
    this.#pending.add(pending);
    return () => void this.#pending.delete(pending);
  };

  /** Lets time pass; what is due runs in order, and what it starts runs too if it is due by then. */
  advance(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    for (;;) {
      const due = [...this.#pending].filter(({ atMs }) => atMs <= untilMs);
      const next = due.toSorted((left, right) => left.atMs - right.atMs)[0];
      if (next === undefined) break;
      this.#pending.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = untilMs;
  }

  /** Runs one timer that is due now; false: there is none. */
  step(): boolean {
    const due = [...this.#pending].find(({ atMs }) => atMs <= this.nowMs);
    if (due === undefined) return false;
    this.#pending.delete(due);
    due.run();
    return true;
  }
}
