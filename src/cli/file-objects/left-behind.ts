// LeftBehind: objects in the API that were made from files in an earlier run and that no file holds now. They go as soon as it is certain
// that no file holds them: a file that cannot be read, or an object in it that is broken, may be theirs.
import { refKey, type ObjectRef } from '../../model/index.ts';
import type { FileFailure } from '../../sources/index.ts';
import type { RemoveTarget } from './object-remover.ts';

export interface LeftObject extends RemoveTarget {
  readonly key: string;
}

export class LeftBehind {
  readonly #defaultNamespace: string;
  readonly #objects = new Map<string, LeftObject>();

  constructor(defaultNamespace: string) {
    this.#defaultNamespace = defaultNamespace;
  }

  add(object: LeftObject): void {
    this.#objects.set(object.key, object);
  }

  /** Gone, or not to be looked at again. */
  forget(key: string): void {
    this.#objects.delete(key);
  }

  get size(): number {
    return this.#objects.size;
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()];
  }

  /** What certainly is in no file. */
  certain(failures: readonly FileFailure[]): readonly LeftObject[] {
    if (this.#objects.size === 0 || blockingFailure(failures) !== null) return [];
    const broken = new Set<string>();
    for (const { severity, object } of failures) {
      if (severity === 'error' && object !== null) broken.add(this.#identityOf(object));
    }
    return [...this.#objects.values()].filter((object) => !broken.has(this.#identityOf(refOfLeft(object))));
  }

  /** The failures, told that the API still has what an object was before it broke. */
  tellLastGood(failures: readonly FileFailure[]): readonly FileFailure[] {
    if (this.#objects.size === 0) return failures;
    const present = new Set([...this.#objects.values()].map((object) => this.#identityOf(refOfLeft(object))));
    return failures.map((failure) => {
      const { object, severity, lastGoodServes } = failure;
      if (lastGoodServes || severity !== 'error' || object === null) return failure;
      return present.has(this.#identityOf(object)) ? { ...failure, lastGoodServes: true } : failure;
    });
  }

  #identityOf(ref: ObjectRef): string {
    return refKey({ ...ref, namespace: ref.namespace ?? this.#defaultNamespace });
  }
}

function refOfLeft({ kind, namespace, name }: LeftObject): ObjectRef {
  return namespace === '' ? { kind: kind.kind, name } : { kind: kind.kind, namespace, name };
}

/** A failure that leaves open which objects there are; null when there is none. */
export function blockingFailure(failures: readonly FileFailure[]): FileFailure | null {
  return failures.find(({ severity, object }) => severity === 'error' && object === null) ?? null;
}
