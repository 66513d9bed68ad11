// Defaulting: what the API server fills in before it validates (k/k pkg/apis/*/v1/defaults.go and the pure parts of the
// strategies). Nothing is allocated here: no cluster addresses, no node ports. Ingress v1 has no defaults.
import { Buffer } from 'node:buffer';
import type {
  EndpointsPort,
  EndpointSubset,
  Endpoints,
  Namespace,
  Secret,
  Service,
  ServicePort,
  ServiceSpec,
} from './core-types.ts';
import type { EndpointSlice, SlicePort } from './endpoint-slice-types.ts';
import type { IngressClass, IngressClassParameters } from './ingress-types.ts';
import { isExternallyAccessible } from './validate-service.ts';

/** An object as decoded: members that defaulting fills may be missing. */
export type Undefaulted<Type, Keys extends keyof Type> = Omit<Type, Keys> & Partial<Pick<Type, Keys>>;

type UndefaultedPort = Undefaulted<ServicePort, 'protocol' | 'targetPort'>;
type UndefaultedSpec = Omit<Undefaulted<ServiceSpec, 'type' | 'sessionAffinity'>, 'ports'> & {
  readonly ports?: readonly UndefaultedPort[];
};
export type UndefaultedService = Omit<Service, 'spec'> & { readonly spec: UndefaultedSpec };

const affinityTimeoutSeconds = 10800;
const namespaceLabel = 'kubernetes.io/metadata.name';

/** Service: type, affinity, ports, traffic policies; `clusterIPs` follows `clusterIP`. */
export function defaultService(service: UndefaultedService): Service {
  return withClusterIps(defaultServiceFields(service));
}

/** `clusterIPs` as `clusterIP` says, where it says nothing itself. The API server does it after it has noted who owns what. */
export function withClusterIps(service: Service): Service {
  const { clusterIP = '', clusterIPs = [] } = service.spec;
  if (clusterIP === '' || clusterIPs.length > 0) return service;
  return { ...service, spec: { ...service.spec, clusterIPs: [clusterIP] } };
}

/** Service: type, affinity, ports, traffic policies. */
export function defaultServiceFields(service: UndefaultedService): Service {
  const { spec, status } = service;
  const type = orDefault(spec.type, 'ClusterIP');
  const isPublished = type === 'NodePort' || type === 'LoadBalancer';
  const { sessionAffinityConfig: _config, ports, ...rest } = spec;
  const isAccessible = isExternallyAccessible({ ...rest, type });
  const external = isAccessible && (spec.externalTrafficPolicy ?? '') === '';
  const internal = spec.internalTrafficPolicy === undefined && (isPublished || type === 'ClusterIP');
  const allocates = type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === undefined;
  return {
    ...service,
    spec: {
      ...rest,
      ...(ports === undefined ? {} : { ports: ports.map(defaultServicePort) }),
      type,
      ...defaultAffinity(spec),
      ...(external ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(internal ? { internalTrafficPolicy: 'Cluster' } : {}),
      ...(allocates ? { allocateLoadBalancerNodePorts: true } : {}),
    },
    ...(status === undefined ? {} : { status: type === 'LoadBalancer' ? defaultIpModes(status) : status }),
  };
}

/** An empty text means absent, as in Go. */
function orDefault<Value extends string>(value: Value | undefined, fallback: Value): Value {
  return value === undefined || value.length === 0 ? fallback : value;
}

function defaultServicePort(port: UndefaultedPort): ServicePort {
  const target = port.targetPort ?? 0;
  return {
    ...port,
    protocol: orDefault(port.protocol, 'TCP'),
    targetPort: target === 0 || target === '' ? port.port : target,
  };
}

function defaultAffinity(
  spec: UndefaultedSpec,
): Pick<ServiceSpec, 'sessionAffinity' | 'sessionAffinityConfig'> {
  const sessionAffinity = orDefault(spec.sessionAffinity, 'None');
  if (sessionAffinity === 'None') return { sessionAffinity };
  const config = spec.sessionAffinityConfig;
  if (sessionAffinity !== 'ClientIP') {
    return config === undefined ? { sessionAffinity } : { sessionAffinity, sessionAffinityConfig: config };
  }
  const timeoutSeconds = config?.clientIP?.timeoutSeconds ?? affinityTimeoutSeconds;
  return { sessionAffinity, sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}

function defaultIpModes(status: NonNullable<Service['status']>): NonNullable<Service['status']> {
  const entries = status.loadBalancer?.ingress;
  if (entries === undefined) return status;
  const ingress = entries.map((entry) =>
    (entry.ip ?? '') !== '' && entry.ipMode === undefined ? { ...entry, ipMode: 'VIP' } : entry,
  );
  return { ...status, loadBalancer: { ...status.loadBalancer, ingress } };
}

export type UndefaultedSlice = Omit<EndpointSlice, 'ports'> & {
  readonly ports?: readonly Undefaulted<SlicePort, 'name' | 'protocol'>[];
};

/** EndpointSlice: ports get an empty name and TCP. */
export function defaultEndpointSlice(slice: UndefaultedSlice): EndpointSlice {
  const { ports, ...rest } = slice;
  if (ports === undefined) return rest;
  return {
    ...rest,
    ports: ports.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' })),
  };
}

export type UndefaultedEndpoints = Omit<Endpoints, 'subsets'> & {
  readonly subsets?: readonly (Omit<EndpointSubset, 'ports'> & {
    readonly ports?: readonly Undefaulted<EndpointsPort, 'protocol'>[];
  })[];
};

/** Endpoints: ports get TCP. */
export function defaultEndpoints(endpoints: UndefaultedEndpoints): Endpoints {
  const { subsets, ...rest } = endpoints;
  if (subsets === undefined) return rest;
  return {
    ...rest,
    subsets: subsets.map(({ ports, ...subset }) =>
      ports === undefined
        ? subset
        : { ...subset, ports: ports.map((port) => ({ ...port, protocol: orDefault(port.protocol, 'TCP') })) },
    ),
  };
}

export type UndefaultedSecret = Undefaulted<Secret, 'type'> & {
  readonly stringData?: Readonly<Record<string, string>>;
};

/** Secret: type Opaque; `stringData` is merged over `data` and leaves. */
export function defaultSecret(secret: UndefaultedSecret): Secret {
  const { stringData, ...rest } = secret;
  const typed = { ...rest, type: orDefault(secret.type, 'Opaque') };
  if (stringData === undefined) return typed;
  const added = Object.entries(stringData).map(
    ([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')] as const,
  );
  return { ...typed, data: Object.fromEntries([...Object.entries(secret.data ?? {}), ...added]) };
}

export type UndefaultedIngressClass = Omit<IngressClass, 'spec'> & {
  readonly spec: Omit<IngressClass['spec'], 'parameters'> & {
    readonly parameters?: Undefaulted<IngressClassParameters, 'scope'>;
  };
};

/** IngressClass: parameters without scope are cluster-scoped. */
export function defaultIngressClass(ingressClass: UndefaultedIngressClass): IngressClass {
  const { parameters, ...spec } = ingressClass.spec;
  if (parameters === undefined) return { ...ingressClass, spec };
  const { scope = 'Cluster' } = parameters;
  return { ...ingressClass, spec: { ...spec, parameters: { ...parameters, scope } } };
}

/** Namespace: carries its name as a label. */
export function defaultNamespace(namespace: Namespace): Namespace {
  const { name, labels } = namespace.metadata;
  if (name === '') return namespace;
  return {
    ...namespace,
    metadata: { ...namespace.metadata, labels: { ...labels, [namespaceLabel]: name } },
  };
}
