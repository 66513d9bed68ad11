// BodyPace: notices a request body that trickles. Pauses are the connection's business; this is the rate over a window, so that a
// byte a second does not hold a connection for hours (rule L7).

const minBytesPerSecond = 240;
const windowMs = 30_000;
const minWindowBytes = (minBytesPerSecond * windowMs) / 1_000;

export class BodyPace {
  #bytes = 0;
  #endMs = 0;

  count(bytes: number): void {
    this.#bytes += bytes;
  }

  /** When the present window ends; the first call starts one. */
  windowEnd(nowMs: number): number {
    if (this.#endMs === 0) this.#endMs = nowMs + windowMs;
    return this.#endMs;
  }

  /** True when the window has ended and enough came in it: a new one starts. False: it trickles, or the window still runs. */
  isFastEnough(nowMs: number): boolean {
    if (this.#endMs === 0 || nowMs < this.#endMs) return false;
    const isFast = this.#bytes >= minWindowBytes;
    this.#bytes = 0;
    this.#endMs = nowMs + windowMs;
    return isFast;
  }

  reset(): void {
    this.#bytes = 0;
    this.#endMs = 0;
  }
}
