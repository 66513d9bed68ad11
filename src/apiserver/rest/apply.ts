// Server-side apply: a manager states the fields that it wants and owns them from then on (apiserver
// pkg/endpoints/handlers/patch.go applyPatcher).
import { type ApiError, badRequest, conflict, failure, notFound } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import {
  type Applied,
  applyConfiguration,
  type Conflicting,
  renderConflicts,
} from '../managed-fields/index.ts';
import { PatchError, refusedPatch } from '../patch/index.ts';
import { answerObject } from './answer.ts';
import type { ApiResponse } from './api-request.ts';
import { decodeText } from './body.ts';
import { BodySyntaxError, type ParsedText, parseYamlText } from './body-text.ts';
import { decodeDocument, reportStrictErrors } from './decode-object.ts';
import { writeScopeOf } from './field-tracking.ts';
import { insertObject } from './insert-object.ts';
import { changeMeta, expectPathName, placeInNamespace, wipeSystemFields } from './object-meta.ts';
import type { Scope } from './parts.ts';
import { keyOf } from './read.ts';
import { replaceObject } from './replace-object.ts';
import { admitObject, writeContextOf } from './write-context.ts';
import type { WriteOptions } from './write-options.ts';

export function applyObject(scope: Scope, options: WriteOptions): ApiResponse {
  const { target, version } = scope;
  const old = scope.parts.store.get(keyOf(scope));
  if (old === null && target.subresource !== '') throw notFound(scope.resourceName, target.name);
  const { value: config, duplicates } = readConfiguration(scope, options.fieldValidation !== 'Ignore');
  const applied = expectApplied(applyTo(scope, old, config, options));
  reportDuplicates(duplicates, scope, options);
  // Nothing is new, so nothing is asked and nothing is written.
  if (applied.isUnchanged && old !== null) return answerObject(scope, 200, old);
  const { object, typeError } = decodeDocument(applied.object, scope);
  if (typeError !== null) throw failure(500, '', typeError);
  const next = version.toStorage(object);
  if (old === null) expectNoUid(scope, next);
  const placed = placeInNamespace(next, scope);
  expectPathName(placed, target.name);
  const context = writeContextOf(scope, options.isDryRun);
  if (old === null) {
    // A version says nothing about an object that is not there.
    const fresh = changeMeta(wipeSystemFields(placed), { resourceVersion: undefined });
    const admitted = admitObject(scope, fresh, null, context);
    return answerObject(scope, 201, insertObject(scope, admitted, context));
  }
  const admitted = admitObject(scope, placed, old, context);
  return answerObject(scope, 200, replaceObject(scope, admitted, old, context));
}

function readConfiguration({ request }: Scope, wantsDuplicates: boolean): ParsedText {
  const { body } = request;
  if (!(body instanceof Uint8Array)) return { value: body.value, duplicates: [] };
  try {
    return parseYamlText(decodeText(body), wantsDuplicates);
  } catch (error) {
    if (error instanceof BodySyntaxError)
      throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
    throw error;
  }
}

function applyTo(
  scope: Scope,
  live: ApiObject | null,
  config: unknown,
  { fieldManager: manager, isForced: force }: WriteOptions,
): Applied | Conflicting {
  const { kind } = scope.resource;
  try {
    return applyConfiguration({ ...writeScopeOf(scope), live, config, kind, manager, force });
  } catch (error) {
    if (error instanceof PatchError) throw refusedPatch(error);
    throw error;
  }
}

/** @throws {ApiError} 409 */
function expectApplied(result: Applied | Conflicting): Applied {
  if (result.kind === 'applied') return result;
  const { message, causes } = renderConflicts(result.conflicts);
  throw failure(409, 'Conflict', message, { causes });
}

function reportDuplicates(texts: readonly string[], scope: Scope, { fieldValidation }: WriteOptions): void {
  const refuse = (): ApiError =>
    badRequest(`error strict decoding YAML: error converting YAML to JSON: ${texts.join(', ')}`);
  reportStrictErrors(texts, fieldValidation, scope, refuse);
}

/** @throws {ApiError} 409: the manager means an object that is gone. */
function expectNoUid({ resourceName }: Scope, { metadata }: ApiObject): void {
  const { uid = '', name } = metadata;
  if (uid === '') return;
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  throw conflict(resourceName, name, why);
}
