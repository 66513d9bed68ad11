// Defaults of a structural schema, and the nulls that stand for them. Null is kept where the schema says nullable; elsewhere it
// means "absent". Values in, values out; what does not change is shared, and defaults are shared with the schema.
import { isJsonObject } from '../../../kube/index.ts';
import { additionalSchema, type JsonSchema } from './json-schema.ts';
import type { JsonObject } from './json-value.ts';

type Change = (value: unknown, schema: JsonSchema | null) => unknown;

function isUnwantedNull(value: unknown, schema: JsonSchema | null): boolean {
  return (value === null || value === undefined) && schema !== null && !schema.nullable;
}

function changeList(list: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const changed = list.map(change);
  return changed.every((item, index) => item === list[index]) ? list : changed;
}

/** Removes members that are null, are not nullable and have no default. */
export function pruneNulls(value: unknown, schema: JsonSchema | null): unknown {
  if (Array.isArray(value)) return changeList(value, (item) => pruneNulls(item, schema?.items ?? null));
  if (!isJsonObject(value)) return value;
  const kept: [string, unknown][] = [];
  let hasChanged = false;
  for (const [name, member] of Object.entries(value)) {
    const child = schema?.properties.get(name) ?? additionalSchema(schema);
    if (isUnwantedNull(member, child) && child?.defaultValue === null) {
      hasChanged = true;
      continue;
    }
    // Without a schema nothing below can be unwanted.
    const pruned = child === null ? member : pruneNulls(member, child);
    hasChanged ||= pruned !== member;
    kept.push([name, pruned]);
  }
  return hasChanged ? Object.fromEntries(kept) : value;
}

/** Fills in the defaults of absent members, and below what is there or was filled in. */
export const applyDefaults: Change = (value, schema) => {
  if (schema === null) return value;
  if (Array.isArray(value)) {
    const { items } = schema;
    return changeList(value, (item) => applyDefaults(defaultFor(item, items), items));
  }
  return isJsonObject(value) ? defaultMembers(value, schema) : value;
};

function defaultFor(value: unknown, schema: JsonSchema | null): unknown {
  return isUnwantedNull(value, schema) ? (schema?.defaultValue?.value ?? null) : value;
}

function defaultMembers(object: JsonObject, schema: JsonSchema): JsonObject {
  const added: [string, unknown][] = [];
  for (const [name, child] of schema.properties) {
    if (child.defaultValue === null || Object.hasOwn(object, name)) continue;
    added.push([name, applyDefaults(child.defaultValue.value, child)]);
  }
  let hasChanged = added.length > 0;
  const entries = Object.entries(object).map(([name, member]): [string, unknown] => {
    const child = schema.properties.get(name) ?? null;
    const defaulted = child === null ? defaultAdditional(member, schema) : defaultProperty(member, child);
    hasChanged ||= defaulted !== member;
    return [name, defaulted];
  });
  return hasChanged ? Object.fromEntries([...entries, ...added]) : object;
}

function defaultProperty(member: unknown, child: JsonSchema): unknown {
  const filled = child.defaultValue === null ? member : defaultFor(member, child);
  return applyDefaults(filled, child);
}

function defaultAdditional(member: unknown, schema: JsonSchema): unknown {
  const child = additionalSchema(schema);
  return child === null ? member : applyDefaults(defaultFor(member, child), child);
}
