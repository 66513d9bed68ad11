// FileObject: a document that the files hold, and how far the API has come to hold its object. FileObjects: all of them, and what the
// files let go.
import type { ObjectRef } from '../../model/index.ts';
import { groupOf } from '../../kube/index.ts';
import type { ManifestChange, RawManifest } from '../../sources/index.ts';
import type { Finding } from './finding.ts';

/**
 * - `due`: to be applied.
 * - `waiting`: cannot be applied now, but may be without any change of the document: tried again after a while.
 * - `settled`: applied, or refused for what the document says.
 */
export type FileObjectState = 'due' | 'waiting' | 'settled';

export interface FileObject {
  readonly key: string;
  ref: ObjectRef;
  apiVersion: string;
  raw: RawManifest;
  /** The document changed since this process saw it first: from then on the file wins where others changed fields. */
  hasChanged: boolean;
  state: FileObjectState;
  /** The object that was applied; empty: none yet. */
  uid: string;
  findings: readonly Finding[];
}

/** An object that no file holds any more. */
export interface DroppedObject {
  readonly ref: ObjectRef;
  readonly apiVersion: string;
  readonly uid: string;
}

export class FileObjects {
  readonly #defaultNamespace: string;
  readonly #objects = new Map<string, FileObject>();
  readonly #dropped = new Map<string, DroppedObject>();
  // What a round looks at is as many as changed, whatever the number of all.
  readonly #due = new Set<FileObject>();
  readonly #waiting = new Set<FileObject>();
  readonly #told = new Set<FileObject>();

  constructor(defaultNamespace: string) {
    this.#defaultNamespace = defaultNamespace;
  }

  take(changes: readonly ManifestChange[]): void {
    for (const change of changes) {
      const { ref, apiVersion } = change;
      const key = this.keyOf(ref, apiVersion);
      const before = this.#objects.get(key);
      if (change.kind === 'set') this.#set(key, change, before);
      else {
        this.#objects.delete(key);
        if (before !== undefined)
          for (const set of [this.#due, this.#waiting, this.#told]) set.delete(before);
        this.#dropped.set(key, { ref, apiVersion, uid: before?.uid ?? '' });
      }
    }
  }

  #set(
    key: string,
    { ref, apiVersion, raw }: Extract<ManifestChange, { kind: 'set' }>,
    before: FileObject | undefined,
  ): void {
    const dropped = this.#dropped.get(key);
    this.#dropped.delete(key);
    const uid = before?.uid ?? dropped?.uid ?? '';
    const hasChanged = before !== undefined || dropped !== undefined;
    const object = before ?? { key, ref, apiVersion, raw, hasChanged, state: 'due', uid, findings: [] };
    Object.assign(object, { ref, apiVersion, raw, hasChanged });
    this.#objects.set(key, object);
    this.#wake(object);
  }

  lookup(key: string): FileObject | undefined {
    return this.#objects.get(key);
  }

  values(): Iterable<FileObject> {
    return this.#objects.values();
  }

  /** Objects of which there is something to say. */
  told(): Iterable<FileObject> {
    return this.#told;
  }

  /** What is due now. */
  due(): readonly FileObject[] {
    return [...this.#due];
  }

  /** Takes note of how it went with some objects. */
  note(objects: readonly FileObject[]): void {
    for (const object of objects) {
      // A file may have let it go meanwhile.
      if (this.#objects.get(object.key) !== object) continue;
      keepIf(this.#due, object, object.state === 'due');
      keepIf(this.#waiting, object, object.state === 'waiting');
      keepIf(this.#told, object, object.findings.length > 0);
    }
  }

  get hasWaiting(): boolean {
    return this.#dropped.size > 0 || this.#waiting.size > 0;
  }

  /** What waits is due again. */
  wakeWaiting(): void {
    for (const object of this.#waiting) this.#wake(object);
  }

  /** Objects of a kind whose definition was made anew: what the API held of them went with the old one. */
  wakeKind(group: string, kind: string): void {
    for (const object of this.#objects.values()) {
      if (object.ref.kind === kind && groupOf(object.apiVersion) === group) this.#wake(object);
    }
  }

  wakeObject(key: string): void {
    const object = this.#objects.get(key);
    if (object !== undefined) this.#wake(object);
  }

  dropped(): ReadonlyMap<string, DroppedObject> {
    return this.#dropped;
  }

  /** It is gone, unless a file has it again meanwhile. */
  forgetDropped(key: string, dropped: DroppedObject): void {
    if (this.#dropped.get(key) === dropped) this.#dropped.delete(key);
  }

  /** The version does not matter: one object is served in several. An object of a kind without namespaces names none. */
  keyOf(ref: ObjectRef, apiVersion: string): string {
    return `${groupOf(apiVersion)}/${ref.kind}/${ref.namespace ?? this.#defaultNamespace}/${ref.name}`;
  }

  #wake(object: FileObject): void {
    object.state = 'due';
    this.#due.add(object);
    this.#waiting.delete(object);
  }
}

function keepIf(set: Set<FileObject>, object: FileObject, isIn: boolean): void {
  if (isIn) set.add(object);
  else set.delete(object);
}
