// The schema of a custom kind as its definition states it, made fit for publishing: type and metadata are the server's, and Swagger 2 (with the
// kubectl that reads it) knows less of JSON Schema (apiextensions-apiserver pkg/controller/openapi/v2/conversion.go).
import type { Dialect, JsonSchema } from './dialect.ts';

/** Deeper values are published as anything. */
const maxLevels = 64;

export function customSchema(
  raw: JsonSchema,
  meta: Readonly<Record<string, JsonSchema>>,
  dialect: Dialect,
): JsonSchema {
  const schema = dialect === 'v2' ? swaggerSchema(raw, maxLevels) : raw;
  const { properties } = schema;
  // Without a list of members, none is refused.
  if (dialect === 'v2' && !isObject(properties)) return schema;
  return { type: 'object', ...schema, properties: { ...(isObject(properties) ? properties : {}), ...meta } };
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Kept as they are. */
const plainKeys = new Set(['description', 'type', 'format', 'required', 'enum', 'pattern', 'title']);

function swaggerSchema(schema: JsonSchema, levels: number): JsonSchema {
  const { description } = schema;
  const anything = typeof description === 'string' ? { description } : {};
  // kubectl refuses null, a number for a text, and members that are not listed, unless it knows nothing of the value.
  const isLoose =
    schema['nullable'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-embedded-resource'] === true;
  if (isLoose || levels === 0) return anything;
  const kept = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'items') return isObject(value) ? [[key, swaggerSchema(value, levels - 1)]] : [];
    if (key === 'additionalProperties')
      return isObject(value) ? [[key, swaggerSchema(value, levels - 1)]] : [];
    if (key === 'properties' && isObject(value)) return [[key, swaggerProperties(value, levels - 1)]];
    return plainKeys.has(key) || key.startsWith('x-kubernetes-') ? [[key, value]] : [];
  });
  // Arrays without items are no arrays to kubectl.
  if (schema['type'] === 'array' && !kept.some(([key]) => key === 'items')) return anything;
  return Object.fromEntries(kept);
}

function swaggerProperties(properties: JsonSchema, levels: number): JsonSchema {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      isObject(value) ? swaggerSchema(value, levels) : {},
    ]),
  );
}
