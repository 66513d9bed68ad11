// Which endpoint addresses are dialled. An Ingress author must not reach the proxy's own machine, its link or a multicast
// group through a hand-written slice; the API server refuses these addresses too (ingress-api.md F.2, ValidateNonSpecialIP). Nobody can be
// reached at a broadcast or reserved address.
import { isLoopback, parseIp } from './ip-address.ts';

/** Why an address is not dialled, as the second half of a sentence; null if it is. */
export function refuseAddress(address: string, allowLoopback: boolean): string | null {
  const bytes = parseIp(address);
  if (bytes === null) return 'is not an IP address';
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 4) {
    if (bytes.every((byte) => byte === 0)) return 'is unspecified (0.0.0.0)';
    if (isLoopback(bytes)) return allowLoopback ? null : 'is in the loopback range (127.0.0.0/8)';
    if (first === 169 && second === 254) return 'is in the link-local range (169.254.0.0/16)';
    if (bytes.every((byte) => byte === 255)) return 'is the broadcast address (255.255.255.255)';
    if (first >= 240) return 'is in the reserved range (240.0.0.0/4)';
    return first >= 224 ? 'is in the multicast range (224.0.0.0/4)' : null;
  }
  if (bytes.every((byte) => byte === 0)) return 'is unspecified (::)';
  if (isLoopback(bytes)) return allowLoopback ? null : 'is the loopback address (::1)';
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
  return isLoopbackName(text) && !allowLoopback ? 'is a loopback name' : null;
}

/** A name, in lower case, that means this machine to resolvers (RFC 6761 6.3). */
export function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === 'localhost.localdomain';
}
