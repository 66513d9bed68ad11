// External authentication: a server that is asked about each request before an endpoint gets it. Plain readonly data, made by
// features/external-auth and carried out in proxy/external-auth.

import type { UpstreamId } from './route.ts';

/** A text that is put together for each request. */
export type AuthTemplate = readonly AuthTemplatePart[];

export type AuthTemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: AuthVariable }
  /** `name` in lower case, but for cookies, whose names count byte for byte. */
  | { readonly kind: 'header' | 'cookie' | 'argument'; readonly name: string };

export type AuthVariable =
  | 'request-uri'
  | 'escaped-request-uri'
  | 'path'
  | 'query'
  | 'query-mark'
  | 'host'
  | 'authority'
  | 'scheme'
  | 'method'
  | 'client-address'
  | 'user';

export interface AuthServer {
  readonly scheme: 'http' | 'https';
  /** A name in lower case, or an IP address; null: the host of the request, which a wildcard rule has matched. */
  readonly host: string | null;
  readonly port: number;
  /** The Service that the host names by its name in the cluster: its endpoints are asked, while it has any; null: none. */
  readonly service: UpstreamId | null;
  /** Whether the server's certificate must be valid for its name. */
  readonly verifies: boolean;
  /** Whether it may be on this machine. */
  readonly allowsLoopback: boolean;
}

/** Which statuses of an answer count for how long; no statuses: 200, 301 and 302. */
export interface AuthLifetime {
  readonly statuses: readonly number[];
  readonly durationMs: number;
}

export interface AuthCacheRule {
  readonly key: AuthTemplate;
  readonly lifetimes: readonly AuthLifetime[];
}

/** Bounds on connections that wait for the next question. */
export interface AuthKeepAlive {
  readonly maxIdle: number;
  readonly maxRequests: number;
  readonly idleMs: number;
}

export interface ExternalAuth {
  readonly server: AuthServer;
  /** Path and query. */
  readonly target: AuthTemplate;
  /** Empty: GET, as nobody asked for another. */
  readonly method: string;
  /** Where clients go that are not known; null: they are answered 401. */
  readonly signIn: AuthTemplate | null;
  /** Fields of the answer that the endpoint gets, instead of any that the client sent. */
  readonly responseFields: readonly string[];
  /** X-Auth-Request-Redirect; empty: what the client asked for. */
  readonly requestRedirect: string;
  /** Cookies of the answer reach the client whatever the status of the response. */
  readonly alwaysSetsCookie: boolean;
  /** Further fields of the question. */
  readonly fields: readonly (readonly [name: string, value: AuthTemplate])[];
  /** Null: every request is asked about. */
  readonly cache: AuthCacheRule | null;
  /** Null: the bounds of all upstream connections. */
  readonly keepAlive: AuthKeepAlive | null;
}
