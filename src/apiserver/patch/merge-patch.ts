// applyMergePatch: RFC 7396 as the API server does it. Where the target has no object, what the patch puts there is cleared of
// nulls, inside lists too; a list that replaces an object stays as it came.
import { isJsonObject } from '../../kube/index.ts';
import { jsonTypeOf } from './go-print.ts';
import { copyObject, type JsonObject, type MutableObject, memberOf, setMember } from './json-tree.ts';
import { PatchError } from './patch-error.ts';

/** @throws {PatchError} `malformed` */
export function applyMergePatch(document: JsonObject, patch: unknown): JsonObject {
  if (patch === null) throw new PatchError('malformed', 'Invalid JSON Patch');
  if (!isJsonObject(patch)) {
    const goType = 'Go value of type map[string]interface {}';
    const why = `json: cannot unmarshal ${jsonTypeOf(patch)} into ${goType}`;
    throw new PatchError('malformed', `error decoding patch: ${why}`);
  }
  const target = copyObject(document);
  mergeMembers(target, copyObject(patch));
  return target;
}

function mergeMembers(target: MutableObject, patch: JsonObject): void {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete target[name];
    else setMember(target, name, merged(memberOf(target, name) ?? null, value));
  }
}

/** Both are private copies: the result may share with either. */
function merged(current: unknown, patch: unknown): unknown {
  if (!isJsonObject(current)) return withoutNulls(patch);
  if (!isJsonObject(patch)) return patch;
  mergeMembers(current, patch);
  return current;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const out: MutableObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== null) setMember(out, name, withoutNulls(member));
  }
  return out;
}
