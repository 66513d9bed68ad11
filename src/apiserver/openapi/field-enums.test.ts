import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindSchemas, type Schema, type StructSchema } from '../../kube/index.ts';
import { sampleRegistry } from '../discovery/sample-registry.fixture.ts';
import { enumeratedFields, enumOf } from './field-enums.ts';
import { createOpenApi } from './openapi.ts';

/** `Struct.member` of every text in a schema. */
function collectTexts(schema: Schema, seen: Set<StructSchema>, into: Set<string>): void {
  if (schema.shape === 'list') collectTexts(schema.items, seen, into);
  if (schema.shape === 'map') collectTexts(schema.values, seen, into);
  if (schema.shape !== 'struct' || seen.has(schema)) return;
  seen.add(schema);
  for (const [name, { schema: member }] of schema.members) {
    if (member.shape === 'scalar' && member.scalar === 'string') into.add(`${schema.goName}.${name}`);
    collectTexts(member, seen, into);
  }
}

test('every enumerated field is a text that some kind has, and its values are sorted', () => {
  const texts = new Set<string>();
  const seen = new Set<StructSchema>();
  for (const { schema } of kindSchemas) collectTexts(schema, seen, texts);
  for (const field of enumeratedFields) {
    assert.ok(texts.has(field), field);
    const [struct = '', member = ''] = field.split('.');
    const values = enumOf(struct, member) ?? [];
    assert.deepEqual(values, [...values].sort(), field);
  }
});

test('v3 publishes them, v2 does not', () => {
  const openApi = createOpenApi(sampleRegistry());
  const read = (path: string): string => {
    const answer = openApi({
      method: 'GET',
      path,
      query: new URLSearchParams(),
      accept: 'application/json',
      contentType: '',
      userAgent: '',
      user: { name: 'admin', groups: [] },
      body: new Uint8Array(),
    });
    assert.ok(answer?.kind === 'bytes');
    return Buffer.from(answer.bytes).toString();
  };
  const list = '"enum":["Exact","ImplementationSpecific","Prefix"]';
  assert.ok(read('/openapi/v3/apis/networking.k8s.io/v1').includes(list));
  assert.ok(!read('/openapi/v2').includes('"enum"'));
});
