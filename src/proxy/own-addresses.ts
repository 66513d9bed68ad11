// Own addresses: whether dialling an address and port would reach this proxy's own traffic listeners. A public DNS name may resolve
// to anything, so names are judged by what they resolve to, when they do (rule G5): a request that comes back to the proxy loops.
import { networkInterfaces } from 'node:os';
import type { ListenSettings } from '../model/index.ts';
import { isLoopback, parseIp } from '../std/ip-address.ts';

/**
 * The test for the listeners of these settings, and for the ports of streams, which come and go. The machine's own addresses are
 * read once.
 */
export function ownAddressTest(
  listen: ListenSettings,
  hasStream: (port: number) => boolean = () => false,
): (address: string, port: number) => boolean {
  const ports = new Set([listen.httpPort, listen.httpsPort].filter((port) => port > 0));
  const isUnspecified = parseIp(listen.address)?.every((byte) => byte === 0) === true;
  const own = new Set([listen.address]);
  if (isUnspecified) {
    for (const addresses of Object.values(networkInterfaces())) {
      for (const { address } of addresses ?? []) own.add(address);
    }
  }
  return (address, port) => {
    if (!ports.has(port) && !hasStream(port)) return false;
    const bytes = parseIp(address);
    return own.has(address) || (isUnspecified && bytes !== null && isLoopback(bytes));
  };
}
