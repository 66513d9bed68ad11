// ObjectStore: every object that counts now, by identity. What a translation from scratch starts from, and what metrics count.
import type { KubeKind, KubeObject } from '../kube/index.ts';
import { refKey } from '../model/index.ts';
import { type ObjectChange, refOf } from '../sources/index.ts';

export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();
  readonly #countByKind = new Map<KubeKind, number>();

  apply(changes: readonly ObjectChange[]): void {
    for (const change of changes) {
      const key = keyOfChange(change);
      const before = this.#objects.get(key);
      if (before !== undefined) this.#count(before.kind, -1);
      if (change.kind === 'set') {
        this.#objects.set(key, change.object);
        this.#count(change.object.kind, 1);
      } else this.#objects.delete(key);
    }
  }

  lookup(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  values(): Iterable<KubeObject> {
    return this.#objects.values();
  }

  /** Kinds that are or were present, with how many objects of each there are. */
  get countByKind(): ReadonlyMap<KubeKind, number> {
    return this.#countByKind;
  }

  #count(kind: KubeKind, step: number): void {
    this.#countByKind.set(kind, (this.#countByKind.get(kind) ?? 0) + step);
  }
}

/** The identity of the object that a change is about, see `refKey`. */
export function keyOfChange(change: ObjectChange): string {
  return refKey(change.kind === 'set' ? refOf(change.object) : change.ref);
}
