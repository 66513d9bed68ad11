// Removes what a structural schema does not know from an object, and tells the paths. Metadata, apiVersion and kind of the object
// and of embedded resources stay: they have their own check (embedded-meta.ts). Values in, values out; what does not change is shared.
import { isJsonObject } from '../../../kube/index.ts';
import { additionalSchema, type JsonSchema } from './json-schema.ts';
import type { JsonObject } from './json-value.ts';

export interface PrunedObject {
  readonly value: JsonObject;
  /** Sorted, e.g. `spec.ports[0].nmae`. */
  readonly unknownFields: readonly string[];
}

export const metaNames: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Prunes a whole object, or an embedded one. */
export function pruneObject(object: JsonObject, schema: JsonSchema | null): PrunedObject {
  const unknown: string[] = [];
  const value = pruneMembers(object, schema, true, '', unknown);
  return { value, unknownFields: unknown.sort() };
}

/** Prunes a value below the root, e.g. a default. */
export function pruneValue(value: unknown, schema: JsonSchema | null): unknown {
  return prune(value, schema, '', []);
}

function prune(value: unknown, schema: JsonSchema | null, path: string, unknown: string[]): unknown {
  if (Array.isArray(value)) return pruneList(value, schema, path, unknown);
  if (!isJsonObject(value)) return value;
  return pruneMembers(value, schema, schema?.isEmbeddedResource ?? false, path, unknown);
}

function pruneList(
  list: readonly unknown[],
  schema: JsonSchema | null,
  path: string,
  unknown: string[],
): readonly unknown[] {
  const items = schema?.items ?? null;
  // A list of anything keeps its items, except where they have a schema.
  if (items === null && schema?.preservesUnknown === true) return list;
  const keeps = schema?.preservesUnknown === true;
  const pruned = list.map((item, index) => {
    const itemPath = `${path}[${index}]`;
    return keeps ? pruneWhatIsKnown(item, items, itemPath, unknown) : prune(item, items, itemPath, unknown);
  });
  return pruned.every((item, index) => item === list[index]) ? list : pruned;
}

/** Below `x-kubernetes-preserve-unknown-fields`: members without a schema stay as they are. */
function pruneWhatIsKnown(
  value: unknown,
  schema: JsonSchema | null,
  path: string,
  unknown: string[],
): unknown {
  if (schema === null) return value;
  return prune(value, { ...schema, preservesUnknown: true }, path, unknown);
}

function pruneMembers(
  object: JsonObject,
  schema: JsonSchema | null,
  isResource: boolean,
  path: string,
  unknown: string[],
): JsonObject {
  const kept: [string, unknown][] = [];
  let hasChanged = false;
  for (const [name, value] of Object.entries(object)) {
    const memberPath = path === '' ? name : `${path}.${name}`;
    const child = schema?.properties.get(name);
    if (isResource && metaNames.has(name)) kept.push([name, value]);
    else if (child !== undefined || (schema !== null && schema.additional !== null)) {
      const pruned = prune(value, child ?? additionalSchema(schema), memberPath, unknown);
      hasChanged ||= pruned !== value;
      kept.push([name, pruned]);
    } else if (schema?.preservesUnknown === true) kept.push([name, value]);
    else {
      hasChanged = true;
      unknown.push(memberPath);
    }
  }
  // fromEntries makes an own member of any name, `__proto__` included.
  return hasChanged ? Object.fromEntries(kept) : object;
}
