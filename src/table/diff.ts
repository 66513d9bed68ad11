// What differs between two tables, unit by unit: for `sallyport` logs of a change, for tests, for people who review one.
// Shared units are equal by reference, so that the diff of two neighbouring tables costs little more than a walk over the keys.
import { isDeepStrictEqual } from 'node:util';
import type {
  ArrivalSettings,
  Certificate,
  Challenge,
  ClientAuthority,
  ClientTls,
  Credentials,
  Route,
  RouteTable,
  StreamRoute,
  TlsSettings,
  TrafficSettings,
  Upstream,
  VirtualHost,
} from '../model/index.ts';
import {
  printAuthority,
  printArrivals,
  printCertificate,
  printChallenge,
  printClientTls,
  printCredentials,
  printFallback,
  printHost,
  printStream,
  printTlsSettings,
  type PrintOptions,
  printUpstream,
  renderHost,
} from './print.ts';
import { printTraffic } from './print-traffic.ts';

export type UnitDiff<Unit> =
  | { readonly kind: 'added'; readonly after: Unit }
  | { readonly kind: 'removed'; readonly before: Unit }
  | { readonly kind: 'changed'; readonly before: Unit; readonly after: Unit };

/** Each list sorted by the unit's key. `fallback`, `defaultCertificate` and `tls` are null where they did not change. */
export interface TableDiff {
  readonly hosts: readonly UnitDiff<VirtualHost>[];
  readonly upstreams: readonly UnitDiff<Upstream>[];
  readonly certificates: readonly UnitDiff<Certificate>[];
  readonly challenges: readonly UnitDiff<Challenge>[];
  readonly clientTls: readonly UnitDiff<ClientTls>[];
  readonly authorities: readonly UnitDiff<ClientAuthority>[];
  readonly credentials: readonly UnitDiff<Credentials>[];
  readonly streams: readonly UnitDiff<StreamRoute>[];
  readonly fallback: { readonly before: RouteTable; readonly after: RouteTable } | null;
  readonly defaultCertificate: { readonly before: string | null; readonly after: string | null } | null;
  readonly tls: { readonly before: TlsSettings; readonly after: TlsSettings } | null;
  readonly arrivals: { readonly before: ArrivalSettings; readonly after: ArrivalSettings } | null;
  readonly traffic: { readonly before: TrafficSettings; readonly after: TrafficSettings } | null;
}

/** From `before` to `after`; versions take no part. */
export function diffTables(before: RouteTable, after: RouteTable): TableDiff {
  const sameFallback = isSame<Route>(before.fallback, after.fallback);
  const sameDefault = before.defaultCertificate === after.defaultCertificate;
  return {
    hosts: diffUnits(before.hosts, after.hosts),
    upstreams: diffUnits(before.upstreams, after.upstreams),
    certificates: diffUnits(before.certificates, after.certificates),
    challenges: diffUnits(before.challenges, after.challenges),
    clientTls: diffUnits(before.clientTls, after.clientTls),
    authorities: diffUnits(before.authorities, after.authorities),
    credentials: diffUnits(before.credentials, after.credentials),
    streams: diffUnits(before.streams, after.streams),
    fallback: sameFallback ? null : { before, after },
    defaultCertificate: sameDefault
      ? null
      : { before: before.defaultCertificate, after: after.defaultCertificate },
    tls: isSame(before.tls, after.tls) ? null : { before: before.tls, after: after.tls },
    arrivals: isSame(before.arrivals, after.arrivals)
      ? null
      : { before: before.arrivals, after: after.arrivals },
    traffic: isSame(before.traffic, after.traffic) ? null : { before: before.traffic, after: after.traffic },
  };
}

/** Whether nothing differs. */
export function isEmptyDiff(diff: TableDiff): boolean {
  const { certificates, clientTls, authorities, credentials } = diff;
  const secrets = certificates.length + clientTls.length + authorities.length + credentials.length;
  const units =
    diff.hosts.length + diff.upstreams.length + secrets + diff.streams.length + diff.challenges.length;
  return (
    units === 0 &&
    diff.fallback === null &&
    diff.defaultCertificate === null &&
    diff.tls === null &&
    diff.arrivals === null &&
    diff.traffic === null
  );
}

