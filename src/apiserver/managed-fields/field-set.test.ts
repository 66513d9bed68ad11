import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayPath, emptyFieldSet, type FieldSet, parseFieldsV1, renderFieldsV1 } from './index.ts';
import { fieldSetOf } from './field-set.ts';
import {
  fieldElement,
  keyElement,
  parsePathElement,
  type PathElement,
  valueElement,
} from './path-element.ts';

function parsed(raw: unknown): FieldSet {
  const set = parseFieldsV1(raw);
  assert.ok(set !== null);
  return set;
}

test('fieldsV1 is printed in Go’s order: fields, keys, values, indexes', () => {
  const raw = {
    'i:1': {},
    'v:"b"': {},
    'v:10': {},
    'v:9': {},
    'v:true': {},
    'k:{"protocol":"UDP","port":80}': { '.': {}, 'f:port': {} },
    'k:{"port":9}': {},
    'k:{"port":80,"protocol":"TCP"}': {},
    'f:b': { 'f:z': {}, '.': {}, 'f:a': {} },
    'f:B': null,
    'x:later': {},
  };
  assert.equal(
    JSON.stringify(renderFieldsV1(parsed(raw))),
    JSON.stringify({
      'f:B': {},
      'f:b': { '.': {}, 'f:a': {}, 'f:z': {} },
      'k:{"port":9}': {},
      'k:{"port":80,"protocol":"TCP"}': {},
      'k:{"port":80,"protocol":"UDP"}': { '.': {}, 'f:port': {} },
      'v:9': {},
      'v:10': {},
      'v:"b"': {},
      'v:true': {},
      'i:1': {},
    }),
  );
});

test('malformed fieldsV1 is refused as a whole', () => {
  for (const raw of [
    1,
    'x',
    [],
    { a: {} },
    { 'f:a': 5 },
    { 'v:{': {} },
    { 'k:5': {} },
    { 'i:x': {} },
    { 'v:[]': {} },
  ]) {
    assert.equal(parseFieldsV1(raw), null, JSON.stringify(raw));
  }
  let deep: object = {};
  for (let i = 0; i < 5000; i += 1) deep = { 'f:a': deep };
  assert.equal(parseFieldsV1(deep), null);
});

test('paths are told as messages tell them', () => {
  const path: PathElement[] = [
    fieldElement('spec'),
    fieldElement('ports'),
    keyElement([
      ['protocol', 'TCP'],
      ['port', 80],
    ]),
    valueElement('a"b'),
    valueElement(1.5),
    valueElement(null),
  ];
  assert.equal(displayPath(path), '.spec.ports[port=80,protocol="TCP"][="a\\"b"][=1.5][=null]');
});

const element: fc.Arbitrary<PathElement> = fc.oneof(
  fc.constantFrom('a', 'b', '.', '__proto__', 'f:x').map(fieldElement),
  fc.constantFrom(1, 'x', true, null).map(valueElement),
  fc.constantFrom(80, 443).map((port) =>
    keyElement([
      ['port', port],
      ['protocol', 'TCP'],
    ]),
  ),
  fc.constantFrom('i:0', 'i:3').map((text) => {
    const index = parsePathElement(text);
    assert.ok(index !== null && index !== 'unknown');
    return index;
  }),
);
const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 12 });
const sets = paths.map(fieldSetOf);

function textsOf(set: FieldSet): ReadonlySet<string> {
  return new Set(set.paths().map((path) => JSON.stringify(path.map(({ text }) => text))));
}

test('sets are sets of paths', () => {
  fc.assert(
    fc.property(paths, paths, (first, second) => {
      const [a, b] = [fieldSetOf(first), fieldSetOf(second)];
      const [x, y] = [textsOf(a), textsOf(b)];
      assert.deepEqual(textsOf(a.union(b)), new Set([...x, ...y]));
      assert.deepEqual(textsOf(a.intersection(b)), new Set([...x].filter((text) => y.has(text))));
      assert.deepEqual(textsOf(a.difference(b)), new Set([...x].filter((text) => !y.has(text))));
      for (const path of first) assert.ok(a.has(path));
      for (const path of second) {
        assert.equal(a.has(path), x.has(JSON.stringify(path.map(({ text }) => text))));
      }
      assert.equal(a.isEmpty, first.length === 0);
    }),
  );
});

test('a recursive difference takes everything below too', () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const left = a.recursiveDifference(b);
      const kept = a.paths().filter((path) => !path.some((_, length) => b.has(path.slice(0, length + 1))));
      assert.ok(left.equals(fieldSetOf(kept)));
    }),
  );
});

test('the algebra has its laws', () => {
  fc.assert(
    fc.property(sets, sets, sets, (a, b, c) => {
      assert.ok(a.union(b).equals(b.union(a)));
      assert.ok(a.intersection(b).equals(b.intersection(a)));
      assert.ok(
        a
          .union(b)
          .union(c)
          .equals(a.union(b.union(c))),
      );
      assert.ok(a.difference(b.union(c)).equals(a.difference(b).difference(c)));
      assert.ok(a.intersection(b.union(c)).equals(a.intersection(b).union(a.intersection(c))));
      assert.ok(a.difference(a).isEmpty && a.union(emptyFieldSet).equals(a));
    }),
  );
});

test('what is rendered is parsed again, and what is parsed is rendered canonically', () => {
  fc.assert(
    fc.property(sets, (set) => {
      const rendered = renderFieldsV1(set);
      const again = parsed(JSON.parse(JSON.stringify(rendered)));
      assert.ok(again.equals(set));
      assert.equal(JSON.stringify(renderFieldsV1(again)), JSON.stringify(rendered));
    }),
  );
});

test('any JSON is parsed or refused', () => {
  const keys = fc.oneof(
    fc.string(),
    fc.constantFrom('f:a', 'k:{"a":1}', 'v:1', '.', 'i:1', 'k:{"__proto__":1}', 'v:'),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, 1, 'x'),
      fc.dictionary(keys, tie('node'), { maxKeys: 4 }),
    ),
  })).node;
  fc.assert(
    fc.property(tree, (raw) => {
      const set = parseFieldsV1(raw);
      if (set !== null) assert.ok(parsed(renderFieldsV1(set)).equals(set));
    }),
  );
});
