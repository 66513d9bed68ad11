// Defaults of a structural schema, and the nulls that stand for them. Null is kept where the schema says nullable; elsewhere it
// means "absent". Values in, values out; what does not change is shared, and defaults are shared with the schema.
import { isJsonObject } from '../../../kube/index.ts';
import { additionalSchema, type JsonSchema } from './json-schema.ts';
import type { JsonObject } from './json-value.ts';

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

/** An object would become far larger than what was sent. */
export class TooManyDefaultsError extends Error {}

/** Characters of JSON that defaults may add to one object: a list of ten thousand empty elements may ask for a thousand members each. */
const maxAddedCharacters = 1024 * 1024;
/** What a member costs besides its value. */
const memberCharacters = 64;

interface Budget {
  characters: number;
}

/**
 * Fills in the defaults of absent members, and below what is there or was filled in.
 * @throws {TooManyDefaultsError}
 */
export function applyDefaults(value: unknown, schema: JsonSchema | null): unknown {
  return fillIn(value, schema, { characters: maxAddedCharacters });
}

function fillIn(value: unknown, schema: JsonSchema | null, budget: Budget): unknown {
  if (schema === null) return value;
  if (Array.isArray(value)) {
    const { items } = schema;
    return changeList(value, (item) => fillIn(defaultFor(item, items, budget), items, budget));
  }
  return isJsonObject(value) ? defaultMembers(value, schema, budget) : value;
}

function defaultFor(value: unknown, schema: JsonSchema | null, budget: Budget): unknown {
  if (schema === null || !isUnwantedNull(value, schema)) return value;
  return schema.defaultValue === null ? null : takeDefault(schema.defaultValue, budget);
}

type DefaultValue = NonNullable<JsonSchema['defaultValue']>;

const characters = new WeakMap<DefaultValue, number>();

function takeDefault(defaultValue: DefaultValue, budget: Budget): unknown {
  let cost = characters.get(defaultValue);
  if (cost === undefined) {
    cost = (JSON.stringify(defaultValue.value) ?? '').length + memberCharacters;
    characters.set(defaultValue, cost);
  }
  budget.characters -= cost;
  if (budget.characters < 0)
    throw new TooManyDefaultsError(`defaults add more than ${maxAddedCharacters} characters to the object`);
  return defaultValue.value;
}

const defaultedProperties = new WeakMap<
  JsonSchema,
  readonly (readonly [string, JsonSchema, DefaultValue])[]
>();

/** Those with a default: a schema may have ten thousand without, and ten thousand objects that it is about. */
function defaultedPropertiesOf(schema: JsonSchema): readonly (readonly [string, JsonSchema, DefaultValue])[] {
  let found = defaultedProperties.get(schema);
  if (found === undefined) {
    found = [...schema.properties].flatMap(([name, child]) =>
      child.defaultValue === null ? [] : [[name, child, child.defaultValue] as const],
    );
    defaultedProperties.set(schema, found);
  }
  return found;
}

function defaultMembers(object: JsonObject, schema: JsonSchema, budget: Budget): JsonObject {
  const added: [string, unknown][] = [];
  for (const [name, child, defaultValue] of defaultedPropertiesOf(schema)) {
    if (Object.hasOwn(object, name)) continue;
    added.push([name, fillIn(takeDefault(defaultValue, budget), child, budget)]);
  }
  let hasChanged = added.length > 0;
  const entries = Object.entries(object).map(([name, member]): [string, unknown] => {
    const child = schema.properties.get(name) ?? additionalSchema(schema);
    const defaulted = child === null ? member : fillIn(defaultFor(member, child, budget), child, budget);
    hasChanged ||= defaulted !== member;
    return [name, defaulted];
  });
  return hasChanged ? Object.fromEntries([...entries, ...added]) : object;
}
