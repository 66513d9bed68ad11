// ObjectTable: the objects of one resource in memory, found by key in two Map lookups and walked in order without sorting: each
// namespace keeps its names sorted, and the namespaces are sorted too. Keys compare by code unit.
import type { StoredState } from './stored-state.ts';
import type { StoredKey } from './store.ts';

export interface Slot {
  readonly key: StoredKey;
  state: StoredState;
}

interface NamespaceTable {
  readonly namespace: string;
  readonly slots: Map<string, Slot>;
  /** By name. */
  readonly sorted: Slot[];
}

/** Index of the first element whose text is not smaller than `text`. */
function lowerBound<Element>(
  sorted: readonly Element[],
  text: string,
  textOf: (element: Element) => string,
): number {
  const last = sorted.at(-1);
  // Files are read in order: the usual place is the end.
  if (last === undefined || textOf(last) < text) return sorted.length;
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const element = sorted[middle];
    if (element !== undefined && textOf(element) < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

const nameOf = (slot: Slot): string => slot.key.name;
const namespaceOf = (table: NamespaceTable): string => table.namespace;

export interface Position {
  readonly namespace: string;
  readonly name: string;
}

export class ObjectTable {
  readonly #namespaces = new Map<string, NamespaceTable>();
  readonly #sorted: NamespaceTable[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(namespace: string, name: string): StoredState | null {
    return this.#namespaces.get(namespace)?.slots.get(name)?.state ?? null;
  }

  set(key: StoredKey, state: StoredState): void {
    const table = this.#ensureNamespace(key.namespace);
    const slot = table.slots.get(key.name);
    if (slot !== undefined) {
      slot.state = state;
      return;
    }
    const added = { key, state };
    table.slots.set(key.name, added);
    table.sorted.splice(lowerBound(table.sorted, key.name, nameOf), 0, added);
    this.#size += 1;
  }

  remove({ namespace, name }: StoredKey): void {
    const table = this.#namespaces.get(namespace);
    if (table?.slots.delete(name) !== true) return;
    this.#size -= 1;
    table.sorted.splice(lowerBound(table.sorted, name, nameOf), 1);
    if (table.slots.size > 0) return;
    this.#namespaces.delete(namespace);
    this.#sorted.splice(lowerBound(this.#sorted, namespace, namespaceOf), 1);
  }

  /** In order; the table must not change meanwhile. */
  *walk(namespace: string | null, after: Position | null): Generator<Slot> {
    for (const { table, from } of this.#spans(namespace, after)) {
      for (let index = from; index < table.sorted.length; index += 1) {
        const slot = table.sorted[index];
        if (slot !== undefined) yield slot;
      }
    }
  }

  /** How many `walk` would yield. */
  countFrom(namespace: string | null, after: Position | null): number {
    if (namespace === null && after === null) return this.#size;
    let count = 0;
    for (const { table, from } of this.#spans(namespace, after)) count += table.sorted.length - from;
    return count;
  }

  #ensureNamespace(namespace: string): NamespaceTable {
    const known = this.#namespaces.get(namespace);
    if (known !== undefined) return known;
    const table: NamespaceTable = { namespace, slots: new Map(), sorted: [] };
    this.#namespaces.set(namespace, table);
    this.#sorted.splice(lowerBound(this.#sorted, namespace, namespaceOf), 0, table);
    return table;
  }

  /** The namespaces of a range, each with the index of its first object behind `after`. */
  *#spans(
    namespace: string | null,
    after: Position | null,
  ): Generator<{ readonly table: NamespaceTable; readonly from: number }> {
    const single = namespace === null ? undefined : this.#namespaces.get(namespace);
    const tables = namespace === null ? this.#sorted : single === undefined ? [] : [single];
    const first = after === null ? 0 : lowerBound(tables, after.namespace, namespaceOf);
    for (let index = first; index < tables.length; index += 1) {
      const table = tables[index];
      if (table === undefined) continue;
      const isBegun = after !== null && table.namespace === after.namespace;
      // The smallest text that is greater than a name is that name and a NUL.
      yield { table, from: isBegun ? lowerBound(table.sorted, `${after.name}\0`, nameOf) : 0 };
    }
  }
}
