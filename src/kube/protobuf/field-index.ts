// Which member a field number stands for, for each struct of a schema, worked out once.
import type { Member, StructSchema } from '../schema.ts';

export interface MemberField {
  readonly kind: 'member';
  readonly name: string;
  readonly member: Member;
}

/** A message that the JSON form does not have: its members belong to the struct around it. */
export interface GroupField {
  readonly kind: 'group';
  readonly fields: ReadonlyMap<number, MemberField>;
}

export interface FieldIndex {
  readonly goType: string;
  /** In the order of their numbers. */
  readonly fields: ReadonlyMap<number, MemberField | GroupField>;
  /** A member that travels only as JSON: a number that is not in `fields` may be it, and must not get lost. */
  readonly jsonOnly: string | null;
}

const indexes = new WeakMap<StructSchema, FieldIndex>();

export function fieldIndexOf(schema: StructSchema): FieldIndex {
  const known = indexes.get(schema);
  if (known !== undefined) return known;
  const index = buildIndex(schema);
  indexes.set(schema, index);
  return index;
}

function buildIndex(schema: StructSchema): FieldIndex {
  const fields = new Map<number, MemberField | GroupField>();
  const groups = new Map<number, Map<number, MemberField>>();
  let jsonOnly: string | null = null;
  for (const [name, member] of schema.members) {
    if (member.proto === undefined) {
      if (member.schema.shape === 'scalar' && member.schema.scalar === 'free') jsonOnly = name;
      continue;
    }
    const entry: MemberField = { kind: 'member', name, member };
    if (member.protoWithin === undefined) fields.set(member.proto, entry);
    else {
      const group = groups.get(member.protoWithin) ?? new Map<number, MemberField>();
      groups.set(member.protoWithin, group.set(member.proto, entry));
    }
  }
  for (const [number, group] of groups) fields.set(number, { kind: 'group', fields: inOrder(group) });
  return { goType: schema.goType, fields: inOrder(fields), jsonOnly };
}

function inOrder<Entry>(fields: ReadonlyMap<number, Entry>): ReadonlyMap<number, Entry> {
  return new Map([...fields].sort(([left], [right]) => left - right));
}
