// The OpenAPI schema of a version: structural, with good defaults, supported.
import { type FieldError, forbiddenError, invalidError } from '../../../kube/index.ts';
import { everySchema, type JsonSchema, maxSchemaLevels, readSchema } from '../schema/json-schema.ts';
import { isTooDeep, type JsonObject } from '../schema/json-value.ts';
import { validateDefaults } from '../schema/validate-defaults.ts';
import { validateSchema } from '../schema/validate-schema.ts';
import { validateStructural } from '../schema/validate-structural.ts';
import type { DefinitionVersion } from './definition-types.ts';

/** With /status the schema of the status is taken out of the root, whose other rules would be lost. */
const rootFields: ReadonlyMap<string, string> = new Map([
  ['description', 'Description'],
  ['type', 'Type'],
  ['format', 'Format'],
  ['title', 'Title'],
  ['maximum', 'Maximum'],
  ['exclusiveMaximum', 'ExclusiveMaximum'],
  ['minimum', 'Minimum'],
  ['exclusiveMinimum', 'ExclusiveMinimum'],
  ['maxLength', 'MaxLength'],
  ['minLength', 'MinLength'],
  ['pattern', 'Pattern'],
  ['maxItems', 'MaxItems'],
  ['minItems', 'MinItems'],
  ['uniqueItems', 'UniqueItems'],
  ['multipleOf', 'MultipleOf'],
  ['required', 'Required'],
  ['items', 'Items'],
  ['properties', 'Properties'],
  ['externalDocs', 'ExternalDocs'],
  ['example', 'Example'],
  ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields'],
  ['x-kubernetes-validations', 'XValidations'],
]);

export function validateVersionSchema(
  validation: DefinitionVersion['schema'],
  hasStatus: boolean,
  path: string,
): FieldError[] {
  const raw = validation?.openAPIV3Schema;
  if (raw === undefined) return [];
  const field = `${path}.openAPIV3Schema`;
  if (isTooDeep(raw, maxSchemaLevels)) {
    return [invalidError(field, '', `must not be nested deeper than ${maxSchemaLevels} levels`)];
  }
  const schema = readSchema(raw);
  const errors = hasStatus ? validateRoot(raw, field) : [];
  if (schema.nullable) {
    errors.push(forbiddenError(`${field}.nullable`, 'nullable cannot be true at the root'));
  }
  return [...errors, ...validateStructure(schema, field), ...validateSchema(schema, field)];
}

/** Each step only when the one before it found nothing. */
function validateStructure(schema: JsonSchema, field: string): FieldError[] {
  const nodes = [...everySchema(schema)];
  if (nodes.some(({ foreignFields }) => foreignFields.includes('$schema'))) {
    return [invalidError(field, '', "OpenAPIV3Schema 'schema' is not supported")];
  }
  // These have errors of their own; what they leave of a structure says nothing.
  if (nodes.some(({ foreignFields, itemList }) => foreignFields.length > 0 || itemList.length > 0)) return [];
  const structural = validateStructural(schema, field);
  return structural.length > 0 ? structural : validateDefaults(schema, field);
}

function validateRoot(raw: JsonObject, field: string): FieldError[] {
  const type = typeof raw['type'] === 'string' ? raw['type'] : '';
  if (type !== '' && type !== 'object') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalidError(`${field}.type`, type, detail)];
  }
  const isForeign = (name: string): boolean => !rootFields.has(name) && raw[name] !== false;
  if (!Object.keys(raw).some(isForeign)) return [];
  const allowed = [...rootFields.values()].join(' ');
  const detail = `only [${allowed}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalidError(field, raw, detail)];
}
