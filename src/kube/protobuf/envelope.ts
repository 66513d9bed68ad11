// Bodies of type `application/vnd.kubernetes.protobuf`: four bytes `k8s\0`, then runtime.Unknown {typeMeta 1 {apiVersion 1,
// kind 2}, raw 2, contentEncoding 3, contentType 4}, whose `raw` is the object's message.
import { Buffer } from 'node:buffer';
import type { StructSchema } from '../schema.ts';
import { decodeMessage } from './decode-message.ts';
import { encodeMessage } from './encode-message.ts';
import { ProtobufError } from './protobuf-error.ts';
import { readText, WireReader } from './wire-reader.ts';
import type { ByteRange } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

const prefix = Buffer.from('k8s\0', 'latin1');

/** The schema of a kind in a version, e.g. `schemaOf`. */
export type SchemaLookup = (apiVersion: string, kind: string) => StructSchema | undefined;

/** What a body is taken for if it does not say. */
export interface ExpectedType {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface DecodedProtobuf {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plain JSON with apiVersion and kind, as Go would print the message; `decodeStructure` fills in what must not be absent. */
  readonly value: Readonly<Record<string, unknown>>;
}

interface Envelope {
  apiVersion: string;
  kind: string;
  readonly raw: ByteRange[];
}

/** @throws {ProtobufError} for bytes that are no such body, and for kinds that `lookup` does not know. */
export function decodeKubeProtobuf(
  body: Uint8Array,
  lookup: SchemaLookup,
  expected?: ExpectedType,
): DecodedProtobuf {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!bytes.subarray(0, prefix.length).equals(prefix)) {
    throw new ProtobufError('the body does not begin with "k8s\\0"', 0);
  }
  if (bytes.length === prefix.length) throw new ProtobufError('the body is empty', prefix.length);
  const envelope = readEnvelope(bytes);
  const apiVersion = envelope.apiVersion === '' ? (expected?.apiVersion ?? '') : envelope.apiVersion;
  const kind = envelope.kind === '' ? (expected?.kind ?? '') : envelope.kind;
  if (kind === '') throw new ProtobufError("Object 'Kind' is missing", prefix.length);
  if (apiVersion === '') throw new ProtobufError("Object 'apiVersion' is missing", prefix.length);
  const schema = lookup(apiVersion, kind);
  if (schema === undefined) {
    throw new ProtobufError(
      `no kind ${JSON.stringify(kind)} is known in version ${JSON.stringify(apiVersion)}`,
      prefix.length,
    );
  }
  // Go keeps the last `raw`; its bytes are no message that could be merged.
  const decoded = decodeMessage({ bytes, elements: 0 }, envelope.raw.slice(-1), schema);
  return { apiVersion, kind, value: { apiVersion, kind, ...decoded } };
}

function readEnvelope(bytes: Buffer): Envelope {
  const envelope: Envelope = { apiVersion: '', kind: '', raw: [] };
  const reader = new WireReader(bytes, { start: prefix.length, end: bytes.length });
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    if (tag.number > 2) {
      reader.skip(tag);
      continue;
    }
    if (tag.wireType !== 'bytes') {
      throw new ProtobufError(`wire type ${tag.wireType} in the envelope, wanted bytes`, tag.at);
    }
    const range = reader.readRange();
    if (tag.number === 1) readTypeMeta(bytes, range, envelope);
    else envelope.raw.push(range);
  }
  return envelope;
}

function readTypeMeta(bytes: Buffer, range: ByteRange, envelope: Envelope): void {
  const reader = new WireReader(bytes, range);
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    if (tag.number > 2 || tag.wireType !== 'bytes') {
      reader.skip(tag);
      continue;
    }
    const text = readText(bytes, reader.readRange());
    if (tag.number === 1) envelope.apiVersion = text;
    else envelope.kind = text;
  }
}

/** The body for an object of a kind. @throws {ProtobufError} for a value that does not fit the schema. */
export function encodeKubeProtobuf(
  value: Readonly<Record<string, unknown>>,
  schema: StructSchema,
  apiVersion: string,
  kind: string,
): Buffer {
  const typeMeta = new WireWriter();
  typeMeta.textField(1, apiVersion);
  typeMeta.textField(2, kind);
  const unknown = new WireWriter();
  unknown.bytesField(1, typeMeta.finish());
  unknown.bytesField(2, encodeMessage(value, schema, kind));
  unknown.textField(3, '');
  unknown.textField(4, '');
  return Buffer.concat([prefix, unknown.finish()]);
}