/** Lines of printTable that went (`-`) and came (`+`), under the head of their unit; empty when nothing differs. */
export function renderTableDiff(diff: TableDiff, options: PrintOptions = {}): string {
  const lines: string[] = [];
  for (const unit of diff.hosts)
    lines.push(...renderUnit(unit, hostHead, (host) => printHost(host, options)));
  if (diff.fallback !== null) {
    lines.push(...renderFallback('-', diff.fallback.before, options));
    lines.push(...renderFallback('+', diff.fallback.after, options));
  }
  for (const unit of diff.upstreams) lines.push(...renderUnit(unit, upstreamHead, printUpstream));
  for (const unit of diff.certificates) {
    lines.push(...renderUnit(unit, certificateHead, (certificate) => [printCertificate(certificate)]));
  }
  for (const unit of diff.challenges) {
    lines.push(...renderUnit(unit, challengeHead, (challenge) => [printChallenge(challenge)]));
  }
  for (const unit of diff.authorities) {
    lines.push(...renderUnit(unit, authorityHead, (authority) => [printAuthority(authority)]));
  }
  for (const unit of diff.clientTls) {
    lines.push(
      ...renderUnit(
        unit,
        ({ id }) => `client tls ${id}`,
        (each) => [printClientTls(each)],
      ),
    );
  }
  for (const unit of diff.credentials) {
    lines.push(...renderUnit(unit, credentialsHead, (each) => [printCredentials(each)]));
  }
  for (const unit of diff.streams)
    lines.push(...renderUnit(unit, streamHead, (stream) => [printStream(stream)]));
  if (diff.defaultCertificate !== null) {
    const { before, after } = diff.defaultCertificate;
    lines.push(`- default certificate ${before ?? '(none)'}`, `+ default certificate ${after ?? '(none)'}`);
  }
  if (diff.tls !== null)
    lines.push(`- ${printTlsSettings(diff.tls.before)}`, `+ ${printTlsSettings(diff.tls.after)}`);
  if (diff.arrivals !== null)
    lines.push(`- ${printArrivals(diff.arrivals.before)}`, `+ ${printArrivals(diff.arrivals.after)}`);
  if (diff.traffic !== null)
    lines.push(`- ${printTraffic(diff.traffic.before)}`, `+ ${printTraffic(diff.traffic.after)}`);
  return lines.map((line) => `${line}\n`).join('');
}

function hostHead({ host }: VirtualHost): string {
  return `host ${renderHost(host)}`;
}

function upstreamHead({ id }: Upstream): string {
  return `upstream ${id}`;
}

function authorityHead({ id }: ClientAuthority): string {
  return `authority ${id}`;
}

function credentialsHead({ id }: Credentials): string {
  return `credentials ${id}`;
}

function certificateHead({ id }: Certificate): string {
  return `certificate ${id}`;
}

function streamHead({ id }: StreamRoute): string {
  return `stream ${id}`;
}

function renderFallback(sign: string, table: RouteTable, options: PrintOptions): string[] {
  return [`${sign} ${printFallback(table, options) ?? 'default  → 404'}`];
}

function challengeHead({ id }: Challenge): string {
  return `challenge ${id}`;
}

function renderUnit<Unit>(
  diff: UnitDiff<Unit>,
  head: (unit: Unit) => string,
  print: (unit: Unit) => string[],
): string[] {
  if (diff.kind === 'added') return print(diff.after).map((line) => `+ ${line}`);
  if (diff.kind === 'removed') return print(diff.before).map((line) => `- ${line}`);
  const before = print(diff.before).map(collapseColumns);
  const after = print(diff.after).map(collapseColumns);
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
  const sameText = gone.length === 0 && come.length === 0;
  return [`~ ${head(diff.after)}${sameText ? '  (order or inner values)' : ''}`, ...gone, ...come];
}

/** Column widths depend on the neighbours, so a line would differ though its route did not. */
function collapseColumns(line: string): string {
  return line.replaceAll(/(?<=\S) {2,}/g, '  ');
}

function diffUnits<Unit>(
  before: ReadonlyMap<string, Unit>,
  after: ReadonlyMap<string, Unit>,
): readonly UnitDiff<Unit>[] {
  if (before === after) return [];
  const found: [string, UnitDiff<Unit>][] = [];
  for (const [key, unit] of after) {
    const old = before.get(key);
    if (old === undefined) found.push([key, { kind: 'added', after: unit }]);
    else if (!isSame(old, unit)) found.push([key, { kind: 'changed', before: old, after: unit }]);
  }
  for (const [key, unit] of before) {
    if (!after.has(key)) found.push([key, { kind: 'removed', before: unit }]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, diff]) => diff);
}

function isSame<Unit>(before: Unit, after: Unit): boolean {
  return before === after || isDeepStrictEqual(before, after);
}
