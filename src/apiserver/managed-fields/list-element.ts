// How the elements of a granular list are told apart: by the values of their keys, defaults included, or by themselves.
import { isJsonObject, type Member } from '../../kube/index.ts';
import { memberOf } from '../patch/index.ts';
import { atomOf, type ListAtom } from './atom.ts';
import { type KeyField, keyElement, type PathElement, valueElement } from './path-element.ts';

/** The element's step in a path, or what is wrong with it. */
export function elementOfItem(list: ListAtom, item: unknown): PathElement | string {
  return list.type === 'map' ? keyOfItem(list, item) : valueOfItem(item);
}

function keyOfItem(list: ListAtom, item: unknown): PathElement | string {
  if (item === null || item === undefined) {
    return 'associative list with keys may not have a null element';
  }
  if (!isJsonObject(item)) return 'associative list with keys may not have non-map elements';
  const itemFields = atomOf(list.items).map?.fields;
  const fields: KeyField[] = [];
  for (const key of list.keys) {
    const value = memberOf(item, key);
    const keyValue = value === undefined ? defaultOf(itemFields?.get(key)) : value;
    if (keyValue !== undefined) fields.push([key, keyValue]);
  }
  if (fields.length === 0) {
    const keys = `["${list.keys.join('" "')}"]`;
    const defaults = "(and doesn't have default values for any key fields)";
    return `associative list with keys has an element that omits all key fields ${keys} ${defaults}`;
  }
  return keyElement(fields);
}

/** The published default of a key; of one that Go never leaves out, its zero value. */
function defaultOf(member: Member | undefined): unknown {
  if (member === undefined || member.defaultText !== undefined) return member?.defaultText;
  if (!member.isAlways || member.schema.shape !== 'scalar') return undefined;
  const { scalar } = member.schema;
  if (scalar === 'string') return '';
  return scalar === 'int32' || scalar === 'int64' ? 0 : undefined;
}

function valueOfItem(item: unknown): PathElement | string {
  if (item === null || item === undefined) {
    return "associative list without keys has an element that's an explicit null";
  }
  if (Array.isArray(item)) return 'not supported: associative list with lists as elements';
  if (typeof item === 'object') return "associative list without keys has an element that's a map type";
  return valueElement(item);
}
