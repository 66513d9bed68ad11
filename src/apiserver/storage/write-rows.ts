// StateWriter: puts committed changes into the state file: one transaction, one fsync, all or nothing.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Removal } from './event-history.ts';
import { floorMark, revisionMark } from './schema.ts';
import { explainSqliteError, quotePath, StorageError } from './storage-error.ts';
import { eventChecksum, type HistoryItem, type StoredState } from './stored-state.ts';

export interface PendingWrite {
  readonly item: HistoryItem;
  /** What is stored; null: deleted. */
  readonly next: { readonly state: StoredState; readonly text: string } | null;
}

/** What the store needs of its file. */
export interface StateWriter {
  /** @throws when nothing was stored. */
  commit: (writes: readonly PendingWrite[], removal: Removal, revision: number) => void;
  close: () => void;
}

export class SqliteWriter implements StateWriter {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #pageBytes: number;
  readonly #pageCount: StatementSync;
  readonly #freePageCount: StatementSync;
  readonly #addEvent: StatementSync;
  readonly #moveToHistory: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #removeEvent: StatementSync;
  readonly #mark: StatementSync;

  /** `maxBytes`: a file that holds more takes no new objects. */
  constructor(database: DatabaseSync, path: string, maxBytes: number) {
    this.#database = database;
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
    this.#pageCount = database.prepare('PRAGMA page_count');
    this.#freePageCount = database.prepare('PRAGMA freelist_count');
    this.#addEvent = database.prepare(
      `INSERT INTO history (revision, time_ms, type, resource, namespace, name, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    // The text of the state before need not pass through this process again.
    this.#moveToHistory = database.prepare(
      `INSERT INTO history (revision, time_ms, type, resource, namespace, name, checksum, previous_revision, previous)
        SELECT ?, ?, ?, resource, namespace, name, ?, revision, object
        FROM objects WHERE resource = ? AND namespace = ? AND name = ?`,
    );
    this.#put = database.prepare(
      `INSERT INTO objects (resource, namespace, name, revision, object, checksum) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET revision = excluded.revision, object = excluded.object, checksum = excluded.checksum`,
    );
    this.#delete = database.prepare('DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?');
    this.#removeEvent = database.prepare('DELETE FROM history WHERE revision = ?');
    this.#mark = database.prepare('INSERT OR REPLACE INTO marks (mark, revision) VALUES (?, ?)');
  }

  commit(writes: readonly PendingWrite[], removal: Removal, revision: number): void {
    const attempted = `writing ${writes.length} ${writes.length === 1 ? 'change' : 'changes'} to ${quotePath(this.#path)}`;
    this.#assertRoom(writes, attempted);
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const write of writes) this.#store(write);
      for (const removed of removal.revisions) this.#removeEvent.run(removed);
      for (const [resource, floor] of removal.floors) this.#mark.run(floorMark(resource), floor);
      this.#mark.run(revisionMark, revision);
      this.#database.exec('COMMIT');
    } catch (error) {
      // Some failures have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw explainSqliteError(this.#path, attempted, error);
    }
  }

  /** The last connection that closes brings the log into the file (a checkpoint) and deletes it. */
  close(): void {
    try {
      this.#database.close();
    } catch (error) {
      throw explainSqliteError(this.#path, `closing ${quotePath(this.#path)}`, error);
    }
  }

  #store({ item, next }: PendingWrite): void {
    const { timeMs, previous } = item;
    const { type, revision, key } = item.event;
    const { resource, namespace, name } = key;
    const checksum = eventChecksum(key, revision, type, timeMs, previous?.checksum ?? 0);
    if (previous === null) this.#addEvent.run(revision, timeMs, type, resource, namespace, name, checksum);
    else this.#moveToHistory.run(revision, timeMs, type, checksum, resource, namespace, name);
    if (next === null) this.#delete.run(resource, namespace, name);
    else this.#put.run(resource, namespace, name, revision, next.text, next.state.checksum);
  }

  /** Creations stop at the limit, updates a quarter later (a finalizer must come off), deletions never: they are the way out. */
  #assertRoom(writes: readonly PendingWrite[], attempted: string): void {
    let addedBytes = 0;
    let hasPut = false;
    let hasCreation = false;
    for (const { item, next } of writes) {
      if (next === null) continue;
      hasPut = true;
      hasCreation ||= item.previous === null;
      addedBytes += next.text.length - (item.previous?.textLength ?? 0);
    }
    if (!hasPut) return;
    const pages =
      Number(this.#pageCount.get()?.['page_count']) - Number(this.#freePageCount.get()?.['freelist_count']);
    const wantedBytes = pages * this.#pageBytes + addedBytes;
    if (wantedBytes <= (hasCreation ? this.#maxBytes : this.#maxBytes * 1.25)) return;
    throw new StorageError(
      this.#path,
      'full',
      `${attempted}: the store would hold ${wantedBytes} bytes, its limit is ${this.#maxBytes}; delete objects or raise the limit`,
    );
  }
}
