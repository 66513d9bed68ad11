// PUT: an object replaced by another, or created where the kind allows it (apiserver pkg/endpoints/handlers/update.go).
import { conflict, notFound } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import { managerNameOf } from '../managed-fields/index.ts';
import { answerObject } from './answer.ts';
import type { ApiResponse } from './api-request.ts';
import { expectBodySize, expectBodyType } from './body.ts';
import { decodeRequestObject } from './decode-object.ts';
import { trackWrite } from './field-tracking.ts';
import { insertObject } from './insert-object.ts';
import { dropRepeatedOwners, expectPathName, placeInNamespace, wipeSystemFields } from './object-meta.ts';
import type { Scope } from './parts.ts';
import { keyOf } from './read.ts';
import { replaceObject } from './replace-object.ts';
import { admitObject, writeContextOf } from './write-context.ts';
import { parseWriteOptions } from './write-options.ts';

export function updateObject(scope: Scope): ApiResponse {
  const { request, version, target, resource, parts } = scope;
  expectBodySize(request);
  const options = parseWriteOptions(request.query, 'UpdateOptions');
  expectBodyType(request);
  const decoded = decodeRequestObject(scope, options.fieldValidation);
  const placed = placeInNamespace(version.toStorage(decoded), scope);
  expectPathName(placed, target.name);
  const next = dropRepeatedOwners(placed, scope, false);
  const context = writeContextOf(scope, options.isDryRun);
  const manager = managerNameOf(options.fieldManager, request.userAgent);
  const old = parts.store.get(keyOf(scope));
  if (old === null) {
    const mayCreate = resource.strategy.allowsCreateOnUpdate && target.subresource === '';
    if (!mayCreate) throw notFound(scope.resourceName, target.name);
    expectSameUid(scope, next, '');
    const fresh = changeForCreate(next);
    const admitted = admitObject(scope, trackWrite(scope, fresh, null, manager), null, context);
    return answerObject(scope, 201, insertObject(scope, admitted, context));
  }
  expectSameUid(scope, next, old.metadata.uid ?? '');
  const admitted = admitObject(scope, trackWrite(scope, next, old, manager), old, context);
  return answerObject(scope, 200, replaceObject(scope, admitted, old, context));
}

/** A version says nothing about an object that is not there. */
function changeForCreate(object: ApiObject): ApiObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return wipeSystemFields({ ...object, metadata });
}

/** A client that names the object's uid means no other one of the same name. @throws {ApiError} 409 */
function expectSameUid({ resourceName }: Scope, next: ApiObject, uid: string): void {
  const { uid: said = '', name } = next.metadata;
  if (said === '' || said === uid) return;
  const why = `Precondition failed: UID in precondition: ${said}, UID in object meta: ${uid}`;
  throw conflict(resourceName, name, why);
}
