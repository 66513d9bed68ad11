// AdaptiveLimit: how many requests may wait for the answer of one endpoint, found by how long answers take. While the median of a short
// window is longer than that of an endpoint with little to do, requests stand in line there, and the limit falls by the ratio of the two; it
// grows by its square root while it is used. What "little to do" means is measured anew from time to time, with the lowest limit.
import type { AdaptiveLimitSettings } from '../model/index.ts';

/** A window ends when it has lasted this long and has seen this many answers. */
const windowMs = 250;
const minSamples = 10;
/** More of a window are not kept: the latest count. */
const maxSamples = 128;
/** Once the first answers were seen. */
const firstLimit = 20;
/** An idle latency that is older is measured anew; a quarter more or less, so that endpoints do not take turns together. */
const baselineAgeMs = 60_000;
/** One window halves the limit at most. */
const minGradient = 0.5;
/** Below this, differences say nothing. */
const floorMs = 1;

export class AdaptiveLimit {
  #settings: AdaptiveLimitSettings;
  readonly #random: () => number;
  #limit = firstLimit;
  /** The median with little to do; 0: not known yet. */
  #baselineMs = 0;
  #remeasureAtMs = 0;
  /** The lowest limit holds, until it is known how long answers take with it. */
  #isProbing = true;
  /** Answers that belong to the time before the probe. */
  #toSkip = 0;
  readonly #samples = new Float64Array(maxSamples);
  #count = 0;
  #windowFromMs = Number.NEGATIVE_INFINITY;
  /** Most requests at once in this window. */
  #peak = 0;

  constructor(settings: AdaptiveLimitSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  configure(settings: AdaptiveLimitSettings): void {
    this.#settings = settings;
  }

  /** At least one, whatever was measured. */
  get value(): number {
    const { min } = this.#settings;
    return this.#isProbing ? min : this.#clamp(Math.floor(this.#limit));
  }

  /** `waiting`: requests that wait for an answer, the new one included. */
  begin(waiting: number): void {
    if (waiting > this.#peak) this.#peak = waiting;
  }

  /** A request has ended that says nothing of how long answers take. */
  skip(): void {
    if (this.#toSkip > 0) this.#toSkip -= 1;
  }

  /** `waiting`: requests that still wait. */
  answer(latencyMs: number, waiting: number, nowMs: number): void {
    if (this.#toSkip > 0) {
      this.#toSkip -= 1;
      if (this.#toSkip === 0) this.#beginWindow(waiting, nowMs);
      return;
    }
    if (this.#count === 0 && this.#windowFromMs === Number.NEGATIVE_INFINITY) this.#windowFromMs = nowMs;
    this.#samples[this.#count % maxSamples] = latencyMs;
    this.#count += 1;
    if (this.#count < minSamples) return;
    if (this.#isProbing) this.#endProbe(waiting, nowMs);
    else if (nowMs - this.#windowFromMs >= windowMs) this.#endWindow(waiting, nowMs);
  }

  #endProbe(waiting: number, nowMs: number): void {
    this.#isProbing = false;
    this.#setBaseline(this.#median(), nowMs);
    this.#beginWindow(waiting, nowMs);
  }

  #endWindow(waiting: number, nowMs: number): void {
    const medianMs = this.#median();
    const { min, tolerancePercent } = this.#settings;
    // Nothing stood in line: this is what the endpoint takes by itself.
    if (this.#peak <= min) this.#setBaseline(medianMs, nowMs);
    const toleratedMs = this.#baselineMs * (1 + tolerancePercent / 100);
    const shrunk = this.#limit * Math.min(1, Math.max(minGradient, toleratedMs / medianMs));
    const next = shrunk + Math.sqrt(shrunk);
    // A limit that nobody reaches is no reason to raise it.
    if (next < this.#limit || this.#peak * 2 >= this.#limit) this.#limit = this.#clamp(next);
    if (nowMs >= this.#remeasureAtMs) {
      this.#isProbing = true;
      this.#toSkip = waiting;
    }
    this.#beginWindow(waiting, nowMs);
  }

  #setBaseline(medianMs: number, nowMs: number): void {
    this.#baselineMs = medianMs;
    this.#remeasureAtMs = nowMs + baselineAgeMs * (0.75 + this.#random() / 2);
  }

  #beginWindow(waiting: number, nowMs: number): void {
    this.#count = 0;
    this.#windowFromMs = nowMs;
    this.#peak = waiting;
  }

  #median(): number {
    const count = Math.min(this.#count, maxSamples);
    const sorted = this.#samples.slice(0, count).sort();
    return Math.max(sorted[count >> 1] ?? 0, floorMs);
  }

  #clamp(limit: number): number {
    const { min, max } = this.#settings;
    return Math.max(min, Math.min(limit, max));
  }
}
