// The Ingress family, `networking.k8s.io/v1`: Ingress and IngressClass. Shapes of api networking/v1/types.go, readonly.
import type { ObjectBase } from './object-meta.ts';

/** The three path types of Ingress v1. */
export const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'] as const;

/** How a rule's path is compared. Required in v1. */
export type PathType = (typeof pathTypes)[number];

/** `networking.k8s.io/v1 Ingress`. */
export interface Ingress extends ObjectBase<'Ingress', 'networking.k8s.io/v1'> {
  readonly spec: IngressSpec;
  readonly status?: IngressStatus;
}

export interface IngressSpec {
  /** Name of an IngressClass, which need not exist. */
  readonly ingressClassName?: string;
  readonly defaultBackend?: IngressBackend;
  readonly tls?: readonly IngressTls[];
  readonly rules?: readonly IngressRule[];
}

export interface IngressTls {
  /** Absent or empty: the wildcard host. */
  readonly hosts?: readonly string[];
  /** Absent: the entry is for SNI routing only. */
  readonly secretName?: string;
}

export interface IngressRule {
  /** Exact name, or `*.` wildcard; absent or empty: all hosts. */
  readonly host?: string;
  /** Absent: the host has no paths of its own. */
  readonly http?: HttpIngressRuleValue;
}

export interface HttpIngressRuleValue {
  readonly paths: readonly HttpIngressPath[];
}

export interface HttpIngressPath {
  /** May be absent (the same as empty) with `ImplementationSpecific` only. */
  readonly path?: string;
  readonly pathType: PathType;
  readonly backend: IngressBackend;
}

/** Exactly one of the two in a valid object. */
export interface IngressBackend {
  readonly service?: IngressServiceBackend;
  readonly resource?: TypedLocalObjectReference;
}

export interface IngressServiceBackend {
  /** A Service of the Ingress's namespace. */
  readonly name: string;
  /** Exactly one of name and number in a valid object. */
  readonly port?: ServiceBackendPort;
}

export interface ServiceBackendPort {
  readonly name?: string;
  readonly number?: number;
}

/** An object of the same namespace; no `apiGroup` means the core group. */
export interface TypedLocalObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

export interface IngressStatus {
  readonly loadBalancer?: IngressLoadBalancerStatus;
}

export interface IngressLoadBalancerStatus {
  readonly ingress?: readonly IngressLoadBalancerIngress[];
}

export interface IngressLoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ports?: readonly IngressPortStatus[];
}

export interface IngressPortStatus {
  readonly port: number;
  readonly protocol: string;
  readonly error?: string;
}

/** `networking.k8s.io/v1 IngressClass`; cluster-scoped. */
export interface IngressClass extends ObjectBase<'IngressClass', 'networking.k8s.io/v1'> {
  readonly spec: IngressClassSpec;
}

export interface IngressClassSpec {
  /** Domain-prefixed name of the controller, e.g. `sallyport.dev/ingress-controller`. Immutable. */
  readonly controller: string;
  readonly parameters?: IngressClassParameters;
}

export interface IngressClassParameters {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
  /** `Cluster` after defaulting when it was absent. */
  readonly scope: 'Cluster' | 'Namespace';
  readonly namespace?: string;
}
