// QuietBatch: gathers items until none has come for a moment, then hands them over at once: several edits are one change.
// A steady stream is handed over after `holdMs` all the same.
export interface QuietBatchOptions<Item> {
  /** Pause that ends a batch. */
  readonly quietMs: number;
  /** Longest time between the first item of a batch and its hand-over. */
  readonly holdMs: number;
  readonly onBatch: (items: ReadonlySet<Item>) => void;
}

export class QuietBatch<Item> {
  readonly #options: QuietBatchOptions<Item>;
  #items = new Set<Item>();
  #quiet: NodeJS.Timeout | null = null;
  #startedMs = 0;

  constructor(options: QuietBatchOptions<Item>) {
    this.#options = options;
  }

  add(item: Item): void {
    const nowMs = performance.now();
    if (this.#items.size === 0) this.#startedMs = nowMs;
    this.#items.add(item);
    if (nowMs - this.#startedMs >= this.#options.holdMs) this.#flush();
    else if (this.#quiet === null) this.#quiet = setTimeout(() => this.#flush(), this.#options.quietMs);
    else this.#quiet.refresh();
  }

  /** Drops what was gathered. */
  stop(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#quiet = null;
    this.#items = new Set();
  }

  #flush(): void {
    const items = this.#items;
    this.stop();
    if (items.size > 0) this.#options.onBatch(items);
  }
}
