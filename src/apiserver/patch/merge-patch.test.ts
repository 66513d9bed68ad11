import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import { applyMergePatch } from './index.ts';

const document = deepFreeze({ a: { b: { c: 1, d: 2 } }, list: [1, { x: 1 }], s: 't' });

const cases: readonly (readonly [name: string, patch: unknown, want: unknown])[] = [
  ['merges objects and deletes by null', { a: { b: { c: null, e: 3 } } }, { a: { b: { d: 2, e: 3 } } }],
  ['does not mind deleting what is missing', { zz: null, a: { zz: null } }, {}],
  ['replaces lists whole', { list: [2] }, { list: [2] }],
  ['puts an object in a scalar’s place, cleared of nulls', { s: { n: null, m: 1 } }, { s: { m: 1 } }],
  ['clears nulls in new lists', { fresh: [null, { n: null, m: 1 }] }, { fresh: [null, { m: 1 }] }],
  ['keeps a list that replaces an object as it is', { a: [{ n: null }] }, { a: [{ n: null }] }],
];

for (const [name, patch, want] of cases) {
  test(`merge patch ${name}`, () => {
    assert.deepEqual(applyMergePatch(document, deepFreeze(patch)), { ...document, ...Object(want) });
  });
}

test('merge patch must be an object', () => {
  const goType = 'Go value of type map[string]interface {}';
  for (const [patch, type] of [
    [[], 'array'],
    [1, 'number'],
    ['s', 'string'],
    [true, 'bool'],
  ] as const) {
    const message = `error decoding patch: json: cannot unmarshal ${type} into ${goType}`;
    assert.throws(() => applyMergePatch(document, patch), { kind: 'malformed', message });
  }
  assert.throws(() => applyMergePatch(document, null), { kind: 'malformed', message: 'Invalid JSON Patch' });
});

test('merge patch leaves prototypes alone and refuses to dive without end', () => {
  const patch = JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":null}}');
  const merged = applyMergePatch(document, patch);
  assert.equal(Object.getPrototypeOf(merged), Object.prototype);
  assert.equal(Object.hasOwn(merged, '__proto__'), true);
  const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`);
  assert.throws(() => applyMergePatch(document, deep), { kind: 'malformed' });
});
