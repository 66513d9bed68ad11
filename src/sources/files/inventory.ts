// Inventory: which objects the files hold and which file each one is served from. Pure state, no I/O.
// An object or file that breaks keeps its last good version; of an object in two files the first path (sorted) counts.
// Work per update is in proportion to the objects of that file.
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../kube/index.ts';
import { refKey, type ObjectRef } from '../../model/index.ts';
import { type FileFailure, type ObjectChange, refOf } from '../object-change.ts';
import type { ObjectPosition } from './parse-manifest.ts';

/** A good object and where in which version of a file it stands. */
export interface LoadedObject {
  readonly object: KubeObject;
  readonly position: ObjectPosition;
  readonly line: number;
  /** Hash of the text that it was read from: tells whether the file still is that text. */
  readonly textHash: string;
}

/** One reading of one file. */
export interface LoadedFile {
  readonly textHash: string;
  /** False: nothing of the file could be understood; what it held before stays. */
  readonly readable: boolean;
  readonly objects: readonly LoadedObject[];
  /** Objects that are there but invalid: their last good version stays. */
  readonly rejected: readonly ObjectRef[];
  /** Kinds of objects that are not handled here, one entry per object. */
  readonly ignoredKinds: readonly string[];
  readonly failures: readonly FileFailure[];
}

/** A winner: the version of an object that counts, and its file. */
export interface ServedObject extends LoadedObject {
  readonly file: string;
}

interface FileEntry {
  readonly objects: ReadonlyMap<string, LoadedObject>;
  readonly ignoredKinds: readonly string[];
  readonly failures: readonly FileFailure[];
}

const nothing: FileEntry = { objects: new Map(), ignoredKinds: [], failures: [] };

export class Inventory {
  readonly #files = new Map<string, FileEntry>();
  /** Paths that hold an object, sorted; nearly always one. */
  readonly #holders = new Map<string, readonly string[]>();
  readonly #contested = new Set<string>();
  readonly #filesWithFailures = new Set<string>();
  /** Keys touched since the last `takeChanges`, with the object that counted then. */
  readonly #touched = new Map<string, KubeObject | null>();

  /** Takes a reading of a file; null: the file is gone. */
  update(file: string, loaded: LoadedFile | null): void {
    const before = this.#files.get(file) ?? nothing;
    const after = loaded === null ? nothing : mergeReading(file, before, loaded);
    for (const key of before.objects.keys()) this.#touch(key);
    for (const key of after.objects.keys()) this.#touch(key);
    if (loaded === null) this.#files.delete(file);
    else this.#files.set(file, after);
    if (after.failures.length > 0) this.#filesWithFailures.add(file);
    else this.#filesWithFailures.delete(file);
    for (const key of before.objects.keys()) if (!after.objects.has(key)) this.#removeHolder(key, file);
    for (const key of after.objects.keys()) if (!before.objects.has(key)) this.#addHolder(key, file);
  }

  /** Whether a reading would take something away: an object gone, or an error that was not there. Such news can be a file half written. */
  isSetback(file: string, loaded: LoadedFile | null): boolean {
    const before = this.#files.get(file) ?? nothing;
    if (loaded === null) return before.objects.size > 0;
    if (!loaded.readable || countErrors(loaded.failures) > countErrors(before.failures)) return true;
    const keys = new Set(loaded.objects.map(({ object }) => refKey(refOf(object))));
    for (const key of before.objects.keys()) if (!keys.has(key)) return true;
    return false;
  }

  /** What changed since the last call, each object once. An object that is equal to before is no change. */
  takeChanges(): ObjectChange[] {
    const changes: ObjectChange[] = [];
    for (const [key, before] of this.#touched) {
      const after = this.#winner(key)?.object ?? null;
      if (after === before || (after !== null && isDeepStrictEqual(after, before))) continue;
      if (after !== null) changes.push({ kind: 'set', object: after });
      else if (before !== null) changes.push({ kind: 'removed', ref: refOf(before) });
    }
    this.#touched.clear();
    return changes;
  }

