// EndpointSlice, `discovery.k8s.io/v1`: the addresses behind a Service, readonly.
import type { ObjectReference, Protocol } from './core-types.ts';
import type { ObjectBase } from './object-meta.ts';

/** Many slices make the endpoints of a Service; they are found by label, see `serviceOfSlice`. */
export interface EndpointSlice extends ObjectBase<'EndpointSlice', 'discovery.k8s.io/v1'> {
  /** Immutable. One family for all endpoints of the slice. */
  readonly addressType: 'FQDN' | 'IPv4' | 'IPv6';
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports?: readonly SlicePort[];
}

export interface SliceEndpoint {
  /** 1 to 100 equivalent addresses: consumers use the first. */
  readonly addresses: readonly string[];
  readonly conditions?: EndpointConditions;
  readonly hostname?: string;
  readonly targetRef?: ObjectReference;
  readonly deprecatedTopology?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hints?: EndpointHints;
}

/** An absent condition has a meaning of its own, see `effectiveConditions`. */
export interface EndpointConditions {
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

export interface EndpointHints {
  readonly forZones?: readonly { readonly name: string }[];
  readonly forNodes?: readonly { readonly name: string }[];
}

export interface SlicePort {
  /** The Service port's name; `""` for an unnamed one. Filled by defaulting. */
  readonly name: string;
  /** `TCP` after defaulting. */
  readonly protocol: Protocol;
  /** Absent: all ports. */
  readonly port?: number;
  readonly appProtocol?: string;
}
