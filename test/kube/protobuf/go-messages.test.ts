// Decoding against Go: for objects of every kind, what is decoded from Go's protobuf is what Go prints as JSON.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeKubeProtobuf,
  decodeStructure,
  encodeKubeProtobuf,
  kindSchemas,
  schemaOf,
} from '../../../src/kube/index.ts';
import type { StructSchema } from '../../../src/kube/index.ts';
import { goMessages, withoutNulls } from './go-messages.fixture.ts';

function schema(apiVersion: string, kind: string): StructSchema {
  const found = schemaOf(apiVersion, kind);
  assert(found !== undefined, `${apiVersion} ${kind} has a schema`);
  return found;
}

for (const { apiVersion, kind, variant, bytes, json } of goMessages) {
  test(`${apiVersion} ${kind}, ${variant}: the message says what the JSON says`, () => {
    const decoded = decodeKubeProtobuf(bytes, schemaOf);
    assert.deepEqual([decoded.apiVersion, decoded.kind], [apiVersion, kind]);
    const { value, typeErrors, unknownFields } = decodeStructure(decoded.value, schema(apiVersion, kind));
    assert.deepEqual([typeErrors, unknownFields], [[], []]);
    const wanted = { apiVersion, kind, ...json };
    assert.deepEqual(value, decodeStructure(wanted, schema(apiVersion, kind)).value);
    // Without any filling in between, where there is nothing to fill in.
    if (variant === 'full') assert.deepEqual(decoded.value, withoutNulls(wanted));
  });

  test(`${apiVersion} ${kind}, ${variant}: encoded again, it is the same object`, () => {
    const { value } = decodeKubeProtobuf(bytes, schemaOf);
    const again = encodeKubeProtobuf(value, schema(apiVersion, kind), apiVersion, kind);
    assert.deepEqual(decodeKubeProtobuf(again, schemaOf).value, value);
  });
}

test('every kind with a schema is among the messages', () => {
  const names = new Set(goMessages.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));
  assert.deepEqual(
    [...names].sort(),
    kindSchemas.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).sort(),
  );
});
