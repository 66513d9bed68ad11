// ObjectIntake: decodes what mirrors tell and gathers it, last word per object, until it is taken. An object that cannot be read
// keeps its last good version and becomes a failure. Never throws.
import { renderDecodeFailure } from '../../kube/index.ts';
import { type ObjectRef, refKey } from '../../model/index.ts';
import { compareText } from '../../std/compare-text.ts';
import type { FileFailure, ObjectChange } from '../object-change.ts';
import type { RawObject } from './held-objects.ts';
import { decodeRaw, type Decoded, type WatchedResource } from './watched-resources.ts';

/** What takes the place of a file's name in failures. */
export const clusterName = '<cluster>';

const maxMessageChars = 1_000;

export interface IntakeBatch {
  readonly changes: readonly ObjectChange[];
  /** All that is wrong now, sorted by object. */
  readonly failures: readonly FileFailure[];
}

export class ObjectIntake {
  readonly #onChange: (change: ObjectChange | null) => void;
  #changes = new Map<string, ObjectChange>();
  readonly #failures = new Map<string, FileFailure>();
  #sortedFailures: readonly FileFailure[] = [];
  #failuresChanged = false;
  /** Objects whose last good version was told. */
  readonly #good = new Set<string>();

  /** `onChange`: told each change at once, before it is taken; failures count as a change of nothing. */
  constructor(onChange: (change: ObjectChange | null) => void) {
    this.#onChange = onChange;
  }

  set(resource: WatchedResource, key: string, raw: RawObject): void {
    const ref = refOfKey(resource, key);
    const id = refKey(ref);
    const decoded = decode(resource, raw);
    if (decoded.kind === 'unreadable') {
      this.#fail(id, resource, ref, decoded.errors);
      return;
    }
    this.#heal(id);
    this.#good.add(id);
    this.#note(id, { kind: 'set', object: decoded.object });
  }

  removed(resource: WatchedResource, key: string): void {
    const ref = refOfKey(resource, key);
    const id = refKey(ref);
    this.#heal(id);
    if (this.#good.delete(id)) this.#note(id, { kind: 'removed', ref });
  }

  /** What has changed since the last time. */
  take(): IntakeBatch {
    const changes = [...this.#changes.values()];
    this.#changes = new Map();
    if (this.#failuresChanged) {
      this.#sortedFailures = [...this.#failures]
        .sort(([a], [b]) => compareText(a, b))
        .map(([, failure]) => failure);
    }
    this.#failuresChanged = false;
    return { changes, failures: this.#sortedFailures };
  }

  #note(id: string, change: ObjectChange): void {
    this.#changes.set(id, change);
    this.#onChange(change);
  }

  #fail(id: string, resource: WatchedResource, ref: ObjectRef, errors: readonly string[]): void {
    const { apiVersion, kind } = resource;
    this.#failures.set(id, {
      file: clusterName,
      line: 0,
      severity: 'error',
      code: 'InvalidObject',
      object: ref,
      field: '',
      message: renderDecodeFailure({ apiVersion, kind, name: ref.name }, errors).slice(0, maxMessageChars),
      lastGoodServes: this.#good.has(id),
    });
    this.#failuresChanged = true;
    this.#onChange(null);
  }

  #heal(id: string): void {
    if (!this.#failures.delete(id)) return;
    this.#failuresChanged = true;
    this.#onChange(null);
  }
}

/** A fault of this program in decoding one object costs that object alone. */
function decode(resource: WatchedResource, raw: RawObject): Decoded {
  try {
    return decodeRaw(resource, raw);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    return { kind: 'unreadable', errors: [`a fault of this program: ${reason}`] };
  }
}

export function refOfKey({ kind, isNamespaced }: WatchedResource, key: string): ObjectRef {
  const slash = key.indexOf('/');
  if (!isNamespaced || slash < 0) return { kind, name: key };
  return { kind, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
