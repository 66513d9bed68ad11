// From protobuf to plain JSON: a message against the numbers of its schema, with the meaning that Go's generated code gives it.
// Fields that are not known are skipped, repeated messages of one field are merged, the last of repeated scalars counts.
import type { Buffer } from 'node:buffer';
import type { ListSchema, Member, Schema, StructSchema } from '../schema.ts';
import { decodeScalar, isVarintScalar, readVarintScalar, zeroOfMessage } from './decode-scalar.ts';
import { fieldIndexOf } from './field-index.ts';
import type { FieldIndex, GroupField, MemberField } from './field-index.ts';
import { ProtobufError } from './protobuf-error.ts';
import { WireReader } from './wire-reader.ts';
import type { ByteRange, Tag } from './wire-reader.ts';

/** Messages, list elements and map entries in one body. Each takes two bytes on the wire and many in memory. */
const maxElements = 500_000;

export interface DecodeContext {
  readonly bytes: Buffer;
  elements: number;
}

/** What was found of one struct so far. */
interface Draft {
  readonly values: Map<string, unknown>;
  readonly lists: Map<string, unknown[]>;
  readonly maps: Map<string, Map<string, unknown>>;
  /** Messages by member; several of one member are one message in pieces. */
  readonly messages: Map<string, ByteRange[]>;
}

/** Decodes a struct from its message, which may come in pieces. Members in the schema's order. */
export function decodeMessage(
  context: DecodeContext,
  ranges: readonly ByteRange[],
  schema: StructSchema,
): Record<string, unknown> {
  const index = fieldIndexOf(schema);
  const draft: Draft = { values: new Map(), lists: new Map(), maps: new Map(), messages: new Map() };
  for (const range of ranges) readFields(context, range, index, index.fields, draft);
  const entries: [name: string, value: unknown][] = [];
  for (const [name, member] of schema.members) {
    const value = finishMember(context, name, member, draft);
    if (value !== undefined) entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

function readFields(
  context: DecodeContext,
  range: ByteRange,
  index: FieldIndex,
  fields: ReadonlyMap<number, MemberField | GroupField>,
  draft: Draft,
): void {
  const reader = new WireReader(context.bytes, range);
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    const field = fields.get(tag.number);
    if (field === undefined) skipUnknown(reader, tag, index);
    else if (field.kind === 'group') {
      expectBytes(tag, `${index.goType} field ${tag.number}`);
      readFields(context, reader.readRange(), index, field.fields, draft);
    } else readMember(context, reader, tag, field, draft);
  }
}

function skipUnknown(reader: WireReader, tag: Tag, index: FieldIndex): void {
  if (index.jsonOnly !== null) {
    throw new ProtobufError(`${index.goType} field ${index.jsonOnly} is understood as JSON only`, tag.at);
  }
  reader.skip(tag);
}

function expectBytes(tag: Tag, what: string): void {
  if (tag.wireType !== 'bytes')
    throw new ProtobufError(`wire type ${tag.wireType} for ${what}, wanted bytes`, tag.at);
}

function readMember(
  context: DecodeContext,
  reader: WireReader,
  tag: Tag,
  { name, member }: MemberField,
  draft: Draft,
): void {
  const { schema } = member;
  if (schema.shape === 'scalar' && isVarintScalar(schema.scalar)) {
    if (tag.wireType !== 'varint') {
      throw new ProtobufError(`wire type ${tag.wireType} for field ${name}, wanted varint`, tag.at);
    }
    draft.values.set(name, readVarintScalar(reader, schema.scalar));
    return;
  }
  if (schema.shape === 'list') {
    readElements(context, reader, tag, schema, name, listIn(draft.lists, name));
    return;
  }
  expectBytes(tag, `field ${name}`);
  const range = reader.readRange();
  if (schema.shape === 'map') {
    const entries = draft.maps.get(name) ?? new Map<string, unknown>();
    draft.maps.set(name, entries);
    readMapEntry(context, range, schema.values, entries);
  } else if (schema.shape === 'struct' || schema.scalar === 'intOrString') {
    count(context, tag.at);
    listIn(draft.messages, name).push(range);
  } else draft.values.set(name, decodeScalar(context.bytes, [range], schema.scalar));
}

function listIn<Item>(lists: Map<string, Item[]>, name: string): Item[] {
  const known = lists.get(name);
  if (known !== undefined) return known;
  const list: Item[] = [];
  lists.set(name, list);
  return list;
}

function count(context: DecodeContext, at: number): void {
  context.elements += 1;
  if (context.elements > maxElements)
    throw new ProtobufError(`more than ${maxElements} messages and list elements`, at);
}

/** One element of a list, or several packed ones. */
function readElements(
  context: DecodeContext,
  reader: WireReader,
  tag: Tag,
  { items }: ListSchema,
  name: string,
  list: unknown[],
): void {
  count(context, tag.at);
  if (items.shape === 'scalar' && isVarintScalar(items.scalar)) {
    if (tag.wireType === 'varint') {
      list.push(readVarintScalar(reader, items.scalar));
      return;
    }
    expectBytes(tag, `field ${name}`);
    const packed = new WireReader(context.bytes, reader.readRange());
    while (!packed.isAtEnd) {
      count(context, packed.at);
      list.push(readVarintScalar(packed, items.scalar));
    }
    return;
  }
  expectBytes(tag, `field ${name}`);
  list.push(decodeValue(context, reader.readRange(), items));
}

/** A value that is a message or bytes by itself: an element of a list, the value of a map entry. */
function decodeValue(context: DecodeContext, range: ByteRange, schema: Schema): unknown {
  if (schema.shape === 'struct') return decodeMessage(context, [range], schema);
  if (schema.shape === 'scalar') {
    return decodeScalar(context.bytes, [range], schema.scalar) ?? zeroOfMessage(schema.scalar);
  }
  if (schema.shape === 'map') throw new ProtobufError('a map within a list or map', range.start);
  return decodeListMessage(context, range, schema);
}

/** A list as the value of a map is a message whose field 1 repeats. */
function decodeListMessage(context: DecodeContext, range: ByteRange, schema: ListSchema): unknown[] {
  const list: unknown[] = [];
  const reader = new WireReader(context.bytes, range);
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    if (tag.number === 1) readElements(context, reader, tag, schema, 'items', list);
    else reader.skip(tag);
  }
  return list;
}

