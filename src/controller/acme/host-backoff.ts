// Which hosts have failed, and when they may be tried again: each on its own, so that one that fails disturbs no other. Let's Encrypt
// takes five failures of a host in an hour; the pauses of 5, 10, 20, 40 minutes stay below that. Kept as text over a restart, so that one
// who starts again and again does not ask each time.
import { membersOf } from './acme-error.ts';

const firstPauseMs = 300_000;
const maxPauseMs = 86_400_000;
const jitter = 0.2;
/** What Retry-After is at most. */
const longestWaitMs = 7 * 86_400_000;
const maxHosts = 20_000;
/** All annotations of an object together have 256 KiB. */
const maxTextLength = 131_072;
/** A time that is long over is that of a host that nobody wants any more. */
const forgetMs = 86_400_000;

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

  /** True: it had failed. */
  succeed(host: string): boolean {
    return this.#failures.delete(host);
  }

  /** JSON, `{HOST: [COUNT, TIME]}`; where that is too long, of those that wait longest. */
  render(nowMs: number): string {
    const kept: Record<string, readonly [number, number]> = Object.create(null);
    let length = 2;
    for (const [host, { count, retryAtMs }] of [...this.#failures].sort(
      (a, b) => b[1].retryAtMs - a[1].retryAtMs,
    )) {
      const entry = [count, Math.ceil(retryAtMs)] as const;
      length += host.length + JSON.stringify(entry).length + '"":,'.length;
      if (retryAtMs < nowMs - forgetMs || length > maxTextLength) break;
      kept[host] = entry;
    }
    return JSON.stringify(kept);
  }

  /** Takes up what `render` made, besides what is known. Never throws: what is no such text holds nothing. */
  restore(text: string, nowMs: number): void {
    for (const [host, entry] of Object.entries(parseMembers(text)).slice(0, maxHosts)) {
      const [count, retryAtMs] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
      if (!isCount(count) || !isCount(retryAtMs) || retryAtMs <= this.retryAtMs(host)) continue;
      // No clock that was wrong once keeps a host waiting forever.
      this.#failures.set(host, { count, retryAtMs: Math.min(retryAtMs, nowMs + longestWaitMs) });
    }
  }

  /** 0: it may be tried at any time. */
  retryAtMs(host: string): number {
    return this.#failures.get(host)?.retryAtMs ?? 0;
  }
}

function parseMembers(text: string): Readonly<Record<string, unknown>> {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
