// ensureStateFile: the file on disk, before SQLite opens it: it exists whole or not at all, and only its owner reads it.
// Nothing here opens an existing state file: closing any descriptor of it would drop the locks that SQLite holds in this process.
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from './schema.ts';
import { explainFileError, explainSqliteError, quotePath, StorageError } from './storage-error.ts';

/** It holds Secrets. SQLite gives its -wal and -shm files the mode of the file itself. */
const ownerOnly = 0o600;

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Moves a finished file into place; when another process was faster, its file stays. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
    // File systems without hard links: a rename would replace, so it is looked before.
    if (code !== 'EEXIST' && !existsSync(path)) renameSync(draft, path);
  }
  rmSync(draft, { force: true });
  syncFolder(dirname(path));
}

/**
 * Under another name first, so that a crash leaves no half-made file: an empty state file is always a sign of damage, and
 * never the beginning of an empty cluster.
 */
function createStateFile(path: string): void {
  const draft = `${path}.new`;
  const attempted = `creating the state file ${quotePath(path)}`;
  try {
    closeSync(openSync(draft, 'a', ownerOnly));
    const database = new DatabaseSync(draft);
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA');
      const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
      migrate(database, typeof version === 'number' ? version : 0);
    } finally {
      database.close();
    }
    publish(draft, path);
  } catch (error) {
    throw explainFileError(path, attempted, explainSqliteError(path, attempted, error));
  }
}

/** What SQLite would take for a leftover and delete: changes of a file that is gone. */
function refuseOrphans(path: string, state: string): void {
  for (const orphan of [`${path}-wal`, `${path}-journal`].filter((each) => sizeOf(each) > 0)) {
    throw new StorageError(
      path,
      'damaged',
      `opening the state file ${quotePath(path)}: it is ${state}, but ${quotePath(orphan)} holds changes that belong to it; ` +
        'restore the two files together, or move the second one away to begin with an empty state',
    );
  }
}

/** Owner only, also for what SQLite keeps beside the file. */
function protectFiles(path: string, warn: (message: string) => void): void {
  for (const each of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(each, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o077) === 0) continue;
    try {
      chmodSync(each, ownerOnly);
    } catch {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      warn(
        `the state file ${quotePath(each)} holds Secrets and its mode is ${shown}, which this user may not change; want 0600`,
      );
    }
  }
}

/** The state file at `path` exists when this returns. @throws {StorageError} */
export function ensureStateFile(path: string, warn: (message: string) => void): void {
  const attempted = `opening the state file ${quotePath(path)}`;
  let found: ReturnType<typeof statSync> | undefined;
  try {
    found = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw explainFileError(path, attempted, error);
  }
  if (found === undefined) {
    refuseOrphans(path, 'missing');
    createStateFile(path);
  } else if (!found.isFile()) {
    throw new StorageError(path, 'foreign', `${attempted}: it is not a file; name a file`);
  } else if (found.size === 0) {
    refuseOrphans(path, 'empty');
    throw new StorageError(
      path,
      'damaged',
      `${attempted}: it is empty (0 bytes), which a state file never is; ` +
        'restore it from a backup, or remove it to begin with an empty state',
    );
  }
  protectFiles(path, warn);
  try {
    // SQLite would open a file that it may not write without a word, and fail at the first change.
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw explainFileError(path, attempted, error);
  }
}
