// TableSide: one of the tables that are compared, with what each of its routes comes to as numbers, worked out when a request first needs it.
import {
  features,
  prepareFeatures,
  type PreparedFeature,
  type RouteHooks,
  type RouteSettings,
  settingsOf,
} from '../../features/index.ts';
import type { Route, RouteTable, Upstream, VirtualHost } from '../../model/index.ts';
import { findHost, HostIndex, noRank, tooCostlyRank, tooCostlyRoute } from '../../table/index.ts';
import type { Fingerprints } from './fingerprint.ts';

/** A hook, and the fingerprint of what it follows from: the policy, and for expressions the pattern, whose groups it may use. */
export interface Deed<Hook extends 'admit' | 'rewrite'> {
  readonly hook: NonNullable<RouteHooks[Hook]>;
  readonly deed: number;
}

export interface RouteFacts {
  readonly route: Route;
  readonly admit: readonly Deed<'admit'>[];
  readonly rewrite: readonly Deed<'rewrite'>[];
  /** By this the request leaves the proxy; who is asked, who may come and how often count only then. */
  readonly isServed: boolean;
  /** Who answers. */
  readonly target: number;
  /** Who may come. */
  readonly authentication: number;
  readonly limits: number;
  /** What is done to responses. */
  readonly response: number;
  /** All else about the way to the endpoint. */
  readonly settings: number;
  /** Equal: equal in all that can be seen from outside, but for TLS of the host. */
  readonly whole: number;
  /** `NAMESPACE/NAME`, empty for nobody's. */
  readonly ingress: string;
  /** As ingress-nginx logs it. */
  readonly upstreamName: string;
}

export interface HostFacts {
  readonly virtualHost: VirtualHost | null;
  readonly index: HostIndex | null;
  /** Client certificates. */
  readonly gate: number;
  /** Where connections go whose client names the host in its handshake; that they go nowhere is a number, too. */
  readonly passthrough: number;
  readonly fallback: Route;
  readonly byRank: (RouteFacts | undefined)[];
}

/** Settings that say who may come, and how much; a setting that is not here is one about the way to the endpoint. */
const authenticationSettings: readonly (keyof RouteSettings)[] = [
  'passwords',
  'satisfiesAny',
  'externalAuth',
];
const limitSettings: readonly (keyof RouteSettings)[] = ['clientLimits', 'maxBodyBytes'];
const otherPlaces: readonly string[] = [
  ...authenticationSettings,
  ...limitSettings,
  'errorPages',
  'isLogged',
];

export class TableSide {
  readonly table: RouteTable;
  readonly #fingerprints: Fingerprints;
  /** By entry of the table, not by name: a log may hold any number of names. */
  readonly #hosts = new Map<VirtualHost | null, HostFacts>();
  readonly #routes = new Map<Route, RouteFacts>();

  constructor(table: RouteTable, fingerprints: Fingerprints) {
    this.table = table;
    this.#fingerprints = fingerprints;
  }

  hostOf(host: string): HostFacts {
    const virtualHost = findHost(this.table, host);
    const known = this.#hosts.get(virtualHost);
    if (known !== undefined) return known;
    const facts = this.#readHost(virtualHost);
    this.#hosts.set(virtualHost, facts);
    return facts;
  }

  /** `path` in canonical form. */
  match(host: HostFacts, path: string): RouteFacts {
    if (host.index === null) return this.#factsOf(host.fallback);
    const rank = host.index.matchRank(path);
    if (rank < 0) return this.#factsOf(rank === tooCostlyRank ? tooCostlyRoute : host.fallback);
    const known = host.byRank[rank];
    if (known !== undefined) return known;
    const facts = this.#factsOf(host.index.routeAt(rank) ?? host.fallback);
    host.byRank[rank] = facts;
    return facts;
  }

  /** Whether a path that can be read in two ways leads elsewhere by the other. */
  leadsElsewhere({ index }: HostFacts, path: string, greedyPath: string): boolean {
    return (index?.matchRank(path) ?? noRank) !== (index?.matchRank(greedyPath) ?? noRank);
  }

