// Hostile bodies: each is refused with a ProtobufError that says where, in bounded time and memory.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeKubeProtobuf, encodeKubeProtobuf, ProtobufError, schemaOf } from '../../../src/kube/index.ts';
import { goMessages } from './go-messages.fixture.ts';
import { body, field, number, tag, varint } from './wire.fixture.ts';

function refusal(bytes: Uint8Array): ProtobufError {
  try {
    decodeKubeProtobuf(bytes, schemaOf);
  } catch (error) {
    assert(error instanceof ProtobufError, String(error));
    return error;
  }
  return assert.fail('the body was accepted');
}

function repeat(piece: Buffer, times: number): Buffer {
  return Buffer.alloc(piece.length * times, piece);
}

const meta = (...fields: readonly Uint8Array[]): Buffer => body('v1', 'ConfigMap', field(1, ...fields));
const raw = (text: string | Uint8Array): Buffer => meta(field(17, field(7, field(1, text))));

const rows: readonly (readonly [what: string, bytes: Buffer, message: RegExp])[] = [
  ['nothing', Buffer.alloc(0), /does not begin with "k8s\\0" \(at byte 0\)/],
  ['JSON', Buffer.from('{"kind":"Secret"}'), /does not begin/],
  ['a prefix alone', Buffer.from('k8s\0'), /the body is empty \(at byte 4\)/],
  ['half a prefix', Buffer.from('k8'), /does not begin/],
  ['an unknown kind', body('v1', 'Gadget'), /no kind "Gadget" is known in version "v1"/],
  ['a kind of another group', body('v1', 'Ingress'), /no kind "Ingress" is known in version "v1"/],
  ['a number that ends early', meta(Buffer.from([0x38, 0x80])), /ends within a number \(at byte \d+\)/],
  ['a number of 11 bytes', meta(tag(7, 0), Buffer.alloc(11, 0x80)), /varint of more than 10 bytes/],
  ['a length beyond the message', meta(Buffer.from([0x0a, 5, 0x61])), /length 5 with 1 bytes left/],
  ['a length of 2^31', meta(tag(1, 2), varint(2 ** 31)), /length 2147483648 with 0 bytes left/],
  ['a length of 2^64 - 1', meta(tag(1, 2), varint(-1)), /length \d+ with 0 bytes left/],
  ['a length beyond an unknown field', meta(tag(99, 2), varint(9)), /length 9 with 0 bytes left/],
  ['a fixed number that ends early', meta(tag(99, 1), Buffer.alloc(7)), /ends within a field/],
  ['field number 0', meta(Buffer.from([0x02, 0])), /illegal field number 0/],
  ['a negative field number', meta(varint(0x4_0000_0002)), /illegal field number -2147483648/],
  ['wire type 7', meta(Buffer.from([0x0f])), /unknown wire type 7/],
  ['an end without a group', meta(tag(99, 4)), /end of a group that did not begin/],
  ['a group that ends as another', meta(tag(99, 3), tag(98, 4)), /end of a group that did not begin/],
  ['a group that does not end', meta(tag(99, 3)), /ends within a number/],
  ['groups in groups in groups', meta(repeat(tag(99, 3), 1_000_000)), /ends within a number/],
  ['a number for a text', meta(number(1, 5)), /wire type varint for field name, wanted bytes/],
  ['a text for a number', meta(field(7, 'x')), /wire type bytes for field generation, wanted varint/],
  ['a number for a message', body('v1', 'ConfigMap', number(1, 5)), /for field metadata, wanted bytes/],
  ['a number for a map', body('v1', 'ConfigMap', number(2, 5)), /for field data, wanted bytes/],
  ['a number for a list', meta(number(14, 5)), /for field finalizers, wanted bytes/],
  ['a text that is not UTF-8', meta(field(1, Buffer.from([0xc3, 0x28]))), /not UTF-8/],
  ['a surrogate in a text', meta(field(1, Buffer.from([0xed, 0xa0, 0x80]))), /not UTF-8/],
  ['a key that is not UTF-8', body('v1', 'ConfigMap', field(2, field(1, Buffer.from([0xff])))), /not UTF-8/],
  [
    'a kind that is not UTF-8',
    Buffer.concat([Buffer.from('k8s\0'), field(1, field(2, Buffer.from([0xff])))]),
    /not UTF-8/,
  ],
  [
    'a time after the year 9999',
    meta(field(8, number(1, 253_402_300_800))),
    /not within the years 1 to 9999/,
  ],
  ['a time before the year 1', meta(field(8, number(1, -(2n ** 63n)))), /not within the years 1 to 9999/],
  [
    'a quantity that is none',
    body('v1', 'Node', field(3, field(1, field(2, field(1, 'x'))))),
    /quantities must match/,
  ],
  [
    'a port of type 2',
    body('v1', 'Service', field(2, field(1, field(4, number(1, 2))))),
    /IntOrString of type 2/,
  ],
  ['raw JSON that is none', raw('{"a":'), /raw JSON that is none/],
  ['raw JSON that is too deep', raw('['.repeat(1_000_000)), /nested deeper than 100/],
  ['raw JSON of unclosed texts', raw(`"${'\\"'.repeat(1_000_000)}`), /raw JSON that is none/],
  ['a message instead of raw JSON', meta(field(17, field(7, field(2, 'x')))), /field 2 beside raw JSON/],
  ['1,500,000 elements', meta(repeat(field(14), 1_500_000)), /more than 500000 messages and list elements/],
  ['1,500,000 entries', body('v1', 'ConfigMap', repeat(field(2), 1_500_000)), /more than 500000/],
  ['1,500,000 pieces', body('v1', 'ConfigMap', repeat(field(1), 1_500_000)), /more than 500000/],
  [
    '3,000,000 packed numbers',
    body('v1', 'Pod', field(2, field(14, field(4, Buffer.alloc(3_000_000))))),
    /more than 500000/,
  ],
];

