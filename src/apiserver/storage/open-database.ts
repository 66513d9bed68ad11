// openDatabase: the state file as a SQLite database: locked for this process alone, known to be ours and sound, set up for
// durable writes. A file that is refused is left as it was found.
import { DatabaseSync } from 'node:sqlite';
import { lookupLockHolder } from './lock-holder.ts';
import { applicationId, migrate, schemaVersion } from './schema.ts';
import { ensureStateFile } from './state-file.ts';
import { explainSqliteError, isBusy, quotePath, StorageError } from './storage-error.ts';

/** A file that is gone when it is closed; for tests and trials. */
export const memoryPath = ':memory:';

/** What a write has reached when it is acknowledged: `disk` outlives a power failure, `kernel` the death of the process. */
export type Durability = 'disk' | 'kernel';

/** After a bulk load the write-ahead log shrinks to this again. */
const maxIdleLogBytes = 16 * 1024 * 1024;

/** The index of 50,000 objects, so that a bulk load finds its pages in memory. */
const cacheKib = 16 * 1024;

function pragma(database: DatabaseSync, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}

function inUse(path: string): StorageError {
  const pid = lookupLockHolder(path);
  const holder =
    pid === process.pid
      ? 'already open in this process'
      : `in use by another process${pid === null ? '' : ` (pid ${pid})`}`;
  return new StorageError(
    path,
    'in use',
    `opening the state file ${quotePath(path)}: it is ${holder}; stop that one first, or use another folder`,
  );
}

/** Takes the lock: SQLite's own, which the kernel drops when the process dies, however it dies. */
function lock(database: DatabaseSync, path: string): void {
  // Before the first access: SQLite then keeps the index of its log in this process and makes no -shm file.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  try {
    pragma(database, 'user_version');
  } catch (error) {
    throw isBusy(error) ? inUse(path) : error;
  }
}

/** @returns the schema version of the file. */
function identify(database: DatabaseSync, path: string): number {
  const version = Number(pragma(database, 'user_version'));
  if (pragma(database, 'page_count') === 0)
    throw new StorageError(
      path,
      'damaged',
      `opening the state file ${quotePath(path)}: it is cut off within its first page; ` +
        'restore it from a backup; it was left as it is',
    );
  if (pragma(database, 'application_id') !== applicationId)
    throw new StorageError(
      path,
      'foreign',
      `opening the state file ${quotePath(path)}: it is a SQLite file of some other program; use another folder`,
    );
  if (version > schemaVersion)
    throw new StorageError(
      path,
      'newer',
      `opening the state file ${quotePath(path)}: a newer version of sallyport wrote it (schema ${version}, ` +
        `this version reads up to ${schemaVersion}); run that version, or restore a backup from before the upgrade`,
    );
  return version;
}

/** The full check, because it compares the index with the table: an object missing in the index would be missing without a word. */
function checkPages(database: DatabaseSync, path: string): void {
  const finding = pragma(database, 'integrity_check(1)');
  if (finding === 'ok') return;
  throw new StorageError(
    path,
    'damaged',
    `opening the state file ${quotePath(path)}: it is damaged: ${String(finding).replaceAll('\n', ' ')}; ` +
      'restore it from a backup; it was left as it is',
  );
}

function configure(database: DatabaseSync, path: string, durability: Durability): void {
  const mode = pragma(database, 'journal_mode = WAL');
  if (mode !== 'wal' && path !== memoryPath)
    throw new StorageError(
      path,
      'unwritable',
      `opening the state file ${quotePath(path)}: its file system allows no write-ahead log (journal mode "${String(mode)}", ` +
        'want "wal"); put it on a local disk',
    );
  database.exec(`
    PRAGMA synchronous = ${durability === 'disk' ? 'FULL' : 'NORMAL'};
    PRAGMA journal_size_limit = ${maxIdleLogBytes};
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${cacheKib};
  `);
}

function prepare(database: DatabaseSync, path: string, durability: Durability): void {
  lock(database, path);
  const version = path === memoryPath ? 0 : identify(database, path);
  // Before anything is written: a damaged file is not made worse.
  checkPages(database, path);
  configure(database, path, durability);
  migrate(database, version);
  // SQLite opens a file that it may not write without a word, for reading.
  database.exec('BEGIN IMMEDIATE; COMMIT');
}

/** @throws {StorageError} */
export function openDatabase(
  path: string,
  durability: Durability,
  warn: (message: string) => void,
): DatabaseSync {
  if (path !== memoryPath) ensureStateFile(path, warn);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path);
    prepare(database, path, durability);
    return database;
  } catch (error) {
    database?.close();
    throw explainSqliteError(path, `opening the state file ${quotePath(path)}`, error);
  }
}
