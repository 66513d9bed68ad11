// Whether a schema is structural: every field has its type outside of `allOf`, `anyOf`, `oneOf` and `not`, so that pruning and
// defaulting know what they see (apiextensions-apiserver pkg/apiserver/schema/validation.go). Errors are sorted by their texts.
import {
  type FieldError,
  forbiddenError,
  invalidError,
  renderFieldError,
  requiredError,
} from '../../../kube/index.ts';
import { additionalSchema, type JsonSchema } from './json-schema.ts';

type Level = 'root' | 'item' | 'field';

export function validateStructural(schema: JsonSchema, path: string): FieldError[] {
  const errors = [
    ...validateNode(schema, 'root', path),
    // Of the alternatives only those of the root, as the server does.
    ...validateCompleteness(schema, schema, path, path),
  ];
  return errors
    .map((error) => ({ error, text: renderFieldError(error) }))
    .sort((left, right) => (left.text < right.text ? -1 : left.text > right.text ? 1 : 0))
    .map(({ error }) => error);
}

function validateNode(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const { items, additional, properties, isEmbeddedResource } = schema;
  const errors: FieldError[] = [];
  if (schema.type === 'array' && items === null)
    errors.push(requiredError(`${path}.items`, 'must be specified'));
  if (items !== null) errors.push(...validateNode(items, 'item', `${path}.items`));
  for (const [name, property] of properties) {
    errors.push(...validateNode(property, 'field', `${path}.properties[${name}]`));
  }
  if (additional !== null && level === 'root') {
    errors.push(forbiddenError(`${path}.additionalProperties`, 'must not be used at the root'));
  }
  const others = additionalSchema(schema);
  if (others !== null) errors.push(...validateNode(others, 'field', `${path}.additionalProperties`));
  errors.push(...validateExtensions(schema, path), ...validateNodeAlternatives(schema, path));
  errors.push(...validateNodeType(schema, level, path));
  if (isEmbeddedResource && additional !== null) {
    const detail = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbiddenError(`${path}.additionalProperties`, detail));
  }
  if (level === 'root' && schema.type !== '' && schema.type !== 'object') {
    errors.push(invalidError(`${path}.type`, schema.type, 'must be object at the root'));
  }
  errors.push(...validateMetaFields(schema, level, path));
  if (isEmbeddedResource && schema.preservesUnknown !== true && properties.size === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(requiredError(`${path}.properties`, detail));
  }
  return errors;
}

function validateExtensions(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const detail = 'must be false if x-kubernetes-int-or-string is true';
  if (schema.isIntOrString && schema.preservesUnknown === true) {
    errors.push(invalidError(`${path}.x-kubernetes-preserve-unknown-fields`, true, detail));
  }
  if (schema.isIntOrString && schema.isEmbeddedResource) {
    errors.push(invalidError(`${path}.x-kubernetes-embedded-resource`, true, detail));
  }
  return errors;
}

const emptyTypeDetails: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function validateNodeType(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const field = `${path}.type`;
  if (schema.isEmbeddedResource && schema.type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    return [schema.type === '' ? requiredError(field, detail) : invalidError(field, schema.type, detail)];
  }
  if (schema.type !== '' || schema.isIntOrString || schema.preservesUnknown === true) return [];
  return [requiredError(field, emptyTypeDetails[level])];
}

/** apiVersion and kind must be texts; metadata may only restrict names. */
function validateMetaFields(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const isResource = level === 'root' || schema.isEmbeddedResource;
  const errors: FieldError[] = [];
  for (const name of ['kind', 'apiVersion']) {
    const property = schema.properties.get(name);
    if (!isResource || property === undefined || property.type === 'string') continue;
    errors.push(invalidError(`${path}.properties[${name}].type`, property.type, 'must be string'));
  }
  const metadata = schema.properties.get('metadata');
  if (metadata === undefined) return errors;
  const field = `${path}.properties[metadata]`;
  if (isResource && metadata.type !== 'object') {
    errors.push(invalidError(`${field}.type`, metadata.type, 'must be object'));
  }
  if (level === 'root' && !restrictsNamesOnly(metadata)) {
    const detail =
      'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbiddenError(field, detail));
  }
  return errors;
}

function restrictsNamesOnly(metadata: JsonSchema): boolean {
  const names = [...metadata.properties.keys()];
  const hasOnlyNames = names.every((name) => name === 'name' || name === 'generateName');
  return hasOnlyNames && !hasGeneric(metadata) && !hasExtension(metadata) && !hasValueRule(metadata);
}

function hasGeneric(schema: JsonSchema): boolean {
  const { title, description, nullable, items, additional, example, hasExternalDocs } = schema;
  return (
    title !== '' ||
    description !== '' ||
    nullable ||
    items !== null ||
    additional !== null ||
    example !== null ||
    hasExternalDocs
  );
}

function hasExtension(schema: JsonSchema): boolean {
  return (
    schema.preservesUnknown === true ||
    schema.isEmbeddedResource ||
    schema.isIntOrString ||
    schema.mapKeys.length > 0 ||
    schema.listType !== null ||
    schema.mapType !== null ||
    schema.rules.length > 0
  );
}

function hasValueRule(schema: JsonSchema): boolean {
  const limits = [
    schema.maximum,
    schema.minimum,
    schema.multipleOf,
    schema.maxLength,
    schema.minLength,
    schema.pattern,
    schema.maxItems,
    schema.minItems,
    schema.maxProperties,
    schema.minProperties,
    schema.not,
  ];
  const lists = [schema.enumValues, schema.required, schema.allOf, schema.anyOf, schema.oneOf];
  return (
    limits.some((limit) => limit !== null) ||
    lists.some((list) => list.length > 0) ||
    schema.format !== '' ||
    schema.exclusiveMaximum ||
    schema.exclusiveMinimum ||
    schema.uniqueItems
  );
}

