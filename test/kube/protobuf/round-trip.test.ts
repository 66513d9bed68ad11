// Encoding and decoding: for values made from each schema, what comes back is what went in; misfits are named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeKubeProtobuf,
  encodeKubeProtobuf,
  kindSchemas,
  listKindOf,
  ProtobufError,
  schemaOf,
} from '../../../src/kube/index.ts';
import type { Member, ScalarShape, Schema, StructSchema } from '../../../src/kube/index.ts';

const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
const timeText = seconds.map((value) => `${new Date(value * 1000).toISOString().slice(0, 19)}Z`);
const wellFormed = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed());

const scalars: Readonly<Record<ScalarShape, fc.Arbitrary<unknown>>> = {
  string: wellFormed,
  boolean: fc.boolean(),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  intOrString: fc.oneof(fc.integer(), wellFormed),
  bytes: fc.uint8Array({ maxLength: 9 }).map((value) => Buffer.from(value).toString('base64')),
  time: timeText,
  microTime: fc
    .tuple(timeText, fc.nat(999_999))
    .map(([text, micros]) => text.replace('Z', `.${String(micros).padStart(6, '0')}Z`)),
  quantity: fc.constantFrom('0', '500m', '1Gi', '-2', '1.5', '3e6'),
  free: fc.dictionary(wellFormed, fc.oneof(fc.constant({}), fc.integer(), wellFormed), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
};

function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.shape === 'scalar') return scalars[schema.scalar];
  // Empty lists and maps do not exist on the wire, unless as values of a map.
  if (schema.shape === 'list') return fc.array(valueOf(schema.items), { minLength: 1, maxLength: 2 });
  if (schema.shape === 'map') {
    return fc.dictionary(fc.oneof(wellFormed, fc.constant('__proto__')), valueOf(schema.values), {
      minKeys: 1,
      maxKeys: 2,
      noNullPrototype: true,
    });
  }
  return structValue(schema);
}

function structValue(schema: StructSchema): fc.Arbitrary<Record<string, unknown>> {
  const members = [...schema.members].filter(([, member]) => member.proto !== undefined);
  const shape = Object.fromEntries(members.map(([name, member]) => [name, memberValue(member)]));
  return fc.record(shape, { requiredKeys: [], noNullPrototype: true });
}

/** Zero of what Go leaves out when it is zero does not come back. */
function memberValue(member: Member): fc.Arbitrary<unknown> {
  const value = valueOf(member.schema);
  if (member.schema.shape !== 'scalar' || member.isAlways || member.isPointer === true) return value;
  if (member.schema.scalar === 'intOrString') return value;
  return value.filter((scalar) => scalar !== '' && scalar !== 0 && scalar !== false);
}

for (const { apiVersion, kind, schema } of kindSchemas) {
  test(`${apiVersion} ${kind}: what is encoded is decoded`, () => {
    fc.assert(
      fc.property(structValue(schema), (value) => {
        const bytes = encodeKubeProtobuf(value, schema, apiVersion, kind);
        assert.deepEqual(decodeKubeProtobuf(bytes, schemaOf).value, { apiVersion, kind, ...value });
      }),
      { numRuns: kind === 'Pod' || kind === 'Deployment' ? 20 : 60 },
    );
  });
}

test('lists of a kind travel as well', () => {
  const secret = schemaOf('v1', 'Secret');
  assert(secret !== undefined);
  const list = listKindOf(secret);
  const value = {
    metadata: { resourceVersion: '7' },
    items: [{ metadata: { name: 'a' }, data: { k: 'dg==' } }],
  };
  const bytes = encodeKubeProtobuf(value, list, 'v1', 'SecretList');
  assert.deepEqual(decodeKubeProtobuf(bytes, () => list).value, {
    apiVersion: 'v1',
    kind: 'SecretList',
    ...value,
  });
});

const misfits: readonly (readonly [value: Readonly<Record<string, unknown>>, message: RegExp])[] = [
  [{ metadata: 'x' }, /^Service\.metadata is of type string, wanted an object$/],
  [{ metadata: { name: 1 } }, /^Service\.metadata\.name is of type number, wanted a text$/],
  [{ metadata: { labels: [] } }, /^Service\.metadata\.labels is a list, wanted an object$/],
  [
    { metadata: { generation: 0.5 } },
    /^Service\.metadata\.generation is of type number, wanted an integer of type int64$/,
  ],
  [
    { metadata: { creationTimestamp: 'now' } },
    /^Service\.metadata\.creationTimestamp is no RFC 3339 time: "now"$/,
  ],
  [{ spec: { ports: {} } }, /^Service\.spec\.ports is of type object, wanted a list$/],
  [{ spec: { ports: [null] } }, /^Service\.spec\.ports\[0\] is null, wanted an object$/],
  [
    { spec: { ports: [{ port: 2 ** 31 }] } },
    /^Service\.spec\.ports\[0\]\.port is of type number, wanted an integer of type int32$/,
  ],
  [
    { spec: { publishNotReadyAddresses: 'yes' } },
    /publishNotReadyAddresses is of type string, wanted true or false$/,
  ],
];

test('values that do not fit the schema are refused by path and without the value', () => {
  const schema = schemaOf('v1', 'Service');
  assert(schema !== undefined);
  for (const [value, message] of misfits) {
    assert.throws(
      () => encodeKubeProtobuf(value, schema, 'v1', 'Service'),
      (error: unknown) =>
        error instanceof ProtobufError && error.offset === null && message.test(error.message),
      String(message),
    );
  }
});

test('members that the schema does not know are not encoded', () => {
  const schema = schemaOf('v1', 'Secret');
  assert(schema !== undefined);
  const bytes = encodeKubeProtobuf({ other: 1, type: 'Opaque' }, schema, 'v1', 'Secret');
  assert.deepEqual(decodeKubeProtobuf(bytes, schemaOf).value, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
  });
});
