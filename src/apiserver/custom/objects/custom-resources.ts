// CustomResources: keeps the API's custom resources in step with the definitions in the store. Everything happens in the turn of
// the write that caused it: when a definition has been stored, its resource is served.
import type { ApiObject } from '../../api-object.ts';
import type { Resource } from '../../registry/resource.ts';
import type { ObjectStore, StoreEvent, StoreWatch } from '../../storage/store.ts';
import { establishDefinition } from '../definition/definition-status.ts';
import {
  cleanupFinalizer,
  type Definition,
  definitionOf,
  definitionStorage,
  hasCondition,
} from '../definition/definition-types.ts';
import { sameJson } from '../schema/json-value.ts';
import { cleanUp } from './clean-up.ts';
import { customResource, customStorage } from './custom-resource.ts';

export interface CustomResourcesOptions {
  readonly store: ObjectStore;
  /** Gets all custom resources whenever one of them changes. */
  readonly registry: { readonly setCustom: (resources: readonly Resource[]) => void };
  readonly nowMs: () => number;
  /** Resources that a definition may not replace. */
  readonly isBuiltIn?: (group: string, plural: string) => boolean;
  /** A definition that is stored but cannot be served; it harms only itself. */
  readonly onProblem?: (definition: string, problem: string) => void;
}

interface Entry {
  readonly definition: Definition;
  readonly resource: Resource | null;
}

export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #entries = new Map<string, Entry>();
  /** Waits for the last objects of definitions that are being deleted. */
  readonly #leftovers = new Map<string, StoreWatch>();
  #watch: StoreWatch | null = null;

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
  }

  /** Reads what is there and follows what comes. */
  start(): void {
    const { store } = this.#options;
    const { objects, revision } = store.list({ resource: definitionStorage, namespace: null });
    for (const object of objects) this.#setEntry(object);
    this.#publish();
    this.#watch = store.watch(definitionStorage, null, revision, (event) => this.#follow(event));
    for (const { definition } of [...this.#entries.values()]) {
      if (isCleanupDue(definition)) this.#cleanUp(definition.metadata.name);
      else this.#reconsider(definition.metadata.name);
    }
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = null;
    for (const watch of this.#leftovers.values()) watch.stop();
    this.#leftovers.clear();
  }

  #follow({ type, object }: StoreEvent): void {
    const { name } = object.metadata;
    const before = this.#entries.get(name);
    if (type === 'DELETED') {
      this.#entries.delete(name);
      this.#stopWaiting(name);
    } else this.#setEntry(object);
    if (this.#entries.get(name)?.resource !== before?.resource) this.#publish();
    const group = definitionOf(object).spec.group;
    // Names may have become free.
    for (const other of [...this.#entries.values()]) {
      const isRival = other.definition.spec.group === group && other.definition.metadata.name !== name;
      if (isRival && !hasCondition(other.definition, 'NamesAccepted'))
        this.#reconsider(other.definition.metadata.name);
    }
    if (type !== 'DELETED' && isCleanupDue(definitionOf(object))) this.#cleanUp(name);
  }

  #setEntry(object: ApiObject): void {
    const definition = definitionOf(object);
    const { name } = definition.metadata;
    const old = this.#entries.get(name);
    const isSame = old !== undefined && sameJson(servedForm(old.definition), servedForm(definition));
    this.#entries.set(name, { definition, resource: isSame ? old.resource : this.#compile(definition) });
  }

  #compile(definition: Definition): Resource | null {
    const { isBuiltIn, onProblem } = this.#options;
    const { name } = definition.metadata;
    if (!hasCondition(definition, 'Established')) return null;
    const { group, names } = definition.spec;
    if (isBuiltIn?.(group, names.plural) === true) {
      onProblem?.(name, `the server itself has "${names.plural}" in the group "${group}"`);
      return null;
    }
    try {
      return customResource(definition);
    } catch (error) {
      onProblem?.(name, error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  #publish(): void {
    const resources = [...this.#entries.values()].flatMap(({ resource }) =>
      resource === null ? [] : [resource],
    );
    const keyOf = ({ group, plural }: Resource): string => `${group}/${plural}`;
    resources.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
    this.#options.registry.setCustom(resources);
  }

  /** Writes the status that the definition has now, if it is another. */
  #reconsider(name: string): void {
    const { store, nowMs } = this.#options;
    const definition = this.#current(name);
    if (definition === null || definition.metadata.deletionTimestamp !== undefined) return;
    const all = [...this.#entries.values()].map((entry) => entry.definition);
    const status = establishDefinition(definition, all, nowMs());
    if (status === definition.status) return;
    const key = { resource: definitionStorage, namespace: '', name };
    store.write([{ kind: 'put', key, object: { ...definition, status } }]);
  }

  #cleanUp(name: string): void {
    const { store, nowMs } = this.#options;
    const definition = this.#current(name);
    if (definition === null || !isCleanupDue(definition)) return;
    if (cleanUp(definition, store, nowMs())) this.#stopWaiting(name);
    else if (!this.#leftovers.has(name)) {
      const watch = store.watch(customStorage(definition), null, store.revision, (event) => {
        if (event.type === 'DELETED') this.#cleanUp(name);
      });
      this.#leftovers.set(name, watch);
    }
  }

  #stopWaiting(name: string): void {
    this.#leftovers.get(name)?.stop();
    this.#leftovers.delete(name);
  }

  #current(name: string): Definition | null {
    const stored = this.#options.store.get({ resource: definitionStorage, namespace: '', name });
    return stored === null ? null : definitionOf(stored);
  }
}

/** What a resource is made of. */
function servedForm({ spec, status, metadata }: Definition): unknown {
  const conditions = status.conditions.map(({ type, status: value }) => [type, value]);
  return { spec, names: status.acceptedNames, conditions, uid: metadata.uid ?? '' };
}

function isCleanupDue({ metadata }: Definition): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(cleanupFinalizer) === true;
}