/** Exactly the types integer and string, in this order: what `x-kubernetes-int-or-string` is usually written with. */
function isIntOrStringPair(schemas: readonly JsonSchema[]): boolean {
  const [first, second] = schemas;
  if (schemas.length !== 2 || first === undefined || second === undefined) return false;
  const isPlain = (schema: JsonSchema): boolean =>
    schema.properties.size === 0 && !hasGeneric(schema) && !hasExtension(schema) && !hasValueRule(schema);
  return first.type === 'integer' && second.type === 'string' && isPlain(first) && isPlain(second);
}

function validateNodeAlternatives(schema: JsonSchema, path: string): FieldError[] {
  const skipsAnyOf = isIntOrStringPair(schema.anyOf);
  const skipsFirst = isIntOrStringPair(schema.allOf[0]?.anyOf ?? []);
  return validateAlternatives(schema, skipsAnyOf, skipsFirst, path);
}

function validateAlternatives(
  schema: JsonSchema,
  skipsAnyOf: boolean,
  skipsFirstOfAllOf: boolean,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!skipsAnyOf) errors.push(...validateNestedList(schema.anyOf, `${path}.anyOf`));
  for (const [index, nested] of schema.allOf.entries()) {
    errors.push(...validateNested(nested, skipsFirstOfAllOf && index === 0, `${path}.allOf[${index}]`));
  }
  errors.push(...validateNestedList(schema.oneOf, `${path}.oneOf`));
  if (schema.not !== null) errors.push(...validateNested(schema.not, false, `${path}.not`));
  const problem = schema.pattern?.problem ?? null;
  if (problem !== null) {
    const detail = `must be a valid regular expression, but isn't: ${problem}`;
    errors.push(invalidError(`${path}.pattern`, schema.pattern?.text ?? '', detail));
  }
  return errors;
}

function validateNestedList(schemas: readonly JsonSchema[], path: string): FieldError[] {
  return schemas.flatMap((nested, index) => validateNested(nested, false, `${path}[${index}]`));
}

/** A schema below `allOf`, `anyOf`, `oneOf` or `not`: it may narrow values, but not say what they are. */
function validateNested(schema: JsonSchema, skipsAnyOf: boolean, path: string): FieldError[] {
  const errors = validateAlternatives(schema, skipsAnyOf, false, path);
  if (schema.items !== null) errors.push(...validateNested(schema.items, false, `${path}.items`));
  for (const [name, property] of schema.properties) {
    errors.push(...validateNested(property, false, `${path}.properties[${name}]`));
  }
  const structural: readonly (readonly [boolean, string, string])[] = [
    [schema.type !== '', 'type', 'must be empty to be structural'],
    [
      schema.additional !== null && schema.additional !== false,
      'additionalProperties',
      'must be undefined to be structural',
    ],
    [schema.defaultValue !== null, 'default', 'must be undefined to be structural'],
    [schema.title !== '', 'title', 'must be empty to be structural'],
    [schema.description !== '', 'description', 'must be empty to be structural'],
    [schema.nullable, 'nullable', 'must be false to be structural'],
    [
      schema.preservesUnknown === true,
      'x-kubernetes-preserve-unknown-fields',
      'must be false to be structural',
    ],
    [schema.isEmbeddedResource, 'x-kubernetes-embedded-resource', 'must be false to be structural'],
    [schema.isIntOrString, 'x-kubernetes-int-or-string', 'must be false to be structural'],
    [schema.mapKeys.length > 0, 'x-kubernetes-list-map-keys', 'must be empty to be structural'],
    [schema.listType !== null, 'x-kubernetes-list-type', 'must be undefined to be structural'],
    [schema.mapType !== null, 'x-kubernetes-map-type', 'must be undefined to be structural'],
    [schema.rules.length > 0, 'x-kubernetes-validations', 'must be empty to be structural'],
    [schema.properties.has('metadata'), 'properties[metadata]', 'must not be specified in a nested context'],
  ];
  for (const [isBroken, field, detail] of structural) {
    if (isBroken) errors.push(forbiddenError(`${path}.${field}`, detail));
  }
  return errors;
}

/** Every field that an alternative speaks of must be specified outside of it. */
function validateCompleteness(
  validation: JsonSchema,
  structure: JsonSchema,
  structurePath: string,
  path: string,
): FieldError[] {
  const alternatives: (readonly [JsonSchema, string])[] = [
    ...(validation.not === null ? [] : [[validation.not, `${path}.not`] as const]),
    ...validation.allOf.map((nested, index) => [nested, `${path}.allOf[${index}]`] as const),
    ...validation.anyOf.map((nested, index) => [nested, `${path}.anyOf[${index}]`] as const),
    ...validation.oneOf.map((nested, index) => [nested, `${path}.oneOf[${index}]`] as const),
  ];
  return alternatives.flatMap(([nested, at]) =>
    validateNestedCompleteness(nested, structure, structurePath, at),
  );
}

function validateNestedCompleteness(
  validation: JsonSchema,
  structure: JsonSchema | null,
  structurePath: string,
  path: string,
): FieldError[] {
  if (structure === null) return [requiredError(structurePath, `because it is defined in ${path}`)];
  const errors = validateCompleteness(validation, structure, structurePath, path);
  if (validation.items !== null) {
    const at = `${structurePath}.items`;
    errors.push(...validateNestedCompleteness(validation.items, structure.items, at, `${path}.items`));
  }
  for (const [name, property] of validation.properties) {
    const part = `properties[${name}]`;
    const own = structure.properties.get(name) ?? null;
    errors.push(...validateNestedCompleteness(property, own, `${structurePath}.${part}`, `${path}.${part}`));
  }
  return errors;
}
