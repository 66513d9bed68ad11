// Finds the way to an endpoint that was chosen: by what protocol, with what TLS, on what is there or on what must be opened.
import type { FastCgi } from '../model/index.ts';
import type { CompiledRoute } from './compiled-route.ts';
import type { EndpointSet, LiveEndpoint } from './endpoint-set.ts';
import type { Exchange } from './exchange.ts';
import type { ProxyErrorKind } from './outcome.ts';
import { type Lane, Lanes } from './transport/transport.ts';
import type { UpstreamLink, UpstreamUser } from './upstream-link.ts';
import { scriptPath } from './fastcgi/request-params.ts';
import { FastCgiLink } from './fastcgi/fastcgi-link.ts';

export interface DialRequest {
  readonly exchange: Exchange;
  readonly route: CompiledRoute;
  readonly set: EndpointSet;
  readonly endpoint: LiveEndpoint;
  readonly user: UpstreamUser;
  /** No connection of HTTP/1.1 out of the pool. */
  readonly mustBeFresh: boolean;
  readonly nowMs: number;
}

/** The user's link, connected or on its way; or why there is none. */
export function dialUpstream(request: DialRequest): UpstreamLink | ProxyErrorKind {
  const { exchange, endpoint, user, mustBeFresh, nowMs } = request;
  const { pool } = exchange.core;
  if (request.route.settings.fastCgi !== null) return dialFastCgi(request, request.route.settings.fastCgi);
  const lane = laneOf(request);
  if (lane === undefined) return 'upstream-tls-secret';
  if (lane?.transport.isHttp2 === true) return pool.openStream(endpoint, lane, user) ?? 'overload';
  const pooled = mustBeFresh ? null : pool.takeIdle((lane ?? endpoint).idle, user);
  return pooled ?? pool.open(endpoint, lane, user, nowMs);
}

/** A connection for this request alone, as nginx has it without `fastcgi_keep_conn`. */
function dialFastCgi(
  { exchange, endpoint, user, nowMs }: DialRequest,
  settings: FastCgi,
): UpstreamLink | ProxyErrorKind {
  const { core, head } = exchange;
  if (head.upgradeWebsocket) return 'upgrade-unsupported';
  if (head.contentLength < 0) return 'length-required';
  const script = scriptPath(exchange.sentPath);
  if (script === null) return 'ambiguous-path';
  const link = new FastCgiLink(exchange, settings, script, user);
  link.connection = core.pool.open(endpoint, null, link, nowMs);
  return link;
}

/** Null: plain HTTP/1.1. Undefined: TLS is asked for, and cannot be had. */
function laneOf({ exchange, route, set, endpoint }: DialRequest): Lane | null | undefined {
  const { settings } = route;
  const protocol = settings.protocol ?? set.protocol;
  if (protocol === 'http' || (protocol === 'auto' && !exchange.connection.isTls)) return null;
  const { core } = exchange;
  const wanted = protocol === 'auto' ? 'https' : protocol;
  const transport = core.transports.resolve(set, wanted, settings, core.table.table);
  if (transport === null) return undefined;
  endpoint.lanes ??= new Lanes();
  return endpoint.lanes.ensure(transport);
}
