// AuthCache: answers of authentication servers that count for later requests, in one worker, bounded in number and bytes. Those that
// were asked for longest ago go first.
import type { AuthAnswer } from './auth-answer.ts';

const maxEntries = 20_000;
const maxBytes = 16 * 1_048_576;
/** Key, record and places in the map, about. */
const entryBytes = 400;

interface Entry {
  readonly answer: AuthAnswer;
  readonly untilMs: number;
}

export class AuthCache {
  readonly #entries = new Map<string, Entry>();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(bounds = { maxEntries, maxBytes }) {
    this.#maxEntries = bounds.maxEntries;
    this.#maxBytes = bounds.maxBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string, nowMs: number): AuthAnswer | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.delete(key);
    if (entry.untilMs <= nowMs) {
      this.#bytes -= bytesOf(entry.answer);
      return null;
    }
    this.#entries.set(key, entry);
    return entry.answer;
  }

  set(key: string, answer: AuthAnswer, nowMs: number): void {
    if (answer.lifetimeMs <= 0) return;
    const before = this.#entries.get(key);
    if (before !== undefined) {
      this.#entries.delete(key);
      this.#bytes -= bytesOf(before.answer);
    }
    this.#entries.set(key, { answer, untilMs: nowMs + answer.lifetimeMs });
    this.#bytes += bytesOf(answer);
    for (const [oldest, { answer: old }] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= bytesOf(old);
    }
  }
}

function bytesOf({ fields, cookies, challenge }: AuthAnswer): number {
  return entryBytes + fields.length + cookies.length + challenge.length;
}
