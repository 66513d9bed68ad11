// The storage of the API server: objects with one revision counter, watches that resume, lists at older revisions, in one file.
export { defaultHistoryLimits, firstRevision, type HistoryLimits } from './event-history.ts';
export { type Durability, memoryPath } from './open-database.ts';
export { openStore, type StoreOptions } from './open-store.ts';
export { StorageError, type StorageProblem } from './storage-error.ts';
export {
  type ListPage,
  type ListRange,
  type Mutation,
  type ObjectStore,
  RevisionExpiredError,
  type StoredKey,
  type StoreEvent,
  type StoreWatch,
} from './store.ts';
