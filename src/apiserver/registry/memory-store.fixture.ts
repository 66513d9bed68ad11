// An ObjectStore in memory, as the contract states it, for tests: everything that it hands out is frozen all the way down.
import { deepFreeze } from '../../../test/deep-freeze.ts';
import type { ApiObject } from '../api-object.ts';
import type {
  ListPage,
  ListRange,
  Mutation,
  ObjectStore,
  StoredKey,
  StoreEvent,
  StoreWatch,
} from '../storage/store.ts';

interface Watcher {
  readonly resource: string;
  readonly namespace: string | null;
  readonly onEvent: (event: StoreEvent) => void;
}

export class MemoryStore implements ObjectStore {
  revision = 1;
  readonly oldestRevision = 1;
  /** Thrown by the next writes while it is set: a full disk. */
  failure: Error | null = null;
  readonly #objects = new Map<string, ApiObject>();
  readonly #history: StoreEvent[] = [];
  readonly #watchers = new Set<Watcher>();

  get watchCount(): number {
    return this.#watchers.size;
  }

  get(key: StoredKey): ApiObject | null {
    return this.#objects.get(textOf(key)) ?? null;
  }

  list({ resource, namespace, after, limit = Infinity }: ListRange): ListPage {
    const prefix = `${resource} ${namespace === null ? '' : `${namespace}/`}`;
    const behind = after === undefined ? '' : textOf({ resource, ...after });
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix) && key > behind).sort();
    const page = keys.slice(0, limit).flatMap((key) => this.#objects.get(key) ?? []);
    return { objects: page, revision: this.revision, remaining: keys.length - page.length };
  }

  count(resource: string): number {
    return this.list({ resource, namespace: null }).objects.length;
  }

  write(mutations: readonly Mutation[]): readonly (ApiObject | null)[] {
    if (this.failure !== null) throw this.failure;
    return mutations.map((mutation) => this.#apply(mutation));
  }

  #apply(mutation: Mutation): ApiObject | null {
    const { key } = mutation;
    const previous = this.get(key);
    if (mutation.kind === 'delete') {
      if (previous === null) return null;
      this.#objects.delete(textOf(key));
      this.#tell('DELETED', key, previous, previous);
      return null;
    }
    return this.#tell(previous === null ? 'ADDED' : 'MODIFIED', key, mutation.object, previous);
  }

  #tell(type: StoreEvent['type'], key: StoredKey, object: ApiObject, previous: ApiObject | null): ApiObject {
    this.revision += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.revision) };
    const stored = deepFreeze<ApiObject>({ ...structuredClone(object), metadata });
    if (type !== 'DELETED') this.#objects.set(textOf(key), stored);
    const event: StoreEvent = { type, revision: this.revision, key, object: stored, previous };
    this.#history.push(event);
    for (const watcher of [...this.#watchers]) deliver(watcher, event);
    return stored;
  }

  batch<Result>(run: () => Result): Result {
    return run();
  }

  watch(
    resource: string,
    namespace: string | null,
    fromRevision: number,
    onEvent: (event: StoreEvent) => void,
  ): StoreWatch {
    const watcher: Watcher = { resource, namespace, onEvent };
    for (const event of this.#history) if (event.revision > fromRevision) deliver(watcher, event);
    this.#watchers.add(watcher);
    return { stop: () => void this.#watchers.delete(watcher) };
  }

  close(): void {
    this.#watchers.clear();
  }
}

function textOf({ resource, namespace, name }: StoredKey): string {
  return `${resource} ${namespace}/${name}`;
}

function deliver({ resource, namespace, onEvent }: Watcher, event: StoreEvent): void {
  if (event.key.resource !== resource) return;
  if (namespace === null || event.key.namespace === namespace) onEvent(event);
}
