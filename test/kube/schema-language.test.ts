// The schema language: open structs, micro times and quantities as the decoder reads them, and what the builders state.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeStructure } from '../../src/kube/index.ts';
import type { StructureResult } from '../../src/kube/index.ts';
import * as schema from '../../src/kube/schema.ts';

const { field, structOf, text } = schema;

const sample = structOf('v1.Sample', {
  renewTime: schema.microTime,
  size: schema.quantity,
  count: field(3, schema.int32),
});

function decode(raw: Readonly<Record<string, unknown>>): StructureResult {
  return decodeStructure(raw, sample);
}

const microTimes: readonly (readonly [given: string, told: string])[] = [
  ['2026-01-02T03:04:05.123456Z', '2026-01-02T03:04:05.123456Z'],
  ['2026-01-02T03:04:05.000001+02:00', '2026-01-02T01:04:05.000001Z'],
];
for (const [given, told] of microTimes) {
  test(`micro time: ${given} is told as ${told}`, () => {
    assert.deepEqual(decode({ renewTime: given }), {
      value: { renewTime: told },
      typeErrors: [],
      unknownFields: [],
    });
  });
}

const otherFractions: readonly (readonly [given: string, rest: string, wanted: string])[] = [
  ['2026-01-02T03:04:05Z', 'Z', '.000000'],
  ['2026-01-02T03:04:05.1Z', '.1Z', '.000000'],
  ['2026-01-02T03:04:05.123456789Z', '789Z', 'Z07:00'],
];
for (const [given, rest, wanted] of otherFractions) {
  test(`micro time: ${given} has not six digits`, () => {
    assert.deepEqual(decode({ renewTime: given }).typeErrors, [
      `parsing time "${given}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "${rest}" as "${wanted}"`,
    ]);
  });
}

for (const given of ['now', '', '2026-01-02', '2026-01-02T03:04:05', '2026-13-02T03:04:05Z']) {
  test(`micro time: ${JSON.stringify(given)} is refused with its layout`, () => {
    const quoted = JSON.stringify(given);
    assert.deepEqual(decode({ renewTime: given }).typeErrors, [
      `parsing time ${quoted} as "2006-01-02T15:04:05.000000Z07:00": cannot parse ${quoted} as "2006"`,
    ]);
  });
}

test('micro time: a number is of a wrong type', () => {
  assert.deepEqual(decode({ renewTime: 5 }).typeErrors, [
    'json: cannot unmarshal number into Go struct field Sample.renewTime of type string',
  ]);
});

test('quantity: a text or a number, carried as text', () => {
  for (const size of ['500m', '1Gi', '1.5', '.5', '+2e3', '-1E-3', '10E', '0']) {
    assert.deepEqual(decode({ size }), { value: { size }, typeErrors: [], unknownFields: [] });
  }
  assert.deepEqual(decode({ size: 2 }).value, { size: '2' });
  assert.deepEqual(decode({ size: 0.5 }).value, { size: '0.5' });
});

test('quantity: what is none is refused', () => {
  const form = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  for (const size of ['', 'x', '1 Gi', '1Gi\n', '--1', '.', true, {}, []]) {
    assert.deepEqual(decode({ size }).typeErrors, [form], JSON.stringify(size));
  }
  for (const size of ['1KK', '1e', '1-5', '1iG', '1.2.3']) {
    assert.deepEqual(decode({ size }).typeErrors, ["unable to parse quantity's suffix"], size);
  }
});

test('quantity: long hostile texts are refused in linear time', () => {
  const size = `${'1'.repeat(200_000)}!`;
  const startedMs = performance.now();
  assert.equal(decode({ size }).typeErrors.length, 1);
  assert(performance.now() - startedMs < 60_000);
});

test('open: unknown members are carried as they came, after the known ones', () => {
  const pod = schema.open(structOf('v1.PodSpec', { name: text, count: schema.int32 }));
  const raw = JSON.parse(
    '{"extra":{"a":[null]},"count":1,"__proto__":{"x":1},"none":null,"name":"a"}',
  ) as Record<string, unknown>;
  const { value, typeErrors, unknownFields } = decodeStructure(raw, pod);
  assert.equal(
    JSON.stringify(value),
    '{"name":"a","count":1,"extra":{"a":[null]},"__proto__":{"x":1},"none":null}',
  );
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual([typeErrors, unknownFields], [[], []]);
  assert.deepEqual(decodeStructure({ count: 'x', y: 1 }, pod).typeErrors, [
    'json: cannot unmarshal string into Go struct field PodSpec.count of type int32',
  ]);
});

test('open: a closed struct inside an open one still reports its unknown members', () => {
  const inner = structOf('v1.Inner', { name: text });
  const outer = schema.open(structOf('v1.Outer', { inner }));
  assert.deepEqual(decodeStructure({ inner: { nam: 'a' }, other: 1 }, outer).unknownFields, ['inner.nam']);
});

test('open: everything that is not in the table survives', () => {
  const empty = schema.open(structOf('v1.Any', {}));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (raw) => {
      assert.deepEqual({ ...decodeStructure(raw, empty).value }, { ...raw });
    }),
  );
});

test('builders: list types, keys and traits are stated as they are published', () => {
  const ports = schema.mapList(structOf('v1.Port', {}), ['port', 'protocol'], 'port');
  assert.deepEqual(ports.merge, { listType: 'map', mapKeys: ['port', 'protocol'], patchMergeKey: 'port' });
  assert.deepEqual(schema.setList(text, 'merge').merge, { listType: 'set', patchMergeKey: '' });
  assert.deepEqual(schema.setList(text).merge, { listType: 'set' });
  assert.deepEqual(schema.atomicList(text).merge, { listType: 'atomic' });
  assert.equal(schema.listOf(text).merge, undefined);
  assert.deepEqual(field(4, text, 'What it is.'), {
    schema: text,
    isAlways: false,
    proto: 4,
    doc: 'What it is.',
  });
  assert.deepEqual(schema.required(null, text), { schema: text, isAlways: true, isRequired: true });
  assert.deepEqual(schema.pointer(2, text), { schema: text, isAlways: false, isPointer: true, proto: 2 });
});
