// Frames of a server into a buffer that the caller owns and has room in (RFC 9113 6). Each returns the position behind what it wrote.
import { errorCodes, frameFlags, frameHeaderBytes, frameTypes, pingBytes } from './frame-types.ts';

export const resetFrameBytes: number = frameHeaderBytes + 4;
export const windowUpdateFrameBytes: number = frameHeaderBytes + 4;
export const pingFrameBytes: number = frameHeaderBytes + pingBytes;
export const goawayFrameBytes: number = frameHeaderBytes + 8;
const settingBytes = 6;

/** The header before `length` bytes of payload. */
export function writeFrameHeader(
  out: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): number {
  out[at] = length >>> 16;
  out[at + 1] = length >>> 8;
  out[at + 2] = length;
  out[at + 3] = type;
  out[at + 4] = flags;
  return write32(out, at + 5, stream);
}

function write32(out: Buffer, at: number, value: number): number {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
  return at + 4;
}

export function writeReset(out: Buffer, at: number, stream: number, code: number): number {
  return write32(out, writeFrameHeader(out, at, 4, frameTypes.reset, 0, stream), code);
}

/** `stream` 0: the connection's. */
export function writeWindowUpdate(out: Buffer, at: number, stream: number, increment: number): number {
  return write32(out, writeFrameHeader(out, at, 4, frameTypes.windowUpdate, 0, stream), increment);
}

/** The eight bytes of `data` from `start` on, as they are. */
export function writePing(out: Buffer, at: number, data: Buffer, start: number, isAck: boolean): number {
  const flags = isAck ? frameFlags.ack : frameFlags.none;
  const payload = writeFrameHeader(out, at, pingBytes, frameTypes.ping, flags, 0);
  data.copy(out, payload, start, start + pingBytes);
  return payload + pingBytes;
}

export function writeGoaway(
  out: Buffer,
  at: number,
  lastStream: number,
  code: number = errorCodes.none,
): number {
  const payload = writeFrameHeader(out, at, 8, frameTypes.goaway, 0, 0);
  return write32(out, write32(out, payload, lastStream), code);
}

export function writeSettingsAck(out: Buffer, at: number): number {
  return writeFrameHeader(out, at, 0, frameTypes.settings, frameFlags.ack, 0);
}

export type Setting = readonly [id: number, value: number];

export function settingsFrameBytes(settings: readonly Setting[]): number {
  return frameHeaderBytes + settingBytes * settings.length;
}

export function writeSettings(out: Buffer, at: number, settings: readonly Setting[]): number {
  let next = writeFrameHeader(out, at, settingBytes * settings.length, frameTypes.settings, 0, 0);
  for (const [id, value] of settings) {
    out[next] = id >>> 8;
    out[next + 1] = id;
    next = write32(out, next + 2, value);
  }
  return next;
}
