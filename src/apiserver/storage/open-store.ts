// openStore: the store of a state file, ready to serve.
import type { DatabaseSync } from 'node:sqlite';
import { defaultHistoryLimits, type HistoryLimits } from './event-history.ts';
import { type Durability, openDatabase } from './open-database.ts';
import { readState } from './read-rows.ts';
import { SqliteStore } from './sqlite-store.ts';
import { explainSqliteError, quotePath } from './storage-error.ts';
import type { ObjectStore } from './store.ts';
import { SqliteWriter } from './write-rows.ts';

export interface StoreOptions {
  /** E.g. `/var/lib/sallyport/state.db`; the folder must exist, the file need not. `:memory:`: nothing is kept. */
  readonly path: string;
  /** Default `disk`. */
  readonly durability?: Durability;
  readonly history?: Partial<HistoryLimits>;
  /** Size of the data at which no more objects are taken. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Wall clock, for the age of events. */
  readonly nowMs?: () => number;
  /** Told what an operator should know although the store works. Default: a warning of the process. */
  readonly onWarning?: (message: string) => void;
  /** Told what a watch's listener threw. Default: a warning of the process. */
  readonly onListenerError?: (error: unknown) => void;
}

const defaultMaxBytes = 1024 * 1024 * 1024;

function warnOfListener(error: unknown): void {
  process.emitWarning(
    `a listener of the store failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
}

/** A listener's failure harms nobody, nor does the failure of telling it. */
function shield(tell: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      tell(error);
    } catch (failure) {
      warnOfListener(failure);
    }
  };
}

function build(database: DatabaseSync, options: StoreOptions): ObjectStore {
  const { path } = options;
  const loaded = readState(database, path, { ...defaultHistoryLimits, ...options.history });
  return new SqliteStore({
    path,
    loaded,
    writer: new SqliteWriter(database, path, options.maxBytes ?? defaultMaxBytes),
    nowMs: options.nowMs ?? Date.now,
    onListenerError: shield(options.onListenerError ?? warnOfListener),
  });
}

/** Holds the file until `close` or the end of the process. @throws {StorageError} the file was left as it is then. */
export function openStore(options: StoreOptions): ObjectStore {
  const { path, durability = 'disk', onWarning = (message) => process.emitWarning(message) } = options;
  const database = openDatabase(path, durability, onWarning);
  try {
    return build(database, options);
  } catch (error) {
    database.close();
    throw explainSqliteError(path, `reading the state file ${quotePath(path)}`, error);
  }
}
