// ProbeTransports: how the endpoints of an upstream that is checked are spoken to, which routes say: as the first of its routes, by host and
// path, speaks to them. Follows the table; holds routes of checked upstreams only, so a table without checks costs nothing.
import {
  defaultRouteSettings,
  type Feature,
  prepareFeatures,
  type RouteSettings,
  settingsOf,
} from '../../features/index.ts';
import type {
  HealthCheck,
  Route,
  RouteTable,
  TablePatch,
  UpstreamId,
  UpstreamProtocol,
  VirtualHost,
} from '../../model/index.ts';
import { compareText } from '../../std/compare-text.ts';
import type { EndpointSet } from '../endpoint-set.ts';
import type { SessionHome } from '../transport/http2-session.ts';
import type { Transport } from '../transport/transport.ts';
import type { Transports } from '../transport/transports.ts';

/** With what an endpoint is asked, if it is not HTTP/1.1 in the clear. */
export interface ProbeTransport {
  readonly transport: Transport;
  /** Of sessions of HTTP/2. */
  readonly home: SessionHome;
}

export class ProbeTransports {
  readonly #home: SessionHome;
  readonly #features: readonly Feature[];
  readonly #transports: Transports;
  /** By upstream that is checked, then by host: its first route there. */
  readonly #routes = new Map<UpstreamId, Map<string, Route>>();
  readonly #settings = new WeakMap<Route, RouteSettings>();
  #table: RouteTable | null = null;

  constructor(features: readonly Feature[], transports: Transports, home: SessionHome) {
    this.#home = home;
    this.#features = features;
    this.#transports = transports;
  }

  /** `table`: after the patch. */
  apply({ hosts, upstreams }: TablePatch, table: RouteTable): void {
    this.#table = table;
    for (const id of upstreams.removed) this.#routes.delete(id);
    const added = new Set<UpstreamId>();
    for (const { id, settings } of upstreams.set) {
      if (settings === undefined || settings.check.kind === 'off') this.#routes.delete(id);
      else if (!this.#routes.has(id)) added.add(id);
    }
    if (this.#routes.size > 0) {
      for (const host of hosts.removed) this.#forget(host);
      for (const virtualHost of hosts.set) {
        this.#forget(virtualHost.host);
        this.#note(virtualHost, this.#routes);
      }
    }
    if (added.size === 0) return;
    const fresh = new Map([...added].map((id) => [id, new Map<string, Route>()]));
    for (const virtualHost of table.hosts.values()) this.#note(virtualHost, fresh);
    for (const [id, routes] of fresh) this.#routes.set(id, routes);
  }

  /** Null: in the clear, HTTP/1.1. Undefined: TLS that cannot be had. */
  resolve(set: EndpointSet, kind: HealthCheck['kind']): ProbeTransport | null | undefined {
    const settings = this.#settingsOf(set.id);
    const { protocol } = settings;
    // Whoever speaks as clients do takes plain HTTP, too.
    const spoken = protocol === 'auto' ? 'http' : (protocol ?? set.protocol);
    const wanted = protocolOf(kind, spoken);
    if (wanted === 'http' || this.#table === null) return null;
    const transport = this.#transports.resolve(set, wanted, settings, this.#table);
    return transport === null ? undefined : { transport, home: this.#home };
  }

  #settingsOf(id: UpstreamId): RouteSettings {
    const routes = this.#routes.get(id);
    const [host] = [...(routes?.keys() ?? [])].sort(compareText);
    const route = host === undefined ? undefined : routes?.get(host);
    if (route === undefined) return defaultRouteSettings;
    let settings = this.#settings.get(route);
    if (settings === undefined) {
      settings = settingsOf(prepareFeatures(this.#features, route));
      this.#settings.set(route, settings);
    }
    return settings;
  }

  #forget(host: string): void {
    for (const routes of this.#routes.values()) routes.delete(host);
  }

  #note({ host, routes, fallback }: VirtualHost, into: ReadonlyMap<UpstreamId, Map<string, Route>>): void {
    for (const route of fallback === null ? routes : [...routes, fallback]) {
      if (route.backend.kind !== 'upstream') continue;
      const byHost = into.get(route.backend.upstream);
      if (byHost !== undefined && !byHost.has(host)) byHost.set(host, route);
    }
  }
}

/** gRPC is HTTP/2 whatever else is spoken; a connection alone needs TLS or nothing. */
function protocolOf(kind: HealthCheck['kind'], spoken: UpstreamProtocol): UpstreamProtocol {
  const isTls = spoken === 'https' || spoken === 'h2';
  if (kind === 'grpc') return isTls ? 'h2' : 'h2c';
  return kind === 'tcp' && !isTls ? 'http' : spoken;
}
