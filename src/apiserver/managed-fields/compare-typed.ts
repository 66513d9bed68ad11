// compareTyped: which fields a new object adds, changes and removes, at the granularity of its schema.
import { equalJson } from '../patch/index.ts';
import {
  type Atom,
  atomOf,
  isSameAtom,
  type ListAtom,
  listOfValue,
  type MapAtom,
  mapOfValue,
  memberType,
  membersOf,
  narrowAtom,
  type TypeRef,
} from './atom.ts';
import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import { elementOfItem } from './list-element.ts';
import { fieldElement, type PathElement } from './path-element.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

class Comparer {
  readonly added = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly removed = new FieldSetBuilder();
  readonly #path: PathElement[] = [];

  /** Undefined: absent on that side. */
  compare(old: unknown, next: unknown, type: TypeRef): void {
    const whole = atomOf(type);
    const oldAtom = narrowAtom(whole, old);
    const nextAtom = narrowAtom(whole, next);
    let isLeaf: boolean;
    if (next === undefined) isLeaf = this.#visit(oldAtom, old, next);
    else {
      // A value that changed its form leaves what it was and becomes what it is.
      if (old !== undefined && !isSameAtom(oldAtom, nextAtom)) this.#visit(oldAtom, old, next);
      isLeaf = this.#visit(nextAtom, old, next);
    }
    if (isLeaf) return;
    if (old === undefined) this.added.add(this.#path);
    else if (next === undefined) this.removed.add(this.#path);
  }

  /** Whether the value was compared as one leaf. */
  #visit(atom: Atom, old: unknown, next: unknown): boolean {
    if (atom.map !== null) return this.#visitMap(atom.map, old, next);
    if (atom.list !== null && atom.scalar === null) return this.#visitList(atom.list, old, next);
    return this.#leaf(old, next);
  }

  #leaf(old: unknown, next: unknown): boolean {
    if (old === undefined) this.added.add(this.#path);
    else if (next === undefined) this.removed.add(this.#path);
    else if (!equalJson(old, next)) this.modified.add(this.#path);
    return true;
  }

  #visitMap(atom: MapAtom, old: unknown, next: unknown): boolean {
    const oldMembers = new Map(membersOf(mapOfValue(old)));
    const nextMembers = new Map(membersOf(mapOfValue(next)));
    // Two empty maps are compared as leaves, so that empty and null stay apart.
    if (atom.isAtomic || (oldMembers.size === 0 && nextMembers.size === 0)) return this.#leaf(old, next);
    for (const [name, member] of oldMembers) {
      this.#descend(fieldElement(name), member, nextMembers.get(name), memberType(atom, name));
    }
    for (const [name, member] of nextMembers) {
      if (!oldMembers.has(name)) {
        this.#descend(fieldElement(name), undefined, member, memberType(atom, name));
      }
    }
    return false;
  }

  #visitList(atom: ListAtom, old: unknown, next: unknown): boolean {
    const oldItems = listOfValue(old) ?? [];
    const nextItems = listOfValue(next) ?? [];
    if (atom.type === 'atomic' || (oldItems.length === 0 && nextItems.length === 0)) {
      return this.#leaf(old, next);
    }
    const pairs = new Map<string, ItemPair>();
    collect(atom, oldItems, pairs, 'old');
    collect(atom, nextItems, pairs, 'next');
    for (const pair of pairs.values()) this.#compareItems(pair, atom.items);
    return false;
  }

  /** Elements with one key that come several times are compared as one value. */
  #compareItems({ element, old, next }: ItemPair, type: TypeRef): void {
    if (old.length <= 1 && next.length <= 1) return this.#descend(element, old[0], next[0], type);
    const path = [...this.#path, element];
    if (old.length >= 2 && next.length >= 2) {
      if (!equalJson(old, next)) this.modified.add(path);
    } else if (old.length >= 2) {
      if (next.length === 1) this.#descend(element, undefined, next[0], type);
      this.removed.add(path);
    } else {
      if (old.length === 1) this.#descend(element, old[0], undefined, type);
      this.added.add(path);
    }
  }

  #descend(element: PathElement, old: unknown, next: unknown, type: TypeRef): void {
    this.#path.push(element);
    this.compare(old, next, type);
    this.#path.pop();
  }
}

interface ItemPair {
  readonly element: PathElement;
  readonly old: unknown[];
  readonly next: unknown[];
}

function collect(
  atom: ListAtom,
  items: readonly unknown[],
  pairs: Map<string, ItemPair>,
  side: 'old' | 'next',
): void {
  for (const item of items) {
    const element = elementOfItem(atom, item);
    if (typeof element === 'string') continue;
    let pair = pairs.get(element.text);
    if (pair === undefined) {
      pair = { element, old: [], next: [] };
      pairs.set(element.text, pair);
    }
    pair[side].push(item);
  }
}

/** Both of `type`, and valid but for repeated keys. */
export function compareTyped(old: unknown, next: unknown, type: TypeRef): Comparison {
  const comparer = new Comparer();
  comparer.compare(old, next, type);
  return {
    added: comparer.added.build(),
    modified: comparer.modified.build(),
    removed: comparer.removed.build(),
  };
}

/** Without the fields that an endpoint does not track. */
export function withoutFields(comparison: Comparison, fields: FieldSet): Comparison {
  return {
    added: comparison.added.recursiveDifference(fields),
    modified: comparison.modified.recursiveDifference(fields),
    removed: comparison.removed.recursiveDifference(fields),
  };
}
