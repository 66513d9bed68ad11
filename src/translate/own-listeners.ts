// The proxy's own listeners as endpoints: a Service that names one would bring the admin pages to strangers, or requests back to
// where they came from, round and round (http-hardening.md, G5, G9). Standing alone other loopback endpoints are welcome.
import { isLoopback, parseIp, type IpBytes } from '../std/ip-address.ts';
import { isLoopbackName } from '../std/endpoint-address.ts';

/** Where the proxy itself listens. */
export interface OwnListener {
  /** IP address; unspecified (0.0.0.0, ::) stands for all loopback addresses, the caller names the machine's others. */
  readonly address: string;
  readonly port: number;
  readonly purpose: 'traffic' | 'admin';
}

/** Whether dialling the address and port would reach the proxy itself. */
export function isOwnListener(listeners: readonly OwnListener[], address: string, port: number): boolean {
  const bytes = parseIp(address);
  if (bytes === null) return false;
  return listeners.some((listener) => listener.port === port && reaches(bytes, parseIp(listener.address)));
}

/**
 * The same for an external name. What a DNS name resolves to is not known here, so the admin port is refused under any name;
 * traffic ports, which are common ports, only under the names of this machine.
 */
export function isOwnListenerName(listeners: readonly OwnListener[], name: string, port: number): boolean {
  if (parseIp(name) !== null) return isOwnListener(listeners, name, port);
  if (listeners.some((listener) => listener.port === port && listener.purpose === 'admin')) return true;
  return (
    isLoopbackName(name) && ['127.0.0.1', '::1'].some((address) => isOwnListener(listeners, address, port))
  );
}

function reaches(dialled: IpBytes, listening: IpBytes | null): boolean {
  if (listening === null) return false;
  if (listening.every((byte) => byte === 0)) return isLoopback(dialled);
  return dialled.length === listening.length && dialled.every((byte, index) => byte === listening[index]);
}
