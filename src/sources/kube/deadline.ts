// Deadline: one signal for two reasons to stop: the caller's, and time. Holds nothing of the caller's signal once it has ended.
export class Deadline {
  readonly timeoutMs: number;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = (): void => this.#controller.abort();
  #timer: NodeJS.Timeout | null;
  #isOver = false;

  constructor(timeoutMs: number, outer: AbortSignal | undefined) {
    this.timeoutMs = timeoutMs;
    this.#outer = outer;
    if (outer?.aborted === true) this.#controller.abort();
    outer?.addEventListener('abort', this.#onOuter, { once: true });
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      this.#controller.abort();
    }, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True: time was the reason. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Time no longer counts. */
  lift(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  end(): void {
    this.lift();
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }
}
