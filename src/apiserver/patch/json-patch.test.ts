import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import { applyJsonPatch, maxOperations, PatchError, refusedPatch, unknownOperationFields } from './index.ts';

const document = deepFreeze({
  data: { a: '1', 'x/y': 's', 'm~n': 't' },
  list: ['p', 'q', 'r'],
  nothing: null,
});

function refusalOf(patch: unknown): { readonly kind: string; readonly message: string } {
  try {
    applyJsonPatch(document, patch);
  } catch (error) {
    assert.ok(error instanceof PatchError);
    return { kind: error.kind, message: error.message };
  }
  throw new Error('applied, want a refusal');
}

const applied: readonly (readonly [name: string, patch: unknown, want: unknown])[] = [
  ['adds a member', [{ op: 'add', path: '/data/b', value: 2 }], { b: 2 }],
  ['takes a missing value for null', [{ op: 'add', path: '/data/b' }], { b: null }],
  ['creates a missing member by replace', [{ op: 'replace', path: '/data/b', value: 'n' }], { b: 'n' }],
  ['copies what is missing as null', [{ op: 'copy', from: '/data/zz', path: '/data/b' }], { b: null }],
  ['overlooks what stands before the first slash', [{ op: 'add', path: 'x/data/b', value: 1 }], { b: 1 }],
  ['reads ~1 and ~0', [{ op: 'copy', from: '/data/x~1y', path: '/data/b~0' }], { 'b~': 's' }],
  ['finds null in what is missing', [{ op: 'test', path: '/data/zz', value: null }], {}],
  ['takes no patch for no change', null, {}],
];

for (const [name, patch, want] of applied) {
  test(`json patch ${name}`, () => {
    assert.deepEqual(applyJsonPatch(document, deepFreeze(patch)), {
      ...document,
      data: { ...document.data, ...Object(want) },
    });
  });
}

test('json patch moves and removes', () => {
  const patch = [
    { op: 'move', from: '/data/a', path: '/moved' },
    { op: 'remove', path: '/nothing' },
  ];
  const { a, ...data } = document.data;
  assert.deepEqual(applyJsonPatch(document, patch), { data, list: ['p', 'q', 'r'], moved: a });
});

const lists: readonly (readonly [patch: readonly object[], want: readonly unknown[]])[] = [
  [[{ op: 'add', path: '/list/-', value: 'z' }], ['p', 'q', 'r', 'z']],
  [[{ op: 'add', path: '/list/1', value: 'z' }], ['p', 'z', 'q', 'r']],
  [[{ op: 'add', path: '/list/-1', value: 'z' }], ['p', 'q', 'r', 'z']],
  [[{ op: 'add', path: '/list/+0', value: 'z' }], ['z', 'p', 'q', 'r']],
  [[{ op: 'replace', path: '/list/-1', value: 'z' }], ['p', 'q', 'z']],
  [[{ op: 'remove', path: '/list/0' }], ['q', 'r']],
  [[{ op: 'move', from: '/list/0', path: '/list/-' }], ['q', 'r', 'p']],
  [[{ op: 'copy', from: '/list/2', path: '/list/0' }], ['r', 'p', 'q', 'r']],
];

for (const [patch, want] of lists) {
  test(`json patch ${JSON.stringify(patch)} on a list`, () => {
    assert.deepEqual(applyJsonPatch(document, patch), { ...document, list: want });
  });
}

