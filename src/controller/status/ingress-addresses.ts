// The addresses that are written into the status of Ingresses: their form, and how they follow from a Service or from nodes
// (ingress-api.md G.2, as ingress-nginx reads them). Values only.
import { isIP } from 'node:net';
import type { IngressLoadBalancerIngress, Service } from '../../kube/index.ts';
import { compareText } from '../../std/compare-text.ts';

/** One entry of `status.loadBalancer.ingress`: an address, or a host name. */
export type IngressAddress = Pick<IngressLoadBalancerIngress, 'ip' | 'hostname'>;

/** An IP address becomes `ip`, anything else `hostname`. */
export function addressOf(text: string): IngressAddress {
  return isIP(text) === 0 ? { hostname: text } : { ip: text };
}

/** Each once, in the order in which they are written. */
export function sortAddresses(addresses: readonly IngressAddress[]): readonly IngressAddress[] {
  const unique = new Map(addresses.map((address) => [renderAddress(address), address]));
  return [...unique].sort(([a], [b]) => compareText(a, b)).map(([, address]) => address);
}

function renderAddress({ ip, hostname }: IngressAddress): string {
  return `${ip ?? ''} ${hostname ?? ''}`;
}

/** Whether a status says what is wanted; ports, which we never write, are not looked at. */
export function hasAddresses(
  present: readonly IngressLoadBalancerIngress[] | undefined,
  wanted: readonly IngressAddress[],
): boolean {
  const entries = sortAddresses(present ?? []);
  return (
    entries.length === wanted.length &&
    (present ?? []).length === wanted.length &&
    entries.every((entry, index) => renderAddress(entry) === renderAddress(wanted[index] ?? {}))
  );
}

/** What a publish Service is reached by. Empty: nothing yet, as while a load balancer is being made. */
export function addressesOfService(service: Service): readonly IngressAddress[] {
  const { type, clusterIP, externalIPs = [], externalName } = service.spec;
  const external = externalIPs.map(addressOf);
  const cluster =
    clusterIP === undefined || clusterIP === '' || clusterIP === 'None' ? [] : [addressOf(clusterIP)];
  switch (type) {
    case 'ExternalName':
      return externalName === undefined || externalName === '' ? [] : [addressOf(externalName)];
    case 'ClusterIP':
      return cluster;
    case 'NodePort':
      return sortAddresses(external.length > 0 ? external : cluster);
    case 'LoadBalancer': {
      const entries = service.status?.loadBalancer?.ingress ?? [];
      const given = entries.flatMap(({ ip, hostname }): IngressAddress[] => {
        if (ip !== undefined && ip !== '') return [{ ip }];
        return hostname !== undefined && hostname !== '' ? [{ hostname }] : [];
      });
      return sortAddresses([...given, ...external]);
    }
    default:
      return [];
  }
}

/** The members of a Node that are looked at. */
interface NodeAddress {
  readonly type?: unknown;
  readonly address?: unknown;
}

/** The external address of a node, or failing that (or when it is wanted) the internal one; null: it has neither. */
export function addressOfNode(node: unknown, wantsInternal: boolean): IngressAddress | null {
  const { status } = (node ?? {}) as { readonly status?: { readonly addresses?: unknown } };
  const list = Array.isArray(status?.addresses) ? (status.addresses as readonly NodeAddress[]) : [];
  const find = (type: string): string | undefined => {
    const found = list.find((each) => each.type === type && typeof each.address === 'string');
    return found?.address as string | undefined;
  };
  const text = wantsInternal ? find('InternalIP') : (find('ExternalIP') ?? find('InternalIP'));
  return text === undefined || text === '' ? null : addressOf(text);
}
