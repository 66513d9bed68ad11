// Version 2 of the PROXY protocol: a binary head of 16 bytes, the addresses, and type-length-value fields behind them.
import { normalizeIp } from '../forwarded/ip-address.ts';
import { crc32c } from './crc32c.ts';
import { needsMore, type ProxyEnd, type ProxyReading, refuse } from './header.ts';

export const v2HeadBytes = 16;
/** The whole header. The protocol allows 64 KiB; what is really sent (certificate names, cloud endpoints) is far below. */
export const maxV2Bytes = 4_096;
/** Type of the field that holds the checksum of the whole header. */
export const crcType = 0x03;
export const crcBytes = 4;
const tlvHeadBytes = 3;

/** Bytes of the addresses by family: unspecified, IPv4, IPv6, Unix. */
const addressBytes = [0, 12, 36, 216] as const;

/** For bytes that begin with the signature of version 2 as far as they go. */
export function readV2(bytes: Uint8Array): ProxyReading {
  if (bytes.length < v2HeadBytes) return needsMore;
  const versionAndCommand = bytes[12] ?? 0;
  if (versionAndCommand >> 4 !== 2) return refuse('v2-version');
  const command = versionAndCommand & 0x0f;
  if (command > 1) return refuse('v2-command');
  const length = v2HeadBytes + readUint16(bytes, 14);
  if (length > maxV2Bytes) return refuse('v2-too-long');
  const isLocal = command === 0;
  const familyAndTransport = bytes[13] ?? 0;
  if (!isLocal && !isKnown(familyAndTransport)) return refuse('v2-family');
  const addressesEnd = v2HeadBytes + (isLocal ? 0 : (addressBytes[familyAndTransport >> 4] ?? 0));
  if (addressesEnd > length) return refuse('v2-too-short');
  if (bytes.length < length) return needsMore;
  // LOCAL: the protocol says to throw the rest away, family and fields included.
  if (isLocal) return { kind: 'done', header: { kind: 'local' }, length };
  // Nothing says where the fields begin behind an unspecified family: its block is thrown away too.
  if (familyAndTransport === 0) return { kind: 'done', header: { kind: 'unknown' }, length };
  return checkFields(bytes, addressesEnd, length) ?? readEnds(bytes, familyAndTransport, length);
}

/** The protocol: any other combination is to be rejected. */
function isKnown(familyAndTransport: number): boolean {
  const family = familyAndTransport >> 4;
  const transport = familyAndTransport & 0x0f;
  return familyAndTransport === 0 || (family >= 1 && family <= 3 && transport >= 1 && transport <= 2);
}

/** Null: the fields fill the header exactly, and its checksum, if there is one, is right. */
function checkFields(bytes: Uint8Array, start: number, end: number): ProxyReading | null {
  let hasCrc = false;
  for (let at = start; at < end; ) {
    if (end - at < tlvHeadBytes) return refuse('v2-tlv');
    const valueStart = at + tlvHeadBytes;
    const valueEnd = valueStart + readUint16(bytes, at + 1);
    if (valueEnd > end) return refuse('v2-tlv');
    if (bytes[at] === crcType) {
      if (hasCrc || valueEnd - valueStart !== crcBytes) return refuse('v2-tlv');
      hasCrc = true;
      const wanted = readUint16(bytes, valueStart) * 65_536 + readUint16(bytes, valueStart + 2);
      if (crc32c(bytes, end, valueStart, valueEnd) !== wanted) return refuse('v2-checksum');
    }
    at = valueEnd;
  }
  return null;
}

function readEnds(bytes: Uint8Array, familyAndTransport: number, length: number): ProxyReading {
  const family = familyAndTransport >> 4;
  // Unix sockets have no address that anything here could compare.
  if (family === 3) return { kind: 'done', header: { kind: 'unknown' }, length };
  const size = family === 1 ? 4 : 16;
  const portsAt = v2HeadBytes + 2 * size;
  const source = readEnd(bytes, v2HeadBytes, size, portsAt);
  const destination = readEnd(bytes, v2HeadBytes + size, size, portsAt + 2);
  const transport = (familyAndTransport & 0x0f) === 1 ? 'stream' : 'datagram';
  return { kind: 'done', header: { kind: 'ends', transport, source, destination }, length };
}

function readEnd(bytes: Uint8Array, at: number, size: number, portAt: number): ProxyEnd {
  const raw = bytes.subarray(at, at + size);
  const text = size === 4 ? raw.join('.') : renderGroups(raw);
  return { address: normalizeIp(text) ?? text, port: readUint16(bytes, portAt) };
}

function renderGroups(raw: Uint8Array): string {
  return Array.from({ length: 8 }, (_, group) => readUint16(raw, 2 * group).toString(16)).join(':');
}

function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}
