// The object types of kube/, and their unions. All are plain readonly data in the newest version of each kind.
import type { ConfigMap, Endpoints, Namespace, Secret, Service } from './core-types.ts';
import type { EndpointSlice } from './endpoint-slice-types.ts';
import type { Ingress, IngressClass } from './ingress-types.ts';
import type { ObjectMeta } from './object-meta.ts';
import type { SallyportParameters } from './parameters-types.ts';

export * from './core-types.ts';
export * from './endpoint-slice-types.ts';
export * from './ingress-types.ts';
export * from './object-meta.ts';
export * from './parameters-types.ts';

/** Every object that kube/ knows, discriminated by `kind`. Decoded, converted to the newest version, defaulted. */
export type KubeObject =
  | Ingress
  | IngressClass
  | Service
  | EndpointSlice
  | Endpoints
  | Secret
  | ConfigMap
  | Namespace
  | SallyportParameters;

export type KubeKind = KubeObject['kind'];

/** An object of a kind that kube/ does not know: its metadata was checked, the rest is carried as it came. */
export interface UnknownObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Which object something is about; `name` may be empty when the object has none. */
export interface KubeRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}
