// The order of merged lists: elements of the patch as the patch (or its $setElementOrder) has them, the others as the server has
// them, both woven together so that the server's order holds wherever it does not contradict the patch.
import { isJsonObject } from '../../kube/index.ts';
import { printValue, goTypeOf } from './go-print.ts';
import { memberOf } from './json-tree.ts';
import { internalFault } from './strategic-lookup.ts';

/** What tells elements apart: the merge key's value, or the element itself in a list of scalars. */
export type Identify = (element: unknown) => unknown;

/** @throws {PatchError} when an element has no such key, or one that cannot be compared. */
export function identifyBy(mergeKey: string): Identify {
  if (mergeKey === '') return scalarOf;
  return (element) => {
    if (!isJsonObject(element)) {
      throw internalFault(`expected a map[string]interface {}, but received a ${goTypeOf(element)}`);
    }
    if (!Object.hasOwn(element, mergeKey)) throw missingKey(element, mergeKey);
    return scalarOf(memberOf(element, mergeKey));
  };
}

export function missingKey(element: unknown, mergeKey: string): Error {
  return internalFault(`map: ${printValue(element)} does not contain declared merge key: ${mergeKey}`);
}

/** Go cannot compare lists and maps either. */
function scalarOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  throw internalFault(`cannot compare values of type ${goTypeOf(value)}`);
}

/** Where each element is found first. */
export function positionsOf(list: readonly unknown[], identify: Identify): ReadonlyMap<unknown, number> {
  const positions = new Map<unknown, number>();
  list.forEach((element, index) => {
    const identity = identify(element);
    if (!positions.has(identity)) positions.set(identity, index);
  });
  return positions;
}

/** Elements that the order does not know come first, the last one foremost, as Go's comparison makes it. */
function sortBy(
  elements: readonly unknown[],
  positions: ReadonlyMap<unknown, number>,
  identify: Identify,
): readonly unknown[] {
  const known: (readonly [position: number, element: unknown])[] = [];
  const unknown: unknown[] = [];
  for (const element of elements) {
    const position = positions.get(identify(element));
    if (position === undefined) unknown.push(element);
    else known.push([position, element]);
  }
  known.sort(([a], [b]) => a - b);
  return [...unknown.toReversed(), ...known.map(([, element]) => element)];
}

/** Merges two sorted lists; of two heads the server's goes first only where its order says so. */
function weave(
  serverOnly: readonly unknown[],
  patched: readonly unknown[],
  positions: ReadonlyMap<unknown, number>,
  identify: Identify,
): unknown[] {
  const out: unknown[] = [];
  let next = 0;
  for (const element of patched) {
    const limit = positions.get(identify(element)) ?? -1;
    while (next < serverOnly.length) {
      const position = positions.get(identify(serverOnly[next]));
      if (position === undefined || position >= limit) break;
      out.push(serverOnly[next]);
      next += 1;
    }
    out.push(element);
  }
  return [...out, ...serverOnly.slice(next)];
}

/** `merged` in its final order. `patchOrder` tells which elements belong to the patch, and in what order they go. */
export function orderElements(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  identify: Identify,
): unknown[] {
  const patchPositions = positionsOf(patchOrder, identify);
  const serverPositions = positionsOf(serverOrder, identify);
  const isPatched = (element: unknown): boolean => patchPositions.has(identify(element));
  const patched = sortBy(merged.filter(isPatched), patchPositions, identify);
  const serverOnly = sortBy(
    merged.filter((element) => !isPatched(element)),
    serverPositions,
    identify,
  );
  return weave(serverOnly, patched, serverPositions, identify);
}
