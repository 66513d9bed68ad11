// Writes PROXY protocol headers: who the connection that follows is really from, and whom it was for.
import { type IpBytes, parseIp } from '../../std/ip-address.ts';
import { crc32c } from './crc32c.ts';
import type { ProxyEnd } from './header.ts';
import { v2Signature } from './read.ts';
import { crcBytes, crcType, v2HeadBytes } from './read-v2.ts';

/** The line of version 1, with its end. Ends of two families are both written as IPv6; without both, `UNKNOWN`. */
export function renderProxyV1(source: ProxyEnd | null, destination: ProxyEnd | null): string {
  const [from, to] = [bytesOf(source), bytesOf(destination)];
  if (source === null || destination === null || from === null || to === null) return 'PROXY UNKNOWN\r\n';
  const isV6 = from.length === 16 || to.length === 16;
  const text = ({ address }: ProxyEnd, bytes: IpBytes): string =>
    isV6 && bytes.length === 4 ? `::ffff:${bytes.join('.')}` : address;
  const family = isV6 ? 'TCP6' : 'TCP4';
  return `PROXY ${family} ${text(source, from)} ${text(destination, to)} ${source.port} ${destination.port}\r\n`;
}

/** The header of version 2, with a checksum. Without both ends: LOCAL. */
export function renderProxyV2(
  source: ProxyEnd | null,
  destination: ProxyEnd | null,
  transport: 'stream' | 'datagram',
): Uint8Array {
  const [from, to] = [bytesOf(source), bytesOf(destination)];
  if (source === null || destination === null || from === null || to === null) return header(0x20, 0, []);
  const isV6 = from.length === 16 || to.length === 16;
  const family = (isV6 ? 0x20 : 0x10) | (transport === 'stream' ? 1 : 2);
  const widen = (bytes: IpBytes): IpBytes =>
    isV6 && bytes.length === 4 ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes] : bytes;
  const ports = [source.port, destination.port].flatMap((port) => [port >> 8, port & 0xff]);
  return header(0x21, family, [...widen(from), ...widen(to), ...ports]);
}

function header(command: number, family: number, addresses: readonly number[]): Uint8Array {
  const fieldAt = v2HeadBytes + addresses.length;
  const length = fieldAt + 3 + crcBytes;
  const bytes = new Uint8Array(length);
  for (let at = 0; at < v2Signature.length; at += 1) bytes[at] = v2Signature.charCodeAt(at);
  bytes.set([command, family, (length - v2HeadBytes) >> 8, (length - v2HeadBytes) & 0xff], 12);
  bytes.set(addresses, v2HeadBytes);
  bytes.set([crcType, 0, crcBytes], fieldAt);
  const crc = crc32c(bytes, length, fieldAt + 3, length);
  bytes.set([crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff], fieldAt + 3);
  return bytes;
}

function bytesOf(end: ProxyEnd | null): IpBytes | null {
  return end === null ? null : parseIp(end.address);
}
