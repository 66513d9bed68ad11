// Derived maps behave as copied ones do, whatever is set and removed in whatever order, and never change one another.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { deriveMap, LayeredMap } from './layered-map.ts';

const byNumber = (a: number, b: number): number => a - b;

function assertSame(actual: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): void {
  const sorted = (map: ReadonlyMap<string, number>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(sorted(actual), sorted(wanted));
  assert.equal(actual.size, wanted.size);
  assert.deepEqual([...actual.keys()].sort(), [...wanted.keys()].sort());
  assert.deepEqual([...actual.values()].sort(byNumber), [...wanted.values()].sort(byNumber));
  const visited = new Map<string, number>();
  actual.forEach((value, key, map) => {
    assert.equal(map, actual);
    visited.set(key, value);
  });
  assert.deepEqual(sorted(visited), sorted(wanted));
  for (const key of ['a', 'b', 'c', 'k1', 'k77']) {
    assert.equal(actual.get(key), wanted.get(key));
    assert.equal(actual.has(key), wanted.has(key));
  }
}

function bigMap(size: number): Map<string, number> {
  return new Map(Array.from({ length: size }, (_, index) => [`k${index}`, index]));
}

describe('deriveMap', () => {
  it('equals a copied map after any sequence of changes, and leaves every earlier map as it was', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'k1', 'k77', 'k5', 'k6', 'k7');
    const change = fc.record({
      set: fc.array(fc.tuple(key, fc.nat(9)), { maxLength: 4 }),
      gone: fc.array(key, { maxLength: 4 }),
      bulk: fc.constantFrom(0, 0, 0, 60),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.constantFrom(0, 3, 100), (changes, size) => {
        const versions: (readonly [ReadonlyMap<string, number>, ReadonlyMap<string, number>])[] = [];
        let map: ReadonlyMap<string, number> = bigMap(size);
        let model = bigMap(size);
        for (const { set, gone, bulk } of changes) {
          const all = [...set, ...[...bigMap(bulk)].map(([name, value]) => [`x${name}`, value] as const)];
          map = deriveMap(map, all, gone);
          model = new Map(model);
          for (const name of gone) model.delete(name);
          for (const [name, value] of all) model.set(name, value);
          versions.push([map, model]);
        }
        for (const [actual, wanted] of versions) assertSame(actual, wanted);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps a small change in a layer, and folds a large one into a plain Map', () => {
    const base = bigMap(10_000);
    assert.ok(deriveMap(base, [['a', 1]], []) instanceof LayeredMap);
    assert.ok(deriveMap(base, bigMap(1_000), []) instanceof Map);
  });

  it('keeps a small map plain', () => {
    assert.ok(deriveMap(bigMap(10), [['a', 1]], []) instanceof Map);
  });

  it('folds a layer that has grown, so that lookups become plain again', () => {
    let map: ReadonlyMap<string, number> = bigMap(100);
    let folds = 0;
    for (let index = 0; index < 200; index += 1) {
      map = deriveMap(map, [[`n${index}`, index]], []);
      if (map instanceof Map) folds += 1;
    }
    assert.ok(folds >= 4 && folds <= 12, `${folds} folds`);
    assert.equal(map.size, 300);
  });

  it('is the base again when nothing is left of a layer', () => {
    const base = bigMap(100);
    assert.equal(deriveMap(deriveMap(base, [['a', 1]], []), [], ['a']), base);
    assert.equal(deriveMap(base, [], ['nobody']), base);
  });
});
