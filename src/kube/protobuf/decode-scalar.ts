// Scalars of protobuf messages as JSON has them: numbers, texts, base64, times, quantities, and raw JSON.
import type { Buffer } from 'node:buffer';
import { readQuantity } from '../scalar-texts.ts';
import type { ScalarShape } from '../schema.ts';
import { ProtobufError } from './protobuf-error.ts';
import { readText, WireReader } from './wire-reader.ts';
import type { ByteRange, Tag } from './wire-reader.ts';

export type VarintScalar = 'boolean' | 'int32' | 'int64';
export type BytesScalar = Exclude<ScalarShape, VarintScalar>;

/** Deepest raw JSON, in brackets; field sets nest as deep as objects do. */
const maxJsonDepth = 100;

export function isVarintScalar(scalar: ScalarShape): scalar is VarintScalar {
  return scalar === 'boolean' || scalar === 'int32' || scalar === 'int64';
}

export function readVarintScalar(reader: WireReader, scalar: VarintScalar): number | boolean {
  if (scalar === 'boolean') return reader.readBoolean();
  return scalar === 'int32' ? reader.readInt32() : reader.readInt64();
}

/** A scalar that travels as bytes or as a message (in pieces); undefined: present and without a value, such as the zero time. */
export function decodeScalar(bytes: Buffer, ranges: readonly ByteRange[], scalar: ScalarShape): unknown {
  const range = ranges.at(-1) ?? { start: 0, end: 0 };
  if (isVarintScalar(scalar)) throw new ProtobufError(`bytes for a value of type ${scalar}`, range.start);
  if (scalar === 'string') return readText(bytes, range);
  if (scalar === 'bytes') return bytes.toString('base64', range.start, range.end);
  if (scalar === 'quantity') return decodeQuantity(bytes, range);
  if (scalar === 'intOrString') return decodeIntOrString(bytes, ranges);
  return scalar === 'free' ? decodeRawJson(bytes, range) : decodeTime(bytes, range, scalar);
}

/** What an element stands for that is present and without a value. */
export function zeroOfMessage(scalar: ScalarShape): unknown {
  return scalar === 'free' ? null : '';
}

function* tagsOf(reader: WireReader): Generator<Tag> {
  while (!reader.isAtEnd) yield reader.readTag();
}

function expectType(tag: Tag, wireType: Tag['wireType'], what: string): void {
  if (tag.wireType === wireType) return;
  throw new ProtobufError(`wire type ${tag.wireType} for ${what}, wanted ${wireType}`, tag.at);
}

const firstYearSeconds = -62_135_596_800;
const yearTenThousandSeconds = 253_402_300_800;

/** Timestamp {seconds 1, nanos 2}; an empty message is the zero time, which JSON leaves out. */
function decodeTime(bytes: Buffer, range: ByteRange, scalar: 'time' | 'microTime'): string | undefined {
  if (range.start === range.end) return undefined;
  const reader = new WireReader(bytes, range);
  let seconds = 0;
  let nanos = 0;
  for (const tag of tagsOf(reader)) {
    if (tag.number > 2) reader.skip(tag);
    else {
      expectType(tag, 'varint', 'a part of a time');
      if (tag.number === 1) seconds = reader.readInt64();
      else nanos = reader.readInt32();
    }
  }
  if (scalar === 'time') return `${renderSeconds(seconds, range)}Z`;
  // Cut towards zero; what is more or less than a second is carried.
  const micros = Math.trunc(nanos / 1000);
  const carried = Math.floor(micros / 1_000_000);
  const fraction = micros - carried * 1_000_000;
  return `${renderSeconds(seconds + carried, range)}.${String(fraction).padStart(6, '0')}Z`;
}

function renderSeconds(seconds: number, range: ByteRange): string {
  if (seconds < firstYearSeconds || seconds >= yearTenThousandSeconds) {
    throw new ProtobufError(`time of ${seconds} seconds is not within the years 1 to 9999`, range.start);
  }
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/** Quantity {string 1}. */
function decodeQuantity(bytes: Buffer, range: ByteRange): string {
  const reader = new WireReader(bytes, range);
  let text = '0';
  for (const tag of tagsOf(reader)) {
    if (tag.number !== 1) {
      reader.skip(tag);
      continue;
    }
    expectType(tag, 'bytes', 'a quantity');
    const reading = readQuantity(readText(bytes, reader.readRange()));
    if ('fault' in reading) throw new ProtobufError(reading.fault, tag.at);
    text = reading.value;
  }
  return text;
}

/** IntOrString {type 1 (0 number, 1 text), intVal 2, strVal 3}. */
function decodeIntOrString(bytes: Buffer, ranges: readonly ByteRange[]): string | number {
  let type = 0;
  let number = 0;
  let text = '';
  for (const range of ranges) {
    const reader = new WireReader(bytes, range);
    for (const tag of tagsOf(reader)) {
      if (tag.number > 3) reader.skip(tag);
      else if (tag.number === 3) {
        expectType(tag, 'bytes', 'the text of an IntOrString');
        text = readText(bytes, reader.readRange());
      } else {
        expectType(tag, 'varint', 'a part of an IntOrString');
        if (tag.number === 1) type = reader.readInt64();
        else number = reader.readInt32();
      }
    }
  }
  if (type === 0) return number;
  if (type === 1) return text;
  throw new ProtobufError(`IntOrString of type ${type}`, ranges[0]?.start ?? 0);
}

/** FieldsV1 {raw 1}: JSON within protobuf. Any other field is a message of its own kind that nobody here understands. */
function decodeRawJson(bytes: Buffer, range: ByteRange): unknown {
  const reader = new WireReader(bytes, range);
  let raw: ByteRange | null = null;
  for (const tag of tagsOf(reader)) {
    if (tag.number !== 1) throw new ProtobufError(`field ${tag.number} beside raw JSON`, tag.at);
    expectType(tag, 'bytes', 'raw JSON');
    raw = reader.readRange();
  }
  if (raw === null || raw.start === raw.end) return undefined;
  const text = readText(bytes, raw);
  if (jsonDepth(text) > maxJsonDepth) {
    throw new ProtobufError(`raw JSON nested deeper than ${maxJsonDepth}`, raw.start);
  }
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    throw new ProtobufError('raw JSON that is none', raw.start);
  }
}

/** Most brackets that are open at once; brackets within texts do not count. */
function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (isInText) {
      if (char === '\\') at += 1;
      else if (char === '"') isInText = false;
    } else if (char === '"') isInText = true;
    else if (char === '[' || char === '{') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (char === ']' || char === '}') depth -= 1;
  }
  return deepest;
}
