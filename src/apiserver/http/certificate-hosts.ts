// By which addresses clients reach a server that listens on `bind`: what its certificate must name, and which of them the kubeconfig says.
import { parseIp, type IpBytes } from '../../std/ip-address.ts';

/** For machines with an address for each of thousands of containers: a certificate is sent whole with every handshake. */
const maxAddresses = 256;

/**
 * The address that is listened on; for all of them (`0.0.0.0`, `::`) those of the machine that a client can call. `machine`: all
 * addresses of its interfaces.
 */
export function certificateHosts(bind: string, machine: readonly string[]): readonly string[] {
  if (!isUnspecified(bind)) return [bind];
  const isAnyFamily = bind.includes(':');
  const named = machine.flatMap((address) => {
    const bytes = parseIp(address);
    const isNamed = bytes !== null && (isAnyFamily || bytes.length === 4) && !needsZone(bytes);
    return isNamed ? [address] : [];
  });
  return [...new Set(named)].sort().slice(0, maxAddresses);
}

/** What a client of this machine calls. */
export function localHost(bind: string): string {
  if (!isUnspecified(bind)) return bind;
  return bind.includes(':') ? '::1' : '127.0.0.1';
}

function isUnspecified(address: string): boolean {
  return parseIp(address)?.every((byte) => byte === 0) ?? false;
}

/** fe80::/10 is called with the name of an interface (`fe80::1%eth0`), and no certificate can name that. */
function needsZone(bytes: IpBytes): boolean {
  return bytes.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}
