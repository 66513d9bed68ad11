// EventHistory: the last events of each resource, oldest first, so that a watch resumes and a list reads at an older revision.
// Each resource has its own end: a flood of one kind does not expire the watches of the others. Bounded by age, number and size;
// what falls out is taken in small steps, with the writes that cause it.
import type { HistoryItem } from './stored-state.ts';
import type { StoreEvent } from './store.ts';

export interface HistoryLimits {
  /** Events of a resource that are kept however old they are. */
  readonly minEvents: number;
  /** Events younger than this are kept, as far as the limits below allow. */
  readonly minAgeMs: number;
  /** Of all resources together. */
  readonly maxEvents: number;
  /** JSON text of the older states, of all resources together; in memory they take about half as much again. */
  readonly maxBytes: number;
}

export const defaultHistoryLimits: HistoryLimits = {
  minEvents: 1000,
  minAgeMs: 5 * 60_000,
  maxEvents: 20_000,
  maxBytes: 64 * 1024 * 1024,
};

/** What an event weighs besides the older state. */
const eventOverheadBytes = 256;
/** Compaction behind a write: this many events, and two for each that was written, so that it always catches up. */
const stepEvents = 16;
/** The empty store's revision: the first write is 2, and no list says 0, which means "any" in the API. */
export const firstRevision = 1;

function bytesOf(item: HistoryItem): number {
  return eventOverheadBytes + (item.previous?.textLength ?? 0);
}

class ResourceLog {
  readonly resource: string;
  floor: number;
  bytes = 0;
  #items: HistoryItem[] = [];
  #head = 0;

  constructor(resource: string, floor: number) {
    this.resource = resource;
    this.floor = floor;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  get oldest(): HistoryItem | undefined {
    return this.#items[this.#head];
  }

  push(item: HistoryItem): void {
    this.#items.push(item);
    this.bytes += bytesOf(item);
  }

  pop(): void {
    const item = this.#items.pop();
    if (item !== undefined) this.bytes -= bytesOf(item);
  }

  shift(): HistoryItem | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    this.bytes -= bytesOf(item);
    this.floor = item.event.revision;
    // The dropped part is let go when it is as long as the rest: constant cost for each event. Never while it is small.
    if (this.#head >= stepEvents && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  behind(revision: number): readonly StoreEvent[] {
    let low = this.#head;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle]?.event.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#items.slice(low).map((item) => item.event);
  }
}

/** What compaction took out of memory and is still in the file. */
export interface Removal {
  readonly revisions: readonly number[];
  /** New ends, by resource. */
  readonly floors: ReadonlyMap<string, number>;
}

export class EventHistory {
  readonly #limits: HistoryLimits;
  readonly #logs = new Map<string, ResourceLog>();
  #size = 0;
  #oldestRevision = firstRevision;
  #removedRevisions: number[] = [];
  #raisedFloors = new Map<string, number>();

  constructor(limits: HistoryLimits, floors: ReadonlyMap<string, number>) {
    this.#limits = limits;
    for (const [resource, floor] of floors) {
      this.#logs.set(resource, new ResourceLog(resource, floor));
      this.#oldestRevision = Math.max(this.#oldestRevision, floor);
    }
  }

  /** The oldest revision at which every resource can be read. */
  get oldestRevision(): number {
    return this.#oldestRevision;
  }

  /** The oldest revision at which this resource can be read. */
  floor(resource: string): number {
    return this.#logs.get(resource)?.floor ?? firstRevision;
  }

  push(item: HistoryItem): void {
    const { resource } = item.event.key;
    let log = this.#logs.get(resource);
    if (log === undefined) {
      log = new ResourceLog(resource, firstRevision);
      this.#logs.set(resource, log);
    }
    log.push(item);
    this.#size += 1;
  }

  /** Takes back the newest event of the resource. */
  pop(resource: string): void {
    this.#logs.get(resource)?.pop();
    this.#size -= 1;
  }

  /** A copy, oldest first. */
  behind(resource: string, revision: number): readonly StoreEvent[] {
    return this.#logs.get(resource)?.behind(revision) ?? [];
  }

  /** After a commit of events of these resources. What it drops leaves the file with the next commit. */
  compact(resources: ReadonlySet<string>, writtenEvents: number, nowMs: number): void {
    let budget = stepEvents + 2 * writtenEvents;
    for (const resource of resources) {
      const log = this.#logs.get(resource);
      if (log === undefined) continue;
      for (; budget > 0 && this.#isOutdated(log, nowMs); budget -= 1) this.#drop(log);
    }
    for (; budget > 0; budget -= 1) {
      const log = this.#overfull();
      if (log === undefined) break;
      this.#drop(log);
    }
  }

  get removal(): Removal {
    return { revisions: this.#removedRevisions, floors: this.#raisedFloors };
  }

  /** The file has followed. */
  endRemoval(): void {
    if (this.#removedRevisions.length === 0) return;
    this.#removedRevisions = [];
    this.#raisedFloors = new Map();
  }

  #isOutdated(log: ResourceLog, nowMs: number): boolean {
    const { minEvents, minAgeMs } = this.#limits;
    return log.size > minEvents && (log.oldest?.timeMs ?? nowMs) < nowMs - minAgeMs;
  }

  /** The resource that pays when all together are too much: the one with the largest share of it. */
  #overfull(): ResourceLog | undefined {
    let totalBytes = 0;
    for (const log of this.#logs.values()) totalBytes += log.bytes;
    const isTooLarge = totalBytes > this.#limits.maxBytes;
    if (!isTooLarge && this.#size <= this.#limits.maxEvents) return undefined;
    let worst: ResourceLog | undefined;
    for (const log of this.#logs.values()) {
      if (log.size === 0) continue;
      if (worst === undefined || (isTooLarge ? log.bytes > worst.bytes : log.size > worst.size)) worst = log;
    }
    return worst;
  }

  #drop(log: ResourceLog): void {
    const item = log.shift();
    if (item === undefined) return;
    this.#size -= 1;
    this.#removedRevisions.push(item.event.revision);
    this.#raisedFloors.set(log.resource, log.floor);
    this.#oldestRevision = Math.max(this.#oldestRevision, log.floor);
  }
}
