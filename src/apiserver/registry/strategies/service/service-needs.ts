// What a Service of a type needs from the server: an address of the cluster, ports of the nodes, a port for health checks.
import type { Service } from '../../../../kube/index.ts';

export function needsClusterIp({ spec }: Service): boolean {
  return spec.type !== 'ExternalName';
}

/** Whether the type publishes ports on nodes, whether or not the server chooses them. */
export function publishesNodePorts({ spec }: Service): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

/** Whether the server chooses the ports that the client left open. */
export function choosesNodePorts({ spec }: Service): boolean {
  if (spec.type === 'NodePort') return true;
  return spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
}

export function needsHealthPort({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

export function isExposed({ spec }: Service): boolean {
  if (spec.type === 'ClusterIP') return (spec.externalIPs ?? []).length > 0;
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

/** A copy of the Service with some members of its spec set, or left out where the value is undefined. */
export function withSpec(
  service: Service,
  members: { readonly [Key in keyof Service['spec']]?: Service['spec'][Key] | undefined },
): Service {
  const spec = Object.fromEntries(
    Object.entries({ ...service.spec, ...members }).filter(([, value]) => value !== undefined),
  );
  // Only optional members are ever given as undefined.
  return { ...service, spec: spec as unknown as Service['spec'] };
}

/** The text that decides where the search for a free value begins. */
export function seedOfService({ metadata }: Service): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