for (const [what, bytes, message] of rows) {
  test(`refused: ${what}`, () => {
    const startedMs = performance.now();
    const error = refusal(bytes);
    assert.match(error.message, message);
    assert(error.offset !== null && error.offset >= 0 && error.offset <= bytes.length);
    assert(performance.now() - startedMs < 60_000);
  });
}

test('the schema of a custom resource is refused, not dropped', () => {
  const version = field(7, field(1, 'v1'), field(4, field(1, field(5, 'object'))));
  const error = refusal(body('apiextensions.k8s.io/v1', 'CustomResourceDefinition', field(2, version)));
  assert.match(
    error.message,
    /v1\.CustomResourceValidation field openAPIV3Schema is understood as JSON only/,
  );
  const schema = schemaOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  assert(schema !== undefined);
  const value = { spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object' } } }] } };
  assert.throws(
    () => encodeKubeProtobuf(value, schema, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
    /spec\.versions\[0\]\.schema\.openAPIV3Schema .* travels as JSON only/,
  );
});

test('a cut message is refused, unless the cut is between two fields of the envelope', () => {
  for (const { bytes } of goMessages.filter(({ kind }) => kind === 'Ingress' || kind === 'Lease')) {
    const accepted: number[] = [];
    for (let length = 0; length < bytes.length; length += 1) {
      try {
        decodeKubeProtobuf(bytes.subarray(0, length), schemaOf);
        accepted.push(length);
      } catch (error) {
        assert(
          error instanceof ProtobufError && error.offset !== null && error.offset <= length,
          String(error),
        );
      }
    }
    // After the type, the object and the encoding.
    assert.equal(accepted.length, 3);
  }
});

test('messages with changed bytes are read or refused with ProtobufError', () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      fc.constantFrom(...goMessages),
      fc.array(change, { minLength: 1, maxLength: 8 }),
      (message, changes) => {
        const bytes = Buffer.from(message.bytes);
        for (const [at, value] of changes) bytes[4 + (at % (bytes.length - 4))] = value;
        try {
          decodeKubeProtobuf(bytes, schemaOf);
        } catch (error) {
          assert(error instanceof ProtobufError, String(error));
          assert(error.offset !== null && error.offset >= 0 && error.offset <= bytes.length);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
