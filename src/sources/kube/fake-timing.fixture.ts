// FakeTiming: time that passes when a test says so.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Timing } from './timing.ts';

interface Wait {
  readonly dueMs: number;
  readonly end: () => void;
}

export class FakeTiming implements Timing {
  #nowMs = 1_000_000;
  readonly #waits = new Set<Wait>();
  readonly random: () => number;
  /** Every wait that was asked for. */
  readonly asked: number[] = [];

  constructor(random: () => number = () => 0) {
    this.random = random;
  }

  readonly nowMs = (): number => this.#nowMs;

  readonly wait = (timeMs: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      this.asked.push(timeMs);
      if (signal.aborted) {
        resolve();
        return;
      }
      const end = (): void => {
        this.#waits.delete(wait);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const wait = { dueMs: this.#nowMs + timeMs, end };
      this.#waits.add(wait);
      signal.addEventListener('abort', end);
    });

  /** Lets everything happen that waits for no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  }

  /** Lets time pass, and everything happen in its order. */
  async advance(timeMs: number): Promise<void> {
    const untilMs = this.#nowMs + timeMs;
    await this.settle();
    for (;;) {
      const [next] = [...this.#waits].sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined || next.dueMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.end();
      await this.settle();
    }
    this.#nowMs = untilMs;
  }
}
