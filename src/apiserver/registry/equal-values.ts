// Equality of JSON values as the API server sees it (apimachinery Semantic.DeepEqual): the order of members does not matter, and
// an absent member equals an empty list or map.
import { isJsonObject } from '../../kube/index.ts';

/** Whether two values mean the same. */
export function isEqualValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isEmpty(left) && isEmpty(right)) return true;
  if (Array.isArray(left)) {
    const list: readonly unknown[] = left;
    if (!Array.isArray(right) || list.length !== right.length) return false;
    return list.every((item, index) => isEqualValue(item, right[index]));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => isEqualValue(memberOf(left, name), memberOf(right, name)));
}

function memberOf(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}
