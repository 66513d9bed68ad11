// CompiledRoute: a route of the table made ready for requests: hooks in order, settings, the live upstream, its metrics.
// Made once per route and table, when the first request for its host arrives.
import {
  type AccessCheck,
  type AccessHook,
  type Feature,
  makeAccessCheck,
  prepareFeatures,
  type RequestView,
  type RouteHooks,
  type RouteSettings,
  settingsOf,
} from '../features/index.ts';
import type { Backend, Route } from '../model/index.ts';
import type { RequestMetrics, RouteMetrics } from '../observe/request-metrics.ts';
import { type EndpointChoice, makeChoice } from './balancing/endpoint-choice.ts';
import type { EndpointSet } from './endpoint-set.ts';
import { type ErrorPages, makeErrorPages } from './error-pages.ts';
import type { Exchange } from './exchange.ts';
import type { AuthDesk } from './external-auth/auth-desk.ts';
import { AuthGate } from './external-auth/auth-gate.ts';
import { compileCanary, type LiveCanary } from './live-canary.ts';
import { LiveMirror } from './mirror/live-mirror.ts';
import type { MirrorDesk } from './mirror/mirror-desk.ts';
import type { PasswordDesk } from './passwords/password-desk.ts';
import { type LimitSource, RouteLimit } from './route-limit.ts';

type AdmitHook = NonNullable<RouteHooks['admit']>;
type RewriteHook = NonNullable<RouteHooks['rewrite']>;
type FieldsHook = NonNullable<RouteHooks['respond']>;

export interface CompiledRoute {
  readonly route: Route;
  readonly backend: Backend;
  /** Null when no feature acts in the phase: one comparison on the request path. */
  readonly admit: readonly AdmitHook[] | null;
  readonly rewrite: readonly RewriteHook[] | null;
  /** What the upstream gets otherwise than the client sent it; null: nothing. */
  readonly forward: Forwarding | null;
  readonly respond: readonly FieldsHook[] | null;
  /** Null: errors are answered as they are. */
  readonly errorPages: ErrorPages | null;
  /** What must let a request in that has an endpoint; null: nothing. */
  readonly guard: RouteGuard | null;
  readonly settings: RouteSettings;
  /** Null for backends that are answered here, and for an upstream that the table does not hold. */
  readonly upstream: EndpointSet | null;
  /** Null: requests go round. */
  readonly choice: EndpointChoice | null;
  readonly metrics: RouteMetrics;
  /** `ns-service-port`, `upstream-default-backend`, or empty. */
  readonly upstreamName: string;
  /** Null: no request is copied. */
  readonly mirror: LiveMirror | null;
  /** Null: there is one side. Set while the route is compiled. */
  canary: LiveCanary | null;
  /** The canary's upstream as `upstreamName`, where this is its side; else empty. */
  readonly alternativeName: string;
}

export interface Forwarding {
  /** Field lines; null: they stay. */
  readonly hooks: readonly FieldsHook[] | null;
  /** Empty: that of the client. */
  readonly host: string;
  readonly connectionField: RouteSettings['connectionField'];
}

export interface RouteGuard {
  readonly limit: RouteLimit | null;
  /** Asked after the limit; null: everybody may come. */
  readonly access: AccessCheck<Exchange> | null;
  /** The last of `access`, which may have something to say of every refusal; null: none. */
  readonly authGate: AuthGate | null;
}

export interface RouteCompiler {
  readonly limits: LimitSource;
  readonly passwords: PasswordDesk;
  readonly features: readonly Feature[];
  readonly metrics: RequestMetrics;
  readonly authDesk: AuthDesk;
  readonly mirrorDesk: MirrorDesk;
  readonly lookupUpstream: (id: string) => EndpointSet | undefined;
}

export function compileRoute(route: Route, host: string, compiler: RouteCompiler): CompiledRoute {
  const prepared = prepareFeatures(compiler.features, route);
  const { backend, labels } = route;
  const upstream = backend.kind === 'upstream' ? (compiler.lookupUpstream(backend.upstream) ?? null) : null;
  const settings = settingsOf(prepared);
  const owner = `${labels.namespace}/${labels.ingress}`;
  const { clientLimits } = settings;
  const limit = clientLimits === null ? null : new RouteLimit(compiler.limits, owner, clientLimits);
  const gate = settings.passwords === null ? null : compiler.passwords.gateOf(owner, settings.passwords);
  const authGate = makeAuthGate(route, host, owner, settings, compiler.authDesk);
  const further: AccessHook<Exchange>[] = gate === null ? [] : [gate.access.bind(gate)];
  if (authGate !== null) further.push(authGate.check.bind(authGate));
  const access = makeAccessCheck<Exchange>(prepared, settings, further);
  const compiled: CompiledRoute = {
    route,
    backend,
    admit: gather<AdmitHook>([gate?.admit.bind(gate), ...prepared.map(({ hooks }) => hooks.admit)]),
    rewrite: gather<RewriteHook>(prepared.map(({ hooks }) => hooks.rewrite)),
    forward: forwardingOf(gather<FieldsHook>(prepared.map(({ hooks }) => hooks.forward)), settings),
    respond: gather<FieldsHook>(prepared.map(({ hooks }) => hooks.respond)),
    errorPages: makeErrorPages(settings, compiler.lookupUpstream),
    guard: limit === null && access === null ? null : { limit, access, authGate },
    settings,
    upstream,
    choice: makeChoice(upstream, settings),
    metrics: compiler.metrics.ensureRoute({
      namespace: labels.namespace,
      ingress: labels.ingress,
      service: labels.service,
      path: labels.path,
      host,
      canary: '',
    }),
    upstreamName: labels.ingress === '' ? 'upstream-default-backend' : (upstream?.name ?? ''),
    mirror: settings.mirror === null ? null : new LiveMirror(compiler.mirrorDesk, settings.mirror, owner),
    canary: null,
    alternativeName: '',
  };
  if (route.canary !== undefined) compiled.canary = compileCanary(route.canary, compiled, host, compiler);
  return compiled;
}

function forwardingOf(
  hooks: Forwarding['hooks'],
  { upstreamHost, connectionField }: RouteSettings,
): Forwarding | null {
  if (hooks === null && upstreamHost === '' && connectionField === '') return null;
  return { hooks, host: upstreamHost, connectionField };
}

function makeAuthGate(
  route: Route,
  host: string,
  ingress: string,
  settings: RouteSettings,
  desk: AuthDesk,
): AuthGate | null {
  const { externalAuth } = settings;
  if (externalAuth === null) return null;
  return new AuthGate(desk, externalAuth, { ingress, rule: `${host} ${route.id}` }, settings);
}

/** Null where no feature has the hook. */
function gather<Hook>(hooks: readonly (Hook | undefined)[]): readonly Hook[] | null {
  const present = hooks.filter((hook) => hook !== undefined);
  return present.length > 0 ? present : null;
}

/** Field lines after all that features have to say of them. */
export function changeFields(
  request: RequestView,
  hooks: readonly FieldsHook[],
  fields: string,
  isOwn: boolean,
): string {
  let changed = fields;
  for (const hook of hooks) changed = hook(request, changed, isOwn);
  return changed;
}
