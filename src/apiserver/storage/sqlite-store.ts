// SqliteStore: objects in memory, changes in a file. A write changes the memory, then the file, and takes the memory back when the
// file refuses; watchers are told last. All of it in one turn of the event loop, so nobody acts on what is not durable.
import type { ApiObject } from '../api-object.ts';
import type { EventHistory } from './event-history.ts';
import { listRange } from './list-range.ts';
import { ObjectTable } from './object-table.ts';
import type { LoadedState } from './read-rows.ts';
import { hasLostSync, quotePath, StorageError } from './storage-error.ts';
import {
  type ListPage,
  type ListRange,
  type Mutation,
  type ObjectStore,
  RevisionExpiredError,
  type StoredKey,
  type StoreEvent,
  type StoreWatch,
} from './store.ts';
import { assertStorableKey, stateChecksum, type StoredState, withRevision } from './stored-state.ts';
import { WatchHub } from './watch-hub.ts';
import type { PendingWrite, StateWriter } from './write-rows.ts';

export interface StoreParts {
  readonly path: string;
  readonly loaded: LoadedState;
  readonly writer: StateWriter;
  readonly nowMs: () => number;
  /** Must not throw. */
  readonly onListenerError: (error: unknown) => void;
}

const emptyTable = new ObjectTable();

export class SqliteStore implements ObjectStore {
  readonly #path: string;
  readonly #writer: StateWriter;
  readonly #nowMs: () => number;
  readonly #tables: Map<string, ObjectTable>;
  readonly #history: EventHistory;
  readonly #hub: WatchHub;
  #revision: number;
  /** In memory, not yet in the file. */
  #pending: PendingWrite[] = [];
  #batchDepth = 0;
  /** Why nothing is written any more. */
  #failure: StorageError | null = null;

  constructor({ path, loaded, writer, nowMs, onListenerError }: StoreParts) {
    this.#path = path;
    this.#writer = writer;
    this.#nowMs = nowMs;
    this.#tables = loaded.tables;
    this.#history = loaded.history;
    this.#revision = loaded.revision;
    this.#hub = new WatchHub(onListenerError);
  }

  get revision(): number {
    return this.#revision;
  }

  get oldestRevision(): number {
    return this.#history.oldestRevision;
  }

  get({ resource, namespace, name }: StoredKey): ApiObject | null {
    return this.#tables.get(resource)?.get(namespace, name)?.object ?? null;
  }

  count(resource: string): number {
    return this.#tables.get(resource)?.size ?? 0;
  }

