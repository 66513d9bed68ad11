// A request that is over, as its worker remembers it: route, what features were set to do, the endpoints that were tried, status, cause.
import { type Feature, features } from '../../features/index.ts';
import type { Route, RouteTable } from '../../model/index.ts';
import type { RequestFacts } from '../../proxy/recent-requests.ts';
import { escapeUnprintable, escapeUnprintableJson } from '../../std/printable.ts';
import { findIngress, listOrigins } from './origins.ts';
import { describeOutcome } from './outcome-texts.ts';
import type { KnownObjects } from './tell.ts';

interface PastFeature {
  readonly name: string;
  readonly policy: string;
  /** Fields of the Ingress that ask for it. */
  readonly askedBy: readonly string[];
}

export interface PastRequest {
  readonly facts: RequestFacts;
  /** The route is in the table no more. */
  readonly isRouteGone: boolean;
  /** As they are set now. */
  readonly features: readonly PastFeature[];
  readonly cause: string;
}

export function tellPast(
  facts: RequestFacts,
  table: RouteTable,
  known: Pick<KnownObjects, 'objects' | 'annotationsPrefix'>,
): PastRequest {
  const route = findRoute(table, facts.routeId);
  return {
    facts,
    isRouteGone: route === null && facts.routeId !== '',
    features: route === null ? [] : featuresOf(route, known),
    cause: describeOutcome(facts),
  };
}

function findRoute(table: RouteTable, id: string): Route | null {
  for (const { routes, fallback } of table.hosts.values()) {
    const route = fallback?.id === id ? fallback : routes.find((each) => each.id === id);
    if (route !== undefined) return route;
  }
  return table.fallback.id === id ? table.fallback : null;
}

function featuresOf(
  { policies, labels }: Route,
  { objects, annotationsPrefix }: Pick<KnownObjects, 'objects' | 'annotationsPrefix'>,
): PastFeature[] {
  const origins = listOrigins(findIngress(objects, labels.namespace, labels.ingress), annotationsPrefix);
  const isActing = ({ name }: Feature): boolean => Object.hasOwn(policies, name) && policies[name] != null;
  return features.filter(isActing).map(({ name, describe }) => ({
    name,
    policy: describe(policies[name]),
    askedBy: origins.filter(({ feature }) => feature === name).map(({ field }) => field),
  }));
}

export function renderPastText({ facts, isRouteGone, features: acting, cause }: PastRequest): string {
  const { requestId, routeId, status, reason, attempts, addresses, endedMs, durationMs } = facts;
  const lines = [
    `request   ${requestId}, ended ${new Date(endedMs).toISOString()}`,
    `answered  ${status} after ${seconds(durationMs)}${reason === '' ? '' : `: ${reason}`}`,
    `route     ${routeId === '' ? 'none' : routeId}${isRouteGone ? ', which is served no more' : ''}`,
    `tried     ${attempts === 0 ? 'no endpoint' : `${addresses}${describeLast(facts)}`}`,
    ...(acting.length === 0 ? [] : ['features']),
    ...acting.flatMap(({ name, policy, askedBy }) => [
      `  ${name}: ${policy}`,
      ...askedBy.map((field) => `    by ${field}`),
    ]),
    `because   ${cause}`,
  ];
  return `${lines.map(escapeUnprintable).join('\n')}\n`;
}

function describeLast({ attempts, connectMs, headerMs, upstreamStatus }: RequestFacts): string {
  const parts = [
    attempts > 1 ? `${attempts} attempts` : '',
    connectMs < 0 ? '' : `connected in ${seconds(connectMs)}`,
    headerMs < 0 ? '' : `answered ${upstreamStatus} in ${seconds(headerMs)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}

/** The machine's form: names stay, members may be added. */
export function renderPastJson({ facts, features: acting, ...rest }: PastRequest): string {
  const { addresses, endedMs, ...plain } = facts;
  const document = {
    ...plain,
    endpoints: addresses === '' ? [] : addresses.split(', '),
    ended: new Date(endedMs).toISOString(),
    ...rest,
    features: acting,
  };
  return `${escapeUnprintableJson(JSON.stringify(document, null, 2))}\n`;
}
