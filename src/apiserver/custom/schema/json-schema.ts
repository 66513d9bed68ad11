// JsonSchema: an OpenAPI v3 schema of a custom resource, read once, with every field at hand. The same form carries structural
// nodes (`properties`, `items`, `additionalProperties`) and the value validations below `allOf`, `anyOf`, `oneOf` and `not`.
import { isJsonObject } from '../../../kube/index.ts';
import { type JsonObject, memberOf } from './json-value.ts';
import { ValuePattern } from './value-pattern.ts';

/** A rule in CEL, which is stored and published but not evaluated. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: string | null;
  readonly fieldPath: string;
}

export interface JsonSchema {
  /** Empty: none is given. So for all texts. */
  readonly type: string;
  readonly format: string;
  readonly title: string;
  readonly description: string;
  readonly nullable: boolean;
  /** In a box, because any JSON value may be a default. */
  readonly defaultValue: { readonly value: unknown } | null;
  readonly example: { readonly value: unknown } | null;
  readonly hasExternalDocs: boolean;
  readonly maximum: number | null;
  readonly exclusiveMaximum: boolean;
  readonly minimum: number | null;
  readonly exclusiveMinimum: boolean;
  readonly multipleOf: number | null;
  readonly maxLength: number | null;
  readonly minLength: number | null;
  readonly pattern: ValuePattern | null;
  readonly maxItems: number | null;
  readonly minItems: number | null;
  readonly uniqueItems: boolean;
  readonly maxProperties: number | null;
  readonly minProperties: number | null;
  readonly enumValues: readonly unknown[];
  readonly required: readonly string[];
  readonly items: JsonSchema | null;
  /** `items` as a list of schemas, which is forbidden. */
  readonly itemList: readonly JsonSchema[];
  /** By name, sorted. */
  readonly properties: ReadonlyMap<string, JsonSchema>;
  readonly additional: JsonSchema | boolean | null;
  readonly allOf: readonly JsonSchema[];
  readonly anyOf: readonly JsonSchema[];
  readonly oneOf: readonly JsonSchema[];
  readonly not: JsonSchema | null;
  readonly preservesUnknown: boolean | null;
  readonly isEmbeddedResource: boolean;
  readonly isIntOrString: boolean;
  readonly listType: string | null;
  readonly mapKeys: readonly string[];
  readonly mapType: string | null;
  readonly rules: readonly ValidationRule[];
  /** Fields that are set and may never be, such as `$ref`. */
  readonly foreignFields: readonly string[];
}

/** Levels of JSON that a schema may have; every level of an object takes two (`properties`, the name). */
export const maxSchemaLevels = 300;

const foreignNames = [
  'id',
  '$schema',
  '$ref',
  'patternProperties',
  'dependencies',
  'additionalItems',
  'definitions',
];

/** Reads a decoded schema; what is of a wrong type counts as absent. The caller has bounded its depth by `maxSchemaLevels`. */
export function readSchema(raw: JsonObject): JsonSchema {
  const rawItems = memberOf(raw, 'items');
  return {
    ...readGeneric(raw),
    ...readLimits(raw),
    enumValues: listAt(raw, 'enum'),
    required: textsAt(raw, 'required'),
    items: isJsonObject(rawItems) ? readSchema(rawItems) : null,
    itemList: schemasAt(raw, 'items'),
    properties: readProperties(memberOf(raw, 'properties')),
    additional: readAdditional(memberOf(raw, 'additionalProperties')),
    allOf: schemasAt(raw, 'allOf'),
    anyOf: schemasAt(raw, 'anyOf'),
    oneOf: schemasAt(raw, 'oneOf'),
    not: schemaAt(raw, 'not'),
    ...readExtensions(raw),
    foreignFields: foreignNames.filter((name) => isSet(memberOf(raw, name))),
  };
}

function readGeneric(raw: JsonObject) {
  const value = memberOf(raw, 'default');
  const example = memberOf(raw, 'example');
  return {
    type: textAt(raw, 'type') ?? '',
    format: textAt(raw, 'format') ?? '',
    title: textAt(raw, 'title') ?? '',
    description: textAt(raw, 'description') ?? '',
    nullable: memberOf(raw, 'nullable') === true,
    defaultValue: value === undefined || value === null ? null : { value },
    example: example === undefined || example === null ? null : { value: example },
    hasExternalDocs: isJsonObject(memberOf(raw, 'externalDocs')),
  };
}