  #readHost(virtualHost: VirtualHost | null): HostFacts {
    const { authorities } = this.table;
    const clientAuth = virtualHost?.clientAuth;
    const authority = clientAuth?.authority ?? null;
    return {
      virtualHost,
      index: virtualHost === null ? null : new HostIndex(virtualHost),
      gate: this.#fingerprints.of([clientAuth, authority === null ? null : authorities.get(authority)]),
      passthrough: this.#fingerprints.of([
        virtualHost?.passthrough?.upstream,
        virtualHost?.passthrough?.proxyProtocol,
      ]),
      fallback: virtualHost?.fallback ?? this.table.fallback,
      byRank: [],
    };
  }

  #factsOf(route: Route): RouteFacts {
    const known = this.#routes.get(route);
    if (known !== undefined) return known;
    const facts = this.#readRoute(route);
    this.#routes.set(route, facts);
    return facts;
  }

  #readRoute(route: Route): RouteFacts {
    const prepared = prepareFeatures(features, route);
    const fingerprints = this.#fingerprints;
    const deedOf = ({ feature, policy }: PreparedFeature): number =>
      fingerprints.of([feature.name, policy, route.match.kind === 'regex' ? route.match.path : null]);
    const admit = prepared.flatMap((each) =>
      each.hooks.admit === undefined ? [] : [{ hook: each.hooks.admit, deed: deedOf(each) }],
    );
    const rewrite = prepared.flatMap((each) =>
      each.hooks.rewrite === undefined ? [] : [{ hook: each.hooks.rewrite, deed: deedOf(each) }],
    );
    const parts = this.#partsOf(route, prepared);
    const numbers = {
      target: fingerprints.of(parts.target),
      authentication: fingerprints.of(parts.authentication),
      limits: fingerprints.of(parts.limits),
      response: fingerprints.of(parts.response),
      settings: fingerprints.of(parts.settings),
    };
    const { namespace, ingress, service, servicePort } = route.labels;
    return {
      route,
      admit,
      rewrite,
      isServed: route.backend.kind === 'upstream',
      ...numbers,
      whole: fingerprints.of([
        numbers,
        [...admit, ...rewrite].map(({ deed }) => deed),
        // The path of a rule tells hooks more than the deeds say.
        admit.length + rewrite.length === 0 ? null : route.match,
      ]),
      ingress: ingress === '' ? '' : `${namespace}/${ingress}`,
      upstreamName: service === '' ? '' : `${namespace}-${service}-${servicePort}`,
    };
  }

  #partsOf({ backend, canary }: Route, prepared: readonly PreparedFeature[]): Record<Part, unknown> {
    const { upstreams, credentials, clientTls } = this.table;
    const settings = settingsOf(prepared);
    const upstream = backend.kind === 'upstream' ? upstreams.get(backend.upstream) : undefined;
    const users = settings.passwords?.credentials ?? null;
    const tlsId = settings.upstreamTls.material;
    const rest = Object.entries(settings).filter(([key]) => !otherPlaces.includes(key));
    const policiesWith = (
      hook: keyof RouteHooks,
      counts: (each: PreparedFeature) => boolean = () => true,
    ): unknown[] =>
      prepared
        .filter((each) => each.hooks[hook] !== undefined && counts(each))
        .map(({ feature, policy }) => [feature.name, policy]);
    return {
      target:
        backend.kind === 'status'
          ? ['status', backend.status]
          : [backend.upstream, availabilityOf(upstream), canaryOf(canary)],
      authentication: [
        authenticationSettings.map((key) => settings[key]),
        users === null ? null : credentials.get(users),
        policiesWith('access'),
      ],
      limits: limitSettings.map((key) => settings[key]),
      response: [settings.errorPages, policiesWith('respond')],
      settings: [
        Object.fromEntries(rest),
        tlsId === null ? null : clientTls.get(tlsId),
        policiesWith('forward', (each) => !isAboutAccess(each)),
        upstream === undefined ? null : [upstream.settings, upstream.protocol, upstream.hashesClients],
      ],
    };
  }
}

type Part = 'target' | 'authentication' | 'limits' | 'response' | 'settings';

/** Endpoints come and go; that there are none is another answer. */
function availabilityOf(upstream: Upstream | undefined): string {
  const target = upstream?.target ?? { kind: 'unavailable' };
  if (target.kind === 'endpoints' && 'endpoints' in target && target.endpoints.length === 0)
    return 'unavailable';
  return target.kind;
}

/** But for the name of its rule. */
function canaryOf(canary: Route['canary']): unknown {
  return canary === undefined ? null : { ...canary, id: '' };
}

/** Also what such a feature takes out of a request is about who may come. */
function isAboutAccess({ feature, policy }: PreparedFeature): boolean {
  const part = feature.settings?.(policy) ?? {};
  return authenticationSettings.some((key) => Object.hasOwn(part, key));
}
