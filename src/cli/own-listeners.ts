// Where this program listens, for the rule that no manifest may make it an endpoint of itself.
import { networkInterfaces } from 'node:os';
import type { Config } from '../config/index.ts';
import type { OwnListener } from '../translate/index.ts';

/** All IP addresses of this machine, as they are now. */
export function machineAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}

/** The listeners that are on; one on an unspecified address is named once more for each address of the machine. */
export function ownListenersOf(
  { proxy, adminAddress, adminPort }: Pick<Config, 'proxy' | 'adminAddress' | 'adminPort'>,
  addresses: readonly string[],
  others: readonly OwnListener[] = [],
): readonly OwnListener[] {
  const { address, httpPort, httpsPort } = proxy.listen;
  const listeners: OwnListener[] = [
    { address, port: httpPort, purpose: 'traffic' },
    { address, port: httpsPort, purpose: 'traffic' },
    { address: adminAddress, port: adminPort, purpose: 'admin' },
    ...others,
  ];
  return listeners
    .filter(({ port }) => port !== 0)
    .flatMap((listener) =>
      listener.address === '0.0.0.0' || listener.address === '::'
        ? [listener, ...addresses.map((each) => ({ ...listener, address: each }))]
        : [listener],
    );
}
