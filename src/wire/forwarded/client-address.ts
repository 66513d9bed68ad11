// Who the client is, seen through trusted forwarders (rule X1).
import { normalizeIp } from './ip-address.ts';

/** Entries looked at, from the right; a longer chain of trusted forwarders is no real one. */
const maxHops = 64;

/**
 * The address of the client: `peer` while it is not trusted, else the rightmost entry of `forwardedFor` (X-Forwarded-For, comma-separated) that is
 * not. An entry that is no address ends the search: the last valid address counts. All trusted: the leftmost one. `peer` as
 * `normalizeIp` gives it; so is the result. `trusted` gets normalised addresses.
 */
export function clientAddress(peer: string, forwardedFor: string, trusted: (ip: string) => boolean): string {
  let address = peer;
  let end = forwardedFor.length;
  for (let hop = 0; hop < maxHops && end > 0 && trusted(address); hop += 1) {
    const comma = forwardedFor.lastIndexOf(',', end - 1);
    const entry = parseEntry(forwardedFor.slice(comma + 1, end));
    if (entry === null) return address;
    address = entry;
    end = comma;
  }
  return address;
}

/** One entry: an address, which some forwarders write with a port (`192.0.2.1:4711`, `[2001:db8::1]:4711`). */
function parseEntry(text: string): string | null {
  const entry = text.replace(/^[ \t]+|[ \t]+$/g, '');
  const withPort = /^(?:\[([^\]]*)\]|([0-9.]+))(?::[0-9]{1,5})?$/.exec(entry);
  return normalizeIp(withPort?.[1] ?? withPort?.[2] ?? entry);
}
