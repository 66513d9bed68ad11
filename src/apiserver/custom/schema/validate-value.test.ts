// Validation of values: every text is what kube-apiserver 1.36.3 answers for a custom resource of the same schema.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFieldError } from '../../../kube/index.ts';
import { type JsonSchema, readSchema } from './json-schema.ts';
import type { JsonObject } from './json-value.ts';
import { validateListTypes } from './list-types.ts';
import { validateChangedValue, validateValue } from './validate-value.ts';

function rootOf(spec: JsonObject): JsonSchema {
  return readSchema({ type: 'object', properties: { spec } });
}

/** Errors of an object whose `spec` has one member, `a`, of this schema. */
function errorsOf(schema: JsonObject, value: unknown): string[] {
  const root = rootOf({ type: 'object', properties: { a: schema } });
  const object = { spec: { a: value } };
  return [...validateValue(object, root), ...validateListTypes(object, root)].map(renderFieldError);
}

const invalid = (shown: string, text: string): string => `spec.a: Invalid value: ${shown}: ${text}`;
const wrongType = (wanted: string, actual: string): string =>
  invalid(`"${actual}"`, `spec.a in body must be of type ${wanted}: "${actual}"`);

type Row = readonly [schema: JsonObject, value: unknown, errors: readonly string[]];

