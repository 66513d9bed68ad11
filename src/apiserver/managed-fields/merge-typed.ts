// mergeTyped: a live object with an applied configuration laid over it. Nothing is removed; granular lists are woven together in
// the configuration's order.
import { type MutableObject, setMember } from '../patch/index.ts';
import {
  type Atom,
  atomOf,
  type ListAtom,
  listOfValue,
  type MapAtom,
  mapOfValue,
  memberType,
  membersOf,
  narrowAtom,
  type TypeRef,
} from './atom.ts';
import { elementOfItem } from './list-element.ts';

/** Undefined: absent on that side. The result may share parts with both. */
export function mergeTyped(live: unknown, applied: unknown, type: TypeRef): unknown {
  // A value that changed its form is what the configuration makes it.
  const form = applied === undefined ? live : applied;
  return mergeAs(narrowAtom(atomOf(type), form), live, applied);
}

function mergeAs(atom: Atom, live: unknown, applied: unknown): unknown {
  if (atom.map !== null) return mergeMaps(atom.map, live, applied);
  if (atom.list !== null && atom.scalar === null) return mergeLists(atom.list, live, applied);
  return keepApplied(live, applied);
}

function keepApplied(live: unknown, applied: unknown): unknown {
  return applied === undefined ? live : applied;
}

function mergeMaps(atom: MapAtom, live: unknown, applied: unknown): unknown {
  const liveMembers = new Map(membersOf(mapOfValue(live)));
  const appliedMembers = new Map(membersOf(mapOfValue(applied)));
  if (atom.isAtomic || (liveMembers.size === 0 && appliedMembers.size === 0)) {
    return keepApplied(live, applied);
  }
  const out: MutableObject = {};
  for (const name of new Set([...liveMembers.keys(), ...appliedMembers.keys()])) {
    const merged = mergeTyped(liveMembers.get(name), appliedMembers.get(name), memberType(atom, name));
    if (merged !== undefined) setMember(out, name, merged);
  }
  return Object.keys(out).length === 0 ? undefined : out;
}

interface Items {
  /** In order; of live lists with repetitions. */
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
  /** By the element's text; null for what comes several times. */
  readonly byText: ReadonlyMap<string, unknown>;
}

function indexItems(atom: ListAtom, list: readonly unknown[]): Items {
  const texts: string[] = [];
  const values: unknown[] = [];
  const byText = new Map<string, unknown>();
  for (const item of list) {
    const element = elementOfItem(atom, item);
    if (typeof element === 'string') continue;
    byText.set(element.text, byText.has(element.text) ? null : item);
    texts.push(element.text);
    values.push(item);
  }
  return { texts, values, byText };
}

function mergeLists(atom: ListAtom, live: unknown, applied: unknown): unknown {
  const liveList = listOfValue(live) ?? [];
  const appliedList = listOfValue(applied) ?? [];
  if (atom.type === 'atomic' || (liveList.length === 0 && appliedList.length === 0)) {
    return keepApplied(live, applied);
  }
  const merged = weaveLists(atom, indexItems(atom, liveList), indexItems(atom, appliedList));
  return merged.length === 0 ? undefined : merged;
}

/**
 * Elements of both lists in the order of the applied one; live elements that are not applied stay in front of the shared element
 * that they stood in front of.
 */
function weaveLists(atom: ListAtom, live: Items, applied: Items): readonly unknown[] {
  const out: unknown[] = [];
  const take = (item: unknown, other: unknown): void => {
    const merged = mergeTyped(item, other, atom.items);
    if (merged !== undefined) out.push(merged);
  };
  const takeShared = (text: string): void => take(live.byText.get(text), applied.byText.get(text));
  const shared = applied.texts.filter((text) => live.byText.has(text));
  const mergedTexts = new Set<string>();
  let nextShared = 0;
  let l = 0;
  let a = 0;
  while (l < live.texts.length || a < applied.texts.length) {
    const liveText = live.texts[l];
    const appliedText = applied.texts[a];
    if (liveText !== undefined && appliedText !== undefined) {
      if (liveText === appliedText) {
        mergedTexts.add(liveText);
        takeShared(liveText);
        l += 1;
        a += 1;
        nextShared += 1;
        continue;
      }
      const isLater = nextShared < shared.length && shared[nextShared] !== liveText;
      if (applied.byText.has(liveText) && isLater) {
        l += 1;
        continue;
      }
    }
    if (liveText !== undefined) {
      if (!applied.byText.has(liveText)) {
        take(live.values[l], undefined);
        l += 1;
        continue;
      }
      if (mergedTexts.has(liveText)) l += 1;
    }
    if (appliedText !== undefined) {
      mergedTexts.add(appliedText);
      takeShared(appliedText);
      a += 1;
      if (shared[nextShared] === appliedText) nextShared += 1;
    }
  }
  return out;
}
