// listRange: a page of a table, now or as it was: events behind the wanted revision are undone in a small overlay, which is merged
// into the walk over the current objects, so that a page costs the page and the events, not the table.
import type { ApiObject } from '../api-object.ts';
import type { ObjectTable, Position } from './object-table.ts';
import type { ListRange, StoredKey, StoreEvent } from './store.ts';

interface PastState {
  readonly key: StoredKey;
  /** Null: it did not exist. */
  readonly object: ApiObject | null;
}

function comparePositions(a: Position, b: Position): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** Keys hold no NUL. */
function textOf({ namespace, name }: Position): string {
  return `${namespace}\0${name}`;
}

function isInRange({ namespace, name }: Position, range: ListRange): boolean {
  if (range.namespace !== null && range.namespace !== namespace) return false;
  return range.after === undefined || comparePositions({ namespace, name }, range.after) > 0;
}

/** What differs from now, by key; of several events of a key the oldest tells the state before. */
function undo(newerEvents: readonly StoreEvent[], range: ListRange): Map<string, PastState> {
  const past = new Map<string, PastState>();
  for (const { key, previous } of newerEvents) {
    const text = textOf(key);
    if (!past.has(text) && isInRange(key, range)) past.set(text, { key, object: previous });
  }
  return past;
}

/** The objects of the range that are gone now, in order. */
function goneSince(past: ReadonlyMap<string, PastState>, table: ObjectTable): readonly PastState[] {
  return [...past.values()]
    .filter(({ key, object }) => object !== null && table.get(key.namespace, key.name) === null)
    .sort((a, b) => comparePositions(a.key, b.key));
}

function* walkPast(
  table: ObjectTable,
  past: ReadonlyMap<string, PastState>,
  gone: readonly PastState[],
  range: ListRange,
): Generator<ApiObject> {
  let next = 0;
  for (const { key, state } of table.walk(range.namespace, range.after ?? null)) {
    for (; next < gone.length; next += 1) {
      const candidate = gone[next];
      if (candidate === undefined || comparePositions(candidate.key, key) > 0) break;
      if (candidate.object !== null) yield candidate.object;
    }
    const changed = past.size === 0 ? undefined : past.get(textOf(key));
    const object = changed === undefined ? state.object : changed.object;
    if (object !== null) yield object;
  }
  for (const { object } of gone.slice(next)) if (object !== null) yield object;
}

/** `newerEvents`: those of the resource behind the wanted revision, oldest first; empty: the current state. */
export function listRange(
  table: ObjectTable,
  newerEvents: readonly StoreEvent[],
  range: ListRange,
): { readonly objects: readonly ApiObject[]; readonly remaining: number } {
  const past = undo(newerEvents, range);
  const gone = past.size === 0 ? [] : goneSince(past, table);
  const limit = range.limit ?? Number.POSITIVE_INFINITY;
  const objects: ApiObject[] = [];
  if (limit > 0) {
    for (const object of walkPast(table, past, gone, range)) {
      objects.push(object);
      if (objects.length >= limit) break;
    }
  }
  let total = table.countFrom(range.namespace, range.after ?? null) + gone.length;
  for (const { key, object } of past.values())
    if (object === null && table.get(key.namespace, key.name) !== null) total -= 1;
  return { objects, remaining: total - objects.length };
}
