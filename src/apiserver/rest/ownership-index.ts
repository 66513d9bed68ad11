// OwnershipIndex: which stored objects name an object as their owner, by its uid. It follows the store's events, so a deletion
// costs its dependents and not the store. What it names are candidates: callers look at the objects themselves.
import type { OwnerReference } from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import type { Registry } from '../registry/resource.ts';
import type { ObjectStore, StoredKey, StoreWatch } from '../storage/store.ts';

type Dependents = Map<string, StoredKey>;

export class OwnershipIndex {
  readonly #registry: Registry;
  readonly #store: ObjectStore;
  readonly #dependentsByUid = new Map<string, Dependents>();
  readonly #watchByStorage = new Map<string, StoreWatch>();
  readonly #onOwnerGone: (owner: ApiObject) => void;
  #registryVersion: number | null = null;

  /** `onOwnerGone` is told of deleted objects that others name as their owner. */
  constructor(registry: Registry, store: ObjectStore, onOwnerGone: (owner: ApiObject) => void) {
    this.#registry = registry;
    this.#store = store;
    this.#onOwnerGone = onOwnerGone;
  }

  /** Takes in resources that came, leaves those that went. */
  refresh(): void {
    const version = this.#registry.version();
    if (version === this.#registryVersion) return;
    const storages = new Set(this.#registry.resources().map(({ storage }) => storage));
    for (const storage of storages) {
      // Within a batch the store takes no watches; the next request tries again.
      if (!this.#watchByStorage.has(storage) && !this.#follow(storage)) return;
    }
    this.#registryVersion = version;
    for (const [storage, watch] of this.#watchByStorage) {
      if (storages.has(storage)) continue;
      watch.stop();
      this.#watchByStorage.delete(storage);
    }
  }

  dependentsOf(uid: string): readonly StoredKey[] {
    return [...(this.#dependentsByUid.get(uid)?.values() ?? [])];
  }

  #follow(storage: string): boolean {
    const { objects, revision } = this.#store.list({ resource: storage, namespace: null });
    let watch: StoreWatch;
    try {
      watch = this.#store.watch(storage, null, revision, ({ type, key, object, previous }) => {
        this.#note(key, previous, type === 'DELETED' ? null : object);
        const { uid = '' } = object.metadata;
        if (type === 'DELETED' && this.#dependentsByUid.has(uid)) this.#onOwnerGone(object);
      });
    } catch {
      return false;
    }
    this.#watchByStorage.set(storage, watch);
    for (const object of objects) {
      const { namespace = '', name } = object.metadata;
      this.#note({ resource: storage, namespace, name }, null, object);
    }
    return true;
  }

  #note(key: StoredKey, before: ApiObject | null, after: ApiObject | null): void {
    const old = ownersOf(before);
    const now = ownersOf(after);
    if (old === now || (old.length === 0 && now.length === 0)) return;
    const text = textOf(key);
    for (const { uid } of old) {
      const dependents = this.#dependentsByUid.get(uid);
      if (dependents?.delete(text) === true && dependents.size === 0) this.#dependentsByUid.delete(uid);
    }
    for (const { uid } of now) {
      const dependents: Dependents = this.#dependentsByUid.get(uid) ?? new Map();
      this.#dependentsByUid.set(uid, dependents.set(text, key));
    }
  }
}

const nobody: readonly OwnerReference[] = [];

function ownersOf(object: ApiObject | null): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? nobody;
}

/** Keys hold no NUL. */
function textOf({ resource, namespace, name }: StoredKey): string {
  return `${resource}\0${namespace}\0${name}`;
}
