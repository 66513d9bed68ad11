// ReflectorRecord: what a reflector remembers about its dealings with the server, for metrics, readiness and the log.
export interface ReflectorState {
  readonly objects: number;
  /** End of the last complete list, milliseconds since the epoch; 0: never. */
  readonly lastListMs: number;
  /** Last sign of life of the server for this resource; 0: never. */
  readonly lastContactMs: number;
  /** What is known may be out of date: no watch has been open for a while. */
  readonly isStale: boolean;
  /** May not be read, or is not served. */
  readonly isRefused: boolean;
  /** Lists after the first. */
  readonly relists: number;
  readonly listErrors: number;
  readonly watchErrors: number;
  /** Watches cut because nothing came from them for too long. */
  readonly staleWatches: number;
}

/** Watches end and are resumed all the time; so long a gap is no such moment. */
const staleAfterMs = 30_000;

export class ReflectorRecord {
  readonly #nowMs: () => number;
  relists = 0;
  listErrors = 0;
  watchErrors = 0;
  staleWatches = 0;
  lastContactMs = 0;
  #lastListMs = 0;
  /** Null: a watch is open. */
  #closedMs: number | null;
  #wasOpened = false;
  #isRefused = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#closedMs = nowMs();
  }

  get isListed(): boolean {
    return this.#lastListMs > 0;
  }

  get isOpen(): boolean {
    return this.#closedMs === null;
  }

  /** True: the watch that ended last had been accepted. */
  get wasOpened(): boolean {
    return this.#wasOpened;
  }

  touch(): void {
    this.lastContactMs = this.#nowMs();
  }

  list(): void {
    this.touch();
    this.#lastListMs = this.lastContactMs;
    this.#isRefused = false;
  }

  open(): void {
    this.touch();
    this.#closedMs = null;
  }

  close(): void {
    this.#wasOpened = this.isOpen;
    this.#closedMs ??= this.#nowMs();
  }

  refuse(): void {
    this.#isRefused = true;
  }

  state(objects: number): ReflectorState {
    const { lastContactMs, relists, listErrors, watchErrors, staleWatches } = this;
    const isStale =
      !this.#isRefused && this.#closedMs !== null && this.#nowMs() - this.#closedMs > staleAfterMs;
    return {
      objects,
      lastListMs: this.#lastListMs,
      lastContactMs,
      isStale,
      isRefused: this.#isRefused,
      relists,
      listErrors,
      watchErrors,
      staleWatches,
    };
  }
}
