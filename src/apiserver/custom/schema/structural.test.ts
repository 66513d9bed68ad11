// Pruning and defaulting by a structural schema: the objects are what kube-apiserver 1.36.3 stores; and what must hold for all schemas
// and values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyDefaults, pruneNulls, TooManyDefaultsError } from './default-values.ts';
import { decodeSchema } from './decode-schema.ts';
import { validateEmbedded } from './embedded-meta.ts';
import { isTooDeep, type JsonObject, maxValueLevels, sameJson } from './json-value.ts';
import { maxSchemaLevels, readSchema } from './json-schema.ts';
import { validateListTypes } from './list-types.ts';
import { pruneObject } from './prune.ts';
import { validateDefaults } from './validate-defaults.ts';
import { validateSchema } from './validate-schema.ts';
import { validateStructural } from './validate-structural.ts';
import { validateValue } from './validate-value.ts';

const named = { type: 'object', properties: { a: { type: 'string' } } };
const pruned = readSchema({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        known: { type: 'object' },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { k: named } },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        m: { type: 'object', additionalProperties: named },
        mt: { type: 'object', additionalProperties: true },
        l: { type: 'array', items: named },
        fl: { type: 'array', 'x-kubernetes-preserve-unknown-fields': true, items: named },
      },
    },
  },
});

test('pruning keeps what the schema knows and what it preserves', () => {
  const spec = {
    known: { a: 1 },
    free: { x: { y: 1 }, k: { a: '1', b: 2 } },
    any: [{ a: [1] }],
    m: { x: { a: '1', b: 2 } },
    mt: { x: { a: 1 }, y: 1 },
    l: [{ a: '1', b: 2 }],
    fl: [{ a: '1', b: 2 }],
    zz: 1,
  };
  const { value, unknownFields } = pruneObject({ metadata: { odd: 1 }, spec, data: 1 }, pruned);
  assert.deepEqual(value, {
    metadata: { odd: 1 },
    spec: {
      known: {},
      free: { x: { y: 1 }, k: { a: '1' } },
      any: [{ a: [1] }],
      m: { x: { a: '1' } },
      mt: { x: {}, y: 1 },
      l: [{ a: '1' }],
      fl: [{ a: '1', b: 2 }],
    },
  });
  assert.deepEqual(unknownFields, [
    'data',
    'spec.free.k.b',
    'spec.known.a',
    'spec.l[0].b',
    'spec.m.x.b',
    'spec.mt.x.a',
    'spec.zz',
  ]);
});

const seven = { type: 'object', properties: { q: { type: 'integer', default: 7 } } };
const defaulted = readSchema({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      default: { a: {} },
      properties: {
        a: {
          type: 'object',
          properties: {
            b: { type: 'string', default: 'x' },
            n: { type: 'string', nullable: true, default: 'y' },
            o: { type: 'object', properties: { z: { type: 'integer', default: 1 } } },
          },
        },
        l: { type: 'array', items: seven },
        m: { type: 'object', additionalProperties: seven },
      },
    },
  },
});

function stored(spec: unknown): unknown {
  return applyDefaults(pruneNulls({ spec }, defaulted), defaulted);
}

test('defaults fill absent members, and nulls that are not nullable', () => {
  const full = { spec: { a: { b: 'x', n: 'y' } } };
  assert.deepEqual(applyDefaults({}, defaulted), full);
  assert.deepEqual(stored(null), full);
  assert.deepEqual(stored({}), { spec: {} });
  assert.deepEqual(stored({ a: { b: null, n: null, o: null } }), { spec: { a: { b: 'x', n: null } } });
  assert.deepEqual(stored({ a: { o: {} } }), { spec: { a: { b: 'x', n: 'y', o: { z: 1 } } } });
  assert.deepEqual(stored({ l: [{}, { q: null }], m: { x: {} } }), {
    spec: { l: [{ q: 7 }, { q: 7 }], m: { x: { q: 7 } } },
  });
});

test('a member called __proto__ is a member like others', () => {
  const object: JsonObject = JSON.parse('{"spec":{"m":{"__proto__":{"q":null,"evil":1}}}}') as JsonObject;
  const value = applyDefaults(pruneNulls(pruneObject(object, defaulted).value, defaulted), defaulted);
  assert.equal(JSON.stringify(value), '{"spec":{"m":{"__proto__":{"q":7}}}}');
  assert.equal(Object.hasOwn(Object.prototype, 'evil'), false);
});

