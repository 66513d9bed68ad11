// GarbageCollector: deletions with all that follows from them, in one transaction: dependents that have lost their last owner, and
// owners that waited for their dependents. (In a cluster a controller does this, some time later.)
import type { OwnerReference } from '../../kube/index.ts';
import { ApiError } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import type { Registry, Resource, WriteContext } from '../registry/resource.ts';
import type { ObjectStore, StoredKey } from '../storage/store.ts';
import { splitGroupVersion } from './decode-object.ts';
import { changeMeta } from './object-meta.ts';
import { OwnershipIndex } from './ownership-index.ts';
import { foregroundFinalizer, planDeletion, type DeletionPlan, type Propagation } from './plan-deletion.ts';
import { sameValue } from './same-value.ts';

/** A stored object and its resource. */
export interface KindedObject {
  readonly resource: Resource;
  readonly object: ApiObject;
}

export interface CollectorParts {
  readonly registry: Registry;
  readonly store: ObjectStore;
  readonly nowMs: () => number;
}

export class GarbageCollector {
  readonly #registry: Registry;
  readonly #store: ObjectStore;
  readonly #nowMs: () => number;
  readonly #index: OwnershipIndex;
  /** Objects that are gone; who depended on them is still to be looked at. */
  #gone: ApiObject[] = [];
  /** By uid: owners that may have nothing to wait for any more. */
  #waiting = new Map<string, KindedObject>();

  constructor({ registry, store, nowMs }: CollectorParts) {
    this.#registry = registry;
    this.#store = store;
    this.#nowMs = nowMs;
    this.#index = new OwnershipIndex(registry, store, (object) => this.#followForeignDeletion(object));
    this.#index.refresh();
  }

  /** Takes in resources that came. */
  refresh(): void {
    this.#index.refresh();
  }

  /** What a deletion would do. @throws {ApiError} */
  plan(item: KindedObject, policy: Propagation | null, context: WriteContext): DeletionPlan {
    this.#index.refresh();
    const hasBlockers = this.#dependentsOf(item.object).some((dependent) => blocks(dependent, item.object));
    return planDeletion(item.resource, item.object, policy, hasBlockers, context);
  }

  /** Deletes objects as `policy` says. @returns for each what is left of it, null: nothing. @throws {ApiError} */
  delete(
    items: readonly KindedObject[],
    policy: Propagation | null,
    context: WriteContext,
  ): readonly (ApiObject | null)[] {
    return this.#inTransaction(() => items.map((item) => this.#deleteOne(item, policy, context)));
  }