  /** All that is wrong now, in the order of files. */
  failures(): FileFailure[] {
    const failures = [...this.#filesWithFailures].flatMap((file) => this.#files.get(file)?.failures ?? []);
    for (const key of this.#contested) failures.push(...this.#duplicatesOf(key));
    return failures.sort(compareFailures);
  }

  /** The version of an object that counts. */
  lookup(ref: ObjectRef): ServedObject | null {
    return this.#winner(refKey(ref));
  }

  /** Every object that counts. */
  *served(): Generator<ServedObject> {
    for (const key of this.#holders.keys()) {
      const winner = this.#winner(key);
      if (winner !== null) yield winner;
    }
  }

  /** How many objects there are of each kind that is not handled. */
  ignoredKinds(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { ignoredKinds } of this.#files.values()) {
      for (const kind of ignoredKinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  }

  #winner(key: string): ServedObject | null {
    const file = this.#holders.get(key)?.[0];
    const loaded = file === undefined ? undefined : this.#files.get(file)?.objects.get(key);
    return file === undefined || loaded === undefined ? null : { ...loaded, file };
  }

  #touch(key: string): void {
    if (!this.#touched.has(key)) this.#touched.set(key, this.#winner(key)?.object ?? null);
  }

  #addHolder(key: string, file: string): void {
    const holders = [...(this.#holders.get(key) ?? []), file].sort();
    this.#holders.set(key, holders);
    if (holders.length > 1) this.#contested.add(key);
  }

  #removeHolder(key: string, file: string): void {
    const holders = (this.#holders.get(key) ?? []).filter((holder) => holder !== file);
    if (holders.length === 0) this.#holders.delete(key);
    else this.#holders.set(key, holders);
    if (holders.length < 2) this.#contested.delete(key);
  }

  #duplicatesOf(key: string): FileFailure[] {
    const [first, ...others] = this.#holders.get(key) ?? [];
    const winner = this.#winner(key);
    if (first === undefined || winner === null) return [];
    return others.flatMap((file) => {
      const loser = this.#files.get(file)?.objects.get(key);
      return loser === undefined ? [] : [duplicateFailure(file, loser, { file: first, line: winner.line })];
    });
  }
}

/** The objects of a reading, and the last good versions of those that it holds in a broken form. */
function mergeReading(file: string, before: FileEntry, loaded: LoadedFile): FileEntry {
  if (!loaded.readable) {
    const lastGoodServes = before.objects.size > 0;
    const failures = loaded.failures.map((failure) => ({ ...failure, lastGoodServes }));
    return { objects: before.objects, ignoredKinds: before.ignoredKinds, failures };
  }
  const objects = new Map<string, LoadedObject>();
  let failures = [...loaded.failures];
  for (const item of loaded.objects) {
    const key = refKey(refOf(item.object));
    const first = objects.get(key);
    if (first === undefined) objects.set(key, item);
    else failures.push(duplicateFailure(file, item, { file, line: first.line }));
  }
  for (const ref of loaded.rejected) {
    const key = refKey(ref);
    const lastGood = before.objects.get(key);
    if (lastGood === undefined || objects.has(key)) continue;
    objects.set(key, lastGood);
    failures = failures.map((failure) =>
      isAbout(failure, key) ? { ...failure, lastGoodServes: true } : failure,
    );
  }
  return { objects, ignoredKinds: loaded.ignoredKinds, failures };
}

function duplicateFailure(
  file: string,
  { object, line }: LoadedObject,
  first: { file: string; line: number },
): FileFailure {
  const message = `the same object is in "${first.file}", line ${first.line}, which counts; this one has no effect`;
  return {
    file,
    line,
    severity: 'error',
    code: 'DuplicateObject',
    object: refOf(object),
    field: '',
    message,
    lastGoodServes: false,
  };
}

function isAbout(failure: FileFailure, key: string): boolean {
  return failure.severity === 'error' && failure.object !== null && refKey(failure.object) === key;
}

function countErrors(failures: readonly FileFailure[]): number {
  return failures.filter(({ severity }) => severity === 'error').length;
}

/** By file, then line, then field. */
export function compareFailures(a: FileFailure, b: FileFailure): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  if (a.line !== b.line) return a.line - b.line;
  return a.field === b.field ? 0 : a.field < b.field ? -1 : 1;
}
