// Whether the defaults of a structural schema obey it (apiextensions-apiserver pkg/apiserver/schema/defaulting/validation.go).
import { type FieldError, invalidError } from '../../../kube/index.ts';
import type { DecodeFindings } from './decode-schema.ts';
import { coerceEmbedded, validateEmbedded } from './embedded-meta.ts';
import type { JsonSchema } from './json-schema.ts';
import { sameJson } from './json-value.ts';
import { metaNames, pruneValue } from './prune.ts';
import { validateValue } from './validate-value.ts';

/** `additionalProperties` are not followed: below them a default applies to names that are not known. */
export function validateDefaults(schema: JsonSchema, path: string): FieldError[] {
  return validateNode(schema, path, false, true);
}

function validateNode(schema: JsonSchema, path: string, isInMeta: boolean, isRoot: boolean): FieldError[] {
  const isResource = isRoot || schema.isEmbeddedResource;
  const own = schema.defaultValue;
  const errors =
    own === null ? [] : validateDefault(own.value, schema, `${path}.default`, isInMeta, isResource);
  if (schema.items !== null) errors.push(...validateNode(schema.items, `${path}.items`, isInMeta, false));
  for (const [name, property] of schema.properties) {
    const inMeta = (isInMeta && !schema.isEmbeddedResource) || (isResource && metaNames.has(name));
    errors.push(...validateNode(property, `${path}.properties[${name}]`, inMeta, false));
  }
  return errors;
}

function validateDefault(
  value: unknown,
  schema: JsonSchema,
  field: string,
  isInMeta: boolean,
  isResource: boolean,
): FieldError[] {
  if (isInMeta) return validateValue(value, schema, field);
  const resource =
    isResource && !schema.isEmbeddedResource ? { ...schema, isEmbeddedResource: true } : schema;
  const errors: FieldError[] = [];
  if (!sameJson(pruneValue(value, resource), value)) {
    errors.push(invalidError(field, value, 'must not have unknown fields'));
  }
  const findings: DecodeFindings = { typeErrors: [], unknownFields: [] };
  coerceEmbedded(value, resource, field, findings);
  const [problem] = findings.typeErrors;
  if (problem !== undefined) return [...errors, invalidError(field, value, problem)];
  const embedded = validateEmbedded(value, resource, field);
  return [...errors, ...(embedded.length > 0 ? embedded : validateValue(value, schema, field))];
}
