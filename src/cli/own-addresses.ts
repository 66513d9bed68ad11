// The address by which clients reach the traffic listeners of this machine, for the status of Ingresses.
import { isIP } from 'node:net';
import { isLoopbackAddress } from '../kube/index.ts';

/** The address that is listened on; for all of them the first that is no loopback, else 127.0.0.1. */
export function reachableAddresses(bind: string, machine: readonly string[]): readonly string[] {
  if (bind !== '0.0.0.0' && bind !== '::') return [bind];
  const others = machine.filter((address) => !isLoopbackAddress(address) && !isLinkLocal(address));
  const first = others.find((address) => isIP(address) === 4) ?? (bind === '::' ? others[0] : undefined);
  return [first ?? '127.0.0.1'];
}

function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab]/i.test(address);
}
