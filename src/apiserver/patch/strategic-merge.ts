// applyStrategicMerge: a merge patch that knows lists with keys (apimachinery pkg/util/strategicpatch). Objects merge, null
// deletes, lists merge by what the schema says; directives replace, delete, order and restrict.
import { isJsonObject, type StructSchema } from '../../kube/index.ts';
import { goTypeOf, jsonTypeOf } from './go-print.ts';
import { copyObject, type JsonObject, type MutableObject, memberOf, setMember } from './json-tree.ts';
import { PatchError } from './patch-error.ts';
import {
  checkOrderDirective,
  directiveMarker,
  elementType,
  type MergedList,
  mergeLists,
  unknownDirective,
} from './strategic-lists.ts';
import { internalFault, type ListRule, lookupList, lookupObject, type Shape } from './strategic-lookup.ts';
import { identifyBy, orderElements } from './strategic-order.ts';

const deletionPrefix = '$deleteFromPrimitiveList';
const orderPrefix = '$setElementOrder';
const retainKeys = '$retainKeys';

/**
 * `schema` is of the version that the patch was sent to; open structs and unknown parts merge as plain JSON.
 * @throws {PatchError}
 */
export function applyStrategicMerge(document: JsonObject, patch: unknown, schema: StructSchema): JsonObject {
  if (patch !== null && !isJsonObject(patch)) {
    const goType = 'Go value of type map[string]interface {}';
    throw new PatchError('malformed', `json: cannot unmarshal ${jsonTypeOf(patch)} into ${goType}`);
  }
  return mergeObjects(copyObject(document), copyObject(patch ?? {}), schema);
}

/** Both are private copies; the result is `original` unless a directive says otherwise. */
function mergeObjects(original: MutableObject, patch: MutableObject, shape: Shape): MutableObject {
  if (Object.hasOwn(patch, directiveMarker)) {
    const directive = patch[directiveMarker];
    if (directive === 'delete') return {};
    if (directive !== 'replace') throw unknownDirective(directive, patch);
    delete patch[directiveMarker];
    return patch;
  }
  obeyRetainKeys(original, patch);
  obeyElementOrders(original, patch, shape);
  for (const [key, value] of Object.entries(patch)) mergeMember(original, key, value, shape);
  return original;
}

/** The part of a directive's name behind the slash. */
function fieldOfDirective(key: string, prefix: string, message: string): string {
  if (!key.startsWith(`${prefix}/`)) throw new PatchError('malformed', message);
  return key.slice(prefix.length + 1);
}

function obeyRetainKeys(original: MutableObject, patch: MutableObject): void {
  if (!Object.hasOwn(patch, retainKeys)) return;
  const list = patch[retainKeys];
  delete patch[retainKeys];
  const malformed = new PatchError('malformed', 'invalid patch format of retainKeys');
  if (!Array.isArray(list)) throw malformed;
  const retained = new Set<unknown>(list);
  for (const [key, value] of Object.entries(patch)) {
    const isDirective = key.startsWith(deletionPrefix) || key.startsWith(orderPrefix);
    if (value !== null && !isDirective && !retained.has(key)) throw malformed;
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key];
}

function obeyElementOrders(original: MutableObject, patch: MutableObject, shape: Shape): void {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(orderPrefix) || !Object.hasOwn(patch, key)) continue;
    const order = asList(patch[key]);
    delete patch[key];
    const message = 'invalid patch format of setElementOrder list';
    orderMember(original, patch, fieldOfDirective(key, orderPrefix, message), order, shape);
  }
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw internalFault(`expected a []interface {}, but received a ${goTypeOf(value)}`);
}

function orderMember(
  original: MutableObject,
  patch: MutableObject,
  field: string,
  order: readonly unknown[],
  shape: Shape,
): void {
  const live = Object.hasOwn(original, field) ? asList(original[field]) : null;
  const wanted = Object.hasOwn(patch, field) ? asList(patch[field]) : null;
  const rule = lookupList(shape, field);
  const mergeKey = rule.mergeKey ?? '';
  checkOrderDirective(wanted ?? [], order, mergeKey);
  if (live === null && wanted === null) return;
  const merged = mergeOrdered(live, wanted, rule);
  elementType(live ?? [], wanted ?? []);
  const ordered = orderElements(merged.elements, order, merged.serverOrder, identifyBy(mergeKey));
  setMember(original, field, ordered);
  delete patch[field];
}

function mergeOrdered(
  live: readonly unknown[] | null,
  wanted: readonly unknown[] | null,
  rule: ListRule,
): MergedList {
  if (wanted === null) return { elements: live ?? [], serverOrder: live ?? [] };
  if (live === null) return { elements: asList(withoutDirectives(wanted)), serverOrder: [] };
  return mergeLists(live, wanted, rule, false, mergeObjects);
}

function mergeMember(original: MutableObject, patchKey: string, value: unknown, shape: Shape): void {
  const isDeletion = patchKey.startsWith(deletionPrefix);
  const key = isDeletion
    ? fieldOfDirective(patchKey, deletionPrefix, 'invalid patch format of primitive list')
    : patchKey;
  if (value === null) {
    delete original[key];
    return;
  }
  const current = memberOf(original, key) ?? null;
  if (Array.isArray(current) && Array.isArray(value)) {
    const rule = lookupList(shape, key);
    setMember(original, key, mergeLists(current, value, rule, isDeletion, mergeObjects).elements);
  } else if (isDeletion) return;
  else if (isJsonObject(current) && isJsonObject(value)) {
    setMember(original, key, mergeObjects(current, value, lookupObject(shape, key)));
  } else setOrDelete(original, key, withoutDirectives(withoutNulls(value)));
}

function setOrDelete(original: MutableObject, key: string, value: unknown): void {
  if (value === undefined) delete original[key];
  else setMember(original, key, value);
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

/** Undefined for an object that carries a directive: it is not kept. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((element) => element !== undefined);
  }
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, directiveMarker)) return undefined;
  const out: MutableObject = {};
  for (const [name, member] of Object.entries(value)) {
    const kept = withoutDirectives(member);
    if (kept !== undefined) setMember(out, name, kept);
  }
  return out;
}