/** Key 1, value 2. What is missing has its zero value; the last entry of a key counts. */
function readMapEntry(
  context: DecodeContext,
  range: ByteRange,
  schema: Schema,
  entries: Map<string, unknown>,
): void {
  count(context, range.start);
  const reader = new WireReader(context.bytes, range);
  let key = '';
  let value: unknown;
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    if (tag.number > 2) {
      reader.skip(tag);
      continue;
    }
    expectBytes(tag, tag.number === 1 ? 'the key of a map' : 'the value of a map');
    const part = reader.readRange();
    if (tag.number === 1) key = String(decodeScalar(context.bytes, [part], 'string'));
    else value = decodeValue(context, part, schema);
  }
  entries.set(key, value ?? decodeValue(context, { start: range.end, end: range.end }, schema));
}

function finishMember(context: DecodeContext, name: string, member: Member, draft: Draft): unknown {
  const { schema } = member;
  if (schema.shape === 'list') return draft.lists.get(name);
  if (schema.shape === 'map') {
    const entries = draft.maps.get(name);
    // fromEntries defines own members even for a key such as `__proto__`.
    return entries === undefined ? undefined : Object.fromEntries(entries);
  }
  const ranges = draft.messages.get(name);
  if (schema.shape === 'struct')
    return ranges === undefined ? undefined : decodeMessage(context, ranges, schema);
  const value =
    ranges === undefined ? draft.values.get(name) : decodeScalar(context.bytes, ranges, schema.scalar);
  if (schema.scalar === 'intOrString' || schema.scalar === 'quantity') return value;
  const isZero = value === '' || value === 0 || value === false;
  return isZero && !member.isAlways && member.isPointer !== true ? undefined : value;
}
