// Tables and patches: how a worker gets from one table to the next. A table is never changed; the next one shares every unit
// (host, upstream, certificate) that the patch does not name, so that the cost of a change is the size of the change.
import type {
  Certificate,
  Challenge,
  ClientAuthority,
  ClientTls,
  Credentials,
  RouteTable,
  StreamRoute,
  TablePatch,
  UnitChanges,
  Upstream,
  VirtualHost,
} from '../model/index.ts';
import { deriveMap } from '../std/layered-map.ts';

/** The table after a patch. A unit that is both removed and set is set. Neither argument is changed. */
export function applyPatch(table: RouteTable, patch: TablePatch): RouteTable {
  return {
    version: patch.version,
    hosts: applyChanges(table.hosts, patch.hosts, keyOfHost),
    upstreams: applyChanges(table.upstreams, patch.upstreams, keyOfUnit),
    certificates: applyChanges(table.certificates, patch.certificates, keyOfUnit),
    challenges:
      patch.challenges === undefined
        ? table.challenges
        : applyChanges(table.challenges, patch.challenges, keyOfUnit),
    clientTls:
      patch.clientTls === undefined
        ? table.clientTls
        : applyChanges(table.clientTls, patch.clientTls, keyOfUnit),
    authorities:
      patch.authorities === undefined
        ? table.authorities
        : applyChanges(table.authorities, patch.authorities, keyOfUnit),
    credentials:
      patch.credentials === undefined
        ? table.credentials
        : applyChanges(table.credentials, patch.credentials, keyOfUnit),
    streams:
      patch.streams === undefined ? table.streams : applyChanges(table.streams, patch.streams, keyOfUnit),
    fallback: patch.fallback ?? table.fallback,
    defaultCertificate:
      patch.defaultCertificate === undefined ? table.defaultCertificate : patch.defaultCertificate,
    tls: patch.tls ?? table.tls,
    arrivals: patch.arrivals ?? table.arrivals,
    traffic: patch.traffic ?? table.traffic,
  };
}

/** The patch that makes `table` out of `emptyTable`: what a new worker is sent. */
export function fullPatch(table: RouteTable): TablePatch {
  return {
    version: table.version,
    hosts: { set: [...table.hosts.values()], removed: [] },
    upstreams: { set: [...table.upstreams.values()], removed: [] },
    certificates: { set: [...table.certificates.values()], removed: [] },
    ...(table.challenges.size === 0
      ? {}
      : { challenges: { set: [...table.challenges.values()], removed: [] } }),
    ...(table.clientTls.size > 0 ? { clientTls: { set: [...table.clientTls.values()], removed: [] } } : {}),
    ...(table.authorities.size > 0 && {
      authorities: { set: [...table.authorities.values()], removed: [] },
    }),
    ...(table.credentials.size > 0 && {
      credentials: { set: [...table.credentials.values()], removed: [] },
    }),
    ...(table.streams.size === 0 ? {} : { streams: { set: [...table.streams.values()], removed: [] } }),
    fallback: table.fallback,
    defaultCertificate: table.defaultCertificate,
    tls: table.tls,
    arrivals: table.arrivals,
    traffic: table.traffic,
  };
}

function keyOfHost(host: VirtualHost): string {
  return host.host;
}

function keyOfUnit<Key extends string>(
  unit: { readonly id: Key } & (
    | Upstream
    | Certificate
    | Challenge
    | ClientAuthority
    | ClientTls
    | Credentials
    | StreamRoute
  ),
): Key {
  return unit.id;
}

function applyChanges<Key, Unit>(
  units: ReadonlyMap<Key, Unit>,
  changes: UnitChanges<Key, Unit>,
  keyOf: (unit: Unit) => Key,
): ReadonlyMap<Key, Unit> {
  if (changes.set.length === 0 && changes.removed.length === 0) return units;
  return deriveMap(
    units,
    changes.set.map((unit) => [keyOf(unit), unit] as const),
    changes.removed,
  );
}
