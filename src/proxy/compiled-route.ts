// CompiledRoute: a route of the table made ready for requests: hooks in order, settings, the live upstream, its metrics.
// Made once per route and table, when the first request for its host arrives.
import {
  type AccessCheck,
  type Feature,
  makeAccessCheck,
  prepareFeatures,
  type RouteHooks,
  type RouteSettings,
  settingsOf,
} from '../features/index.ts';
import type { Backend, Route } from '../model/index.ts';
import type { RequestMetrics, RouteMetrics } from '../observe/request-metrics.ts';
import { type EndpointChoice, makeChoice } from './balancing/endpoint-choice.ts';
import type { EndpointSet } from './endpoint-set.ts';

type AdmitHook = NonNullable<RouteHooks['admit']>;
type RewriteHook = NonNullable<RouteHooks['rewrite']>;

export interface CompiledRoute {
  readonly route: Route;
  readonly backend: Backend;
  /** Null when no feature acts in the phase: one comparison on the request path. */
  readonly admit: readonly AdmitHook[] | null;
  readonly rewrite: readonly RewriteHook[] | null;
  /** Null: everybody may come. */
  readonly access: AccessCheck | null;
  readonly settings: RouteSettings;
  /** Null for backends that are answered here, and for an upstream that the table does not hold. */
  readonly upstream: EndpointSet | null;
  /** Null: requests go round. */
  readonly choice: EndpointChoice | null;
  readonly metrics: RouteMetrics;
  /** `ns-service-port`, `upstream-default-backend`, or empty. */
  readonly upstreamName: string;
}

export interface RouteCompiler {
  readonly features: readonly Feature[];
  readonly metrics: RequestMetrics;
  readonly lookupUpstream: (id: string) => EndpointSet | undefined;
}

export function compileRoute(route: Route, host: string, compiler: RouteCompiler): CompiledRoute {
  const prepared = prepareFeatures(compiler.features, route);
  const admit = prepared.flatMap(({ hooks }): AdmitHook[] =>
    hooks.admit === undefined ? [] : [hooks.admit],
  );
  const rewrite = prepared.flatMap(({ hooks }): RewriteHook[] =>
    hooks.rewrite === undefined ? [] : [hooks.rewrite],
  );
  const { backend, labels } = route;
  const upstream = backend.kind === 'upstream' ? (compiler.lookupUpstream(backend.upstream) ?? null) : null;
  const settings = settingsOf(prepared);
  return {
    route,
    backend,
    admit: admit.length > 0 ? admit : null,
    rewrite: rewrite.length > 0 ? rewrite : null,
    access: makeAccessCheck(prepared, settings),
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
  };
}
