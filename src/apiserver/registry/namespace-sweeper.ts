// NamespaceSweeper: removes what is in a namespace that is being deleted, then the namespace. It works in bounded steps, each one
// transaction; after a crash the next start finds the namespace as it was left. Objects that finalizers keep are waited for.
import type { ApiObject } from '../api-object.ts';
import type { Mutation, ObjectStore, StoredKey, StoreWatch } from '../storage/store.ts';
import { isEqualValue } from './equal-values.ts';
import { addRemains, contentConditions, noRemains, type Remains } from './namespace-remains.ts';
import { readList, readObject, readText } from './read-value.ts';
import type { Registry } from './resource.ts';
import { startUnrefTimer, type StartTimer } from './start-timer.ts';
import { contentFinalizer } from './strategies/namespace-strategy.ts';

const namespaceStorage = 'core/namespaces';
const defaultMaxPerStep = 200;
const retryMs = 10_000;

export interface NamespaceSweeperOptions {
  readonly store: ObjectStore;
  readonly registry: Registry;
  readonly nowMs: () => number;
  /** Absent: the next turn of the event loop. */
  readonly startTimer?: StartTimer;
  /** Objects that one step looks at, at most. Absent: 200. */
  readonly maxPerStep?: number;
  /** A step failed (the disk refused); it is tried again ten seconds later. */
  readonly onError?: (error: unknown) => void;
}

/** How far the sweep of one namespace has come. */
interface Sweep {
  readonly name: string;
  /** Kinds left, each with the key behind which it goes on. */
  readonly storages: readonly string[];
  readonly after: string | null;
  readonly remains: Remains;
}

export class NamespaceSweeper {
  readonly #options: NamespaceSweeperOptions;
  readonly #startTimer: StartTimer;
  readonly #maxPerStep: number;
  /** By namespace; a name that comes again while it waits starts over. */
  readonly #queue = new Map<string, Sweep>();
  /** Watches on content that finalizers keep, by namespace. */
  readonly #waits = new Map<string, readonly StoreWatch[]>();
  #watch: StoreWatch | null = null;
  #cancelStep: (() => void) | null = null;

  constructor(options: NamespaceSweeperOptions) {
    this.#options = options;
    this.#startTimer = options.startTimer ?? startUnrefTimer;
    this.#maxPerStep = options.maxPerStep ?? defaultMaxPerStep;
  }

