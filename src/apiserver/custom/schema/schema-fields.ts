// The fields of apiextensions/v1 JSONSchemaProps: in which order the API server prints them, and of which type they are.

export type SchemaField =
  | 'text'
  | 'boolean'
  | 'float'
  | 'integer'
  /** Any JSON value. */
  | 'json'
  | 'jsonList'
  | 'textList'
  | 'schema'
  | 'schemaList'
  | 'schemaMap'
  /** A schema, or a list of schemas. */
  | 'schemaOrList'
  /** A schema, or a truth value. */
  | 'schemaOrBoolean'
  /** For each name a schema or a list of names. */
  | 'dependencies'
  | 'externalDocs'
  | 'rules';

export const schemaFields: ReadonlyMap<string, SchemaField> = new Map<string, SchemaField>([
  ['id', 'text'],
  ['$schema', 'text'],
  ['$ref', 'text'],
  ['description', 'text'],
  ['type', 'text'],
  ['format', 'text'],
  ['title', 'text'],
  ['default', 'json'],
  ['maximum', 'float'],
  ['exclusiveMaximum', 'boolean'],
  ['minimum', 'float'],
  ['exclusiveMinimum', 'boolean'],
  ['maxLength', 'integer'],
  ['minLength', 'integer'],
  ['pattern', 'text'],
  ['maxItems', 'integer'],
  ['minItems', 'integer'],
  ['uniqueItems', 'boolean'],
  ['multipleOf', 'float'],
  ['enum', 'jsonList'],
  ['maxProperties', 'integer'],
  ['minProperties', 'integer'],
  ['required', 'textList'],
  ['items', 'schemaOrList'],
  ['allOf', 'schemaList'],
  ['oneOf', 'schemaList'],
  ['anyOf', 'schemaList'],
  ['not', 'schema'],
  ['properties', 'schemaMap'],
  ['additionalProperties', 'schemaOrBoolean'],
  ['patternProperties', 'schemaMap'],
  ['dependencies', 'dependencies'],
  ['additionalItems', 'schemaOrBoolean'],
  ['definitions', 'schemaMap'],
  ['externalDocs', 'externalDocs'],
  ['example', 'json'],
  ['nullable', 'boolean'],
  ['x-kubernetes-preserve-unknown-fields', 'boolean'],
  ['x-kubernetes-embedded-resource', 'boolean'],
  ['x-kubernetes-int-or-string', 'boolean'],
  ['x-kubernetes-list-map-keys', 'textList'],
  ['x-kubernetes-list-type', 'text'],
  ['x-kubernetes-map-type', 'text'],
  ['x-kubernetes-validations', 'rules'],
]);

export const ruleFields: ReadonlyMap<string, SchemaField> = new Map<string, SchemaField>([
  ['rule', 'text'],
  ['message', 'text'],
  ['messageExpression', 'text'],
  ['reason', 'text'],
  ['fieldPath', 'text'],
  ['optionalOldSelf', 'boolean'],
]);

export const externalDocsFields: ReadonlyMap<string, SchemaField> = new Map<string, SchemaField>([
  ['description', 'text'],
  ['url', 'text'],
]);

/** The Go types of the fields, for error texts. */
export const goTypes: Readonly<Record<SchemaField, string>> = {
  text: 'string',
  boolean: 'bool',
  float: 'float64',
  integer: 'int64',
  json: 'v1.JSON',
  jsonList: '[]v1.JSON',
  textList: '[]string',
  schema: 'v1.JSONSchemaProps',
  schemaList: '[]v1.JSONSchemaProps',
  schemaMap: 'map[string]v1.JSONSchemaProps',
  schemaOrList: 'v1.JSONSchemaPropsOrArray',
  schemaOrBoolean: 'v1.JSONSchemaPropsOrBool',
  dependencies: 'v1.JSONSchemaDependencies',
  externalDocs: 'v1.ExternalDocumentation',
  rules: 'v1.ValidationRules',
};
