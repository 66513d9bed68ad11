// Upstreams: the endpoints behind a Service port. Changes here touch no route.
import type { UpstreamId } from './route.ts';
import type { UpstreamProtocol } from './upstream-transport.ts';

export interface Endpoint {
  /** IP address, or for an external name the DNS name. */
  readonly address: string;
  readonly port: number;
  /** False: used only while no ready endpoint exists (serving and terminating). */
  readonly ready: boolean;
  /** Its part of the requests, compared with the others; absent: 1. */
  readonly weight?: number;
  /** Preferred to those that are not, while enough of them are well. */
  readonly near?: boolean;
}

export interface DnsTarget {
  readonly kind: 'dns';
  readonly name: string;
  readonly port: number;
  /** Addresses of this machine that the name resolves to are not dialled. */
  readonly refusesLoopback?: true;
}

/**
 * - `endpoints`: fixed addresses, in a stable order (sorted), without duplicates. May be empty: requests get 503.
 * - `dns`: an ExternalName; the worker side resolves `name` and keeps re-resolving by its time to live.
 * - `unavailable`: the Service or its port does not exist; requests get 503. `reason` says which, for explain.
 */
export type UpstreamTarget =
  | { readonly kind: 'endpoints'; readonly endpoints: readonly Endpoint[] }
  | DnsTarget
  | { readonly kind: 'unavailable'; readonly reason: string };

/** One Service port, shared by all routes to it. The unit in which endpoint changes travel. */
export interface Upstream {
  readonly id: UpstreamId;
  readonly namespace: string;
  readonly service: string;
  /** As the Ingress wrote it: number or name. */
  readonly port: string;
  readonly target: UpstreamTarget;
  /** The Service's `sessionAffinity: ClientIP`: a client stays with its endpoint where no route says otherwise. */
  readonly hashesClients?: boolean;
  /** What cookies that name an endpoint are sealed with: something that clients do not know. Absent: the id. */
  readonly seal?: string;
  /** Absent: `defaultUpstreamSettings`. */
  readonly settings?: UpstreamSettings;
  /** What the Service's port says is spoken; absent: plain HTTP/1.1. A route may say otherwise. */
  readonly protocol?: UpstreamProtocol;
}

/** What a Service's own annotations say. Numbers of requests are those of one worker. */
export interface UpstreamSettings {
  /** Time in which a newcomer grows to its full part; 0: none. */
  readonly slowStartMs: number;
  /** Requests under way at one endpoint; 0: no bound. */
  readonly maxActive: number;
  /** Requests that wait while all endpoints have `maxActive`. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
  readonly check: HealthCheck;
  readonly outliers: OutlierSettings;
  readonly adaptiveLimit: AdaptiveLimitSettings;
}

/** Endpoints whose share of good answers is far below that of the others are left alone for a while. */
export interface OutlierSettings {
  readonly isOn: boolean;
  /** Shares are compared over this time. */
  readonly intervalMs: number;
  /** Endpoints with enough requests that there must be for a comparison. */
  readonly minEndpoints: number;
  /** Answers in an interval without which an endpoint is not compared. */
  readonly minRequests: number;
  /** Standard deviations below the mean. */
  readonly deviations: number;
}

/** A bound on the requests that wait for an endpoint's answer, found by how long answers take. */
export interface AdaptiveLimitSettings {
  readonly isOn: boolean;
  readonly min: number;
  readonly max: number;
  /** What answers may take longer than those of an endpoint that has little to do. */
  readonly tolerancePercent: number;
}

/** Regular questions to each endpoint. */
export interface HealthCheck {
  readonly kind: 'off' | 'http' | 'grpc' | 'tcp';
  /** Path and query; visible ASCII. */
  readonly path: string;
  /** Empty: the endpoint's own address. */
  readonly host: string;
  /** What `grpc` asks for; empty: the whole server. */
  readonly grpcService: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Bad answers in a row until the endpoint is left alone. */
  readonly failures: number;
  /** Good answers in a row until it is used again. */
  readonly successes: number;
}

export const defaultUpstreamSettings: UpstreamSettings = {
  slowStartMs: 0,
  maxActive: 0,
  maxWaiting: 100,
  maxWaitMs: 5_000,
  check: {
    kind: 'off',
    path: '/',
    host: '',
    grpcService: '',
    intervalMs: 10_000,
    timeoutMs: 2_000,
    failures: 3,
    successes: 2,
  },
  outliers: { isOn: false, intervalMs: 10_000, minEndpoints: 5, minRequests: 100, deviations: 1.9 },
  adaptiveLimit: { isOn: false, min: 4, max: 1_000, tolerancePercent: 50 },
};