const anyName = fc.constantFrom('a', 'b', 'metadata', 'kind', 'apiVersion', '__proto__', 'x y');
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, '', 'text', 0, -1, 1.5, 1e300),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(anyName, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const maybe = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.option(value, { nil: undefined, freq: 2 });
/** One depth for all ways down. */
const nested = { maxDepth: 2, depthIdentifier: fc.createDepthIdentifier() };
/** Schemas as nobody should write them. */
const anySchema = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.record(
    {
      type: fc.constantFrom('', 'string', 'object', 'array', 'integer', 'number', 'boolean', 'null', 'weird'),
      format: maybe(fc.constantFrom('date', 'email', 'int32', 'x')),
      default: maybe(anyValue),
      nullable: fc.boolean(),
      enum: maybe(fc.array(anyValue, { maxLength: 2 })),
      pattern: maybe(fc.constantFrom('(', '^a', '[', '\\x80', 'a{1000}{1000}')),
      minimum: maybe(fc.constantFrom(-1, 0.5, Number.NaN)),
      maxLength: maybe(fc.constantFrom(-1, 0, 2)),
      multipleOf: maybe(fc.constantFrom(0, -1, 0.1)),
      required: maybe(fc.array(anyName, { maxLength: 2 })),
      items: maybe(fc.oneof(nested, fc.constant({}), tie('schema'))),
      properties: maybe(fc.dictionary(anyName, fc.oneof(nested, fc.constant({}), tie('schema')))),
      additionalProperties: maybe(fc.oneof(nested, fc.boolean(), tie('schema'))),
      anyOf: maybe(fc.array(fc.oneof(nested, fc.constant({}), tie('schema')), { maxLength: 2 })),
      oneOf: maybe(fc.array(fc.oneof(nested, fc.constant({}), tie('schema')), { maxLength: 2 })),
      not: maybe(fc.oneof(nested, fc.constant({}), tie('schema'))),
      'x-kubernetes-preserve-unknown-fields': maybe(fc.boolean()),
      'x-kubernetes-embedded-resource': fc.boolean(),
      'x-kubernetes-int-or-string': fc.boolean(),
      'x-kubernetes-list-type': maybe(fc.constantFrom('map', 'set', 'atomic', 'odd')),
      'x-kubernetes-list-map-keys': maybe(fc.array(anyName, { maxLength: 2 })),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>,
})).schema;
const anyObject = fc.dictionary(anyName, anyValue, { maxKeys: 4 });

test('pruning twice is pruning once, and finds nothing the second time', () => {
  fc.assert(
    fc.property(anySchema, anyObject, (raw, object) => {
      const schema = readSchema(raw);
      const once = pruneObject(object, schema).value;
      const twice = pruneObject(once, schema);
      assert.equal(twice.value, once);
      assert.deepEqual(twice.unknownFields, []);
    }),
  );
});

const goodDepth = { maxDepth: 3, depthIdentifier: fc.createDepthIdentifier() };
/** Structural schemas with defaults of their types. */
const goodSchema = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    goodDepth,
    fc.constantFrom<JsonObject>(
      { type: 'string', default: 'x' },
      { type: 'string', nullable: true, default: 'y' },
      { type: 'integer' },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(anyName, tie('schema'), { maxKeys: 3 }),
      default: maybe(fc.constant({})),
    }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), default: maybe(fc.constant([])) }),
  ) as fc.Arbitrary<JsonObject>,
})).schema;

test('defaulting twice is defaulting once', () => {
  fc.assert(
    fc.property(goodSchema, anyObject, (raw, object) => {
      const schema = readSchema({ type: 'object', properties: { a: raw, b: raw } });
      const clean = pruneNulls(object, schema);
      const once = applyDefaults(clean, schema);
      assert.equal(applyDefaults(once, schema), once);
      assert.ok(sameJson(pruneNulls(clean, schema), clean));
    }),
  );
});

test('no schema and no value makes a check throw, and none is changed', () => {
  fc.assert(
    fc.property(anySchema, anyObject, anyValue, (raw, object, other) => {
      const before = JSON.stringify([raw, object]);
      decodeSchema(other, 'x', { typeErrors: [], unknownFields: [] });
      const decoded = decodeSchema(raw, 'x', { typeErrors: [], unknownFields: [] });
      const schema = readSchema(decoded ?? {});
      validateStructural(schema, 'x');
      validateDefaults(schema, 'x');
      validateSchema(schema, 'x');
      for (const value of [object, other]) {
        validateValue(value, schema);
        validateEmbedded(value, schema, '');
        pruneNulls(applyDefaults(value, schema), schema);
      }
      validateListTypes(object, schema);
      assert.equal(JSON.stringify([raw, object]), before);
    }),
  );
});

test('depth is measured without recursion', () => {
  let value: unknown = 1;
  for (let level = 0; level < 200_000; level += 1) value = [value];
  assert.ok(isTooDeep(value, maxValueLevels));
  assert.ok(!isTooDeep([[1]], 2));
  assert.ok(isTooDeep([[[1]]], 2));
  assert.ok(!sameJson(value, [value]));
});

test('the deepest schema that is accepted can be worked with', () => {
  let raw: JsonObject = { type: 'string', default: 'x' };
  let value: unknown = 'x';
  for (let level = 0; level < maxSchemaLevels - 1; level += 1) {
    raw = { type: 'array', items: raw };
    value = [value];
  }
  assert.ok(!isTooDeep(raw, maxSchemaLevels));
  const schema = readSchema(raw);
  assert.deepEqual(validateStructural(schema, 'x').length, 1);
  assert.equal(validateValue(value, schema).length, 0);
});

test('defaults do not make an object far larger than what was sent', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`p${index}`, { type: 'string', default: 'x' }]),
  );
  const many = readSchema({ type: 'array', items: { type: 'object', properties } });
  const long = readSchema({ type: 'array', items: { type: 'string', default: 'x'.repeat(100_000) } });
  const empty = Array.from({ length: 15_000 }, () => ({}));
  assert.throws(() => applyDefaults(empty, many), TooManyDefaultsError);
  assert.throws(
    () =>
      applyDefaults(
        empty.map(() => null),
        long,
      ),
    TooManyDefaultsError,
  );
  assert.equal(Object.keys((applyDefaults([{}], many) as readonly object[])[0] ?? {}).length, 1000);
});
