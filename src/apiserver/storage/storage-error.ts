// StorageError: the file of the store cannot be opened or written. The message says which file, what is wrong with it and what
// an operator can do; nothing was changed on disk or in memory when it is thrown.

export type StorageProblem =
  /** Another process holds the file. */
  | 'in use'
  /** The file, or a row of it, is not what was written. */
  | 'damaged'
  /** A later version of the program wrote it. */
  | 'newer'
  /** It is some other file. */
  | 'foreign'
  /** Missing folder, missing permission, read-only file system. */
  | 'unwritable'
  /** The disk or the store's quota is full; deletions may still work. */
  | 'full'
  /** The disk refused or lost data. */
  | 'failed'
  | 'closed';

export class StorageError extends Error {
  readonly path: string;
  readonly problem: StorageProblem;

  constructor(path: string, problem: StorageProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
    this.path = path;
    this.problem = problem;
  }
}

export function quotePath(path: string): string {
  return `"${path}"`;
}

/** Primary result codes, https://www.sqlite.org/rescode.html; extended ones keep them in the low byte. */
const resultCode = {
  error: 1,
  busy: 5,
  locked: 6,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notDatabase: 26,
};
/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. */
const lostSyncCodes: ReadonlySet<number> = new Set([1034, 1290]);

/** What SQLite says of `error`; null: it is no error of SQLite's. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  const code: unknown = Reflect.get(error, 'errcode');
  return typeof code === 'number' ? code : null;
}

/** SQLITE_BUSY and its extended codes. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && (code & 0xff) === resultCode.busy;
}

/**
 * The kernel could not bring written pages to the disk. It may have dropped them, and a later fsync that works proves nothing
 * about them: only reading the file again tells what is there.
 */
export function hasLostSync(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && lostSyncCodes.has(code);
}

const advice: Readonly<Record<number, readonly [StorageProblem, string]>> = {
  [resultCode.error]: ['damaged', 'its tables are not as they were made; restore the file from a backup'],
  [resultCode.busy]: ['in use', 'another process reads or writes it: stop that process'],
  [resultCode.locked]: ['in use', 'another process reads or writes it: stop that process'],
  [resultCode.readonly]: ['unwritable', 'make the file and its folder writable for this user'],
  [resultCode.ioError]: ['failed', 'look at the disk and its free space'],
  [resultCode.corrupt]: ['damaged', 'restore the file from a backup; it was left as it is'],
  [resultCode.full]: ['full', 'free some space on its disk'],
  [resultCode.cantOpen]: ['unwritable', 'make the file and its folder writable for this user'],
  [resultCode.notDatabase]: [
    'damaged',
    'it is not a SQLite file, or its first page is damaged; restore it from a backup or use another folder; it was left as it is',
  ],
};

/** `attempted`, e.g. `opening "/data/state.db"`. Errors that are not SQLite's come back as they are. */
export function explainSqliteError(path: string, attempted: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (error instanceof StorageError || code === null) return error;
  const [problem, whatToDo] = advice[code & 0xff] ?? ['failed', 'look at the disk and at the file'];
  const said = error instanceof Error ? error.message : String(error);
  return new StorageError(path, problem, `${attempted}: ${said} (SQLite ${code}); ${whatToDo}`, {
    cause: error,
  });
}

const fileAdvice: Readonly<Record<string, readonly [StorageProblem, string]>> = {
  ENOENT: ['unwritable', 'its folder does not exist: create it'],
  ENOTDIR: ['unwritable', 'a part of the path is not a folder'],
  EACCES: [
    'unwritable',
    'this user may not write there: change the owner or the mode of the file and its folder',
  ],
  EPERM: [
    'unwritable',
    'this user may not write there: change the owner or the mode of the file and its folder',
  ],
  EROFS: ['unwritable', 'the file system is mounted read-only'],
  ENOSPC: ['full', 'free some space on its disk'],
  EDQUOT: ['full', "the user's disk quota is used up"],
};

/** Of errors of node:fs; others come back as they are. */
export function explainFileError(path: string, attempted: string, error: unknown): unknown {
  if (error instanceof StorageError || !(error instanceof Error)) return error;
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code !== 'string') return error;
  const [problem, whatToDo] = fileAdvice[code] ?? ['failed', 'look at the folder and its disk'];
  return new StorageError(path, problem, `${attempted}: ${code}; ${whatToDo}`, { cause: error });
}
