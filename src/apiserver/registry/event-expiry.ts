// EventExpiry: removes Events an hour after they were last written, like the lease that kube puts on them. What it knows of a time before
// its own start it takes from the Events themselves.
import { cleanTimestamp, type Event } from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import type { ObjectStore, StoredKey, StoreWatch } from '../storage/store.ts';
import { startUnrefTimer, type StartTimer } from './start-timer.ts';

const eventStorage = 'core/events';
const defaultTtlMs = 60 * 60 * 1000;
const maxPerStep = 200;
const retryMs = 60_000;

export interface EventExpiryOptions {
  readonly store: ObjectStore;
  readonly nowMs: () => number;
  readonly startTimer?: StartTimer;
  /** Absent: an hour. */
  readonly ttlMs?: number;
  /** A step failed (the disk refused); it is tried again a minute later. */
  readonly onError?: (error: unknown) => void;
}

interface Deadline {
  readonly key: StoredKey;
  readonly atMs: number;
}

export class EventExpiry {
  readonly #options: EventExpiryOptions;
  readonly #ttlMs: number;
  readonly #startTimer: StartTimer;
  /** In the order of their deadlines, because every write moves its Event to the end. */
  readonly #deadlines = new Map<string, Deadline>();
  #watch: StoreWatch | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(options: EventExpiryOptions) {
    this.#options = options;
    this.#ttlMs = options.ttlMs ?? defaultTtlMs;
    this.#startTimer = options.startTimer ?? startUnrefTimer;
  }

  start(): void {
    const { store, nowMs } = this.#options;
    const { objects, revision } = store.list({ resource: eventStorage, namespace: null });
    const now = nowMs();
    const known = objects.map((object) => ({
      key: keyOf(object),
      atMs: lastTouchedMs(object, now) + this.#ttlMs,
    }));
    known.sort((left, right) => left.atMs - right.atMs);
    for (const deadline of known) this.#deadlines.set(nameOf(deadline.key), deadline);
    this.#watch = store.watch(eventStorage, null, revision, ({ type, key }) => {
      const name = nameOf(key);
      this.#deadlines.delete(name);
      if (type === 'DELETED') return;
      this.#deadlines.set(name, { key, atMs: nowMs() + this.#ttlMs });
      this.#schedule();
    });
    this.#schedule();
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = null;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#deadlines.clear();
  }

  /** One timer, for the first deadline. Where that Event has been written again, it fires for nothing and is set anew. */
  #schedule(minDelayMs = 0): void {
    const [first] = this.#deadlines.values();
    if (first === undefined || this.#cancelTimer !== null) return;
    const delayMs = Math.max(minDelayMs, first.atMs - this.#options.nowMs());
    this.#cancelTimer = this.#startTimer(delayMs, () => {
      this.#cancelTimer = null;
      this.#schedule(this.#removeExpired() ? 0 : retryMs);
    });
  }

  /** False: the store refused. */
  #removeExpired(): boolean {
    const now = this.#options.nowMs();
    const expired: StoredKey[] = [];
    for (const { key, atMs } of this.#deadlines.values()) {
      if (atMs > now || expired.length === maxPerStep) break;
      expired.push(key);
    }
    try {
      if (expired.length > 0) this.#options.store.write(expired.map((key) => ({ kind: 'delete', key })));
    } catch (error) {
      this.#options.onError?.(error);
      return false;
    }
    for (const key of expired) this.#deadlines.delete(nameOf(key));
    return true;
  }
}

function keyOf({ metadata }: ApiObject): StoredKey {
  return { resource: eventStorage, namespace: metadata.namespace ?? '', name: metadata.name };
}

/** Neither part can contain a slash. */
function nameOf({ namespace, name }: StoredKey): string {
  return `${namespace}/${name}`;
}

/** The newest of its times, which its writer chose: none of them is believed to lie ahead. */
function lastTouchedMs(object: ApiObject, nowMs: number): number {
  // Objects of this storage are Events.
  const { lastTimestamp, eventTime, series } = object as unknown as Event;
  const times = [lastTimestamp, eventTime, series?.lastObservedTime].map((text) => Date.parse(text ?? ''));
  const newestMs = Math.max(cleanTimestamp(object.metadata), ...times.filter((time) => !Number.isNaN(time)));
  return Math.min(newestMs, nowMs);
}
