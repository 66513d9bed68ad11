// Atom: what server-side apply knows of a schema: whether a value is one leaf, a map with fields of its own, or a list whose
// elements are told apart by keys or values (structured-merge-diff schema, as made from the published OpenAPI).
import { isJsonObject, type Member, type Schema, type StructSchema } from '../../kube/index.ts';

export type ScalarType = 'numeric' | 'string' | 'boolean' | 'untyped';

/** `deduced`: nothing is known: lists are one value, maps are granular. `opaque`: maps are one value too. */
export type TypeRef = Schema | 'deduced' | 'opaque';

export interface MapAtom {
  /** Null: no field is known by name. */
  readonly fields: ReadonlyMap<string, Member> | null;
  /** Of the other members; null: there may be none. */
  readonly others: TypeRef | null;
  readonly isAtomic: boolean;
}

export interface ListAtom {
  readonly items: TypeRef;
  readonly type: 'atomic' | 'set' | 'map';
  readonly keys: readonly string[];
}

/** What a value may be; several for untyped values. */
export interface Atom {
  readonly scalar: ScalarType | null;
  readonly list: ListAtom | null;
  readonly map: MapAtom | null;
}

function untyped(others: 'deduced' | 'opaque'): Atom {
  return {
    scalar: 'untyped',
    list: { items: 'opaque', type: 'atomic', keys: [] },
    map: { fields: null, others, isAtomic: others === 'opaque' },
  };
}

const deducedAtom = untyped('deduced');
const opaqueAtom = untyped('opaque');

const scalarTypes: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  bytes: 'string',
  boolean: 'boolean',
  int32: 'numeric',
  int64: 'numeric',
};

const known = new WeakMap<Schema, Atom>();

export function atomOf(type: TypeRef): Atom {
  if (type === 'deduced') return deducedAtom;
  if (type === 'opaque') return opaqueAtom;
  let atom = known.get(type);
  if (atom === undefined) {
    atom = makeAtom(type);
    known.set(type, atom);
  }
  return atom;
}

function makeAtom(schema: Schema): Atom {
  if (schema.shape === 'struct') return { scalar: null, list: null, map: structAtom(schema) };
  if (schema.shape === 'map') {
    const map = { fields: null, others: schema.values, isAtomic: schema.isAtomic === true };
    return { scalar: null, list: null, map };
  }
  if (schema.shape === 'list') {
    const type = schema.merge?.listType ?? 'atomic';
    const keys = type === 'map' ? (schema.merge?.mapKeys ?? []) : [];
    return { scalar: null, list: { items: schema.items, type, keys }, map: null };
  }
  // Numbers-or-texts are published without a type, so anything is merged until decoding refuses it.
  if (schema.scalar === 'free' || schema.scalar === 'intOrString') return deducedAtom;
  return { scalar: scalarTypes[schema.scalar] ?? 'untyped', list: null, map: null };
}

function structAtom(schema: StructSchema): MapAtom {
  const others = schema.isOpen === true ? 'deduced' : null;
  return { fields: schema.members, others, isAtomic: schema.isAtomic === true };
}

/** The part of an atom that a value has the form of; the whole for null, for absence and for wrong forms. */
export function narrowAtom(atom: Atom, value: unknown): Atom {
  if (Array.isArray(value)) return atom.list === null ? atom : { scalar: null, list: atom.list, map: null };
  if (isJsonObject(value)) return atom.map === null ? atom : { scalar: null, list: null, map: atom.map };
  if (value === null || value === undefined || atom.scalar === null) return atom;
  return { scalar: atom.scalar, list: null, map: null };
}

/** Whether two narrowings of one atom are the same. */
export function isSameAtom(a: Atom, b: Atom): boolean {
  return a.scalar === b.scalar && a.list === b.list && a.map === b.map;
}

export function memberType(map: MapAtom, name: string): TypeRef {
  return map.fields?.get(name)?.schema ?? map.others ?? 'deduced';
}

export function listOfValue(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

export function mapOfValue(value: unknown): Readonly<Record<string, unknown>> | null {
  return isJsonObject(value) ? value : null;
}

/** Members that are there; undefined ones are not. */
export function membersOf(
  value: Readonly<Record<string, unknown>> | null,
): readonly (readonly [string, unknown])[] {
  return value === null ? [] : Object.entries(value).filter(([, member]) => member !== undefined);
}
