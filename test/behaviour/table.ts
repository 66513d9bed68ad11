// Tables for behaviour tests, written by hand: a few hosts, routes and endpoints, without Kubernetes objects.
import type {
  Certificate,
  ClientAuth,
  ClientAuthority,
  ClientTls,
  Endpoint,
  HostTls,
  ProxyProtocolOut,
  Route,
  StreamId,
  StreamRoute,
  TablePatch,
  TlsSettings,
  Upstream,
  UpstreamProtocol,
  VirtualHost,
} from '../../src/model/index.ts';
import { defaultTlsSettings } from '../../src/model/index.ts';

export interface RouteSpec {
  readonly path?: string;
  readonly kind?: Route['match']['kind'];
  readonly upstream?: string;
  readonly status?: number;
  readonly policies?: Readonly<Record<string, unknown>>;
}

export interface TableSpec {
  readonly hosts: Readonly<Record<string, readonly RouteSpec[]>>;
  /** Upstream name → ports on 127.0.0.1, or a full target. */
  readonly upstreams?: Readonly<Record<string, readonly (number | Endpoint)[] | Upstream['target']>>;
  /** Upstream name → what its Service's port says is spoken. */
  readonly protocols?: Readonly<Record<string, UpstreamProtocol>>;
  readonly certificates?: readonly Certificate[];
  readonly clientTls?: readonly ClientTls[];
  readonly authorities?: readonly ClientAuthority[];
  /** Host → what it wants of its clients. */
  readonly clientAuth?: Readonly<Record<string, ClientAuth>>;
  /** Host → certificate id; null: the default certificate. */
  readonly tls?: Readonly<Record<string, string | null>>;
  /** `tcp/NUMBER`, `udp/NUMBER` → where it goes; each listens on a free port, whatever its number. */
  readonly streams?: Readonly<
    Record<
      string,
      {
        readonly upstream: string;
        readonly wantsProxyHeader?: boolean;
        readonly proxyProtocol?: ProxyProtocolOut;
        /** Not a free one. */
        readonly port?: number;
      }
    >
  >;
  /** Host with TLS → what its TLS has of its own. */
  readonly ownTls?: Readonly<Record<string, Pick<HostTls, 'ciphers' | 'prefersClientOrder'>>>;
  /** What the controller's settings say otherwise than the defaults. */
  readonly tlsSettings?: Partial<TlsSettings>;
  /** Host → upstream that gets its TLS connections as they are. */
  readonly passthrough?: Readonly<
    Record<string, { readonly upstream: string; readonly proxyProtocol?: ProxyProtocolOut }>
  >;
}

export function upstreamId(name: string): string {
  return `test/${name}:80`;
}

export function makeUpstream(name: string, spec: NonNullable<TableSpec['upstreams']>[string]): Upstream {
  const target: Upstream['target'] = Array.isArray(spec)
    ? {
        kind: 'endpoints',
        endpoints: spec.map((each: number | Endpoint) =>
          typeof each === 'number' ? { address: '127.0.0.1', port: each, ready: true } : each,
        ),
      }
    : (spec as Upstream['target']);
  return { id: upstreamId(name), namespace: 'test', service: name, port: '80', target };
}

function makeRoute(host: string, index: number, spec: RouteSpec): Route {
  const path = spec.path ?? '/';
  return {
    id: `ingress/test/${host === '' ? 'any' : host}/rule/0/path/${index}`,
    match: { kind: spec.kind ?? 'prefix', path },
    backend:
      spec.upstream === undefined
        ? { kind: 'status', status: spec.status ?? 503, reason: 'test-status' }
        : { kind: 'upstream', upstream: upstreamId(spec.upstream) },
    labels: { namespace: 'test', ingress: 'web', service: spec.upstream ?? '', servicePort: '80', path },
    policies: spec.policies ?? {},
  };
}

function makeStreams(specs: NonNullable<TableSpec['streams']>): StreamRoute[] {
  return Object.entries(specs).map(
    ([id, { upstream, wantsProxyHeader = false, proxyProtocol = 'off', port = 0 }]) => ({
      id: id as StreamId,
      protocol: id.startsWith('udp') ? 'udp' : 'tcp',
      port,
      upstream: upstreamId(upstream),
      wantsProxyHeader,
      proxyProtocol,
      source: `test/${id}`,
    }),
  );
}

/** The table as the patch that makes it from nothing. Routes are given in order of precedence. */
export function makePatch(spec: TableSpec, version = 1): TablePatch {
  const hosts: VirtualHost[] = Object.entries(spec.hosts).map(([host, routes]) => {
    const certificate = spec.tls?.[host];
    const passed = spec.passthrough?.[host];
    return {
      host,
      routes: routes.map((route, index) => makeRoute(host, index, route)),
      fallback: null,
      tls:
        certificate === undefined
          ? null
          : {
              certificate: certificate as Certificate['id'] | null,
              source: 'test',
              ...spec.ownTls?.[host],
            },
      ...(spec.clientAuth?.[host] && { clientAuth: spec.clientAuth[host] }),
      ...(passed === undefined
        ? {}
        : {
            passthrough: {
              upstream: upstreamId(passed.upstream),
              proxyProtocol: passed.proxyProtocol ?? 'off',
              source: 'test',
            },
          }),
    };
  });
  const upstreams = Object.entries(spec.upstreams ?? {}).map(([name, target]) => {
    const protocol = spec.protocols?.[name];
    const upstream = makeUpstream(name, target);
    return protocol === undefined ? upstream : { ...upstream, protocol };
  });
  return {
    version,
    hosts: { set: hosts, removed: [] },
    upstreams: { set: upstreams, removed: [] },
    certificates: { set: spec.certificates ?? [], removed: [] },
    ...(spec.authorities && { authorities: { set: spec.authorities, removed: [] } }),
    ...(spec.clientTls === undefined ? {} : { clientTls: { set: spec.clientTls, removed: [] } }),
    ...(spec.streams === undefined ? {} : { streams: { set: makeStreams(spec.streams), removed: [] } }),
    ...(spec.tlsSettings && { tls: { ...defaultTlsSettings, ...spec.tlsSettings } }),
  };
}
