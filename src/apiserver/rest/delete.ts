// DELETE of one object, and of all that a selection names (apiserver pkg/endpoints/handlers/delete.go).
import { conflict } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import { answerList, answerObject, answerValue } from './answer.ts';
import type { ApiResponse } from './api-request.ts';
import { type DeleteOptions, parseDeleteOptions } from './delete-options.ts';
import { parseListOptions } from './list-options.ts';
import type { Scope } from './parts.ts';
import { readList, readStored } from './read.ts';
import { writeContextOf } from './write-context.ts';

export function deleteObject(scope: Scope): ApiResponse {
  const options = parseDeleteOptions(scope);
  const object = readStored(scope);
  expectPreconditions(scope, object, options);
  const item = { resource: scope.resource, object };
  const context = writeContextOf(scope, options.isDryRun);
  const [left = null] = options.isDryRun
    ? [scope.garbage.plan(item, options.policy, context).left]
    : scope.garbage.delete([item], options.policy, context);
  if (left === null) {
    return scope.resource.returnsDeleted === true
      ? answerObject(scope, 200, object)
      : answerValue(scope, 200, deletedStatus(scope, object));
  }
  return answerObject(scope, options.orphanDependents === false ? 202 : 200, left);
}

function deletedStatus({ resourceName }: Scope, { metadata }: ApiObject): unknown {
  const { group, plural } = resourceName;
  const details = {
    name: metadata.name,
    ...(group === '' ? {} : { group }),
    // The resource, although it is called kind.
    kind: plural,
    ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
  };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** @throws {ApiError} 409 */
function expectPreconditions({ resource }: Scope, { metadata }: ApiObject, options: DeleteOptions): void {
  // The kind stands where the resource should be in the API server too.
  const named = { group: resource.group, plural: resource.kind };
  const { uid = '', resourceVersion = '' } = metadata;
  if (options.uid !== null && options.uid !== uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(named, metadata.name, why);
  }
  if (options.resourceVersion !== null && options.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(named, metadata.name, why);
  }
}

export function deleteCollection(scope: Scope): ApiResponse {
  const listOptions = parseListOptions(scope.request.query, scope.resource, false);
  const options = parseDeleteOptions(scope);
  const { objects, metadata } = readList(scope, listOptions);
  for (const object of objects) expectPreconditions(scope, object, options);
  const context = writeContextOf(scope, options.isDryRun);
  const items = objects.map((object) => ({ resource: scope.resource, object }));
  if (options.isDryRun) for (const item of items) scope.garbage.plan(item, options.policy, context);
  else scope.garbage.delete(items, options.policy, context);
  return answerList(scope, objects, metadata);
}
