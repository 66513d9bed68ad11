// Evaluates a JSONPath on an object, as client-go's util/jsonpath does with missing keys allowed. Bounded in results; a path that
// does not fit the object finds nothing.
import { isJsonObject } from '../../../kube/index.ts';
import type { Comparison, JsonPath, JsonPathStep, Operand, SliceStep } from './parse-json-path.ts';

/** Values that one step may find; what is beyond is left out. */
const maxResults = 10_000;

/** The values that the path finds, in order; null: the path does not fit (an index out of bounds, a filter on no list). */
export function evaluateJsonPath(path: JsonPath, object: unknown): readonly unknown[] | null {
  let values: readonly unknown[] = [object];
  for (const step of path) {
    const next = applyStep(step, values);
    if (next === null) return null;
    values = next.length > maxResults ? next.slice(0, maxResults) : next;
  }
  return values;
}

function applyStep(step: JsonPathStep, values: readonly unknown[]): readonly unknown[] | null {
  const present = values.filter((value) => value !== null && value !== undefined);
  switch (step.kind) {
    case 'member':
      return present.flatMap((value) =>
        isJsonObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [],
      );
    case 'slice':
      return joinAll(present.map((value) => takeSlice(value, step)));
    case 'everything':
      return present.flatMap(childrenOf);
    case 'descendants':
      return findDescendants(present);
    case 'union':
      return joinAll(step.paths.map((path) => evaluateAll(path, present)));
    case 'filter':
    default:
      return joinAll(present.map((value) => filterItems(value, step.left, step.comparison, step.right)));
  }
}

function evaluateAll(path: JsonPath, values: readonly unknown[]): readonly unknown[] | null {
  return joinAll(values.map((value) => evaluateJsonPath(path, value)));
}

function joinAll(lists: readonly (readonly unknown[] | null)[]): readonly unknown[] | null {
  const joined: unknown[] = [];
  for (const list of lists) {
    if (list === null) return null;
    joined.push(...list.slice(0, maxResults));
  }
  return joined;
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

/** Every list and object with something in it, from the outside in. */
function findDescendants(values: readonly unknown[]): readonly unknown[] {
  const found: unknown[] = [];
  const waiting = [...values].reverse();
  for (let value = waiting.pop(); value !== undefined && found.length < maxResults; value = waiting.pop()) {
    const children = childrenOf(value);
    if (children.length > 0) found.push(value);
    for (const child of [...children].reverse()) {
      if (typeof child === 'object' && child !== null) waiting.push(child);
    }
  }
  return found;
}

function takeSlice(value: unknown, { from, to, step, isIndex }: SliceStep): readonly unknown[] | null {
  if (!Array.isArray(value)) return null;
  const { length } = value;
  const start = from === null ? 0 : from < 0 ? from + length : from;
  let end = to ?? length;
  if (isIndex) end = start + 1;
  else if (end < 0) end += length;
  if (start === end) return [];
  if (start < 0 || start >= length || end < 0 || end > length || start > end) return null;
  if (step !== null && step <= 0) return null;
  return value.slice(start, end).filter((_, index) => index % (step ?? 1) === 0);
}

function filterItems(
  list: unknown,
  left: Operand,
  comparison: Comparison | null,
  right: Operand | null,
): readonly unknown[] | null {
  if (!Array.isArray(list)) return null;
  const kept: unknown[] = [];
  for (const item of list as readonly unknown[]) {
    const lefts = operandValues(left, item);
    if (comparison === null || right === null) {
      if (lefts !== null && lefts.length > 0) kept.push(item);
      continue;
    }
    const rights = operandValues(right, item);
    if (lefts === null || rights === null || lefts.length > 1 || rights.length > 1) return null;
    if (lefts.length === 0 || rights.length === 0) continue;
    const holds = compareValues(lefts[0], rights[0], comparison);
    if (holds === null) return null;
    if (holds) kept.push(item);
  }
  return kept;
}

function operandValues(operand: Operand, item: unknown): readonly unknown[] | null {
  return operand.kind === 'value' ? [operand.value] : evaluateJsonPath(operand.path, item);
}

/** Null: the values cannot be compared. */
function compareValues(left: unknown, right: unknown, comparison: Comparison): boolean | null {
  if (typeof left !== typeof right || typeof left === 'object') return null;
  if (comparison === '==') return left === right;
  if (comparison === '!=') return left !== right;
  if (typeof left === 'number' && typeof right === 'number') return isInOrder(left, right, comparison);
  if (typeof left === 'string' && typeof right === 'string') return isInOrder(left, right, comparison);
  return null;
}

function isInOrder<Value extends string | number>(
  left: Value,
  right: Value,
  comparison: Comparison,
): boolean {
  if (comparison === '<') return left < right;
  if (comparison === '<=') return left <= right;
  return comparison === '>' ? left > right : left >= right;
}
