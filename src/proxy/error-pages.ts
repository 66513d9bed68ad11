// Error pages: answers of a default backend in place of errors, of endpoints and of our own (`custom-http-errors`), and of requests whose
// Service has no endpoint (`default-backend`). At most one for an exchange: what goes wrong with it ends in the page of our own.
import { defaultRouteSettings, type RouteSettings } from '../features/index.ts';
import { isGrpcType, mediaTypeOf } from '../wire/grpc/status.ts';
import { lookupValues, removeAliases } from '../wire/http1/field-value.ts';
import { RequestHead } from '../wire/http1/request-head.ts';
import type { CompiledRoute } from './compiled-route.ts';
import type { EndpointSet } from './endpoint-set.ts';
import type { Exchange } from './exchange.ts';
import { type UpstreamRequest, upstreamRequestOf } from './request-render.ts';

/** Of one route. */
export interface ErrorPages {
  readonly codes: ReadonlySet<number>;
  readonly leavesUpstream: boolean;
  /** The Service of the Ingress's own; null: none, or not in the table. */
  readonly own: EndpointSet | null;
}

/** What an error page stands for: answered after all where there is no page. */
export interface ReplacedError {
  readonly status: number;
  readonly fields: string;
  readonly reason: string;
}

/** Ours alone to say: those of the client are left out. */
const ownNames: ReadonlySet<string> = new Set([
  'x-code',
  'x-format',
  'x-original-uri',
  'x-namespace',
  'x-ingress-name',
  'x-service-name',
  'x-service-port',
]);

export function makeErrorPages(
  { errorPages }: RouteSettings,
  lookupUpstream: (id: string) => EndpointSet | undefined,
): ErrorPages | null {
  if (errorPages === null) return null;
  const { codes, leavesUpstream, upstream } = errorPages;
  return {
    codes: new Set(codes),
    leavesUpstream,
    own: upstream === null ? null : (lookupUpstream(upstream) ?? null),
  };
}

/** Whether somebody stands in for the Service of the route. */
export function hasStandIn({ errorPages }: CompiledRoute): boolean {
  return errorPages !== null && canAnswer(errorPages.own);
}

/** In place of an answer of our own. True: a page or a stand-in is under way. */
export function replaceOwn(exchange: Exchange, error: ReplacedError): boolean {
  const { route } = exchange;
  if (route === null || route.errorPages === null) return false;
  // What the client sends is wrong: nobody else needs to know.
  if (error.status === 400 || error.status === 408) return false;
  if (error.reason === 'no-endpoint' && route.errorPages.own !== null && canAnswer(route.errorPages.own)) {
    return standIn(exchange, route, route.errorPages.own, error);
  }
  return showPage(exchange, route, route.errorPages, error);
}

/** In place of the answer of an endpoint. */
export function replaceUpstream(exchange: Exchange, status: number, fields: string): boolean {
  const { route } = exchange;
  if (route === null || route.errorPages === null || route.errorPages.leavesUpstream) return false;
  if (exchange.replaced !== null) return false;
  const challenges = lookupValues(fields, 'www-authenticate').map((each) => line('WWW-Authenticate', each));
  const error = { status, fields: challenges.join(''), reason: 'upstream-error' };
  return showPage(exchange, route, route.errorPages, error);
}

function showPage(
  exchange: Exchange,
  route: CompiledRoute,
  pages: ErrorPages,
  error: ReplacedError,
): boolean {
  const { head, core } = exchange;
  if (!pages.codes.has(error.status) || isGrpcType(mediaTypeOf(head.fields))) return false;
  const upstream = [pages.own, core.table.fallback.upstream].find(canAnswer);
  if (upstream === undefined || upstream === null) return false;
  const base = upstreamRequestOf(exchange);
  const bodiless = Object.assign(new RequestHead(), head, {
    contentLength: 0,
    expectContinue: false,
    upgradeWebsocket: false,
    trailer: '',
  });
  const uri = line('X-Original-URI', head.path + head.query);
  const fields = errorFields(base, route, error.status) + uri;
  for (const challenge of lookupValues(error.fields, 'www-authenticate')) {
    exchange.responseFields += line('WWW-Authenticate', challenge);
  }
  exchange.askElsewhere(
    routeTo(route, upstream),
    {
      ...base,
      head: bodiless,
      path: '/',
      query: head.query,
      fields,
      host: base.forwardedHost,
      trailers: null,
    },
    error,
  );
  return true;
}

/** The request itself goes to the other Service: nothing of it was sent yet. */
function standIn(
  exchange: Exchange,
  route: CompiledRoute,
  upstream: EndpointSet,
  error: ReplacedError,
): boolean {
  const base = upstreamRequestOf(exchange);
  const { path, query } = exchange.head;
  const request = { ...base, path, query, fields: errorFields(base, route, error.status) };
  exchange.askElsewhere(routeTo(route, upstream), request, error, true);
  return true;
}

function errorFields({ fields, head }: UpstreamRequest, { route }: CompiledRoute, status: number): string {
  const { namespace, ingress, service, servicePort } = route.labels;
  return (
    removeAliases(fields, ownNames) +
    line('X-Code', String(status)) +
    line('X-Format', head.accept) +
    line('X-Namespace', namespace) +
    line('X-Ingress-Name', ingress) +
    line('X-Service-Name', service) +
    line('X-Service-Port', servicePort)
  );
}

function line(name: string, value: string): string {
  return value === '' ? '' : `${name}: ${value}\r\n`;
}

function canAnswer(upstream: EndpointSet | null): boolean {
  return upstream !== null && (upstream.waiters !== null || upstream.eligible.length > 0);
}

/** Plainly, with the patience of the route. */
function routeTo(route: CompiledRoute, upstream: EndpointSet): CompiledRoute {
  const { connectTimeoutMs, sendTimeoutMs, readTimeoutMs } = route.settings;
  return {
    ...route,
    upstream,
    choice: null,
    errorPages: null,
    settings: { ...defaultRouteSettings, connectTimeoutMs, sendTimeoutMs, readTimeoutMs },
  };
}