const rows: readonly Row[] = [
  [{ type: 'string' }, 'x', []],
  [{ type: 'string' }, 5, [wrongType('string', 'integer')]],
  [{ type: 'string' }, null, [wrongType('string', 'null')]],
  [{ type: 'string', nullable: true }, null, []],
  [{ type: 'integer' }, 'a', [wrongType('integer', 'string')]],
  [{ type: 'integer' }, true, [wrongType('integer', 'boolean')]],
  [{ type: 'integer' }, [], [wrongType('integer', 'array')]],
  [{ type: 'integer' }, {}, [wrongType('integer', 'object')]],
  [
    { type: 'integer' },
    1.5,
    [
      wrongType('integer', 'number'),
      '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.a',
    ],
  ],
  [{ type: 'integer', format: 'int64' }, true, [invalid('""', 'spec.a in body must be of type int64: ""')]],
  [
    { type: 'integer', format: 'int32' },
    3_000_000_000,
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a'],
  ],
  [{ type: 'integer', minimum: 1 }, 0, [invalid('0', 'spec.a in body should be greater than or equal to 1')]],
  [
    { type: 'integer', minimum: 1, exclusiveMinimum: true },
    1,
    [invalid('1', 'spec.a in body should be greater than 1')],
  ],
  [
    { type: 'integer', maximum: 10 },
    11,
    [invalid('11', 'spec.a in body should be less than or equal to 10')],
  ],
  [
    { type: 'integer', maximum: 10, exclusiveMaximum: true },
    10,
    [invalid('10', 'spec.a in body should be less than 10')],
  ],
  [{ type: 'integer', multipleOf: 3 }, 4, [invalid('4', 'spec.a in body should be a multiple of 3')]],
  [{ type: 'number', multipleOf: 0.1 }, 0.3, []],
  [
    { type: 'number', multipleOf: 0.1 },
    0.25,
    [invalid('0.25', 'spec.a in body should be a multiple of 0.1')],
  ],
  // kube-openapi takes 3 for no multiple of 0.5, and 0 for no less than 0.5.
  [{ type: 'number', multipleOf: 0.5 }, 3, []],
  [
    { type: 'number', minimum: 0.5 },
    0,
    [invalid('0', 'spec.a in body should be greater than or equal to 0.5')],
  ],
  [{ type: 'string', maxLength: 3 }, 'äöü', []],
  [{ type: 'string', maxLength: 3 }, 'abcd', ['spec.a: Too long: may not be more than 3 bytes']],
  [
    { type: 'string', minLength: 2 },
    '😀',
    [invalid('"😀"', 'spec.a in body should be at least 2 chars long')],
  ],
  [{ type: 'string', pattern: '^[a-z]+$' }, 'A', [invalid('"A"', "spec.a in body should match '^[a-z]+$'")]],
  [
    { type: 'string', enum: ['z', 'a', 'm'] },
    'q',
    ['spec.a: Unsupported value: "q": supported values: "z", "a", "m"'],
  ],
  [{ type: 'integer', enum: [3, 1] }, 2, ['spec.a: Unsupported value: 2: supported values: "3", "1"']],
  [
    { type: 'string', format: 'date-time' },
    'x',
    [invalid('"x"', 'spec.a in body must be of type date-time: "x"')],
  ],
  [
    { type: 'string', format: 'date-time' },
    5,
    [invalid('"int64"', 'spec.a in body must be of type date-time: "int64"')],
  ],
  [{ 'x-kubernetes-int-or-string': true }, '80%', []],
  [{ 'x-kubernetes-int-or-string': true }, true, [wrongType('integer,string', 'boolean')]],
  [
    { type: 'array', items: { type: 'string' }, minItems: 1 },
    [],
    [invalid('0', 'spec.a in body should have at least 1 items')],
  ],
  [
    { type: 'array', items: { type: 'string' }, maxItems: 1 },
    ['a', 'b'],
    ['spec.a: Too many: 2: must have at most 1 item'],
  ],
  [
    { type: 'array', items: { type: 'string' } },
    ['a', 1],
    ['spec.a[1]: Invalid value: "integer": spec.a[1] in body must be of type string: "integer"'],
  ],
  [
    { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
    {},
    [invalid('0', 'spec.a in body should have at least 1 properties')],
  ],
  [
    { type: 'object', maxProperties: 1, additionalProperties: { type: 'integer', minimum: 1 } },
    { x: 0, 'c.d/e': 1 },
    [
      'spec.a: Too many: 2: must have at most 1 item',
      'spec.a.x: Invalid value: 0: spec.a.x in body should be greater than or equal to 1',
    ],
  ],
  [
    { type: 'object', additionalProperties: false },
    { b: 1 },
    [invalid('"b"', 'spec.a.b in body is a forbidden property')],
  ],
  [{ type: 'object', required: ['b', 'c'] }, { b: 1 }, ['spec.a.c: Required value']],
  [
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ['a', 'b', 'a', 'a'],
    ['spec.a[2]: Duplicate value: "a"'],
  ],
  [
    {
      type: 'array',
      items: { type: 'object' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k', 'q'],
    },
    [{ k: 'a', q: 5 }, { q: 5, k: 'a' }, { k: 'a' }],
    ['spec.a[1]: Duplicate value: {"k":"a","q":5}'],
  ],
  [
    { type: 'object', oneOf: [{ required: ['b'] }, { required: ['c'] }] },
    {},
    [
      '<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found none valid',
      'spec.a.b: Required value',
    ],
  ],
  [
    { type: 'object', oneOf: [{ required: ['b'] }, { required: ['c'] }] },
    { b: 1, c: 1 },
    [
      '<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  [
    { type: 'integer', anyOf: [{ maximum: 1 }, { minimum: 10 }] },
    5,
    [
      '<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)',
      invalid('5', 'spec.a in body should be less than or equal to 1'),
    ],
  ],
  [
    { type: 'string', allOf: [{ minLength: 3 }, { pattern: '^a' }] },
    'bbb',
    [
      invalid('"bbb"', "spec.a in body should match '^a'"),
      '<nil>: Invalid value: "": "spec.a" must validate all the schemas (allOf)',
    ],
  ],
  [
    { type: 'string', not: { enum: ['bad'] } },
    'bad',
    ['<nil>: Invalid value: "": "spec.a" must not validate the schema (not)'],
  ],
];

for (const [schema, value, wanted] of rows) {
  test(`${JSON.stringify(schema)} and ${JSON.stringify(value)}`, () => {
    assert.deepEqual(errorsOf(schema, value), wanted);
  });
}

test('an array is no date, though kube-openapi takes any array for a text with a format', () => {
  assert.deepEqual(errorsOf({ type: 'string', format: 'date' }, []), [wrongType('string', 'array')]);
});

test('what is missing at the root has no path before it', () => {
  const schema = readSchema({ type: 'object', required: ['spec'] });
  assert.deepEqual(validateValue({}, schema).map(renderFieldError), ['spec: Required value']);
});

const short = { type: 'string', maxLength: 1 };
const changing = rootOf({
  type: 'object',
  properties: {
    a: short,
    b: short,
    l: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', properties: { k: { type: 'string' }, v: short } },
    },
    al: { type: 'array', items: short },
  },
});
const stored = {
  spec: {
    a: 'long',
    b: 'long',
    l: [
      { k: '1', v: 'long' },
      { k: '2', v: 'long' },
    ],
    al: ['long'],
  },
};

function errorsOfChange(spec: JsonObject): string[] {
  const next = { spec: { ...stored.spec, ...spec } };
  return validateChangedValue(next, stored, changing).map(({ field }) => field);
}

test('what was wrong before an update and did not change is forgiven', () => {
  assert.deepEqual(errorsOfChange({ a: 'x' }), []);
  assert.deepEqual(errorsOfChange({ b: 'other' }), ['spec.b']);
});

test('items of a map list are compared by their keys, those of other lists not at all', () => {
  assert.deepEqual(errorsOfChange({ l: [stored.spec.l[1], { k: '1', v: 'longer' }] }), ['spec.l[1].v']);
  assert.deepEqual(errorsOfChange({ al: ['long', 'r'] }), ['spec.al[0]']);
});

test('patterns are found anywhere, count characters, and stop at line feeds', () => {
  const matches = (pattern: string, text: string): boolean =>
    errorsOf({ type: 'string', pattern }, text).length === 0;
  assert.ok(matches('b', 'abc'));
  assert.ok(matches('^.{2}$', '日本'));
  assert.ok(!matches('^.*$', 'a\nb'));
  assert.ok(matches('^[^.]+$', '日本'));
  assert.ok(matches('^[[:alpha:].]+$', 'a.b'));
  assert.ok(matches('(?i)^abc$', 'ABC'));
});

test('a costly pattern ends in an error, not in a stalled server', () => {
  const pattern = `^(${'a?'.repeat(200)})*$`;
  const errors = errorsOf({ type: 'string', pattern }, 'a'.repeat(200_000));
  assert.match(errors[0] ?? '', /but matching takes too long$/);
});

test('errors beyond reading are left out', () => {
  const errors = errorsOf(
    { type: 'array', items: { type: 'string' } },
    Array.from({ length: 5_000 }, () => 1),
  );
  assert.equal(errors.length, 200);
});
