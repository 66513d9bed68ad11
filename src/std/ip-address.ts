// IP addresses as bytes: parsed before any comparison, because a list checked against text is a bypass (`::1`, `0:0::1`). What is an
// address is the platform's word, so that all parts of the program agree with what is dialled.
import { isIP } from 'node:net';

/** IPv4, also when written as IPv4-mapped (`::ffff:1.2.3.4`), has 4 bytes, IPv6 has 16. */
export type IpBytes = readonly number[];

/** The bytes of an address; null for any other text. Leading zeros (octal to some readers), zones and brackets are refused. */
export function parseIp(text: string): IpBytes | null {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family === 0) return null;
  if (family === 4) return parseIpv4(text);
  const bytes = parseIpv6(text);
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.slice(12) : bytes;
}

function parseIpv4(text: string): number[] {
  return text.split('.').map(Number);
}

/** Of a text that is known to be an IPv6 address. */
function parseIpv6(text: string): number[] {
  const [head = '', tail = ''] = text.split('::');
  const before = parseGroups(head);
  const behind = parseGroups(tail);
  const gap = Array<number>(16 - before.length - behind.length).fill(0);
  return [...before, ...gap, ...behind];
}

function parseGroups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return parseIpv4(group);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(bytes: IpBytes): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}
