// The way of a new object into the store: names and system fields, preparation, validation, and the place itself (apiserver
// pkg/registry/generic/registry/store.go Create, pkg/registry/rest/create.go).
import { checkPathSegment, groupOf, type NameCheck, validateObjectMeta } from '../../kube/index.ts';
import { alreadyExists, ApiError, failure, invalid, qualifiedResource } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import type { WriteContext } from '../registry/resource.ts';
import { changeMeta, generateName, renderTime } from './object-meta.ts';
import type { Scope } from './parts.ts';
import { keyOf } from './read.ts';
import { trimEmpty } from './trim-empty.ts';
import { expectFewValues, maxStoredValues } from './value-bound.ts';

const maxNameAttempts = 8;

/** `candidate` is admitted and has no system fields. @returns the object as stored. @throws {ApiError} */
export function insertObject(scope: Scope, candidate: ApiObject, context: WriteContext): ApiObject {
  const { name, generateName: base = '' } = candidate.metadata;
  const attempts = base !== '' && name === '' ? maxNameAttempts : 1;
  for (let attempt = 1; ; attempt += 1) {
    const object = prepareNew(scope, nameObject(scope, candidate), context);
    const existing = scope.parts.store.get(keyOf(scope, object.metadata.name));
    if (existing === null) return storeNew(scope, object, context);
    if (attempt >= attempts) throw nameTaken(scope, object, existing);
  }
}

/** The parts of its metadata that only the server knows. */
function nameObject({ parts }: Scope, candidate: ApiObject): ApiObject {
  const { name, generateName: base = '' } = candidate.metadata;
  const isGenerated = base !== '' && name === '';
  return changeMeta(candidate, {
    name: isGenerated ? generateName(base, parts.randomSuffix()) : name,
    uid: parts.randomUuid(),
    creationTimestamp: renderTime(parts.nowMs()),
  });
}

/** Names that any kind may have are segments of a path. */
export const checkAnyName: NameCheck = (name, isPrefix) => checkPathSegment(isPrefix ? `${name}a` : name);

function prepareNew(scope: Scope, named: ApiObject, context: WriteContext): ApiObject {
  const { resource } = scope;
  const { strategy, kind, namespaced } = resource;
  // Views of one kind in several groups are validated as what is stored.
  const group = groupOf(resource.storageApiVersion);
  const prepared = strategy.prepareCreate(named, context);
  const object = strategy.countsGeneration === undefined ? prepared : changeMeta(prepared, { generation: 1 });
  const { metadata } = object;
  const errors = strategy.validateCreate(object, context);
  if (errors.length > 0) throw invalid(kind, group, metadata.name, errors);
  const metaErrors = validateObjectMeta(metadata, { namespaced, checkName: checkAnyName });
  if (metaErrors.length > 0) throw invalid(kind, group, metadata.name, metaErrors);
  for (const text of strategy.warnings(object, context)) context.warn(text);
  const { resourceVersion = '' } = metadata;
  // What is no number at all says nothing, as the API server has it.
  if (/^\d+$/.test(resourceVersion) && Number(resourceVersion) !== 0) {
    throw failure(500, '', 'resourceVersion should not be set on objects to be created');
  }
  return changeMeta(object, { resourceVersion: undefined });
}

function storeNew(scope: Scope, object: ApiObject, context: WriteContext): ApiObject {
  const { resource } = scope;
  const allocated = trimEmpty(resource.strategy.allocate?.(object, null, context) ?? object, resource);
  expectFewValues(allocated, maxStoredValues);
  if (context.isDryRun) return allocated;
  const key = keyOf(scope, allocated.metadata.name);
  const [stored = null] = scope.parts.store.write([{ kind: 'put', key, object: allocated }]);
  return stored ?? allocated;
}

function nameTaken({ resourceName }: Scope, object: ApiObject, existing: ApiObject): ApiError {
  const { name, generateName: base = '' } = object.metadata;
  const refusal = alreadyExists(resourceName, name).status;
  const isDeleting = existing.metadata.deletionTimestamp !== undefined;
  const prefix = isDeleting ? 'object is being deleted: ' : '';
  if (base === '') return new ApiError({ ...refusal, message: `${prefix}${refusal.message}` });
  const message = `${prefix}${qualifiedResource(resourceName)} "${name}" already exists, the server was not able to generate a unique name for the object`;
  return new ApiError({ ...refusal, message, details: { ...refusal.details, retryAfterSeconds: 1 } });
}
