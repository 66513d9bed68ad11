// Rules of an OpenAPI schema beyond being structural: what is not supported, lists and maps of server-side apply, where defaults
// may stand (apiextensions validation.go, ValidateCustomResourceDefinitionOpenAPISchema).
import {
  type FieldError,
  forbiddenError,
  invalidError,
  notSupportedError,
  requiredError,
} from '../../../kube/index.ts';
import { additionalSchema, type JsonSchema } from './json-schema.ts';
import { validateListRules } from './validate-list-rules.ts';
import { validateRules } from './validate-rules.ts';
import { metaNames } from './prune.ts';

const knownTypes = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

interface Context {
  /** Why no default may stand here; null: one may. */
  readonly noDefaults: string | null;
  readonly isInMeta: boolean;
}

/** The whole schema of a version. */
export function validateSchema(schema: JsonSchema, path: string): FieldError[] {
  return validateNode(schema, path, true, { noDefaults: null, isInMeta: false });
}

function validateNode(schema: JsonSchema, path: string, isRoot: boolean, context: Context): FieldError[] {
  return [
    ...validateSupport(schema, path, context),
    ...validateAdditional(schema, path, context),
    ...validateProperties(schema, path, isRoot, context),
    ...validateNestedSchemas(schema, path, context),
    ...validateExtensions(schema, path),
    ...validateListRules(schema, path),
    ...validateRules(schema.rules, schema, path),
  ];
}

const foreignDetails: ReadonlyMap<string, string> = new Map([
  ['id', 'id is not supported'],
  ['additionalItems', 'additionalItems is not supported'],
  ['patternProperties', 'patternProperties is not supported'],
  ['definitions', 'definitions is not supported'],
  ['dependencies', 'dependencies is not supported'],
  ['$ref', '$ref is not supported'],
]);

function validateSupport(schema: JsonSchema, path: string, context: Context): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type !== '' && !knownTypes.includes(schema.type)) {
    errors.push(notSupportedError(`${path}.type`, schema.type, knownTypes));
  }
  if (schema.defaultValue !== null && context.noDefaults !== null) {
    errors.push(forbiddenError(`${path}.default`, `must not be set ${context.noDefaults}`));
  }
  for (const [name, detail] of foreignDetails) {
    if (schema.foreignFields.includes(name)) errors.push(forbiddenError(`${path}.${name}`, detail));
  }
  if (schema.type === 'null') {
    const detail = 'type cannot be set to null, use nullable as an alternative';
    errors.push(forbiddenError(`${path}.type`, detail));
  }
  if (schema.itemList.length > 0) {
    errors.push(forbiddenError(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (context.isInMeta && schema.isEmbeddedResource) {
    const detail = 'must not be used inside of resource meta';
    errors.push(forbiddenError(`${path}.x-kubernetes-embedded-resource`, detail));
  }
  if (schema.uniqueItems) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenError(`${path}.uniqueItems`, detail));
  }
  return errors;
}

function validateAdditional(schema: JsonSchema, path: string, context: Context): FieldError[] {
  const { additional } = schema;
  if (additional === null) return [];
  const errors: FieldError[] = [];
  if (schema.properties.size > 0 && additional !== true) {
    const detail = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbiddenError(`${path}.additionalProperties`, detail));
  }
  const others = additionalSchema(schema);
  if (others === null) return errors;
  const noDefaults = context.isInMeta
    ? 'inside additionalProperties applying to object metadata'
    : context.noDefaults;
  return [
    ...errors,
    ...validateNode(others, `${path}.additionalProperties`, false, { ...context, noDefaults }),
  ];
}

function validateProperties(
  schema: JsonSchema,
  path: string,
  isRoot: boolean,
  context: Context,
): FieldError[] {
  return [...schema.properties].flatMap(([name, property]) => {
    const isMeta = (isRoot || schema.isEmbeddedResource) && metaNames.has(name);
    const noDefaults = isMeta && isRoot ? `in top-level ${name}` : context.noDefaults;
    const inner = { noDefaults, isInMeta: context.isInMeta || isMeta };
    return validateNode(property, `${path}.properties[${name}]`, false, inner);
  });
}

function validateNestedSchemas(schema: JsonSchema, path: string, context: Context): FieldError[] {
  const { not, items } = schema;
  const nested: (readonly [JsonSchema, string])[] = [
    ...(not === null ? [] : [[not, `${path}.not`] as const]),
    ...schema.allOf.map((part, index) => [part, `${path}.allOf[${index}]`] as const),
    ...schema.oneOf.map((part, index) => [part, `${path}.oneOf[${index}]`] as const),
    ...schema.anyOf.map((part, index) => [part, `${path}.anyOf[${index}]`] as const),
    ...(items === null ? [] : [[items, `${path}.items`] as const]),
    ...schema.itemList.map((part, index) => [part, `${path}.items[${index}]`] as const),
  ];
  return nested.flatMap(([part, at]) => validateNode(part, at, false, context));
}

function validateExtensions(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.preservesUnknown === false) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalidError(field, false, 'must be true or undefined'));
  }
  const { mapType, type } = schema;
  if (mapType === null) return errors;
  if (type !== 'object') {
    const detail = 'must be object if x-kubernetes-map-type is specified';
    errors.push(
      type === '' ? requiredError(`${path}.type`, detail) : invalidError(`${path}.type`, type, detail),
    );
  }
  if (mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupportedError(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  return errors;
}
