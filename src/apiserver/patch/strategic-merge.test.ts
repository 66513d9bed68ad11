import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import { free, int64, listOf, mapList, mapOf, setList, structOf, text, textMap } from '../../kube/schema.ts';
import { applyStrategicMerge } from './index.ts';

const env = structOf('v1.Env', { name: text, value: text, more: textMap });
const inner = { ...structOf('v1.Inner', { kind: text }), isOpen: true };
const schema = structOf('v1.Thing', {
  env: mapList(env, ['name'], 'name'),
  ports: mapList(structOf('v1.Port', { port: int64, name: text }), ['port', 'protocol'], 'port'),
  sets: setList(text, 'merge'),
  whole: listOf(env),
  labels: textMap,
  byName: mapOf(env),
  nested: listOf(listOf(text)),
  inner,
  free,
});

const document = deepFreeze({
  env: [{ name: 'A', value: '1' }, { name: 'B' }, { name: 'C', more: { x: '1' } }],
  ports: [{ port: 80 }],
  sets: ['p', 'q', 'r'],
  whole: [{ name: 'W' }],
  labels: { l: '1', m: '2' },
  byName: { k: { name: 'n' } },
  inner: { kind: 'K', odd: { a: 1, list: [1] } },
  free: { a: { b: 1 }, list: [{ name: 'A' }] },
});

const merged: readonly (readonly [name: string, patch: object, want: object])[] = [
  ['replaces lists without a key', { whole: [{ name: 'X' }] }, { whole: [{ name: 'X' }] }],
  [
    'deletes by null and ignores nulls of the new',
    { labels: { l: null, n: null, o: 'x' } },
    { labels: { m: '2', o: 'x' } },
  ],
  [
    'merges by key, patched ones first where the server does not know them',
    {
      env: [
        { name: 'D', value: '4' },
        { name: 'B', value: '2' },
      ],
    },
    {
      env: [
        { name: 'D', value: '4' },
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
        { name: 'C', more: { x: '1' } },
      ],
    },
  ],
  [
    'merges inside elements',
    { env: [{ name: 'C', more: { x: null, y: '2' } }] },
    { env: [{ name: 'A', value: '1' }, { name: 'B' }, { name: 'C', more: { y: '2' } }] },
  ],
  [
    'deletes elements',
    {
      env: [
        { name: 'A', $patch: 'delete' },
        { name: 'zz', $patch: 'delete' },
      ],
    },
    { env: [{ name: 'B' }, { name: 'C', more: { x: '1' } }] },
  ],
  ['replaces a list by directive', { env: [{ $patch: 'replace' }, { name: 'Z' }] }, { env: [{ name: 'Z' }] }],
  ['empties an object', { labels: { $patch: 'delete' } }, { labels: {} }],
  ['replaces an object', { labels: { $patch: 'replace', z: '1' } }, { labels: { z: '1' } }],
  ['adds to sets', { sets: ['z', 'q'] }, { sets: ['z', 'p', 'q', 'r'] }],
  ['takes from sets', { '$deleteFromPrimitiveList/sets': ['p', 'zz'] }, { sets: ['q', 'r'] }],
  [
    'ignores deletions from what is no list',
    { '$deleteFromPrimitiveList/labels': ['l'], '$deleteFromPrimitiveList/nope': ['l'] },
    {},
  ],
  ['drops a list by deleting null from it', { '$deleteFromPrimitiveList/sets': null }, { sets: undefined }],
  ['orders sets', { '$setElementOrder/sets': ['r', 'p'] }, { sets: ['q', 'r', 'p'] }],
  [
    'orders elements',
    { '$setElementOrder/env': [{ name: 'C' }, { name: 'N' }, { name: 'A' }], env: [{ name: 'N' }] },
    { env: [{ name: 'B' }, { name: 'C', more: { x: '1' } }, { name: 'N' }, { name: 'A', value: '1' }] },
  ],
  [
    'orders where a new element took the place of a deleted one',
    {
      '$setElementOrder/env': [{ name: 'B' }, { name: 'N' }],
      env: [{ name: 'B', $patch: 'delete' }, { name: 'N' }],
    },
    { env: [{ name: 'A', value: '1' }, { name: 'C', more: { x: '1' } }, { name: 'N' }] },
  ],
  ['retains keys', { labels: { $retainKeys: ['m', 'n'], n: '3' } }, { labels: { m: '2', n: '3' } }],
  [
    'drops directives in what is new',
    { fresh: { a: { $patch: 'delete' }, b: [{ $patch: 'replace' }, { c: null }] } },
    { fresh: { b: [{}] } },
  ],
  [
    'merges unknown parts as plain JSON',
    { free: { a: { c: 2 }, list: [{ name: 'B' }] }, inner: { odd: { a: null, list: [2] } } },
    { free: { a: { b: 1, c: 2 }, list: [{ name: 'B' }] }, inner: { kind: 'K', odd: { list: [2] } } },
  ],
  ['is nothing when it is null or empty', {}, {}],
];

