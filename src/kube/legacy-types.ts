// The Ingress family as it was before v1: `extensions/v1beta1` and `networking.k8s.io/v1beta1`, readonly.
import type { IntOrString } from './core-types.ts';
import type {
  IngressClassSpec,
  IngressStatus,
  IngressTls,
  PathType,
  TypedLocalObjectReference,
} from './ingress-types.ts';
import type { ObjectBase } from './object-meta.ts';

export type LegacyIngressVersion = 'extensions/v1beta1' | 'networking.k8s.io/v1beta1';

/** Ingress of both legacy groups, which have one shape. */
export interface LegacyIngress extends ObjectBase<'Ingress', LegacyIngressVersion> {
  readonly spec: LegacyIngressSpec;
  readonly status?: IngressStatus;
}

export interface LegacyIngressSpec {
  readonly ingressClassName?: string;
  readonly backend?: LegacyIngressBackend;
  readonly tls?: readonly IngressTls[];
  readonly rules?: readonly LegacyIngressRule[];
}

export interface LegacyIngressRule {
  readonly host?: string;
  readonly http?: { readonly paths: readonly LegacyHttpIngressPath[] };
}

export interface LegacyHttpIngressPath {
  readonly path?: string;
  /** Absent: `ImplementationSpecific`. */
  readonly pathType?: PathType;
  readonly backend: LegacyIngressBackend;
}

export interface LegacyIngressBackend {
  readonly serviceName?: string;
  /** A number or a port's name; a text of digits is a name. */
  readonly servicePort?: IntOrString;
  readonly resource?: TypedLocalObjectReference;
}

/** `networking.k8s.io/v1beta1 IngressClass`, which has the shape of v1. */
export interface LegacyIngressClass extends ObjectBase<'IngressClass', 'networking.k8s.io/v1beta1'> {
  readonly spec: IngressClassSpec;
}
