// The way of a changed object into the store: version check, preparation, validation, and what an update may end in: a new
// state, nothing (it changes nothing), or the end of an object whose last finalizer went (apiserver
// pkg/registry/generic/registry/store.go Update, pkg/registry/rest/update.go).
import {
  type FieldError,
  groupOf,
  invalidError,
  keepServerMetadata,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../kube/index.ts';
import { badRequest, invalid, staleObject } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import { keepUnchangedTimes } from '../managed-fields/index.ts';
import type { WriteContext } from '../registry/resource.ts';
import { checkAnyName } from './insert-object.ts';
import { changeMeta, withMeta } from './object-meta.ts';
import type { Scope } from './parts.ts';
import { readRevision } from './query-values.ts';
import { keyOf } from './read.ts';
import { sameValue } from './same-value.ts';
import { trimEmpty } from './trim-empty.ts';
import { expectFewValues, maxStoredValues } from './value-bound.ts';

/** `candidate` is admitted. @returns the object as it is now. @throws {ApiError} */
export function replaceObject(
  scope: Scope,
  candidate: ApiObject,
  old: ApiObject,
  context: WriteContext,
): ApiObject {
  const current = expectVersion(scope, candidate, old);
  const prepared = trimEmpty(prepareChanged(scope, current, old, context), scope.resource);
  const { strategy } = scope.resource;
  if (isFinished(prepared, old) && strategy.holdsDeletion?.(prepared) !== true) {
    if (!context.isDryRun) scope.garbage.remove([{ resource: scope.resource, object: old }]);
    return prepared;
  }
  // Nothing that is allocated depends on what is free, unless something else changed too.
  if (isSameState(prepared, old)) return old;
  const allocated = trimEmpty(strategy.allocate?.(prepared, old, context) ?? prepared, scope.resource);
  if (isSameState(allocated, old)) return old;
  expectFewValues(allocated, maxStoredValues);
  if (context.isDryRun) return allocated;
  const key = keyOf(scope, old.metadata.name);
  const [stored = null] = scope.parts.store.write([{ kind: 'put', key, object: allocated }]);
  return stored ?? allocated;
}

/** With the stored version, which the client must have seen unless the kind lets it overwrite what it has not. */
function expectVersion(scope: Scope, candidate: ApiObject, old: ApiObject): ApiObject {
  const { resource, resourceName } = scope;
  const { name } = old.metadata;
  const { resourceVersion: stored = '' } = old.metadata;
  const said = candidate.metadata.resourceVersion ?? '';
  const reading = readRevision(said);
  if (reading.kind === 'invalid') throw badRequest(reading.fault);
  if (reading.revision === 0) {
    if (!resource.strategy.allowsUnconditionalUpdate) {
      const error = invalidError('metadata.resourceVersion', 0, 'must be specified for an update');
      // The resource stands where the kind should be in the API server too.
      throw invalid(resource.plural, resource.group, name, [error]);
    }
  } else if (String(reading.revision) !== stored) throw staleObject(resourceName, name);
  return changeMeta(candidate, { resourceVersion: stored, selfLink: undefined });
}

function prepareChanged(
  scope: Scope,
  candidate: ApiObject,
  old: ApiObject,
  context: WriteContext,
): ApiObject {
  const { strategy, kind, namespaced, storageApiVersion } = scope.resource;
  const kept = withMeta(candidate, keepServerMetadata(candidate.metadata, old.metadata));
  const prepared = strategy.prepareUpdate(kept, old, context);
  const generation = old.metadata.generation ?? 0;
  const object =
    // What is left out when it is stored is no change.
    strategy.countsGeneration?.(trimEmpty(prepared, scope.resource), old) === true
      ? changeMeta(prepared, { generation: generation + 1 })
      : prepared;
  const errors = [
    ...withoutBareFinalizers(validateObjectMeta(object.metadata, { namespaced, checkName: checkAnyName })),
    ...withoutBareFinalizers(validateObjectMetaUpdate(object.metadata, old.metadata)),
    ...strategy.validateUpdate(object, old, context),
  ];
  if (errors.length > 0) throw invalid(kind, groupOf(storageApiVersion), object.metadata.name, errors);
  for (const text of strategy.warnings(object, context)) context.warn(text);
  return object;
}

/** That a finalizer names no domain is found by the kinds, each for itself. */
function withoutBareFinalizers(errors: readonly FieldError[]): readonly FieldError[] {
  return errors.filter(({ field }) => !field.startsWith('metadata.finalizers['));
}

/** The object was being deleted, and nothing keeps it any more. */
function isFinished(next: ApiObject, old: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds !== 0) return false;
  return (next.metadata.finalizers ?? []).length === 0;
}

/** But for the times at which managers wrote: a write that changes nothing else is none. */
function isSameState(next: ApiObject, old: ApiObject): boolean {
  return sameValue(keepUnchangedTimes(next, old), old);
}
