// ObjectStore: what the API server asks of its storage. One counter (the revision) for the whole store grows at every write;
// an object's `metadata.resourceVersion` is the revision of its last write, as decimal text. Everything is synchronous, so a
// read, a decision and a write in one turn of the event loop are one transaction; a write that returned survives `kill -9`.
import type { ApiObject } from '../api-object.ts';

export interface StoredKey {
  /** Storage name of the resource, e.g. `networking.k8s.io/ingresses`, `core/services`. */
  readonly resource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

export type Mutation =
  /** Created or replaced; the store sets `metadata.resourceVersion`. */
  | { readonly kind: 'put'; readonly key: StoredKey; readonly object: ApiObject }
  /** Deleting what is not there changes nothing. */
  | { readonly kind: 'delete'; readonly key: StoredKey };

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly key: StoredKey;
  /** DELETED: the last state, with the revision of the deletion as its resourceVersion. */
  readonly object: ApiObject;
  /** The state before; null for ADDED. */
  readonly previous: ApiObject | null;
}

export interface ListRange {
  readonly resource: string;
  /** Null: all namespaces. */
  readonly namespace: string | null;
  /** Only keys behind this one. */
  readonly after?: { readonly namespace: string; readonly name: string };
  readonly limit?: number;
  /** The state at this revision instead of the newest. */
  readonly atRevision?: number;
}

export interface ListPage {
  /** By namespace, then name. */
  readonly objects: readonly ApiObject[];
  /** Of the state that was read. */
  readonly revision: number;
  /** Objects of the range that are not on this page. */
  readonly remaining: number;
}

export interface StoreWatch {
  stop: () => void;
}

/** The history does not reach back to the revision that was asked for (410 Expired). */
export class RevisionExpiredError extends Error {
  readonly oldestRevision: number;

  constructor(revision: number, oldestRevision: number) {
    super(`too old resource version: ${revision} (${oldestRevision})`);
    this.oldestRevision = oldestRevision;
  }
}

export interface ObjectStore {
  /** Of the last write. */
  readonly revision: number;
  /** Oldest revision that a watch may resume behind and a list may read at. */
  readonly oldestRevision: number;
  get: (key: StoredKey) => ApiObject | null;
  /** @throws {RevisionExpiredError} `atRevision` is older than the history. */
  list: (range: ListRange) => ListPage;
  count: (resource: string) => number;
  /**
   * All of them or none; each gets a revision of its own. Watchers are told after the commit, before this returns or right
   * behind it. Returns what is stored now, null for deletions. A put that is deeply equal to what is stored still writes:
   * callers compare. @throws when the disk refuses; nothing has changed then.
   */
  write: (mutations: readonly Mutation[]) => readonly (ApiObject | null)[];
  /** Everything that `run` writes becomes durable together; for bulk loads. */
  batch: <Result>(run: () => Result) => Result;
  /**
   * Calls `onEvent` for every event of the resource behind `fromRevision`, in order: first from the history (synchronously,
   * before this returns), then as it happens. @throws {RevisionExpiredError}
   */
  watch: (
    resource: string,
    namespace: string | null,
    fromRevision: number,
    onEvent: (event: StoreEvent) => void,
  ) => StoreWatch;
  close: () => void;
}
