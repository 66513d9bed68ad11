// Inventory: which objects the files hold and which file each one is served from. Pure state, no I/O.
// An object or file that breaks keeps its last good version; of an object in two files the first path (sorted) counts.
// Work per update is in proportion to the objects of that file.
import { isDeepStrictEqual } from 'node:util';
import { groupOf, isKnownKind, type KubeObject } from '../../kube/index.ts';
import { refKey, type ObjectRef } from '../../model/index.ts';
import type { FileFailure, ManifestChange, ObjectChange, RawManifest } from '../object-change.ts';
import type { ObjectPosition } from './parse-manifest.ts';

/** Which object a document is about. */
export interface ObjectIdentity {
  /** See `inventoryKey`. */
  readonly key: string;
  readonly ref: ObjectRef;
}

/** A good object and where in which version of a file it stands. */
export interface LoadedObject extends ObjectIdentity {
  readonly apiVersion: string;
  /** Null: of a kind that kube/ does not know. */
  readonly object: KubeObject | null;
  /** Null: nobody asked for documents. */
  readonly raw: RawManifest | null;
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
  readonly rejected: readonly ObjectIdentity[];
  /** Kinds of objects that are not handled here, one entry per object. */
  readonly ignoredKinds: readonly string[];
  readonly failures: readonly FileFailure[];
}

/** A winner: the version of an object that counts, and its file. */
export interface ServedObject extends LoadedObject {
  readonly file: string;
}

export interface InventoryChanges {
  readonly changes: ObjectChange[];
  readonly manifests: ManifestChange[];
}

/**
 * The identity of an object: kind, namespace and name, and the API group for kinds that kube/ does not know. Such an object without
 * a namespace is taken for one in the default namespace: a kind without namespaces has no object that names one.
 */
export function inventoryKey(ref: ObjectRef, apiVersion: string, defaultNamespace: string): string {
  if (isKnownKind(apiVersion, ref.kind)) return refKey(ref);
  return refKey({
    kind: `${ref.kind}.${groupOf(apiVersion)}`,
    namespace: ref.namespace ?? defaultNamespace,
    name: ref.name,
  });
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
  readonly #touched = new Map<string, LoadedObject | null>();

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
    const keys = new Set(loaded.objects.map(({ key }) => key));
    for (const key of before.objects.keys()) if (!keys.has(key)) return true;
    return false;
  }

  /** What changed since the last call, each object once. An object that is equal to before is no change. */
  takeChanges(): InventoryChanges {
    const changes: ObjectChange[] = [];
    const manifests: ManifestChange[] = [];
    for (const [key, before] of this.#touched) {
      const after = this.#winner(key);
      const change = objectChange(before?.object ?? null, after?.object ?? null, (after ?? before)?.ref);
      if (change !== null) changes.push(change);
      const manifest = manifestChange(before, after);
      if (manifest !== null) manifests.push(manifest);
    }
    this.#touched.clear();
    return { changes, manifests };
  }

  /** All that is wrong now, in the order of files. */
  failures(): FileFailure[] {
    const failures = [...this.#filesWithFailures].flatMap((file) => this.#files.get(file)?.failures ?? []);
    for (const key of this.#contested) failures.push(...this.#duplicatesOf(key));
    return failures.sort(compareFailures);
  }

  /** The version of an object that counts, by its `inventoryKey`. */
  lookup(key: string): ServedObject | null {
    return this.#winner(key);
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
    if (!this.#touched.has(key)) this.#touched.set(key, this.#winner(key));
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

function objectChange(
  before: KubeObject | null,
  after: KubeObject | null,
  ref: ObjectRef | undefined,
): ObjectChange | null {
  if (after === before || (after !== null && isDeepStrictEqual(after, before))) return null;
  if (after !== null) return { kind: 'set', object: after };
  return ref === undefined ? null : { kind: 'removed', ref };
}

function manifestChange(before: LoadedObject | null, after: LoadedObject | null): ManifestChange | null {
  const raw = after?.raw ?? null;
  if (after === null || raw === null) {
    const isGone = before !== null && before.raw !== null;
    return isGone ? { kind: 'removed', ref: before.ref, apiVersion: before.apiVersion } : null;
  }
  if (raw === before?.raw || isDeepStrictEqual(raw, before?.raw)) return null;
  return { kind: 'set', ref: after.ref, apiVersion: after.apiVersion, raw };
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
    const first = objects.get(item.key);
    if (first === undefined) objects.set(item.key, item);
    else failures.push(duplicateFailure(file, item, { file, line: first.line }));
  }
  for (const { key, ref } of loaded.rejected) {
    const lastGood = before.objects.get(key);
    if (lastGood === undefined || objects.has(key)) continue;
    objects.set(key, lastGood);
    failures = failures.map((failure) =>
      isAbout(failure, ref) ? { ...failure, lastGoodServes: true } : failure,
    );
  }
  return { objects, ignoredKinds: loaded.ignoredKinds, failures };
}

function duplicateFailure(
  file: string,
  { ref, line }: LoadedObject,
  first: { file: string; line: number },
): FileFailure {
  const message = `the same object is in "${first.file}", line ${first.line}, which counts; this one has no effect`;
  return {
    file,
    line,
    severity: 'error',
    code: 'DuplicateObject',
    object: ref,
    field: '',
    message,
    lastGoodServes: false,
  };
}

function isAbout(failure: FileFailure, ref: ObjectRef): boolean {
  return failure.severity === 'error' && failure.object !== null && refKey(failure.object) === refKey(ref);
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
