// fieldsOf: the fields that an object sets, as the manager who applies it will own them.
import {
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
import { type FieldSet, FieldSetBuilder, fieldSetOfNames } from './field-set.ts';
import { elementOfItem } from './list-element.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/** What nobody owns: the object's identity and what the server alone writes. */
const untracked = fieldSetOfNames([
  'apiVersion',
  'kind',
  'metadata',
  'metadata.name',
  'metadata.namespace',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'metadata.uid',
  'metadata.clusterName',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.resourceVersion',
]);

export function withoutUntracked(set: FieldSet): FieldSet {
  return set.difference(untracked);
}

/** Everything that the value sets, identity included. */
export function allFieldsOf(value: unknown, type: TypeRef): FieldSet {
  const builder = new FieldSetBuilder();
  walk(value, type, [], builder);
  return builder.build();
}

/** `resetFields`: names with dots, e.g. `status`. */
export function fieldsOf(value: unknown, type: TypeRef, resetFields: readonly string[] = []): FieldSet {
  const all = allFieldsOf(value, type).recursiveDifference(fieldSetOfNames(resetFields));
  return withoutUntracked(all);
}

function walk(value: unknown, type: TypeRef, path: PathElement[], out: FieldSetBuilder): void {
  const atom = narrowAtom(atomOf(type), value);
  if (atom.map !== null) walkMap(value, atom.map, path, out);
  else if (atom.scalar !== null) out.add(path);
  else if (atom.list !== null) walkList(value, atom.list, path, out);
}

function walkMap(value: unknown, atom: MapAtom, path: PathElement[], out: FieldSetBuilder): void {
  if (atom.isAtomic) return out.add(path);
  for (const [name, member] of membersOf(mapOfValue(value))) {
    path.push(fieldElement(name));
    walk(member, memberType(atom, name), path, out);
    const map = mapOfValue(member);
    const isEmpty = member === null || (map !== null && membersOf(map).length === 0);
    // Members of a struct are there by its type; keys of a map are somebody's.
    if (isEmpty || atom.fields?.has(name) !== true) out.add(path);
    path.pop();
  }
}

function walkList(value: unknown, atom: ListAtom, path: PathElement[], out: FieldSetBuilder): void {
  if (atom.type === 'atomic') return out.add(path);
  const counts = new Map<string, number>();
  const items = (listOfValue(value) ?? []).map((item) => ({ item, element: elementOfItem(atom, item) }));
  for (const { element } of items) {
    if (typeof element !== 'string') counts.set(element.text, (counts.get(element.text) ?? 0) + 1);
  }
  for (const { item, element } of items) {
    if (typeof element === 'string') continue;
    path.push(element);
    // What comes twice is owned as a whole.
    if (counts.get(element.text) === 1) walk(item, atom.items, path, out);
    out.add(path);
    path.pop();
  }
}
