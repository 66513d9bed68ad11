// The interval of a median: which ranks, checked against the binomial distribution.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { medianInterval } from '../../bench/macro/statistics.ts';

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => count - index);
}

// The largest k with P(X < k) of at most 2.5 % on each side, X the number of heads in so many throws.
for (const [count, low, high] of [
  [6, 1, 6],
  [8, 1, 8],
  [9, 2, 8],
  [12, 3, 10],
  [20, 6, 15],
] as const) {
  test(`of ${count} values the ${low}th to the ${high}th`, () => {
    assert.deepEqual(medianInterval(upTo(count)), [low, high]);
  });
}

test('of few values the widest, of none nothing', () => {
  assert.deepEqual(medianInterval([3, 1]), [1, 3]);
  assert.deepEqual(medianInterval([]), [Number.NaN, Number.NaN]);
});
