// Lists under a strategic merge patch: by merge key, as a set of scalars, or replaced; with the directives of their elements.
import { isJsonObject } from '../../kube/index.ts';
import { goTypeOf, printText, printValue } from './go-print.ts';
import { type MutableObject, memberOf } from './json-tree.ts';
import { PatchError } from './patch-error.ts';
import { internalFault, type ListRule, type Shape, shapeName } from './strategic-lookup.ts';
import { type Identify, identifyBy, missingKey, orderElements } from './strategic-order.ts';

export const directiveMarker = '$patch';

/** Merges two objects of a list; the first is changed. */
export type MergeObjects = (original: MutableObject, patch: MutableObject, shape: Shape) => MutableObject;

type ElementType = 'map' | 'scalar';

/** The one type of all elements. @throws {PatchError} for mixed types, lists of lists, and no elements at all. */
export function elementType(original: readonly unknown[], patch: readonly unknown[]): ElementType {
  let found: string | null = null;
  for (const list of [original, patch]) {
    for (const element of list) {
      const type = typeof element === 'number' ? 'number' : goTypeOf(element);
      if (found === null) {
        if (Array.isArray(element)) {
          throw new PatchError('failed', 'lists of lists are not supported');
        }
        if (element === null) throw internalFault('a list that is merged has a null element');
        found = type;
      } else if (found !== type) {
        throw internalFault(`list element types are not identical: ${printValue([original, patch])}`);
      }
    }
  }
  if (found === null) throw internalFault('no elements in any of the given slices');
  return found === 'map[string]interface {}' ? 'map' : 'scalar';
}

export interface MergedList {
  readonly elements: readonly unknown[];
  /** The server's order as a `$setElementOrder` of the same list sees it. */
  readonly serverOrder: readonly unknown[];
}

/** `isDeletion`: `patch` lists scalars to remove. Both lists are private copies. @throws {PatchError} */
export function mergeLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  rule: ListRule,
  isDeletion: boolean,
  mergeObjects: MergeObjects,
): MergedList {
  const unchanged = { elements: original, serverOrder: original };
  if (rule.mergeKey === null && !isDeletion) return { ...unchanged, elements: patch };
  if (original.length === 0 && patch.length === 0) return unchanged;
  const mergeKey = rule.mergeKey ?? '';
  if (elementType(original, patch) === 'scalar') {
    const elements = isDeletion ? withoutElements(original, patch) : mergeScalars(original, patch, mergeKey);
    return { ...unchanged, elements };
  }
  if (mergeKey === '') {
    throw internalFault(`cannot merge lists without merge key for ${shapeName(rule.items)}`);
  }
  return mergeMaps(original, patch, { ...rule, mergeKey }, mergeObjects);
}

function withoutElements(original: readonly unknown[], removed: readonly unknown[]): readonly unknown[] {
  const gone = new Set(removed);
  return original.filter((element) => !gone.has(element));
}

function mergeScalars(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): readonly unknown[] {
  const identify = identifyBy(mergeKey);
  return orderElements([...new Set([...original, ...patch])], patch, original, identify);
}

interface Sorted {
  /** Elements without a directive; null: the list is replaced by `kept`. */
  readonly patch: readonly unknown[] | null;
  readonly kept: readonly unknown[];
}

function mergeMaps(
  original: readonly unknown[],
  patch: readonly unknown[],
  rule: ListRule & { readonly mergeKey: string },
  mergeObjects: MergeObjects,
): MergedList {
  const identify = identifyBy(rule.mergeKey);
  const { patch: wanted, kept } = obeyDirectives(original, patch, rule.mergeKey);
  if (wanted === null) {
    return { elements: orderElements(kept, [], kept, identify), serverOrder: original };
  }
  const merged = [...kept];
  const positions = positionsWithKey(merged, rule.mergeKey);
  for (const element of wanted) {
    const identity = identify(element);
    const position = positions.get(identity);
    if (position === undefined) {
      positions.set(identity, merged.length);
      merged.push(element);
    } else {
      // Both are objects: elementType looked at every element.
      const [mine, theirs] = [merged[position] as MutableObject, element as MutableObject];
      merged[position] = mergeObjects(mine, theirs, rule.items);
    }
  }
  // New elements take the places that deleted ones left in the server's list, as they do in Go's array.
  const serverOrder = merged.slice(0, original.length);
  return { elements: orderElements(merged, wanted, kept, identify), serverOrder };
}

/** Elements of the server that lack the key are only found to be wrong when the order is made. */
function positionsWithKey(list: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const positions = new Map<unknown, number>();
  list.forEach((element, index) => {
    if (!isJsonObject(element) || !Object.hasOwn(element, mergeKey)) return;
    const identity = memberOf(element, mergeKey);
    if (!positions.has(identity)) positions.set(identity, index);
  });
  return positions;
}

function obeyDirectives(original: readonly unknown[], patch: readonly unknown[], mergeKey: string): Sorted {
  const plain: unknown[] = [];
  const deleted = new Set<unknown>();
  let isReplaced = false;
  for (const element of patch) {
    if (!isJsonObject(element)) continue;
    if (!Object.hasOwn(element, directiveMarker)) {
      plain.push(element);
      continue;
    }
    const directive = element[directiveMarker];
    if (directive === 'delete') {
      if (!Object.hasOwn(element, mergeKey)) throw missingKey(element, mergeKey);
      deleted.add(element[mergeKey]);
    } else if (directive === 'replace') isReplaced = true;
    else if (directive === 'merge') {
      throw internalFault('merging lists cannot yet be specified in the patch');
    } else throw unknownDirective(directive, element);
  }
  if (isReplaced) return { patch: null, kept: plain };
  const kept = original.filter((element) => !(isJsonObject(element) && deleted.has(element[mergeKey])));
  return { patch: plain, kept };
}

export function unknownDirective(directive: unknown, patch: unknown): PatchError {
  return internalFault(`unknown patch type: ${printText(directive)} in map: ${printValue(patch)}`);
}

function directiveOf(element: unknown): unknown {
  return isJsonObject(element) ? memberOf(element, directiveMarker) : undefined;
}

/** What `$setElementOrder` names must be what the patch list has, in the same order. @throws {PatchError} */
export function checkOrderDirective(
  patch: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string,
): void {
  if (patch.length === 0 || order.length === 0) return;
  const identify: Identify = identifyBy(mergeKey);
  const wanted = patch.filter((element) => directiveOf(element) !== 'delete');
  let next = 0;
  for (const element of order) {
    // Other directives stand in the way when nothing is ordered behind them; that is the API server's reading.
    while (next < wanted.length && directiveOf(wanted[next]) !== undefined) next += 1;
    if (next < wanted.length && identify(wanted[next]) === identify(element)) next += 1;
  }
  if (next < wanted.length) {
    const lists = `\n${printValue(patch)}\n doesn't match $setElementOrder list:\n${printValue(order)}\n`;
    throw internalFault(`The order in patch list:${lists}`);
  }
}
