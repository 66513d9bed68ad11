// FloodGuard: counts what a client of HTTP/2 can do for next to nothing and that costs us work (rule M9): streams that it resets, and
// control frames with no request or data between them. Counts start anew with each window of time.

export interface FloodLimits {
  /** Streams reset by the client, or by us because of it. */
  readonly maxResets: number;
  /** PING and SETTINGS frames between two pieces of work. */
  readonly maxControlFrames: number;
  readonly windowMs: number;
}

export class FloodGuard {
  readonly #limits: FloodLimits;
  #resets = 0;
  #resetsUntilMs = 0;
  #controlFrames = 0;
  #controlUntilMs = 0;

  constructor(limits: FloodLimits) {
    this.#limits = limits;
  }

  /** False: more than a client with good reasons ever resets. */
  countReset(nowMs: number): boolean {
    if (nowMs >= this.#resetsUntilMs) {
      this.#resets = 0;
      this.#resetsUntilMs = nowMs + this.#limits.windowMs;
    }
    this.#resets += 1;
    return this.#resets <= this.#limits.maxResets;
  }

  /** False: a flood. Clients that measure their round trip send a PING with each piece of data, so work starts the count anew. */
  countControlFrame(nowMs: number): boolean {
    if (nowMs >= this.#controlUntilMs) {
      this.#controlFrames = 0;
      this.#controlUntilMs = nowMs + this.#limits.windowMs;
    }
    this.#controlFrames += 1;
    return this.#controlFrames <= this.#limits.maxControlFrames;
  }

  /** A request began, or a piece of a body went through. */
  countWork(): void {
    this.#controlFrames = 0;
  }
}
