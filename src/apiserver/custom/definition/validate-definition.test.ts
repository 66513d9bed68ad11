// Validation of definitions: every text is what kube-apiserver 1.36.3 answers for the same definition.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFieldError } from '../../../kube/index.ts';
import {
  decodedDefinition,
  memoryStore,
  parametersDefinition,
  widgetDefinition,
  writeContext,
} from '../parameters.fixture.ts';
import type { JsonObject } from '../schema/json-value.ts';
import { customResourceDefinitionStrategy as strategy } from './definition-strategy.ts';

function errorsOf(raw: JsonObject): string[] {
  const context = writeContext(memoryStore());
  const prepared = strategy.prepareCreate(decodedDefinition(raw), context);
  return strategy.validateCreate(prepared, context).map(renderFieldError).sort();
}

const schemaField = 'spec.validation.openAPIV3Schema';
const specField = `${schemaField}.properties[spec]`;

function objectOf(properties: JsonObject): JsonObject {
  return { type: 'object', properties };
}

test('the definition that the project ships is valid', () => {
  assert.deepEqual(errorsOf(parametersDefinition), []);
});

const schemaCases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  [
    'fields without a type',
    { properties: { a: {} } },
    [
      `${specField}.properties[a].type: Required value: must not be empty for specified object fields`,
      `${specField}.type: Required value: must not be empty for specified object fields`,
    ],
  ],
  [
    'a list without items',
    objectOf({ a: { type: 'array' } }),
    [`${specField}.properties[a].items: Required value: must be specified`],
  ],
  [
    'a type below anyOf',
    { type: 'object', anyOf: [{ type: 'object', additionalProperties: { minimum: 1 } }] },
    [
      `${specField}.anyOf[0].additionalProperties: Forbidden: must be undefined to be structural`,
      `${specField}.anyOf[0].type: Forbidden: must be empty to be structural`,
    ],
  ],
  [
    'references and definitions',
    { type: 'object', $ref: '#/x', definitions: { a: { type: 'string' } } },
    [
      `${specField}.$ref: Forbidden: $ref is not supported`,
      `${specField}.definitions: Forbidden: definitions is not supported`,
    ],
  ],
  [
    'unique items',
    objectOf({ a: { type: 'array', uniqueItems: true, items: { type: 'string' } } }),
    [
      `${specField}.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
  ],
  [
    'a pattern that is none',
    objectOf({ a: { type: 'string', pattern: '(' } }),
    [
      `${specField}.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn't: "(" is not closed by ")" (at offset 0)`,
    ],
  ],
  [
    'keys of a map list that may be absent',
    objectOf({
      a: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k', 'zz'],
        items: objectOf({ k: { type: 'string' } }),
      },
    }),
    [
      `${specField}.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      `${specField}.properties[a].x-kubernetes-list-map-keys: Invalid value: ["k","zz"]: entries must all be names of item properties`,
    ],
  ],
  [
    'an unknown list type',
    objectOf({
      a: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'weird' },
    }),
    [
      `${specField}.properties[a].x-kubernetes-list-type: Unsupported value: "weird": supported values: "atomic", "set", "map"`,
    ],
  ],
  [
    'defaults that the schema refuses',
    objectOf({
      a: { type: 'string', default: 1 },
      b: { ...objectOf({ x: { type: 'integer' } }), default: { x: 's', y: 1 } },
    }),
    [
      `${specField}.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"`,
      `${specField}.properties[b].default.x: Invalid value: "string": x in body must be of type integer: "string"`,
      `${specField}.properties[b].default: Invalid value: {"x":"s","y":1}: must not have unknown fields`,
    ],
  ],
  [
    'rules without a text',
    { type: 'object', 'x-kubernetes-validations': [{ rule: '' }, { rule: 'a\nb' }] },
    [
      `${specField}.x-kubernetes-validations[0].rule: Required value: rule is not specified`,
      `${specField}.x-kubernetes-validations[1].message: Required value: message must be specified if rule contains line breaks`,
    ],
  ],
];

for (const [name, spec, wanted] of schemaCases) {
  test(`a schema with ${name}`, () => assert.deepEqual(errorsOf(widgetDefinition(spec)), wanted));
}

const partCases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  [
    'bad columns',
    widgetDefinition(objectOf({}), {
      additionalPrinterColumns: [{ name: 'a', type: 'x', format: 'y', jsonPath: 'a' }],
    }),
    [
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
      'spec.additionalPrinterColumns[0].format: Invalid value: "y": must be one of byte,date,date-time,double,float,int32,int64,password',
      'spec.additionalPrinterColumns[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string',
    ],
  ],
  [
    'bad selectable fields',
    widgetDefinition(objectOf({ o: { type: 'object' } }), {
      selectableFields: [{ jsonPath: '.spec.o' }, { jsonPath: '.spec.zz' }, { jsonPath: ".spec['o']" }],
    }),
    [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.o": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec.zz": is an invalid path: does not refer to a valid field',
      `spec.selectableFields[2].jsonPath: Invalid value: ".spec['o']": is an invalid path: array notation is not allowed`,
    ],
  ],
  [
    'a group without a dot and unknown fields preserved',
    widgetDefinition(objectOf({}), {}, { group: 'foo', preserveUnknownFields: true }),
    [
      'metadata.name: Invalid value: "widgets.example.com": must be spec.names.plural+"."+spec.group',
      'spec.group: Invalid value: "foo": should be a domain with at least one dot',
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  ],
  [
    'a webhook without a client',
    widgetDefinition(objectOf({}), {}, { conversion: { strategy: 'Webhook' } }),
    [
      'spec.conversion.conversionReviewVersions: Required value',
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
    ],
  ],
  [
    'no version',
    widgetDefinition(objectOf({}), {}, { versions: [] }),
    [
      'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: null: must have at least one stored version',
    ],
  ],
  [
    'a version without a schema',
    widgetDefinition(objectOf({}), {}, { versions: [{ name: 'v1', served: true, storage: true }] }),
    ['spec.versions[0].schema.openAPIV3Schema: Required value'],
  ],
];

for (const [name, raw, wanted] of partCases) {
  test(`a definition with ${name}`, () => assert.deepEqual(errorsOf(raw), wanted));
}

test('versions that differ are named by their index', () => {
  const bad = { type: 'object', properties: { spec: {} } };
  const versions = [
    { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
    { name: 'V2', served: true, storage: false, schema: { openAPIV3Schema: bad } },
  ];
  const errors = errorsOf(widgetDefinition({}, {}, { versions }));
  assert.ok(errors.some((text) => text.startsWith('spec.versions[1].name: Invalid value: "V2"')));
  assert.ok(
    errors.includes(
      'spec.versions[1].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    ),
  );
});

test('a schema that is nested too deep is refused, whoever decoded it', () => {
  let schema: JsonObject = { type: 'string' };
  for (let level = 0; level < 50_000; level += 1) schema = { type: 'array', items: schema };
  const context = writeContext(memoryStore());
  const raw = { metadata: { name: 'widgets.example.com' }, ...widgetDefinition(schema) };
  // As it would come from a decoder that knows nothing of schemas.
  const prepared = strategy.prepareCreate(raw as never, context);
  const errors = strategy.validateCreate(prepared, context).map(renderFieldError);
  assert.ok(errors.includes(`${schemaField}: Invalid value: "": must not be nested deeper than 300 levels`));
});
