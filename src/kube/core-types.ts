// The core kinds that the Ingress family refers to: Service, Endpoints, Secret, ConfigMap, Namespace (core/v1), readonly.
import type { ObjectBase } from './object-meta.ts';

/** A number, or the name of a port. */
export type IntOrString = number | string;

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

export interface Service extends ObjectBase<'Service', 'v1'> {
  readonly spec: ServiceSpec;
  readonly status?: ServiceStatus;
}

export type ServiceType = 'ClusterIP' | 'ExternalName' | 'LoadBalancer' | 'NodePort';

/** After defaulting `type`, `sessionAffinity` and each port's `protocol` and `targetPort` are present. */
export interface ServiceSpec {
  readonly type: ServiceType;
  readonly ports?: readonly ServicePort[];
  readonly selector?: Readonly<Record<string, string>>;
  /** An address, `None` (headless), or absent where nothing allocates addresses. */
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalIPs?: readonly string[];
  readonly sessionAffinity: 'ClientIP' | 'None';
  readonly sessionAffinityConfig?: SessionAffinityConfig;
  readonly loadBalancerIP?: string;
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly loadBalancerClass?: string;
  readonly allocateLoadBalancerNodePorts?: boolean;
  /** Type ExternalName only: a DNS name. */
  readonly externalName?: string;
  readonly externalTrafficPolicy?: 'Cluster' | 'Local';
  readonly internalTrafficPolicy?: 'Cluster' | 'Local';
  readonly healthCheckNodePort?: number;
  readonly publishNotReadyAddresses?: boolean;
  readonly ipFamilyPolicy?: 'PreferDualStack' | 'RequireDualStack' | 'SingleStack';
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[];
  readonly trafficDistribution?: string;
}

export interface SessionAffinityConfig {
  readonly clientIP?: { readonly timeoutSeconds?: number };
}

export interface ServicePort {
  /** Absent or empty: unnamed, allowed for a single port. */
  readonly name?: string;
  readonly protocol: Protocol;
  readonly appProtocol?: string;
  readonly port: number;
  /** `port` when the object named none. */
  readonly targetPort: IntOrString;
  readonly nodePort?: number;
}

export interface ServiceStatus {
  readonly loadBalancer?: ServiceLoadBalancerStatus;
  readonly conditions?: readonly unknown[];
}

export interface ServiceLoadBalancerStatus {
  readonly ingress?: readonly ServiceLoadBalancerIngress[];
}

export interface ServiceLoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ipMode?: string;
  readonly ports?: readonly { readonly port: number; readonly protocol: string; readonly error?: string }[];
}

/** `v1 Endpoints`, the older form of EndpointSlice; deprecated since 1.33. */
export interface Endpoints extends ObjectBase<'Endpoints', 'v1'> {
  readonly subsets?: readonly EndpointSubset[];
}

export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly EndpointsPort[];
}

export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: ObjectReference;
}

export interface EndpointsPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly appProtocol?: string;
}

/** `core/v1 ObjectReference`. */
export interface ObjectReference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

/** `data` holds base64 text; `stringData` has been merged into it and is gone. */
export interface Secret extends ObjectBase<'Secret', 'v1'> {
  /** `Opaque` after defaulting when it was absent. */
  readonly type: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

export interface ConfigMap extends ObjectBase<'ConfigMap', 'v1'> {
  readonly data?: Readonly<Record<string, string>>;
  /** Base64 text. */
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

/** Cluster-scoped. */
export interface Namespace extends ObjectBase<'Namespace', 'v1'> {
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly unknown[] };
}