function readLimits(raw: JsonObject) {
  const pattern = textAt(raw, 'pattern') ?? '';
  return {
    maximum: numberAt(raw, 'maximum'),
    exclusiveMaximum: memberOf(raw, 'exclusiveMaximum') === true,
    minimum: numberAt(raw, 'minimum'),
    exclusiveMinimum: memberOf(raw, 'exclusiveMinimum') === true,
    multipleOf: numberAt(raw, 'multipleOf'),
    maxLength: numberAt(raw, 'maxLength'),
    minLength: numberAt(raw, 'minLength'),
    pattern: pattern === '' ? null : new ValuePattern(pattern),
    maxItems: numberAt(raw, 'maxItems'),
    minItems: numberAt(raw, 'minItems'),
    uniqueItems: memberOf(raw, 'uniqueItems') === true,
    maxProperties: numberAt(raw, 'maxProperties'),
    minProperties: numberAt(raw, 'minProperties'),
  };
}

function readExtensions(raw: JsonObject) {
  const preserves = memberOf(raw, 'x-kubernetes-preserve-unknown-fields');
  return {
    preservesUnknown: typeof preserves === 'boolean' ? preserves : null,
    isEmbeddedResource: memberOf(raw, 'x-kubernetes-embedded-resource') === true,
    isIntOrString: memberOf(raw, 'x-kubernetes-int-or-string') === true,
    listType: textAt(raw, 'x-kubernetes-list-type'),
    mapKeys: textsAt(raw, 'x-kubernetes-list-map-keys'),
    mapType: textAt(raw, 'x-kubernetes-map-type'),
    rules: listAt(raw, 'x-kubernetes-validations').filter(isJsonObject).map(readRule),
  };
}

function readRule(raw: JsonObject): ValidationRule {
  return {
    rule: textAt(raw, 'rule') ?? '',
    message: textAt(raw, 'message') ?? '',
    messageExpression: textAt(raw, 'messageExpression') ?? '',
    reason: textAt(raw, 'reason'),
    fieldPath: textAt(raw, 'fieldPath') ?? '',
  };
}

function readProperties(raw: unknown): ReadonlyMap<string, JsonSchema> {
  if (!isJsonObject(raw)) return new Map();
  const names = Object.keys(raw).sort();
  return new Map(
    names.map((name) => {
      const property = raw[name];
      return [name, readSchema(isJsonObject(property) ? property : {})];
    }),
  );
}

function readAdditional(raw: unknown): JsonSchema | boolean | null {
  if (typeof raw === 'boolean') return raw;
  return isJsonObject(raw) ? readSchema(raw) : null;
}

/** Not what Go calls a zero value. */
function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== '';
}

function textAt(raw: JsonObject, name: string): string | null {
  const value = memberOf(raw, name);
  return typeof value === 'string' ? value : null;
}

function numberAt(raw: JsonObject, name: string): number | null {
  const value = memberOf(raw, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function listAt(raw: JsonObject, name: string): readonly unknown[] {
  const value = memberOf(raw, name);
  return Array.isArray(value) ? value : [];
}

function textsAt(raw: JsonObject, name: string): readonly string[] {
  return listAt(raw, name).filter((item) => typeof item === 'string');
}

function schemaAt(raw: JsonObject, name: string): JsonSchema | null {
  const value = memberOf(raw, name);
  return isJsonObject(value) ? readSchema(value) : null;
}

function schemasAt(raw: JsonObject, name: string): readonly JsonSchema[] {
  return listAt(raw, name).map((item) => readSchema(isJsonObject(item) ? item : {}));
}

/** Every node below and including `schema`, structural or not. */
export function* everySchema(schema: JsonSchema): Generator<JsonSchema> {
  yield schema;
  const { items, not, additional } = schema;
  const nested = [
    ...(items === null ? [] : [items]),
    ...(not === null ? [] : [not]),
    ...(additional === null || typeof additional === 'boolean' ? [] : [additional]),
    ...schema.itemList,
    ...schema.properties.values(),
    ...schema.allOf,
    ...schema.anyOf,
    ...schema.oneOf,
  ];
  for (const child of nested) yield* everySchema(child);
}

/** The schema of members that no property names: null when there is none, or when anything goes. */
export function additionalSchema(schema: JsonSchema | null): JsonSchema | null {
  const additional = schema?.additional ?? null;
  return additional === null || typeof additional === 'boolean' ? null : additional;
}
