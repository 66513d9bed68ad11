// Routes: which requests of a host go where, and under which policies. Plain readonly data, safe to clone between processes.
import type { Canary } from './canary.ts';
import type { ClientAuth } from './client-auth.ts';
import type { ObjectKey, SourceId } from './object-ref.ts';

/**
 * How a route's path is compared with a request's path (both in canonical form, see std/uri-path/).
 * - `exact`: equal, byte for byte.
 * - `prefix`: element by element; `path` keeps the rule's trailing slash, which takes no part in the comparison.
 * - `regex`: `path` is a pattern, anchored at the start, case-insensitive, matched in linear time.
 */
export type PathMatchKind = 'exact' | 'prefix' | 'regex';

export interface PathMatch {
  readonly kind: PathMatchKind;
  readonly path: string;
}

/** Identifies an upstream: `NAMESPACE/SERVICE:PORT`, PORT as the Ingress wrote it (number or name). */
export type UpstreamId = string;

/** A kind of backend. More kinds (object store, redirect) will join; switch exhaustively. */
export type Backend =
  | { readonly kind: 'upstream'; readonly upstream: UpstreamId }
  /** Answered by the proxy itself, for example 503 for a backend that cannot be served, 404 for nothing here. */
  | { readonly kind: 'status'; readonly status: number; readonly reason: string };

/** What logs and metrics say of the requests of a route. Empty strings where nothing applies. */
export interface RouteLabels {
  readonly namespace: string;
  readonly ingress: string;
  readonly service: string;
  readonly servicePort: string;
  /** The Ingress path as written. */
  readonly path: string;
}

export interface Route {
  readonly id: SourceId;
  readonly match: PathMatch;
  readonly backend: Backend;
  readonly labels: RouteLabels;
  /** Compiled settings of features, by feature name; only features that have something to say are present. */
  readonly policies: Readonly<Record<string, unknown>>;
  /** Present: some requests go to another upstream. */
  readonly canary?: Canary;
}

/** Answers where no rule takes a request and no default backend can: a plain 404. */
export const notFoundRoute: Route = {
  id: 'controller/default-backend',
  match: { kind: 'prefix', path: '/' },
  backend: { kind: 'status', status: 404, reason: 'no-route' },
  labels: { namespace: '', ingress: '', service: '', servicePort: '', path: '' },
  policies: {},
};

/** TLS for the names of a host: present as soon as an Ingress with a `tls` section names the host. */
export interface HostTls {
  /** The certificate to serve; null: the default certificate (no Secret named, or none usable). */
  readonly certificate: CertificateId | null;
  /** Instead of those of the settings. */
  readonly ciphers?: string;
  /** Present: among the ciphers the client's order counts. */
  readonly prefersClientOrder?: true;
  readonly source: SourceId;
}

/** `NAMESPACE/SECRET`. */
export type CertificateId = ObjectKey;

/**
 * One host of the table: `foo.bar.com`, `*.bar.com` (exactly one label), or `` (every host that no other entry names).
 * The unit in which routes are compiled, compared and sent to workers.
 */
export interface VirtualHost {
  readonly host: HostPattern;
  /** In order of precedence: the first one that matches a request wins. */
  readonly routes: readonly Route[];
  /**
   * Present: for a request that goes to a route of one of these namespaces by `routes`, or to none, the first match among the routes of
   * the group decides instead; for one that goes to none the groups are asked in turn.
   */
  readonly groups?: readonly RouteGroup[];
  /** Where requests go that no route of this host matches (a `defaultBackend`); null: the table's fallback. */
  readonly fallback: Route | null;
  readonly tls: HostTls | null;
  /** Present: TLS connections whose client names this host go to the endpoints as they are, and the rest here is for plain HTTP. */
  readonly passthrough?: Passthrough;
  /** Present: what clients have to show on every path. */
  readonly clientAuth?: ClientAuth;
}

/** The routes of one namespace in an order of their own: the first one that matches a request wins. */
export interface RouteGroup {
  /** That of the labels of its routes. */
  readonly namespace: string;
  readonly routes: readonly Route[];
}

/** Which PROXY protocol header goes in front of what an endpoint gets. */
export type ProxyProtocolOut = 'off' | 'v1' | 'v2';

/** Where the TLS connections of a host go that is not served here. */
export interface Passthrough {
  readonly upstream: UpstreamId;
  readonly proxyProtocol: ProxyProtocolOut;
  readonly source: SourceId;
}

/** Lower case, no port, no trailing dot; empty for the catch-all host. */
export type HostPattern = string;
