// Fingerprints: equal for equal data, and only then.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Fingerprints } from './fingerprint.ts';

describe('fingerprints', () => {
  it('are equal where the data is, whatever the order of keys', () => {
    const few = fc.object({
      key: fc.constantFrom('a', 'b', '__proto__'),
      values: [fc.constantFrom(0, 1, '', '1', null)],
      maxDepth: 2,
    });
    fc.assert(
      fc.property(few, few, (a, b) => {
        const fingerprints = new Fingerprints();
        const isEqual = isDeepStrictEqual({ ...a }, { ...b });
        assert.equal(fingerprints.of(a) === fingerprints.of(b), isEqual);
        assert.equal(fingerprints.of(Object.fromEntries(Object.entries(a).reverse())), fingerprints.of(a));
      }),
      { seed: 20_261_121, numRuns: 500 },
    );
  });

  it('tell apart what only looks alike', () => {
    const values: readonly unknown[] = [
      null,
      'null',
      0,
      '0',
      false,
      [],
      {},
      [null],
      ['a', 'b'],
      ['a,b'],
      new Map([['a', 1]]),
      { a: 1 },
      new Set(['a']),
      new Uint8Array([1]),
      Number.POSITIVE_INFINITY,
    ];
    const fingerprints = new Fingerprints();
    assert.equal(new Set(values.map((value) => fingerprints.of(value))).size, values.length);
    assert.equal(fingerprints.of({ a: 1, b: undefined }), fingerprints.of({ a: 1 }));
  });
});
