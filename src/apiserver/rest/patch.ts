// PATCH: an object changed by a JSON patch, a merge patch or a strategic merge patch in the request's version, or applied
// (apiserver pkg/endpoints/handlers/patch.go).
import { goJson, invalidError, isJsonObject } from '../../kube/index.ts';
import { type ApiError, badRequest, failure } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import { managerNameOf } from '../managed-fields/index.ts';
import { printValue } from '../patch/go-print.ts';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMerge,
  PatchError,
  refusedPatch,
  unknownOperationFields,
} from '../patch/index.ts';
import { answerObject, convertStored } from './answer.ts';
import type { ApiResponse } from './api-request.ts';
import { applyObject } from './apply.ts';
import { decodeText, expectBodySize, mediaTypeOf } from './body.ts';
import { BodySyntaxError, type ParsedText, parseJsonText } from './body-text.ts';
import {
  claimedKindOf,
  claimedVersionOf,
  decodeDocument,
  findKindFault,
  reportStrictErrors,
} from './decode-object.ts';
import { trackWrite } from './field-tracking.ts';
import { expectPathName, placeInNamespace } from './object-meta.ts';
import type { Scope } from './parts.ts';
import { readStored } from './read.ts';
import { invalidWithoutKind, unsupportedMediaType } from './refusals.ts';
import { replaceObject } from './replace-object.ts';
import { expectFewValues, maxStoredValues } from './value-bound.ts';
import { admitObject, writeContextOf } from './write-context.ts';
import { parsePatchOptions, type WriteOptions } from './write-options.ts';

const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';
const applyPatch = 'application/apply-patch+yaml';
const patchTypes: readonly string[] = [jsonPatch, mergePatch, strategicPatch, applyPatch];

export function patchObject(scope: Scope): ApiResponse {
  const type = expectPatchType(scope);
  expectBodySize(scope.request);
  const options = parsePatchOptions(scope.request.query, type === applyPatch);
  return type === applyPatch ? applyObject(scope, options) : changeObject(scope, type, options);
}

/** @throws {ApiError} 415 */
function expectPatchType({ request, resource }: Scope): string {
  const type = mediaTypeOf(request.contentType);
  // A custom resource has no Go type, which would say how its lists merge.
  const types = patchTypes.filter((known) => resource.isCustom !== true || known !== strategicPatch);
  if (types.includes(type)) return type;
  // What routes the requests of built-in kinds refuses in its own words.
  if (resource.isCustom !== true) {
    throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  throw unsupportedMediaType(types);
}

function changeObject(scope: Scope, type: string, options: WriteOptions): ApiResponse {
  const { request, version, target } = scope;
  const old = readStored(scope);
  const patched = patchDocument(scope, type, convertStored(old, version), options);
  const manager = managerNameOf(options.fieldManager, request.userAgent);
  const next = trackWrite(scope, patched, old, manager);
  const placed = placeInNamespace(next, scope);
  expectPathName(placed, target.name);
  const context = writeContextOf(scope, options.isDryRun);
  const stored = replaceObject(scope, admitObject(scope, placed, old, context), old, context);
  return answerObject(scope, 200, stored);
}

/** The document after the patch, decoded, in the storage version. @throws {ApiError} 400, 413, 422 */
function patchDocument(scope: Scope, type: string, document: ApiObject, options: WriteOptions): ApiObject {
  const { fieldValidation } = options;
  const { value: patch, duplicates } = readPatch(scope, type, fieldValidation !== 'Ignore');
  const patched = applyPatchTo(document, patch, type, scope);
  expectFewValues(patched, maxStoredValues);
  const shown = type === strategicPatch ? printValue(patch) : goJson(patched);
  // The patch is at fault, not an object.
  const refuse = (fault: string): ApiError => invalidWithoutKind('', [invalidError('patch', shown, fault)]);
  if (!isJsonObject(patched)) throw refuse('json: cannot unmarshal array into Go value');
  const claimed = claimedKindOf(patched, scope);
  const kindFault = findKindFault(claimed, scope);
  if (kindFault !== null) throw refuse(kindFault);
  // A patch may make another version of it, by which the document is read then.
  const version = claimedVersionOf(claimed, scope) ?? scope.version;
  const { object, typeError, unknownFields } = decodeDocument(patched, scope, version);
  if (typeError !== null) throw refuse(typeError);
  const findings =
    type === jsonPatch
      ? [...duplicates.map((text) => `json patch ${text}`), ...unknownOperationFields(patch)]
      : duplicates;
  reportStrictErrors([...findings, ...unknownFields], fieldValidation, scope, refuse);
  return version.toStorage(object);
}

function readPatch({ request }: Scope, type: string, wantsDuplicates: boolean): ParsedText {
  const { body } = request;
  if (!(body instanceof Uint8Array)) return { value: body.value, duplicates: [] };
  try {
    return parseJsonText(decodeText(body), wantsDuplicates);
  } catch (error) {
    if (!(error instanceof BodySyntaxError)) throw error;
    if (type === mergePatch && !wantsDuplicates) throw badRequest('Invalid JSON Patch');
    const isBare = type === strategicPatch || !wantsDuplicates;
    throw badRequest(isBare ? error.message : `error decoding patch: ${error.message}`);
  }
}

function applyPatchTo(document: ApiObject, patch: unknown, type: string, scope: Scope): unknown {
  try {
    if (type === jsonPatch) return applyJsonPatch(document, patch);
    if (type === mergePatch) return applyMergePatch(document, patch);
    return applyStrategicMerge(document, patch, scope.version.schema);
  } catch (error) {
    if (error instanceof PatchError) throw refusedPatch(error);
    throw error;
  }
}
