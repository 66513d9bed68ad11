// A request that differs, as text: its URL, and what becomes of it by one table. For samples, with the slow and wordy parts.
import type { RouteTable } from '../../model/index.ts';
import { type ActingFeature, decideRequest, serverNameOf } from '../decide-request.ts';
import { differenceBit, type Differences, type Outcome } from './outcome.ts';
import type { ComparedRequest } from './request-comparer.ts';
import type { RouteFacts } from './table-side.ts';

const maxFeatures = 6;

export function urlOf({ scheme, host, rawPath, query }: ComparedRequest): string {
  return `${scheme}://${host === '' ? '(no host)' : host}${rawPath}${query}`;
}

export interface DescribedSide {
  readonly table: RouteTable;
  readonly route: RouteFacts | null;
  readonly outcome: Outcome;
}

/** Differences that do not show in where the request goes, but in what the features of the route say. */
const featureBits =
  differenceBit('authentication') |
  differenceBit('limits') |
  differenceBit('response') |
  differenceBit('settings') |
  differenceBit('conditions');

/** Both sides; where it matters each with the features that the other has not, or has otherwise. */
export function describeSides(
  request: ComparedRequest,
  differences: Differences,
  sides: readonly [DescribedSide, DescribedSide],
): readonly [string, string] {
  if ((differences & featureBits) === 0) return [endOf(sides[0], request), endOf(sides[1], request)];
  const [old, next] = sides.map((side) => actingFeatures(side.table, request)) as [Features, Features];
  return [
    `${endOf(sides[0], request)}${unlike(old, next)}`,
    `${endOf(sides[1], request)}${unlike(next, old)}`,
  ];
}

type Features = readonly ActingFeature[];

function actingFeatures(table: RouteTable, request: ComparedRequest): Features {
  const { scheme, host } = request;
  const serverName = scheme === 'https' ? serverNameOf(host) : '';
  return decideRequest(table, { ...request, fields: '', serverName, contentLength: 0 }).features;
}

function unlike(own: Features, other: Features): string {
  const known = new Set(other.map(({ name, policy }) => `${name}: ${policy}`));
  const texts = own.map(({ name, policy }) => `${name}: ${policy}`).filter((text) => !known.has(text));
  return texts
    .slice(0, maxFeatures)
    .map((text) => `; ${text}`)
    .join('');
}

function endOf({ route, outcome, table }: DescribedSide, request: ComparedRequest): string {
  const rule = route === null ? '' : `, by ${route.route.id}`;
  if (outcome.status !== 0) {
    const target = outcome.location === '' ? '' : ` to ${outcome.location}`;
    return `${outcome.status}${target} (${outcome.reason})${rule}`;
  }
  if (outcome.target < 0) return `passed through by the name in the handshake`;
  const backend = route?.route.backend;
  if (backend === undefined) return 'refused';
  if (backend.kind === 'status') return `${backend.status} (${backend.reason})${rule}`;
  const upstream = table.upstreams.get(backend.upstream);
  const hasNone = upstream === undefined || upstream.target.kind === 'unavailable';
  const state = hasNone ? ' (not there)' : '';
  const certificate = outcome.certificate === '' ? '' : `, certificate ${outcome.certificate}`;
  return `${backend.upstream}${state} gets ${outcome.sentPath}${request.query}${rule}${certificate}`;
}
