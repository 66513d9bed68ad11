// What keeps Events from flooding the API server, as client-go's event correlator does: repeats are counted up in one Event,
// many similar ones are combined, and one object can cause only so many. All memory is bounded: the least used is forgotten.
import { refKey } from '../../model/index.ts';
import type { EventTarget, EventText } from './event-object.ts';

export const maxRemembered = 4_096;
/** Of one object, all but the message equal, within `similarWindowMs`. */
const maxSimilar = 10;
const similarWindowMs = 600_000;
const burst = 25;
const refillMs = 300_000;

/** A Map that forgets what was not used for longest. */
export class RecentMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#maxEntries) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

interface Similar {
  readonly messages: Set<string>;
  sinceMs: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export class SpamFilter {
  readonly #similar = new RecentMap<Similar>(maxRemembered);
  readonly #buckets = new RecentMap<Bucket>(maxRemembered);

  /** The text to write, combined where there are many like it; null: the object has caused too many. `nowMs`: monotonic. */
  admit(target: EventTarget, text: EventText, nowMs: number): EventText | null {
    const combined = this.#combine(target, text, nowMs);
    const key = refKey(target.ref);
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / refillMs);
    this.#buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs });
    return tokens < 1 ? null : combined;
  }

  #combine(target: EventTarget, text: EventText, nowMs: number): EventText {
    const key = [refKey(target.ref), text.type, text.reason].join('\0');
    const known = this.#similar.get(key);
    const isCurrent = known !== undefined && nowMs - known.sinceMs <= similarWindowMs;
    const similar = isCurrent ? known : { messages: new Set<string>(), sinceMs: nowMs };
    similar.sinceMs = nowMs;
    // What is beyond the limit need not be remembered by its text.
    if (similar.messages.size <= maxSimilar) similar.messages.add(text.message);
    this.#similar.set(key, similar);
    if (similar.messages.size <= maxSimilar) return text;
    return { ...text, message: `(combined from similar events): ${text.message}` };
  }
}
