// Backoff: how long to wait after the n-th failure in a row: 0.8 s at least, 30 s at most, doubling, and by chance up to twice
// its least, so that many clients do not come back at the same moment.
const minDelayMs = 800;
const maxDelayMs = 30_000;
/** A server may ask for more patience than that, within reason. */
const maxRetryAfterMs = 300_000;

export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The delay after one more failure; not less than what the server asked for. */
  next(retryAfterMs: number | null = null): number {
    const ceilingMs = Math.min(maxDelayMs, 2 * minDelayMs * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    const delayMs = (ceilingMs / 2) * (1 + this.#random());
    const askedMs = Math.min(retryAfterMs ?? 0, maxRetryAfterMs);
    // Whoever was told the same time does not come at the same moment.
    return Math.max(delayMs, askedMs * (1 + 0.1 * this.#random()));
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }
}
