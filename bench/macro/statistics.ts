// Medians and percentiles of small sets of numbers.

/** The value at `fraction` (0 to 1) of the sorted values, by nearest rank. NaN for none. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(fraction * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle value, or the mean of the two middle ones. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const leastForInterval = 6;

/**
 * Where the median of all values that could be measured lies, with a probability of 95 % or more, whatever their
 * distribution: between the values of two ranks (the binomial distribution says which). Fewer than `leastForInterval` say
 * less than that; of them the interval is the widest there is.
 */
export function medianInterval(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const { length } = sorted;
  let rank = 0;
  let term = 0.5 ** length;
  for (let below = term; below <= 0.025; below += term) {
    rank += 1;
    term *= (length - rank + 1) / rank;
  }
  const first = Math.max(0, rank - 1);
  return [sorted[first] ?? Number.NaN, sorted[length - 1 - first] ?? Number.NaN];
}

/** Largest minus smallest, as a part of the median: how far repetitions lie apart. */
export function spread(values: readonly number[]): number {
  return values.length < 2 ? 0 : (Math.max(...values) - Math.min(...values)) / median(values);
}
