// POST: a new object (apiserver pkg/endpoints/handlers/create.go).
import { managerNameOf } from '../managed-fields/index.ts';
import type { ApiResponse } from './api-request.ts';
import { answerObject } from './answer.ts';
import { expectBodySize, expectBodyType } from './body.ts';
import { decodeRequestObject } from './decode-object.ts';
import { trackWrite } from './field-tracking.ts';
import { insertObject } from './insert-object.ts';
import { dropRepeatedOwners, placeInNamespace, wipeSystemFields } from './object-meta.ts';
import type { Scope } from './parts.ts';
import { admitObject, writeContextOf } from './write-context.ts';
import { parseWriteOptions } from './write-options.ts';

export function createObject(scope: Scope): ApiResponse {
  const { request, version } = scope;
  expectBodyType(request);
  expectBodySize(request);
  const options = parseWriteOptions(request.query, 'CreateOptions');
  const decoded = decodeRequestObject(scope, options.fieldValidation);
  const placed = placeInNamespace(wipeSystemFields(version.toStorage(decoded)), scope);
  const context = writeContextOf(scope, options.isDryRun);
  const manager = managerNameOf(options.fieldManager, request.userAgent);
  const tracked = trackWrite(scope, dropRepeatedOwners(placed, scope, false), null, manager);
  const stored = insertObject(scope, admitObject(scope, tracked, null, context), context);
  return answerObject(scope, 201, stored);
}
