// Uniqueness in lists that are sets or maps (`x-kubernetes-list-type`).
import { duplicateError, type FieldError, invalidError, isJsonObject } from '../../../kube/index.ts';
import { additionalSchema, type JsonSchema } from './json-schema.ts';
import { canonicalJson, type JsonObject } from './json-value.ts';

/** Items that are there twice, in all sets and maps of the object. */
export function validateListTypes(object: JsonObject, schema: JsonSchema | null, path = ''): FieldError[] {
  if (schema === null) return [];
  return Object.entries(object).flatMap(([name, value]) => {
    const property = schema.properties.get(name);
    const fieldPath = property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    const child = property ?? additionalSchema(schema);
    return child === null ? [] : validateValue(value, child, fieldPath);
  });
}

function validateValue(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  if (Array.isArray(value)) return validateList(value, schema, path);
  return isJsonObject(value) ? validateListTypes(value, schema, path) : [];
}

function validateList(list: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  const { items } = schema;
  const nested =
    items === null ? [] : list.flatMap((item, index) => validateValue(item, items, `${path}[${index}]`));
  if (schema.listType === 'set') {
    const duplicates = findDuplicates(list).map((index) => duplicateError(`${path}[${index}]`, list[index]));
    return [...duplicates, ...nested];
  }
  return schema.listType === 'map' ? [...validateMapList(list, schema.mapKeys, path), ...nested] : nested;
}

function validateMapList(list: readonly unknown[], mapKeys: readonly string[], path: string): FieldError[] {
  const strangerAt = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (strangerAt !== -1) {
    const detail = 'must be an object for an array of list-type map';
    return [invalidError(`${path}[${strangerAt}]`, list[strangerAt], detail)];
  }
  const keys = list.map((item) => keyOf(item, mapKeys));
  return findDuplicates(keys).map((index) => duplicateError(`${path}[${index}]`, keys[index]));
}

/** The members of an item that tell it from others. */
export function keyOf(item: unknown, mapKeys: readonly string[]): JsonObject {
  if (!isJsonObject(item)) return {};
  const entries = mapKeys.flatMap((key) => (Object.hasOwn(item, key) ? [[key, item[key]] as const] : []));
  return Object.fromEntries(entries);
}

/** Indexes of the first repetition of each value. */
function findDuplicates(values: readonly unknown[]): number[] {
  const timesSeen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = canonicalJson(value);
    const times = timesSeen.get(text) ?? 0;
    timesSeen.set(text, times + 1);
    return times === 1 ? [index] : [];
  });
}
