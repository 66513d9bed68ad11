// From plain JSON to protobuf: a decoded object by the numbers of its schema, fields in the order of their numbers. What is
// absent is not written; zero values are written as they are.
import { Buffer } from 'node:buffer';
import { findBase64Fault, isJsonObject } from '../decode-structure.ts';
import { readQuantity } from '../scalar-texts.ts';
import type { ScalarShape, Schema, StructSchema } from '../schema.ts';
import { fieldIndexOf } from './field-index.ts';
import type { FieldIndex, MemberField } from './field-index.ts';
import { ProtobufError } from './protobuf-error.ts';
import { parseTimestamp } from './timestamp.ts';
import { WireWriter } from './wire-writer.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** `path` names the value in errors. @throws {ProtobufError} for a value that does not fit the schema. */
export function encodeMessage(value: JsonObject, schema: StructSchema, path: string): Buffer {
  const index = fieldIndexOf(schema);
  const writer = new WireWriter();
  refuseJsonOnly(value, index, path);
  for (const [number, field] of index.fields) {
    if (field.kind === 'member') encodeMember(writer, number, value, field, path);
    else {
      const group = new WireWriter();
      for (const [inner, member] of field.fields) encodeMember(group, inner, value, member, path);
      const bytes = group.finish();
      if (bytes.length > 0) writer.bytesField(number, bytes);
    }
  }
  return writer.finish();
}

function refuseJsonOnly(value: JsonObject, { jsonOnly, goType }: FieldIndex, path: string): void {
  if (jsonOnly === null || !isPresent(memberOf(value, jsonOnly))) return;
  throw new ProtobufError(
    `${path}.${jsonOnly} of ${goType} has no protobuf form; it travels as JSON only`,
    null,
  );
}

function memberOf(value: JsonObject, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function encodeMember(
  writer: WireWriter,
  number: number,
  object: JsonObject,
  { name, member }: MemberField,
  path: string,
): void {
  const value = memberOf(object, name);
  if (!isPresent(value)) return;
  const memberPath = `${path}.${name}`;
  const { schema } = member;
  if (schema.shape === 'list') {
    for (const [at, item] of expectList(value, memberPath).entries()) {
      encodeValue(writer, number, item, schema.items, `${memberPath}[${at}]`);
    }
  } else if (schema.shape === 'map') {
    for (const [key, item] of Object.entries(expectObject(value, memberPath))) {
      const entry = new WireWriter();
      entry.textField(1, key);
      encodeValue(entry, 2, item, schema.values, `${memberPath}[${JSON.stringify(key)}]`);
      writer.bytesField(number, entry.finish());
    }
  } else encodeValue(writer, number, value, schema, memberPath);
}

function expectList(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw misfit(path, value, 'a list');
}

function expectObject(value: unknown, path: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw misfit(path, value, 'an object');
}

/** Without the value: it may be a secret. */
function misfit(path: string, value: unknown, wanted: string): ProtobufError {
  const actual = Array.isArray(value) ? 'a list' : value === null ? 'null' : `of type ${typeof value}`;
  return new ProtobufError(`${path} is ${actual}, wanted ${wanted}`, null);
}

function encodeValue(writer: WireWriter, number: number, value: unknown, schema: Schema, path: string): void {
  if (schema.shape === 'struct') {
    writer.bytesField(number, encodeMessage(expectObject(value, path), schema, path));
  } else if (schema.shape === 'list') {
    const list = new WireWriter();
    for (const [at, item] of expectList(value, path).entries()) {
      encodeValue(list, 1, item, schema.items, `${path}[${at}]`);
    }
    writer.bytesField(number, list.finish());
  } else if (schema.shape === 'map') throw misfit(path, value, 'a value without a map in it');
  else encodeScalar(writer, number, value, schema.scalar, path);
}

function encodeScalar(
  writer: WireWriter,
  number: number,
  value: unknown,
  scalar: ScalarShape,
  path: string,
): void {
  switch (scalar) {
    case 'boolean':
      if (typeof value !== 'boolean') throw misfit(path, value, 'true or false');
      writer.varintField(number, value ? 1 : 0);
      return;
    case 'int32':
    case 'int64':
      writer.varintField(number, expectInteger(value, scalar, path));
      return;
    case 'intOrString':
      writer.bytesField(number, encodeIntOrString(value, path));
      return;
    case 'free':
      writer.bytesField(number, wrapText(JSON.stringify(value)));
      return;
    case 'quantity':
      writer.bytesField(number, encodeQuantity(value, path));
      return;
    case 'string':
    case 'bytes':
    case 'time':
    case 'microTime':
      writer.bytesField(number, encodeText(value, scalar, path));
  }
}

/** A message whose field 1 is the text. */
function wrapText(text: string): Buffer {
  const writer = new WireWriter();
  writer.textField(1, text);
  return writer.finish();
}

function encodeQuantity(value: unknown, path: string): Buffer {
  const reading = readQuantity(value);
  if ('fault' in reading) throw new ProtobufError(`${path}: ${reading.fault}`, null);
  return wrapText(reading.value);
}

function expectInteger(value: unknown, scalar: 'int32' | 'int64', path: string): number {
  const limit = scalar === 'int32' ? 2 ** 31 : 2 ** 63;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < -limit || value >= limit) {
    throw misfit(path, value, `an integer of type ${scalar}`);
  }
  return value;
}

function encodeIntOrString(value: unknown, path: string): Buffer {
  const writer = new WireWriter();
  const isText = typeof value === 'string';
  writer.varintField(1, isText ? 1 : 0);
  writer.varintField(2, isText ? 0 : expectInteger(value, 'int32', path));
  writer.textField(3, isText ? value : '');
  return writer.finish();
}

function encodeText(value: unknown, scalar: 'string' | 'bytes' | 'time' | 'microTime', path: string): Buffer {
  if (typeof value !== 'string') throw misfit(path, value, 'a text');
  if (scalar === 'string') return Buffer.from(value, 'utf8');
  if (scalar === 'bytes') {
    if (findBase64Fault(value) !== null) throw new ProtobufError(`${path} is no base64`, null);
    return Buffer.from(value, 'base64');
  }
  return encodeTime(value, path);
}

function encodeTime(value: string, path: string): Buffer {
  const timestamp = parseTimestamp(value);
  if (timestamp === null)
    throw new ProtobufError(`${path} is no RFC 3339 time: ${JSON.stringify(value)}`, null);
  const writer = new WireWriter();
  writer.varintField(1, timestamp.seconds);
  writer.varintField(2, timestamp.nanos);
  return writer.finish();
}
