// The canonical text of IP addresses. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) is the IPv4 address; zone identifiers are refused.
import { type IpBytes, parseIp } from '../../std/ip-address.ts';

/** The canonical text of an address, mapped IPv4 as IPv4; null when it is none. */
export function normalizeIp(text: string): string | null {
  const address = parseIp(text);
  return address === null ? null : renderIp(address);
}

/** Dotted decimal for IPv4, else RFC 5952: lower case, the longest run of zero groups as `::`. */
function renderIp(address: IpBytes): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i] ?? 0) * 256 + (address[2 * i + 1] ?? 0));
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i += 1) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length += 1;
    if (length > bestLength) [bestStart, bestLength] = [i, length];
    if (length > 0) i += length - 1;
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestStart === -1) return hex.join(':');
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`;
}
