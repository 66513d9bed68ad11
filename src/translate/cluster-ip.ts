// Upstreams that are reached by the Service's own address instead of its endpoints (`service-upstream`): the cluster's network
// spreads the connections then. Such an upstream is a unit of its own, beside that of the endpoints.
import type { Service } from '../kube/index.ts';
import type { UpstreamId } from '../model/index.ts';
import { isOf } from './collect-endpoints.ts';
import { refuseAddress } from '../std/endpoint-address.ts';
import { isOwnListener, type OwnListener } from './own-listeners.ts';
import { isNamedPort, type ResolvedUpstream } from './resolve-upstream.ts';
import { membersOf, textOf } from './shape.ts';

/** No port's name holds it. */
const suffix = '@cluster-ip';

export function clusterIpUpstream(id: UpstreamId): UpstreamId {
  return `${id}${suffix}`;
}

/** The port of an id without the mark, and whether it was there. */
export function splitClusterIp(portText: string): { readonly port: string; readonly isClusterIp: boolean } {
  const isClusterIp = portText.endsWith(suffix);
  return { port: isClusterIp ? portText.slice(0, -suffix.length) : portText, isClusterIp };
}

/** Headless Services and external names have no address of their own and stay as they are; so does what is wrong with a Service or port. */
export function withClusterIp(
  resolved: ResolvedUpstream,
  service: Service | undefined,
  portText: string,
  allowLoopback: boolean,
  ownListeners: readonly OwnListener[],
): ResolvedUpstream {
  const address = textOf(service?.spec?.clusterIP);
  const port = membersOf(service?.spec?.ports)
    .map(([, each]) => each)
    .find((each) => isNamedPort(each, portText) && isOf('TCP', each))?.port;
  if (resolved.target.kind !== 'endpoints' || port === undefined) return resolved;
  if (refuseAddress(address, allowLoopback) !== null || isOwnListener(ownListeners, address, port))
    return resolved;
  return {
    ...resolved,
    target: { kind: 'endpoints', endpoints: [{ address, port, ready: true }] },
    issue: null,
  };
}
