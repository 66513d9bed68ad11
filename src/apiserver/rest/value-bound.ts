// How many values an object may have: members of maps and elements of lists, in all. Bytes alone do not say what an object costs: who
// owns which field is worked out for each value, and 3 MiB may be half a million of them, seconds of work while everybody waits.
// The largest definitions of custom resources in use have some 40,000.
import { failure, type ApiError } from '../api-error.ts';

/** Of one body. */
export const maxSentValues = 50_000;
/** Of a stored object, with what is remembered of the owners of its fields. */
export const maxStoredValues = 100_000;
/** No kind of object nests deeper than a few dozen levels; what recurses over a value must not run out of stack. */
export const maxDepth = 500;

export function tooManyValues(max: number): ApiError {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${max} values`);
}

/** What stands behind two references counts twice. @throws {ApiError} 413 */
export function expectFewValues(value: unknown, max: number): void {
  if (countValues(value, max, 0) > max) throw tooManyValues(max);
}

/** Counts until it is more than `max`; what is nested too deeply is more than any. */
export function countValues(value: unknown, max: number, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > maxDepth) return Number.POSITIVE_INFINITY;
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = members.length;
  for (const member of members) {
    if (count > max) break;
    count += countValues(member, max - count, depth + 1);
  }
  return count;
}