  start(): void {
    const { store } = this.#options;
    const { objects, revision } = store.list({ resource: namespaceStorage, namespace: null });
    for (const namespace of objects) if (isTerminating(namespace)) this.#enqueue(namespace.metadata.name);
    this.#watch = store.watch(namespaceStorage, null, revision, ({ type, object }) => {
      // What is left of a namespace that vanished otherwise goes as well.
      if (type === 'DELETED' || isTerminating(object)) this.#enqueue(object.metadata.name);
    });
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = null;
    this.#cancelStep?.();
    this.#cancelStep = null;
    this.#queue.clear();
    for (const name of [...this.#waits.keys()]) this.#stopWaiting(name);
  }

  #enqueue(name: string): void {
    this.#stopWaiting(name);
    this.#queue.delete(name);
    this.#queue.set(name, { name, storages: this.#listStorages(), after: null, remains: noRemains });
    this.#schedule();
  }

  #schedule(delayMs = 0): void {
    this.#cancelStep ??= this.#startTimer(delayMs, () => {
      this.#cancelStep = null;
      const isDone = this.#runStep();
      if (this.#queue.size > 0) this.#schedule(isDone ? 0 : retryMs);
    });
  }

  /** Storages of namespaced kinds, each once: some kinds are served in several groups. */
  #listStorages(): readonly string[] {
    const resources = this.#options.registry.resources();
    return [...new Set(resources.filter((each) => each.namespaced).map((each) => each.storage))];
  }

  /** False: the store refused. */
  #runStep(): boolean {
    const [sweep] = this.#queue.values();
    if (sweep === undefined) return true;
    this.#queue.delete(sweep.name);
    let next: Sweep | null = sweep;
    let isDone = false;
    try {
      next = sweep.storages.length > 0 ? this.#sweepContent(sweep) : this.#finish(sweep);
      isDone = true;
    } catch (error) {
      this.#options.onError?.(error);
    }
    // An event of its own writes may have put the namespace back already, from the beginning.
    if (next !== null && !this.#queue.has(sweep.name)) this.#queue.set(sweep.name, next);
    return isDone;
  }

  #sweepContent(sweep: Sweep): Sweep {
    const { store } = this.#options;
    const [storage = '', ...others] = sweep.storages;
    const namespace = store.get({ resource: namespaceStorage, namespace: '', name: sweep.name });
    // It may have been made anew.
    if (namespace !== null && !isTerminating(namespace)) return { ...sweep, storages: [] };
    const { objects, remaining } = store.list({
      resource: storage,
      namespace: sweep.name,
      limit: this.#maxPerStep,
      ...(sweep.after === null ? {} : { after: { namespace: sweep.name, name: sweep.after } }),
    });
    const mutations = objects.flatMap((object) => this.#removalOf(storage, object));
    if (mutations.length > 0) store.write(mutations);
    const kept = objects.filter((object) => (object.metadata.finalizers ?? []).length > 0);
    return {
      ...sweep,
      remains: addRemains(sweep.remains, storage, kept),
      ...(remaining > 0
        ? { after: objects.at(-1)?.metadata.name ?? null }
        : { storages: others, after: null }),
    };
  }

  /** Removes an object, or marks it as deleted where finalizers keep it; nothing if it is marked already. */
  #removalOf(storage: string, object: ApiObject): readonly Mutation[] {
    const { metadata } = object;
    const key: StoredKey = { resource: storage, namespace: metadata.namespace ?? '', name: metadata.name };
    if ((metadata.finalizers ?? []).length === 0) return [{ kind: 'delete', key }];
    if (metadata.deletionTimestamp !== undefined) return [];
    const deletionTimestamp = `${new Date(this.#options.nowMs()).toISOString().slice(0, 19)}Z`;
    const marked = { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 };
    return [{ kind: 'put', key, object: { ...object, metadata: marked } }];
  }

  #finish(sweep: Sweep): null {
    const { store } = this.#options;
    const key: StoredKey = { resource: namespaceStorage, namespace: '', name: sweep.name };
    const namespace = store.get(key);
    if (namespace === null || !isTerminating(namespace)) return null;
    if (sweep.remains.counts.size > 0) {
      this.#waitFor(sweep.name, [...sweep.remains.counts.keys()]);
      this.#tell(key, namespace, sweep.remains);
      return null;
    }
    const finalizers = readList(namespace, 'spec', 'finalizers').filter((name) => name !== contentFinalizer);
    if (finalizers.length === 0 && (namespace.metadata.finalizers ?? []).length === 0) {
      store.write([{ kind: 'delete', key }]);
    } else if (finalizers.length < readList(namespace, 'spec', 'finalizers').length) {
      const spec = { ...readObject(namespace, 'spec'), finalizers };
      store.write([{ kind: 'put', key, object: { ...namespace, spec } }]);
    }
    return null;
  }

  /** Says in the namespace's status what is waited for. */
  #tell(key: StoredKey, namespace: ApiObject, remains: Remains): void {
    const status = readObject(namespace, 'status');
    const conditions = contentConditions(readList(status, 'conditions'), remains, this.#options.nowMs());
    if (isEqualValue(conditions, status['conditions'])) return;
    const object = { ...namespace, status: { ...status, conditions } };
    this.#options.store.write([{ kind: 'put', key, object }]);
  }

  /** Starts over when one of the objects is gone. */
  #waitFor(name: string, storages: readonly string[]): void {
    const { store } = this.#options;
    const { revision } = store;
    this.#stopWaiting(name);
    const watches = storages.map((storage) =>
      store.watch(storage, name, revision, ({ type }) => {
        if (type === 'DELETED') this.#enqueue(name);
      }),
    );
    this.#waits.set(name, watches);
  }

  #stopWaiting(name: string): void {
    for (const watch of this.#waits.get(name) ?? []) watch.stop();
    this.#waits.delete(name);
  }
}

function isTerminating(namespace: ApiObject): boolean {
  return (
    namespace.metadata.deletionTimestamp !== undefined &&
    readText(namespace, 'status', 'phase') === 'Terminating'
  );
}
