// What becomes of an object that is to be deleted: it goes, or stays with a deletionTimestamp until what holds it lets go
// (apiserver pkg/registry/generic/registry/store.go Delete, deletionFinalizersForGarbageCollection, markAsDeleting).
import type { ApiObject } from '../api-object.ts';
import type { Resource, WriteContext } from '../registry/resource.ts';
import { changeMeta, renderTime } from './object-meta.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

export interface DeletionPlan {
  /** The state to store; null: the object goes. */
  readonly left: ApiObject | null;
  readonly orphansDependents: boolean;
  /** The object stays until the dependents that block it are gone, which are to be deleted. */
  readonly awaitsDependents: boolean;
}

/** `policy` null: what its finalizers say, else in the background. @throws {ApiError} */
export function planDeletion(
  resource: Resource,
  object: ApiObject,
  policy: Propagation | null,
  hasBlockers: boolean,
  context: WriteContext,
): DeletionPlan {
  const held = resource.strategy.beforeDelete?.(object, context) ?? null;
  if (held !== null) return { left: held, orphansDependents: false, awaitsDependents: false };
  const finalizers = object.metadata.finalizers ?? [];
  const propagation = policy ?? propagationOf(finalizers);
  const awaitsDependents = propagation === 'Foreground' && hasBlockers;
  const pending = finalizers.filter((name) => name !== orphanFinalizer && name !== foregroundFinalizer);
  if (awaitsDependents) pending.push(foregroundFinalizer);
  return {
    left: pending.length === 0 ? null : markDeleted(object, pending, context.nowMs),
    orphansDependents: propagation === 'Orphan',
    awaitsDependents,
  };
}

function propagationOf(finalizers: readonly string[]): Propagation {
  const first = finalizers.find((name) => name === orphanFinalizer || name === foregroundFinalizer);
  if (first === undefined) return 'Background';
  return first === orphanFinalizer ? 'Orphan' : 'Foreground';
}

function markDeleted(object: ApiObject, finalizers: readonly string[], nowMs: number): ApiObject {
  const { deletionTimestamp, generation = 0 } = object.metadata;
  const counted = deletionTimestamp === undefined && generation > 0 ? { generation: generation + 1 } : {};
  return changeMeta(object, {
    ...counted,
    deletionTimestamp: deletionTimestamp ?? renderTime(nowMs),
    deletionGracePeriodSeconds: 0,
    finalizers,
  });
}
