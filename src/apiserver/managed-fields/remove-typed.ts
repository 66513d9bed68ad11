// removeItems: an object without the fields of a set; and which named fields are on the way to those of a set.
import { type MutableObject, setMember } from '../patch/index.ts';
import {
  atomOf,
  type ListAtom,
  type MapAtom,
  mapOfValue,
  memberType,
  membersOf,
  narrowAtom,
  type TypeRef,
} from './atom.ts';
import { type FieldNode, FieldSet, makeNode, emptyFieldSet } from './field-set.ts';
import { elementOfItem } from './list-element.ts';

/** Null where nothing is left, and where something below an atomic value was to be removed. */
export function removeItems(value: unknown, toRemove: FieldSet, type: TypeRef): unknown {
  const atom = narrowAtom(atomOf(type), value);
  if (atom.map !== null) return removeMembers(value, toRemove, atom.map);
  if (atom.scalar !== null) return value;
  return atom.list === null ? null : removeElements(value, toRemove, atom.list);
}

function removeMembers(value: unknown, toRemove: FieldSet, atom: MapAtom): unknown {
  const map = mapOfValue(value);
  if (map === null || atom.isAtomic) return null;
  const out: MutableObject = {};
  for (const [name, member] of membersOf(map)) {
    const node = toRemove.nodes.get(`f:${name}`);
    if (node?.isMember === true) continue;
    const below = node?.children ?? null;
    const kept = below === null ? member : removeItems(member, below, memberType(atom, name));
    setMember(out, name, kept);
  }
  return Object.keys(out).length === 0 ? null : out;
}

function removeElements(value: unknown, toRemove: FieldSet, atom: ListAtom): unknown {
  if (!Array.isArray(value) || atom.type === 'atomic') return null;
  const out: unknown[] = [];
  for (const item of value) {
    const element = elementOfItem(atom, item);
    const node = typeof element === 'string' ? undefined : toRemove.nodes.get(element.text);
    if (node?.isMember === true) continue;
    const below = node?.children ?? null;
    out.push(below === null ? item : removeItems(item, below, atom.items));
  }
  return out.length === 0 ? null : out;
}

/** The set with the struct members that lead to its members made members too. `null`: nothing is known of the type. */
export function withNamedFields(set: FieldSet, type: TypeRef | null): FieldSet {
  const atom = type === null ? null : atomOf(type);
  const nodes = new Map<string, FieldNode>();
  for (const [text, { element, isMember, children }] of set.nodes) {
    const isNamed =
      children !== null && element.kind === 'field' && atom?.map?.fields?.has(element.name) === true;
    let below: TypeRef | null = null;
    if (element.kind === 'field' && atom?.map) {
      below = atom.map.fields?.get(element.name)?.schema ?? atom.map.others;
    } else if (element.kind === 'key' && atom?.list) below = atom.list.items;
    nodes.set(
      text,
      makeNode(element, isMember || isNamed, withNamedFields(children ?? emptyFieldSet, below)),
    );
  }
  return new FieldSet(nodes);
}
