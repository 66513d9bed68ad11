// Deadlines: one coarse timer for everything in a worker that can time out. Each timed thing holds one `deadlineMs` on the
// monotonic clock (Infinity: none) and is called back once it has passed. Arming a deadline is a field write, which is
// what a request pays; the sweep pays a comparison per open connection and tick instead. Resolution: one tick.

export const tickMs = 250;

export interface Timed {
  /** On the clock of `performance.now()`; Infinity: nothing is awaited. */
  deadlineMs: number;
  /** Called in a sweep after the deadline has passed. May change or remove itself and others. */
  onDeadline(nowMs: number): void;
}

export class Deadlines {
  readonly #items = new Set<Timed>();
  #timer: NodeJS.Timeout | null = null;
  /** The time of the last sweep, at most one tick old: good enough for re-arming, without asking the clock. */
  nowMs = performance.now();

  start(): void {
    this.#timer ??= setInterval(() => this.sweep(performance.now()), tickMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  add(item: Timed): void {
    this.#items.add(item);
  }

  remove(item: Timed): void {
    this.#items.delete(item);
  }

  /** A deadline `durationMs` from now that never fires early, though `nowMs` may lag by a tick. 0 = none. */
  after(durationMs: number): number {
    return durationMs === 0 ? Number.POSITIVE_INFINITY : this.nowMs + durationMs + tickMs;
  }

  sweep(nowMs: number): void {
    this.nowMs = nowMs;
    for (const item of this.#items) {
      if (item.deadlineMs <= nowMs) item.onDeadline(nowMs);
    }
  }

  get size(): number {
    return this.#items.size;
  }
}
