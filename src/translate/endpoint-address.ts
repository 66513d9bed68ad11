// Which endpoint addresses are dialled. An Ingress author must not reach the proxy's own machine, its link or a multicast
// group through a hand-written slice; the API server refuses these addresses too (ingress-api.md F.2, ValidateNonSpecialIP).

const ipv4Part = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;

/** Four bytes for IPv4 (an IPv4-mapped IPv6 address too), sixteen for IPv6; null if the text is neither. No zones. */
export function parseIp(text: string): readonly number[] | null {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  const isMapped = bytes?.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return isMapped ? (bytes?.slice(12) ?? null) : bytes;
}

function parseIpv4(text: string): readonly number[] | null {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => ipv4Part.test(part)) ? parts.map(Number) : null;
}

function parseIpv6(text: string): readonly number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

/** Bytes of groups between colons; the last may be an IPv4 address if `mayEndInIpv4`. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (mayEndInIpv4 && index === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === null) return null;
      bytes.push(...ipv4);
    } else if (/^[\da-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    } else return null;
  }
  return bytes;
}

/** Why an address is not dialled, as the second half of a sentence; null if it is. */
export function refuseAddress(address: string, allowLoopback: boolean): string | null {
  const bytes = parseIp(address);
  if (bytes === null) return 'is not an IP address';
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 4) {
    if (bytes.every((byte) => byte === 0)) return 'is unspecified (0.0.0.0)';
    if (first === 127) return allowLoopback ? null : 'is in the loopback range (127.0.0.0/8)';
    if (first === 169 && second === 254) return 'is in the link-local range (169.254.0.0/16)';
    return first >= 224 && first <= 239 ? 'is in the multicast range (224.0.0.0/4)' : null;
  }
  if (bytes.slice(0, 15).every((byte) => byte === 0)) {
    if (bytes[15] === 0) return 'is unspecified (::)';
    if (bytes[15] === 1) return allowLoopback ? null : 'is the loopback address (::1)';
  }
  if (first === 0xfe && (second & 0xc0) === 0x80) return 'is in the link-local range (fe80::/10)';
  return first === 0xff ? 'is in the multicast range (ff00::/8)' : null;
}

/** A name whose last label is a number is read as an IPv4 address by resolvers (`127.1`, `0x7f.1`). */
const numericEnd = /(?:^|\.)(?:\d+|0x[\da-f]*)$/i;

/** Why an external name is not dialled; null if it is. What a DNS name resolves to is not known here. */
export function refuseExternalName(name: string, allowLoopback: boolean): string | null {
  const text = name.toLowerCase();
  if (text === '') return 'is empty';
  if (parseIp(text) !== null) return refuseAddress(text, allowLoopback);
  if (text.includes(':') || numericEnd.test(text)) return 'is not a DNS name';
  const isLocal = text === 'localhost' || text.endsWith('.localhost') || text === 'localhost.localdomain';
  return isLocal && !allowLoopback ? 'is a loopback name' : null;
}
