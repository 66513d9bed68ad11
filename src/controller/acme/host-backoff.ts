// Which hosts have failed, and when they may be tried again: each on its own, so that one that fails disturbs no other. Let's Encrypt
// takes five failures of a host in an hour; the pauses of 5, 10, 20, 40 minutes stay below that.

const firstPauseMs = 300_000;
const maxPauseMs = 86_400_000;
const jitter = 0.2;
const maxHosts = 20_000;

interface Failure {
  readonly count: number;
  readonly retryAtMs: number;
}

export class HostBackoff {
  readonly #failures = new Map<string, Failure>();

  /** `leastMs`: the server wants at least this pause. `random`: from 0 up to 1. */
  fail(host: string, nowMs: number, random: number, leastMs: number): void {
    const count = (this.#failures.get(host)?.count ?? 0) + 1;
    const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(count - 1, 20), maxPauseMs);
    const retryAtMs = nowMs + Math.max(pauseMs * (1 + random * jitter), leastMs);
    if (this.#failures.size >= maxHosts) this.#failures.clear();
    this.#failures.set(host, { count, retryAtMs });
  }

  succeed(host: string): void {
    this.#failures.delete(host);
  }

  /** 0: it may be tried at any time. */
  retryAtMs(host: string): number {
    return this.#failures.get(host)?.retryAtMs ?? 0;
  }
}
