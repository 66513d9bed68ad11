// What an update of a Service keeps although the client did not say so, and what it loses with its type (core service storage
// patchAllocatedValues, normalizeClusterIPs; strategy dropTypeDependentFields). The order of the steps is the server's.
import type { Service, ServicePort } from '../../../../kube/index.ts';
import { isEqualValue } from '../../equal-values.ts';
import {
  choosesNodePorts,
  isExposed,
  needsClusterIp,
  needsHealthPort,
  publishesNodePorts,
  withSpec,
} from './service-needs.ts';

/** `next` as the client meant it; the status is not its business. */
export function prepareServiceUpdate(next: Service, old: Service): Service {
  const patched = matchAddresses(keepAllocated(next, old), old);
  return dropWithType(patched, old);
}

function keepAllocated(next: Service, old: Service): Service {
  let service = next;
  if (needsClusterIp(old) && needsClusterIp(next)) {
    const { clusterIP = '', clusterIPs = [] } = next.spec;
    service = withSpec(service, {
      clusterIP: clusterIP === '' ? old.spec.clusterIP : clusterIP,
      clusterIPs: clusterIPs.length === 0 ? old.spec.clusterIPs : clusterIPs,
    });
  }
  if (choosesNodePorts(old) && choosesNodePorts(next)) {
    service = withSpec(service, { ports: keepNodePorts(next.spec.ports ?? [], old.spec.ports ?? []) });
  }
  if (needsHealthPort(old) && needsHealthPort(next) && (next.spec.healthCheckNodePort ?? 0) === 0) {
    service = withSpec(service, { healthCheckNodePort: old.spec.healthCheckNodePort });
  }
  return service;
}

/** A port keeps the node port that the port of its name had, unless another port names it now. */
function keepNodePorts(next: readonly ServicePort[], old: readonly ServicePort[]): ServicePort[] {
  const named = new Set(next.map(({ nodePort = 0 }) => nodePort));
  const byName = new Map(old.map(({ name = '', nodePort = 0 }) => [name, nodePort]));
  return next.map((port) => {
    if ((port.nodePort ?? 0) !== 0) return port;
    const kept = byName.get(port.name ?? '') ?? 0;
    return kept === 0 || named.has(kept) ? port : { ...port, nodePort: kept };
  });
}

/** Brings `clusterIP` and `clusterIPs` together where the client changed one of them only. */
function matchAddresses(next: Service, old: Service): Service {
  const { clusterIP = '', clusterIPs = [] } = next.spec;
  const oldIp = old.spec.clusterIP ?? '';
  const oldIps = old.spec.clusterIPs ?? [];
  if (clusterIP === oldIp) {
    return oldIps.length > 0 && clusterIPs.length === 0 ? withSpec(next, { clusterIPs: oldIps }) : next;
  }
  if (!isEqualValue(clusterIPs, oldIps)) return next;
  return withSpec(next, { clusterIPs: clusterIP === '' ? undefined : [clusterIP] });
}

/** Fields that mean nothing for the new type go, if the client left them as they were. */
function dropWithType(next: Service, old: Service): Service {
  const isSame = (name: keyof Service['spec']): boolean => isEqualValue(next.spec[name], old.spec[name]);
  let service = next;
  if (needsClusterIp(old) && !needsClusterIp(next)) {
    const hasSameIps = isSame('clusterIP') && isSame('clusterIPs');
    service = withSpec(service, {
      ...(hasSameIps ? { clusterIP: undefined, clusterIPs: undefined } : {}),
      ...(isSame('ipFamilies') ? { ipFamilies: undefined } : {}),
      ...(isSame('ipFamilyPolicy') ? { ipFamilyPolicy: undefined } : {}),
      // kube stores it and leaves it out whenever it is read.
      ...(isSame('internalTrafficPolicy') ? { internalTrafficPolicy: undefined } : {}),
    });
  }
  if (publishesNodePorts(old) && !publishesNodePorts(next) && hasNoNewNodePort(next, old)) {
    service = withSpec(service, { ports: next.spec.ports?.map(withoutNodePort) });
  }
  if (needsHealthPort(old) && !needsHealthPort(next) && isSame('healthCheckNodePort')) {
    service = withSpec(service, { healthCheckNodePort: undefined });
  }
  if (old.spec.type === 'LoadBalancer' && next.spec.type !== 'LoadBalancer') {
    service = withSpec(service, {
      ...(isSame('allocateLoadBalancerNodePorts') ? { allocateLoadBalancerNodePorts: undefined } : {}),
      ...(isSame('loadBalancerClass') ? { loadBalancerClass: undefined } : {}),
    });
  }
  if (isExposed(old) && !isExposed(next) && isSame('externalTrafficPolicy')) {
    service = withSpec(service, { externalTrafficPolicy: undefined });
  }
  return service;
}

function withoutNodePort({ nodePort: _released, ...port }: ServicePort): ServicePort {
  return port;
}

function hasNoNewNodePort(next: Service, old: Service): boolean {
  const known = new Set((old.spec.ports ?? []).map(({ nodePort = 0 }) => nodePort));
  return (next.spec.ports ?? []).every(({ nodePort = 0 }) => nodePort === 0 || known.has(nodePort));
}