const malformed: readonly (readonly [patch: unknown, want: string])[] = [
  [{}, 'json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  ['x', 'json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp'],
  [[1], 'json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
  [[{ op: 1 }], 'json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string'],
  [
    [{ op: 'test', path: true }],
    'json: cannot unmarshal bool into Go struct field jsonPatchOp.path of type string',
  ],
];

for (const [patch, want] of malformed) {
  test(`json patch ${JSON.stringify(patch)} is malformed`, () => {
    assert.deepEqual(refusalOf(patch), { kind: 'malformed', message: `error decoding patch: ${want}` });
  });
}

const failing: readonly (readonly [operation: unknown, want: string])[] = [
  [null, 'Unexpected kind: unknown'],
  [{ op: 'zap', path: '/data' }, 'Unexpected kind: zap'],
  [{ op: 'add' }, 'add operation failed to decode path: missing value'],
  [
    { op: 'add', path: '', value: {} },
    'add operation does not apply: doc is missing path: "": missing value',
  ],
  [
    { op: 'remove', path: '/data/zz' },
    "error in remove for path: '/data/zz': Unable to remove nonexistent key: zz: missing value",
  ],
  [
    { op: 'replace', path: '/no/a', value: 1 },
    'replace operation does not apply: doc is missing path: /no/a: missing value',
  ],
  [{ op: 'replace', path: '', value: 1 }, 'replace operation value must be object or array'],
  [{ op: 'test', path: '/data/a', value: '2' }, 'testing value /data/a failed: test failed'],
  [
    { op: 'add', path: '/list/9', value: 1 },
    "error in add for path: '/list/9': Unable to access invalid index: 9: invalid index referenced",
  ],
  [
    { op: 'add', path: '/list/x', value: 1 },
    `error in add for path: '/list/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
  ],
  [
    { op: 'move', path: '/data/q' },
    'move operation failed to decode from: operation, missing from field: missing value',
  ],
];

for (const [operation, message] of failing) {
  test(`json patch ${JSON.stringify(operation)} fails`, () => {
    assert.deepEqual(refusalOf([operation]), { kind: 'failed', message });
  });
}

test('json patch of too many operations', () => {
  const patch = Array.from({ length: maxOperations + 1 }, () => ({
    op: 'test',
    path: '/data/a',
    value: '1',
  }));
  const message = 'The allowed maximum operations in a JSON patch is 10000, got 10001';
  assert.deepEqual(refusalOf(patch), { kind: 'too-many', message });
});

test('json patch copies are bounded in bytes', () => {
  const text = 'x'.repeat(1_000_000);
  const copies = Array.from({ length: 4 }, (_, i) => ({ op: 'copy', from: '/data/big', path: `/data/${i}` }));
  assert.match(
    refusalOf([{ op: 'add', path: '/data/big', value: text }, ...copies]).message,
    /^Unable to complete the copy, the accumulated size increase of copy is 4000008, exceeding the limit 3145728$/,
  );
});

test('json patch cannot shift a long list for minutes, nor nest without end', () => {
  const list = Array.from({ length: 200_000 }, () => 0);
  const shifts = Array.from({ length: maxOperations }, () => ({ op: 'add', path: '/list/0', value: 1 }));
  assert.throws(() => applyJsonPatch({ list }, shifts), { kind: 'failed' });
  const nesting = Array.from({ length: 1000 }, () => [
    { op: 'add', path: '/b', value: {} },
    { op: 'move', from: '/a', path: '/b/a' },
    { op: 'move', from: '/b', path: '/a' },
  ]).flat();
  assert.throws(() => applyJsonPatch({ a: {} }, nesting), { kind: 'malformed' });
});

test('json patch leaves prototypes alone', () => {
  const patch = JSON.parse('[{"op":"add","path":"/__proto__","value":{"polluted":1}}]');
  const patched = applyJsonPatch({}, patch);
  assert.equal(JSON.stringify(patched), '{"__proto__":{"polluted":1}}');
  assert.equal(Object.getPrototypeOf(patched), Object.prototype);
  assert.throws(() => applyJsonPatch({}, [{ op: 'remove', path: '/constructor' }]), { kind: 'failed' });
});

test('unknown members of operations are told by their place', () => {
  const patch = [{ op: 'test', path: '' }, { op: 'add', path: '/a', value: 1, foo: 1, Path: 2 }, 3];
  assert.deepEqual(unknownOperationFields(patch), [
    'json patch unknown field "[1].foo"',
    'json patch unknown field "[1].Path"',
  ]);
});

test('refusals become the Status that the API server sends', () => {
  const statusOf = (kind: ConstructorParameters<typeof PatchError>[0]) => {
    const { code, reason, message, details } = refusedPatch(new PatchError(kind, 'why')).status;
    return [code, reason, message, details];
  };
  assert.deepEqual(statusOf('malformed'), [400, 'BadRequest', 'why', undefined]);
  assert.deepEqual(statusOf('internal'), [500, undefined, 'why', undefined]);
  assert.deepEqual(statusOf('too-many'), [
    413,
    'RequestEntityTooLarge',
    'Request entity too large: why',
    undefined,
  ]);
  const hidden = 'the server rejected our request due to an error in our request';
  assert.deepEqual(statusOf('failed'), [422, 'Invalid', hidden, {}]);
});
