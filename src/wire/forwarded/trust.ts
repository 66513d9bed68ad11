// Which forwarders are believed: a list of networks, compared in binary (section 7 of the hardening rules).
import { type IpBytes, parseIp } from '../../std/ip-address.ts';

export interface Network {
  /** 16 bytes. */
  readonly address: IpBytes;
  /** Of the 128-bit form: an IPv4 network of /n has n + 96. */
  readonly prefixBits: number;
}

/**
 * The test whether an address lies in one of the networks, given in CIDR notation (`10.0.0.0/8`, `2001:db8::/32`) or as single addresses. The
 * test is false for text that is no address. Throws a TypeError for a text that is no network.
 */
export function compileTrust(cidrs: readonly string[]): (ip: string) => boolean {
  const networks = cidrs.map((cidr) => {
    const network = parseCidr(cidr);
    if (network === null) {
      throw new TypeError(
        `parsing a trusted network: "${cidr}" is not an address or a CIDR such as "10.0.0.0/8"`,
      );
    }
    return network;
  });
  const holds = (ip: string): boolean => {
    const bytes = parseIp(ip);
    if (bytes === null) return false;
    const address = longForm(bytes);
    return networks.some((network) => contains(network, address));
  };
  // Requests of one connection come one after the other: who was asked about last is often asked about next.
  let lastIp = '';
  let wasHeld = false;
  return (ip) => {
    if (ip !== lastIp) {
      wasHeld = holds(ip);
      lastIp = ip;
    }
    return wasHeld;
  };
}

/** null for text that is neither a CIDR nor an address. Bits behind the prefix are ignored, as nginx does. */
export function parseCidr(text: string): Network | null {
  const slash = text.indexOf('/');
  const bytes = parseIp(slash === -1 ? text : text.slice(0, slash));
  if (bytes === null) return null;
  const address = longForm(bytes);
  // `::ffff:10.0.0.0/104` counts its bits in the long form.
  const isShort = bytes.length === 4 && !text.includes(':');
  if (slash === -1) return { address, prefixBits: 128 };
  const bits = text.slice(slash + 1);
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(bits) || Number(bits) > (isShort ? 32 : 128)) return null;
  return { address, prefixBits: Number(bits) + (isShort ? 96 : 0) };
}

const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const;

/** 16 bytes: IPv4 as IPv4-mapped, so that networks of both families compare. */
function longForm(bytes: IpBytes): IpBytes {
  return bytes.length === 4 ? [...mappedPrefix, ...bytes] : bytes;
}

function contains(network: Network, address: IpBytes): boolean {
  for (let i = 0, left = network.prefixBits; left > 0; i += 1, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if ((((network.address[i] ?? 0) ^ (address[i] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}
