// StoredState: one object as the store keeps it in memory, with what is needed to write and check its row; and HistoryItem, an
// event with what is needed to undo it.
import { crc32 } from 'node:zlib';
import type { ApiObject } from '../api-object.ts';
import type { StoredKey, StoreEvent } from './store.ts';

export interface StoredState {
  readonly object: ApiObject;
  /** Of the JSON text, in UTF-16 units. */
  readonly textLength: number;
  /** Of the row in the file. */
  readonly checksum: number;
}

export interface HistoryItem {
  readonly event: StoreEvent;
  readonly timeMs: number;
  /** Null: ADDED. */
  readonly previous: StoredState | null;
}

/** `object` as it is after the write `revision`. */
export function withRevision(object: ApiObject, revision: number): ApiObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

/** What stands in a row beside its text. */
function keyText(key: StoredKey, revision: number): string {
  return `${key.resource}\0${key.namespace}\0${key.name}\0${revision}\0`;
}

/**
 * SQLite keeps no checksums of its pages: without this a flipped bit inside a text would be served as truth.
 * The object's key and revision are covered too.
 */
export function stateChecksum(key: StoredKey, revision: number, text: string): number {
  return crc32(text, crc32(keyText(key, revision)));
}

/** Covers an event's row; `previousChecksum` is that of the state before, 0 for ADDED. */
export function eventChecksum(
  key: StoredKey,
  revision: number,
  type: StoreEvent['type'],
  timeMs: number,
  previousChecksum: number,
): number {
  return crc32(`${type}\0${timeMs}`, crc32(keyText(key, revision), previousChecksum));
}

/** Keys that come back from the file as they went in: SQLite's texts are UTF-8. */
export function assertStorableKey({ resource, namespace, name }: StoredKey): void {
  for (const part of [resource, namespace, name]) {
    if (part.isWellFormed() && !part.includes('\0')) continue;
    throw new TypeError(
      `storage key: got ${JSON.stringify(part)}, want text without NUL and lone surrogates`,
    );
  }
}