  /** Objects whose deletion was held up, and is no more. */
  remove(items: readonly KindedObject[]): void {
    this.#inTransaction(() => {
      for (const item of items) this.#removeOne(item);
    });
  }

  #inTransaction<Result>(run: () => Result): Result {
    this.#index.refresh();
    try {
      return this.#store.batch(() => {
        const result = run();
        this.#settle();
        return result;
      });
    } finally {
      this.#gone = [];
      this.#waiting.clear();
    }
  }

  /** Until nothing follows from anything any more. Each turn takes an object out of the store, or looks at one once. */
  #settle(): void {
    for (;;) {
      const gone = this.#gone.pop();
      if (gone !== undefined) {
        this.#releaseDependents(gone);
        this.#noteOwners(gone);
        continue;
      }
      const [next] = this.#waiting;
      if (next === undefined) return;
      this.#waiting.delete(next[0]);
      this.#releaseOwner(next[1]);
    }
  }

  /** An owner that went without this collector: by the removal of its namespace or of its definition. */
  #followForeignDeletion(owner: ApiObject): void {
    // Of its own deletions nothing is left to do by the time that the store tells them.
    if (this.#dependentsOf(owner).length === 0) return;
    this.#inTransaction(() => this.#gone.push(owner));
  }

  #deleteOne(asRead: KindedObject, policy: Propagation | null, context: WriteContext): ApiObject | null {
    const item = this.#readAgain(asRead);
    if (item === null) return null;
    const plan = this.plan(item, policy, context);
    const { resource, object } = item;
    if (plan.orphansDependents) {
      for (const dependent of this.#dependentsOf(object))
        this.#dropOwners(dependent, new Set([uidOf(object)]));
    }
    if (plan.left === null) {
      this.#removeOne(item);
      return null;
    }
    const left = sameValue(plan.left, object) ? object : this.#put(resource, plan.left);
    if (plan.awaitsDependents) this.#deleteBlockers({ resource, object: left });
    return left;
  }

  /** And what blocks those, down to the last. Who waits already is left alone: owners may form a ring. */
  #deleteBlockers(first: KindedObject): void {
    const owners = [first];
    for (let owner = owners.pop(); owner !== undefined; owner = owners.pop()) {
      this.#waiting.set(uidOf(owner.object), owner);
      for (const dependent of this.#dependentsOf(owner.object)) {
        if (!blocks(dependent, owner.object) || isAwaitingDependents(dependent.object)) continue;
        const left = this.#deleteQuietly(dependent, 'Foreground', false);
        if (left !== null && isAwaitingDependents(left)) owners.push({ ...dependent, object: left });
      }
    }
  }

  /** As it is by now: an earlier deletion of the same transaction may have changed or taken it. */
  #readAgain({ resource, object }: KindedObject): KindedObject | null {
    const current = this.#store.get(keyOf(resource, object));
    return current === null || uidOf(current) !== uidOf(object) ? null : { resource, object: current };
  }

  /** A deletion that nobody asked for: what refuses it stays. @returns what is left */
  #deleteQuietly(asRead: KindedObject, policy: Propagation | null, isDeep = true): ApiObject | null {
    const item = this.#readAgain(asRead);
    if (item === null) return null;
    const context: WriteContext = {
      store: this.#store,
      nowMs: this.#nowMs(),
      subresource: '',
      isDryRun: false,
      warn: () => {},
    };
    try {
      if (isDeep) return this.#deleteOne(item, policy, context);
      const plan = this.#planShallow(item, policy, context);
      if (plan.left === null) {
        this.#removeOne(item);
        return null;
      }
      return sameValue(plan.left, item.object) ? item.object : this.#put(item.resource, plan.left);
    } catch (error) {
      if (error instanceof ApiError) return item.object;
      throw error;
    }
  }

  /** As `plan`, with only those dependents as blockers that do not wait themselves. */
  #planShallow(item: KindedObject, policy: Propagation | null, context: WriteContext): DeletionPlan {
    const hasBlockers = this.#dependentsOf(item.object).some(
      (dependent) => blocks(dependent, item.object) && !isAwaitingDependents(dependent.object),
    );
    return planDeletion(item.resource, item.object, policy, hasBlockers, context);
  }

  #removeOne(item: KindedObject): void {
    this.#store.write([{ kind: 'delete', key: keyOf(item.resource, item.object) }]);
    this.#gone.push(item.object);
    for (const key of item.resource.strategy.companions?.(item.object) ?? []) {
      const object = this.#store.get(key);
      const resource = this.#resourceOf(key.resource);
      if (object !== null && resource !== null) this.#deleteQuietly({ resource, object }, null);
    }
  }

  #put(resource: Resource, object: ApiObject): ApiObject {
    const [stored = null] = this.#store.write([{ kind: 'put', key: keyOf(resource, object), object }]);
    return stored ?? object;
  }

  /** Dependents of what is gone go too, unless another owner of theirs is there. */
  #releaseDependents(owner: ApiObject): void {
    for (const dependent of this.#dependentsOf(owner)) {
      const references = dependent.object.metadata.ownerReferences ?? [];
      const lost = references.filter((reference) => this.#ownerOf(reference, dependent.object) === null);
      if (lost.length === references.length) this.#deleteQuietly(dependent, null);
      else this.#dropOwners(dependent, new Set(lost.map(({ uid }) => uid)));
    }
  }

  /** `dependent` is gone: whoever waited for it may go too. */
  #noteOwners(dependent: ApiObject): void {
    for (const reference of dependent.metadata.ownerReferences ?? []) {
      const owner = this.#ownerOf(reference, dependent);
      if (owner !== null && isAwaitingDependents(owner.object)) this.#waiting.set(reference.uid, owner);
    }
  }

  #releaseOwner(asNoted: KindedObject): void {
    const owner = this.#readAgain(asNoted);
    if (owner === null || !isAwaitingDependents(owner.object) || this.#isHeldUp(owner.object)) return;
    const left = (owner.object.metadata.finalizers ?? []).filter((name) => name !== foregroundFinalizer);
    if (left.length === 0) this.#removeOne(owner);
    else this.#put(owner.resource, changeMeta(owner.object, { finalizers: left }));
  }

  /** Whether it waits, through others that only wait, for one that does not: those of a ring wait for each other alone. */
  #isHeldUp(owner: ApiObject): boolean {
    const seen = new Set([uidOf(owner)]);
    const waiting = [owner];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const dependent of this.#dependentsOf(next)) {
        const { object } = dependent;
        if (!blocks(dependent, next) || seen.has(uidOf(object))) continue;
        if (!isAwaitingDependents(object) || (object.metadata.finalizers ?? []).length > 1) return true;
        seen.add(uidOf(object));
        waiting.push(object);
      }
    }
    return false;
  }

  #dropOwners({ resource, object }: KindedObject, uids: ReadonlySet<string>): void {
    const kept = (object.metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid));
    this.#put(resource, changeMeta(object, { ownerReferences: kept.length === 0 ? undefined : kept }));
  }

  #dependentsOf(owner: ApiObject): KindedObject[] {
    const keys = this.#index.dependentsOf(uidOf(owner));
    return keys.flatMap((key) => {
      const object = this.#store.get(key);
      if (object === null || !isOwnedBy(object, owner)) return [];
      const resource = this.#resourceOf(key.resource);
      return resource === null ? [] : [{ resource, object }];
    });
  }

  #resourceOf(storage: string): Resource | null {
    return this.#registry.resources().find((resource) => resource.storage === storage) ?? null;
  }

  /** Null: it does not exist, or another object has its name now. */
  #ownerOf(reference: OwnerReference, dependent: ApiObject): KindedObject | null {
    const [group, version] = splitGroupVersion(reference.apiVersion);
    const resource = this.#registry.lookupKind(group, version, reference.kind);
    if (resource === null) return null;
    const namespace = resource.namespaced ? (dependent.metadata.namespace ?? '') : '';
    const object = this.#store.get({ resource: resource.storage, namespace, name: reference.name });
    return object === null || uidOf(object) !== reference.uid ? null : { resource, object };
  }
}

function uidOf(object: ApiObject): string {
  return object.metadata.uid ?? '';
}

function keyOf(resource: Resource, { metadata }: ApiObject): StoredKey {
  return { resource: resource.storage, namespace: metadata.namespace ?? '', name: metadata.name };
}

/** An owner with a namespace owns within it only. */
function isOwnedBy(object: ApiObject, owner: ApiObject): boolean {
  const { namespace = '' } = owner.metadata;
  if (namespace !== '' && namespace !== object.metadata.namespace) return false;
  return (object.metadata.ownerReferences ?? []).some(({ uid }) => uid !== '' && uid === uidOf(owner));
}

function blocks({ object }: KindedObject, owner: ApiObject): boolean {
  if (uidOf(object) === uidOf(owner)) return false;
  const references = object.metadata.ownerReferences ?? [];
  return references.some(
    (reference) => reference.uid === uidOf(owner) && reference.blockOwnerDeletion === true,
  );
}

function isAwaitingDependents({ metadata }: ApiObject): boolean {
  return (
    metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(foregroundFinalizer)
  );
}