  list(range: ListRange): ListPage {
    const { resource, atRevision } = range;
    const table = this.#tables.get(resource) ?? emptyTable;
    if (atRevision === undefined) return { ...listRange(table, [], range), revision: this.#revision };
    if (atRevision > this.#revision)
      throw new RangeError(`list at revision ${atRevision}: the newest is ${this.#revision}`);
    return { ...listRange(table, this.#eventsBehind(resource, atRevision), range), revision: atRevision };
  }

  write(mutations: readonly Mutation[]): readonly (ApiObject | null)[] {
    return this.batch(() => mutations.map((mutation) => this.#apply(mutation)));
  }

  batch<Result>(run: () => Result): Result {
    if (this.#failure !== null) throw this.#failure;
    const mark = this.#pending.length;
    this.#batchDepth += 1;
    let result: Result;
    try {
      result = run();
      // What would be written after the first await would not be part of it.
      if (result instanceof Promise)
        throw new TypeError('batch: got an asynchronous function, want a synchronous one');
    } catch (error) {
      this.#undoTo(mark);
      throw error;
    } finally {
      this.#batchDepth -= 1;
    }
    if (this.#batchDepth === 0) this.#commit();
    return result;
  }

  watch(
    resource: string,
    namespace: string | null,
    fromRevision: number,
    onEvent: (event: StoreEvent) => void,
  ): StoreWatch {
    if (this.#failure?.problem === 'closed') throw this.#failure;
    // It would be told of changes that may still be taken back.
    if (this.#pending.length > 0)
      throw new Error('watch: got a call inside a batch that has written, want it behind the batch');
    const missed = this.#eventsBehind(resource, fromRevision);
    return { stop: this.#hub.add(resource, namespace, fromRevision, missed, onEvent) };
  }

  close(): void {
    if (this.#failure?.problem === 'closed') return;
    if (this.#batchDepth > 0) throw new Error('close: got a call inside a batch, want it behind the batch');
    const isSound = this.#failure === null;
    this.#failure = new StorageError(
      this.#path,
      'closed',
      `writing to ${quotePath(this.#path)}: the store is closed`,
    );
    this.#hub.close();
    try {
      if (isSound && this.#history.removal.revisions.length > 0)
        this.#writer.commit([], this.#history.removal, this.#revision);
    } finally {
      this.#writer.close();
    }
  }

  #eventsBehind(resource: string, revision: number): readonly StoreEvent[] {
    const floor = this.#history.floor(resource);
    if (revision < floor) throw new RevisionExpiredError(revision, floor);
    return this.#history.behind(resource, revision);
  }

  /** In memory only. */
  #apply(mutation: Mutation): ApiObject | null {
    const { key } = mutation;
    const previous = this.#tables.get(key.resource)?.get(key.namespace, key.name) ?? null;
    const revision = this.#revision + 1;
    if (mutation.kind === 'delete') {
      if (previous !== null)
        this.#record('DELETED', key, withRevision(previous.object, revision), previous, null);
      return null;
    }
    assertStorableKey(key);
    const object = withRevision(mutation.object, revision);
    const text = JSON.stringify(object);
    const state = { object, textLength: text.length, checksum: stateChecksum(key, revision, text) };
    this.#record(previous === null ? 'ADDED' : 'MODIFIED', key, object, previous, { state, text });
    return object;
  }

  /** Throws nothing: memory changes as a whole. */
  #record(
    type: StoreEvent['type'],
    key: StoredKey,
    object: ApiObject,
    previous: StoredState | null,
    next: PendingWrite['next'],
  ): void {
    this.#revision += 1;
    // The caller's key is not trusted to stay as it is.
    const ownKey = { resource: key.resource, namespace: key.namespace, name: key.name };
    const event = { type, revision: this.#revision, key: ownKey, object, previous: previous?.object ?? null };
    const item = { event, timeMs: Math.trunc(this.#nowMs()), previous };
    this.#setState(ownKey, next?.state ?? null);
    this.#history.push(item);
    this.#pending.push({ item, next });
  }

  #setState(key: StoredKey, state: StoredState | null): void {
    let table = this.#tables.get(key.resource);
    if (table === undefined) {
      table = new ObjectTable();
      this.#tables.set(key.resource, table);
    }
    if (state === null) table.remove(key);
    else table.set(key, state);
  }

  /** Takes back all pending writes but the first `length`. */
  #undoTo(length: number): void {
    for (const { item } of this.#pending.splice(length).reverse()) {
      this.#setState(item.event.key, item.previous);
      this.#history.pop(item.event.key.resource);
      this.#revision = item.event.revision - 1;
    }
  }

  #commit(): void {
    const writes = this.#pending;
    if (writes.length === 0) return;
    try {
      this.#writer.commit(writes, this.#history.removal, this.#revision);
    } catch (error) {
      this.#undoTo(0);
      if (hasLostSync(error instanceof Error ? error.cause : null)) this.#stopWriting(error);
      throw error;
    }
    this.#pending = [];
    this.#history.endRemoval();
    const events = writes.map(({ item }) => item.event);
    this.#history.compact(new Set(events.map(({ key }) => key.resource)), events.length, this.#nowMs());
    this.#hub.publish(events);
  }

  /** Memory and disk may differ from now on; the file is read anew at the next start. */
  #stopWriting(cause: unknown): void {
    this.#failure = new StorageError(
      this.#path,
      'failed',
      `writing to ${quotePath(this.#path)}: the disk lost an earlier write, so nothing more is written; check the disk and restart`,
      { cause },
    );
  }
}
