// ManifestTree: which manifest files lie under the given paths, kept by looking at single paths that may have changed.
// Folders are read recursively in sorted order; hidden names are skipped; a symbolic link is followed, but a file or folder
// that was reached already is not taken a second time. Synchronous on purpose: a look costs microseconds, and a thread-pool
// round trip several times that; long walks are generators, so that the caller can let others run in between.
import { type BigIntStats, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

/** Files that a folder contributes. A file named by the user is read whatever its name. */
const manifestName = /^[^.].*\.(?:ya?ml|json)$/;

export interface TreeListener {
  /** A folder whose entries matter (real path). May be told again for the same one. */
  readonly onFolder: (realPath: string) => void;
  /** A folder that is gone or was replaced: a watch on it is dead. */
  readonly onFolderGone: (realPath: string) => void;
  /** The file is new, or its size, times or inode differ from the last look, or it is gone. */
  readonly onFile: (path: string) => void;
  /** A path is there but cannot be looked at; the files known under it are kept. */
  readonly onError: (path: string, error: unknown) => void;
}

interface FileEntry {
  readonly real: string;
  readonly signature: string;
}

interface FolderEntry {
  readonly real: string;
  readonly inode: bigint;
}

export class ManifestTree {
  readonly #roots: readonly string[];
  readonly #listener: TreeListener;
  readonly #files = new Map<string, FileEntry>();
  readonly #folders = new Map<string, FolderEntry>();
  /** Real path → the path under which it is known. */
  readonly #known = new Map<string, string>();
  /** Real path of the folder that holds a root → the roots in it: they may be replaced or come back. */
  readonly #rootsIn = new Map<string, string[]>();
  /** Paths met since the last scan began: what a scan does not meet is gone. */
  #seen = new Set<string>();

  constructor(roots: readonly string[], listener: TreeListener) {
    this.#roots = [...new Set(roots)].sort();
    this.#listener = listener;
  }

  get files(): ReadonlyMap<string, unknown> {
    return this.#files;
  }

  /** Looks at everything. Yields after each entry. */
  *scan(): Generator<void> {
    this.#seen = new Set();
    for (const root of this.#roots) {
      this.#watchParentOf(root);
      yield* this.#visit(root, true);
    }
    for (const folder of [...this.#folders.keys()]) if (!this.#seen.has(folder)) this.#forgetFolder(folder);
    for (const file of [...this.#files.keys()]) if (!this.#seen.has(file)) this.#forgetFile(file);
  }

  /** Whether an event in a folder (real path) can matter here, told cheaply: other files in these folders may be written all the time. */
  concerns(realFolder: string, name: string | null, kind: 'rename' | 'change'): boolean {
    if (name === null || name.startsWith('..')) return true;
    if ((this.#rootsIn.get(realFolder) ?? []).some((root) => basename(root) === name)) return true;
    if (this.#known.has(join(realFolder, name))) return true;
    const folder = this.#known.get(realFolder);
    if (folder === undefined || !this.#folders.has(folder) || name.startsWith('.')) return false;
    // A new name can be a folder's.
    return kind === 'rename' || manifestName.test(name) || this.#folders.has(join(folder, name));
  }

  /** What an event in a folder (real path) means for the files under the roots. `name` null: anything in it may have changed. */
  lookAt(realFolder: string, name: string | null): void {
    // Kubernetes swaps the link `..data` to replace all files of a ConfigMap volume at once.
    const everything = name === null || name.startsWith('..');
    const folder = this.#known.get(realFolder);
    if (folder !== undefined && this.#folders.has(folder)) {
      if (everything) this.#lookAtFolder(folder);
      else this.lookAtPath(join(folder, name));
    }
    for (const root of this.#rootsIn.get(realFolder) ?? []) {
      if (everything || basename(root) === name) this.lookAtPath(root);
    }
    const linked = name === null ? undefined : this.#known.get(join(realFolder, name));
    if (linked !== undefined && this.#files.has(linked)) this.#listener.onFile(linked);
  }

  /** Looks at one path. A known file is reported even if it looks the same: coarse time stamps hide quick writes. */
  lookAtPath(path: string): void {
    const isRoot = this.#roots.includes(path);
    if (!isRoot && basename(path).startsWith('.')) return;
    const known = this.#files.has(path);
    runToEnd(this.#visit(path, isRoot));
    if (known && this.#files.has(path)) this.#listener.onFile(path);
  }

  #lookAtFolder(folder: string): void {
    const paths = [...this.#files.keys(), ...this.#folders.keys()].filter((path) => dirname(path) === folder);
    for (const path of paths) this.lookAtPath(path);
    runToEnd(this.#visitEntries(folder));
  }

  *#visit(path: string, isRoot: boolean): Generator<void> {
    const stat = this.#stat(path);
    if (stat === 'unknown') return;
    if (stat !== null) this.#seen.add(path);
    if (stat?.isDirectory() !== true && this.#folders.has(path)) this.#forgetFolder(path);
    if (stat?.isFile() !== true && this.#files.has(path)) this.#forgetFile(path);
    if (stat === null) return;
    if (stat.isDirectory()) yield* this.#visitFolder(path, stat);
    else if (stat.isFile() && (isRoot || manifestName.test(basename(path)))) this.#visitFile(path, stat);
    yield;
  }

  *#visitFolder(path: string, stat: BigIntStats): Generator<void> {
    const real = realPathOrNull(path);
    if (real === null || isTakenElsewhere(this.#known, real, path)) return;
    const before = this.#folders.get(path);
    if (before !== undefined && (before.real !== real || before.inode !== stat.ino)) this.#forgetFolder(path);
    this.#folders.set(path, { real, inode: stat.ino });
    this.#known.set(real, path);
    // Watched before it is read: what appears in between is told twice rather than never.
    this.#listener.onFolder(real);
    yield* this.#visitEntries(path);
  }

  *#visitEntries(folder: string): Generator<void> {
    let names: string[];
    try {
      names = readdirSync(folder).sort();
    } catch (error) {
      this.#keep(folder, error);
      return;
    }
    for (const name of names) {
      if (!name.startsWith('.')) yield* this.#visit(join(folder, name), false);
    }
  }

  #visitFile(path: string, stat: BigIntStats): void {
    const signature = `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
    const before = this.#files.get(path);
    if (before?.signature === signature) return;
    const real = this.#realFile(path);
    if (real === null || isTakenElsewhere(this.#known, real, path)) return;
    if (before !== undefined && before.real !== real) this.#known.delete(before.real);
    this.#files.set(path, { real, signature });
    this.#known.set(real, path);
    // A link into another folder: its target is written there.
    if (!this.#folders.has(this.#known.get(dirname(real)) ?? '')) this.#listener.onFolder(dirname(real));
    this.#listener.onFile(path);
  }

  /** Resolving a path costs a call per component, so it is kept for links. */
  #realFile(path: string): string | null {
    const folder = this.#folders.get(dirname(path));
    if (folder === undefined) return realPathOrNull(path);
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? true;
    return isLink ? realPathOrNull(path) : join(folder.real, basename(path));
  }

  /** Null: nothing is there. `unknown`: something may be, and what is known of it stays. */
  #stat(path: string): BigIntStats | 'unknown' | null {
    try {
      return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
    } catch (error) {
      this.#keep(path, error);
      return 'unknown';
    }
  }

  #keep(path: string, error: unknown): void {
    this.#listener.onError(path, error);
    for (const known of [...this.#files.keys(), ...this.#folders.keys()]) {
      if (known === path || isUnder(known, path)) this.#seen.add(known);
    }
  }

  #forgetFile(path: string): void {
    const entry = this.#files.get(path);
    if (entry === undefined) return;
    this.#files.delete(path);
    if (this.#known.get(entry.real) === path) this.#known.delete(entry.real);
    this.#listener.onFile(path);
  }

  #forgetFolder(path: string): void {
    for (const [folder, { real }] of [...this.#folders]) {
      if (folder !== path && !isUnder(folder, path)) continue;
      this.#folders.delete(folder);
      if (this.#known.get(real) === folder) this.#known.delete(real);
      this.#listener.onFolderGone(real);
    }
    for (const file of [...this.#files.keys()]) if (isUnder(file, path)) this.#forgetFile(file);
  }

  #watchParentOf(root: string): void {
    const parent = realPathOrNull(dirname(resolve(root)));
    if (parent === null) return;
    const roots = this.#rootsIn.get(parent) ?? [];
    if (!roots.includes(root)) this.#rootsIn.set(parent, [...roots, root]);
    this.#listener.onFolder(parent);
  }
}

function runToEnd(steps: Generator<void>): void {
  while (steps.next().done !== true);
}

function isTakenElsewhere(known: ReadonlyMap<string, string>, real: string, path: string): boolean {
  const other = known.get(real);
  return other !== undefined && other !== path;
}

/** Both are joined from the same roots, so text decides. */
function isUnder(path: string, folder: string): boolean {
  if (folder === '.') return !isAbsolute(path) && path !== '..' && !path.startsWith('../');
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function realPathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