for (const [name, patch, want] of merged) {
  test(`strategic merge ${name}`, () => {
    const result = applyStrategicMerge(document, deepFreeze(patch), schema);
    // The round trip drops members that are undefined.
    assert.deepEqual(result, JSON.parse(JSON.stringify({ ...document, ...want })));
  });
}

test('strategic merge of whole objects', () => {
  assert.deepEqual(applyStrategicMerge(document, { $patch: 'replace', sets: ['a'] }, schema), {
    sets: ['a'],
  });
  assert.deepEqual(applyStrategicMerge(document, { $patch: 'delete' }, schema), {});
  assert.deepEqual(applyStrategicMerge(document, null, schema), document);
});

const refused: readonly (readonly [kind: string, patch: unknown, message: string])[] = [
  ['malformed', [], 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  [
    'internal',
    { $patch: 'merge', b: [1, { z: 1.5, a: null }] },
    'unknown patch type: merge in map: map[$patch:merge b:[1 map[a:<nil> z:1.5]]]',
  ],
  ['internal', { $patch: 5 }, 'unknown patch type: %!s(int64=5) in map: map[$patch:5]'],
  ['malformed', { $retainKeys: 1 }, 'invalid patch format of retainKeys'],
  ['malformed', { labels: { $retainKeys: ['l'], m: '3' } }, 'invalid patch format of retainKeys'],
  ['malformed', { $setElementOrder: ['a'] }, 'invalid patch format of setElementOrder list'],
  ['malformed', { $deleteFromPrimitiveList: ['a'] }, 'invalid patch format of primitive list'],
  [
    'internal',
    { '$setElementOrder/sets': {} },
    'expected a []interface {}, but received a map[string]interface {}',
  ],
  [
    'internal',
    { '$setElementOrder/nope': ['a'] },
    'unable to find api field in struct Thing for the json field "nope"',
  ],
  [
    'internal',
    { '$setElementOrder/sets': ['c'], sets: ['b', 'c'] },
    "The order in patch list:\n[b c]\n doesn't match $setElementOrder list:\n[c]\n",
  ],
  [
    'internal',
    { '$setElementOrder/env': [{ name: 'A' }], env: [{ name: 'A' }, { $patch: 'replace' }] },
    "The order in patch list:\n[map[name:A] map[$patch:replace]]\n doesn't match $setElementOrder list:\n[map[name:A]]\n",
  ],
  ['internal', { sets: [1] }, 'list element types are not identical: [[p q r] [1]]'],
  ['internal', { env: [{ value: 'x' }] }, 'map: map[value:x] does not contain declared merge key: name'],
  [
    'internal',
    { env: [{ $patch: 'delete' }] },
    'map: map[$patch:delete] does not contain declared merge key: name',
  ],
  [
    'internal',
    { env: [{ name: 'A', $patch: 'merge' }] },
    'merging lists cannot yet be specified in the patch',
  ],
  [
    'internal',
    { env: [{ name: 'A', $patch: 'zip' }] },
    'unknown patch type: zip in map: map[$patch:zip name:A]',
  ],
  ['internal', { env: [{ name: {} }] }, 'cannot compare values of type map[string]interface {}'],
  [
    'internal',
    { byName: { k: { value: '1' } } },
    'merging an object in json but data type is not struct, instead is: map',
  ],
];

for (const [kind, patch, message] of refused) {
  test(`strategic merge refuses ${JSON.stringify(patch)}`, () => {
    assert.throws(() => applyStrategicMerge(document, patch, schema), { kind, message });
  });
}

test('strategic merge of lists of lists and of nothing', () => {
  const nested = { nested: [['a']] };
  assert.throws(() => applyStrategicMerge(nested, nested, schema), { message: 'unexpected slice of slice' });
  const sets = { sets: [['a']] };
  assert.throws(() => applyStrategicMerge(sets, { sets: [['b']] }, schema), {
    kind: 'failed',
    message: 'lists of lists are not supported',
  });
  const nothing = { message: 'no elements in any of the given slices' };
  assert.throws(() => applyStrategicMerge({ env: [] }, { '$setElementOrder/env': [] }, schema), nothing);
});

test('strategic merge of long lists takes no quadratic time', () => {
  const names = Array.from({ length: 50_000 }, (_, i) => ({ name: `n${i}` }));
  const patch = {
    env: names.toReversed(),
    '$setElementOrder/env': names.toReversed(),
    sets: names.map(({ name }) => name),
  };
  const result = applyStrategicMerge({ env: names, sets: ['a'] }, patch, schema);
  assert.deepEqual(result['env'], names.toReversed());
  assert.equal((result['sets'] as unknown[]).length, 50_001);
});
