// The messages of grpc.health.v1.Health/Check with gRPC's frame around them (PROTOCOL-HTTP2.md, health.proto). Two fields are all there is:
// `service = 1` of the request, `status = 1` of the response.

export const healthCheckPath = '/grpc.health.v1.Health/Check';

/** `SERVING` of the response's status. */
export const serving = 1;

const frameHeadBytes = 5;
const serviceTag = 0x0a;
const statusField = 1;

/** A complete frame. `service` empty: the server as a whole. */
export function renderHealthCheck(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([serviceTag, ...varint(name.length)]), name]);
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The status that a complete frame tells; 0 (unknown) where it tells none; null: it is no such frame. */
export function readHealthStatus(frame: Buffer): number | null {
  // Compressed ones were not asked for.
  if (frame.length < frameHeadBytes || frame[0] !== 0) return null;
  if (frame.readUInt32BE(1) !== frame.length - frameHeadBytes) return null;
  const cursor = { bytes: frame, at: frameHeadBytes };
  let status = 0;
  while (cursor.at < frame.length) {
    const tag = readVarint(cursor);
    const isVarint = tag !== null && (tag & 7) === 0;
    const value = isVarint ? readVarint(cursor) : tag === null ? null : skip(cursor, tag & 7);
    if (tag === null || value === null) return null;
    if (isVarint && tag >>> 3 === statusField) status = value;
  }
  return status;
}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

/** The lower 32 bits; null: it does not end within ten bytes. */
function readVarint(cursor: Cursor): number | null {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) return null;
    cursor.at += 1;
    if (shift < 32) value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
  return null;
}

/** A field of another version of the message; null: it goes beyond the end, or is of no known kind. */
function skip(cursor: Cursor, wireType: number): number | null {
  const length = wireType === 1 ? 8 : wireType === 5 ? 4 : wireType === 2 ? readVarint(cursor) : null;
  if (length === null || length > cursor.bytes.length - cursor.at) return null;
  cursor.at += length;
  return 0;
}
