// WatchHub: tells watchers what was committed, in order. Events wait in one queue: what a listener writes comes behind what is
// being told. Watchers are found by resource and namespace, so those of others cost nothing.
import type { StoreEvent } from './store.ts';

interface Watcher {
  readonly resource: string;
  /** Null: all. */
  readonly namespace: string | null;
  readonly onEvent: (event: StoreEvent) => void;
  /** Nothing up to this revision is told (again). */
  toldRevision: number;
  isStopped: boolean;
}

/** Of one resource; `null` holds those of all namespaces. */
type NamespaceIndex = Map<string | null, Set<Watcher>>;

export class WatchHub {
  readonly #onListenerError: (error: unknown) => void;
  readonly #index = new Map<string, NamespaceIndex>();
  #queue: StoreEvent[] = [];
  #isTelling = false;

  /** `onListenerError` must not throw. */
  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  /** First `missed`, before this returns, then what is published. @returns the function that ends it. */
  add(
    resource: string,
    namespace: string | null,
    fromRevision: number,
    missed: readonly StoreEvent[],
    onEvent: (event: StoreEvent) => void,
  ): () => void {
    const watcher: Watcher = { resource, namespace, onEvent, toldRevision: fromRevision, isStopped: false };
    this.#register(watcher);
    const wasTelling = this.#isTelling;
    this.#isTelling = true;
    for (const event of missed)
      if (namespace === null || event.key.namespace === namespace) this.#tell(watcher, event);
    this.#isTelling = wasTelling;
    if (!wasTelling) this.#drain();
    return () => this.#remove(watcher);
  }

  publish(events: readonly StoreEvent[]): void {
    for (const event of events) this.#queue.push(event);
    if (!this.#isTelling) this.#drain();
  }

  /** Ends all watches; what waits is not told. */
  close(): void {
    for (const namespaces of this.#index.values())
      for (const watchers of namespaces.values()) for (const watcher of watchers) watcher.isStopped = true;
    this.#index.clear();
    this.#queue = [];
  }

  #register(watcher: Watcher): void {
    let namespaces = this.#index.get(watcher.resource);
    if (namespaces === undefined) {
      namespaces = new Map();
      this.#index.set(watcher.resource, namespaces);
    }
    const watchers = namespaces.get(watcher.namespace);
    if (watchers === undefined) namespaces.set(watcher.namespace, new Set([watcher]));
    else watchers.add(watcher);
  }

  #remove(watcher: Watcher): void {
    watcher.isStopped = true;
    const namespaces = this.#index.get(watcher.resource);
    const watchers = namespaces?.get(watcher.namespace);
    if (namespaces === undefined || watchers?.delete(watcher) !== true) return;
    if (watchers.size === 0) namespaces.delete(watcher.namespace);
    if (namespaces.size === 0) this.#index.delete(watcher.resource);
  }

  #drain(): void {
    this.#isTelling = true;
    // The queue grows while listeners write.
    for (let next = 0; next < this.#queue.length; next += 1) {
      const event = this.#queue[next];
      if (event !== undefined) this.#dispatch(event);
    }
    this.#queue = [];
    this.#isTelling = false;
  }

  #dispatch(event: StoreEvent): void {
    const namespaces = this.#index.get(event.key.resource);
    if (namespaces === undefined) return;
    // Sets may change while they are walked. A watcher that joins meanwhile has read this event from the history.
    for (const watcher of namespaces.get(null) ?? []) this.#tell(watcher, event);
    for (const watcher of namespaces.get(event.key.namespace) ?? []) this.#tell(watcher, event);
  }

  #tell(watcher: Watcher, event: StoreEvent): void {
    if (watcher.isStopped || event.revision <= watcher.toldRevision) return;
    watcher.toldRevision = event.revision;
    try {
      watcher.onEvent(event);
    } catch (error) {
      this.#onListenerError(error);
    }
  }
}
