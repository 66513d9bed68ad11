// The next table in the making: units set and removed against the present table. Setting a unit to what it already is changes
// nothing, so a patch holds only what differs.
import { isDeepStrictEqual } from 'node:util';
import type {
  AuthorityId,
  ArrivalSettings,
  Certificate,
  CertificateId,
  Challenge,
  ChallengeId,
  ClientAuthority,
  ClientTls,
  ClientTlsId,
  Credentials,
  CredentialsId,
  HostPattern,
  Route,
  RouteTable,
  StreamId,
  StreamRoute,
  TablePatch,
  TlsSettings,
  TrafficSettings,
  UnitChanges,
  Upstream,
  UpstreamId,
  VirtualHost,
} from '../model/index.ts';
import { deriveMap } from '../std/layered-map.ts';
import { compareText } from '../std/compare-text.ts';

/** Changes to one of the table's maps. */
export class UnitDraft<Key extends string, Unit> {
  readonly #base: ReadonlyMap<Key, Unit>;
  /** Null: removed. */
  readonly #changes = new Map<Key, Unit | null>();

  constructor(base: ReadonlyMap<Key, Unit>) {
    this.#base = base;
  }

  get(key: Key): Unit | undefined {
    const changed = this.#changes.get(key);
    return changed === undefined ? this.#base.get(key) : (changed ?? undefined);
  }

  /** Null removes. */
  set(key: Key, unit: Unit | null): void {
    const present = this.#base.get(key) ?? null;
    if (present === unit || (present !== null && isDeepStrictEqual(present, unit))) this.#changes.delete(key);
    else this.#changes.set(key, unit);
  }

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** Both sorted by key, so that equal changes make equal patches. */
  finish(): { readonly changes: UnitChanges<Key, Unit>; readonly units: ReadonlyMap<Key, Unit> } {
    if (this.isEmpty) return { changes: { set: [], removed: [] }, units: this.#base };
    const set: (readonly [Key, Unit])[] = [];
    const removed: Key[] = [];
    for (const [key, unit] of this.#changes) {
      if (unit === null) removed.push(key);
      else set.push([key, unit]);
    }
    set.sort(([a], [b]) => compareText(a, b));
    removed.sort(compareText);
    return {
      changes: { set: set.map(([, unit]) => unit), removed },
      units: deriveMap(this.#base, set, removed),
    };
  }
}

/** One step from a table to the next. */
export class TableDraft {
  readonly hosts: UnitDraft<HostPattern, VirtualHost>;
  readonly upstreams: UnitDraft<UpstreamId, Upstream>;
  readonly certificates: UnitDraft<CertificateId, Certificate>;
  readonly challenges: UnitDraft<ChallengeId, Challenge>;
  readonly clientTls: UnitDraft<ClientTlsId, ClientTls>;
  readonly authorities: UnitDraft<AuthorityId, ClientAuthority>;
  readonly credentials: UnitDraft<CredentialsId, Credentials>;
  readonly streams: UnitDraft<StreamId, StreamRoute>;
  readonly #base: RouteTable;

  constructor(base: RouteTable) {
    this.#base = base;
    this.hosts = new UnitDraft(base.hosts);
    this.upstreams = new UnitDraft(base.upstreams);
    this.certificates = new UnitDraft(base.certificates);
    this.challenges = new UnitDraft(base.challenges);
    this.clientTls = new UnitDraft(base.clientTls);
    this.authorities = new UnitDraft(base.authorities);
    this.credentials = new UnitDraft(base.credentials);
    this.streams = new UnitDraft(base.streams);
  }

  /**
   * The next table and the patch that leads to it; null if nothing differs. The first patch (from version 0) always exists and
   * carries `fallback`, `defaultCertificate`, `tls`, `arrivals` and `traffic`, so that it does not matter what a worker held before it.
   */
  finish(
    fallback: Route,
    defaultCertificate: CertificateId | null,
    tls: TlsSettings,
    arrivals: ArrivalSettings,
    traffic: TrafficSettings,
  ): { table: RouteTable; patch: TablePatch } | null {
    const base = this.#base;
    const isFirst = base.version === 0;
    const newFallback = isFirst || !isDeepStrictEqual(base.fallback, fallback);
    const newDefault = isFirst || base.defaultCertificate !== defaultCertificate;
    const secrets = [this.certificates, this.clientTls, this.authorities, this.credentials];
    const drafts = [this.hosts, this.upstreams, ...secrets, this.challenges, this.streams];
    const isSame = drafts.every(({ isEmpty }) => isEmpty);
    const newTls = isFirst || !isDeepStrictEqual(base.tls, tls);
    const newArrivals = isFirst || !isDeepStrictEqual(base.arrivals, arrivals);
    const newTraffic = isFirst || !isDeepStrictEqual(base.traffic, traffic);
    if (isSame && !newFallback && !newDefault && !newTls && !newArrivals && !newTraffic) return null;
    const version = base.version + 1;
    const hosts = this.hosts.finish();
    const upstreams = this.upstreams.finish();
    const certificates = this.certificates.finish();
    const challenges = this.challenges.finish();
    const clientTls = this.clientTls.finish();
    const authorities = this.authorities.finish();
    const credentials = this.credentials.finish();
    const streams = this.streams.finish();
    const patch: TablePatch = {
      version,
      hosts: hosts.changes,
      upstreams: upstreams.changes,
      certificates: certificates.changes,
      ...(this.challenges.isEmpty ? {} : { challenges: challenges.changes }),
      ...(this.clientTls.isEmpty ? {} : { clientTls: clientTls.changes }),
      ...(this.authorities.isEmpty ? {} : { authorities: authorities.changes }),
      ...(this.credentials.isEmpty ? {} : { credentials: credentials.changes }),
      ...(this.streams.isEmpty ? {} : { streams: streams.changes }),
      ...(newFallback ? { fallback } : {}),
      ...(newDefault ? { defaultCertificate } : {}),
      ...(newTls ? { tls } : {}),
      ...(newArrivals ? { arrivals } : {}),
      ...(newTraffic ? { traffic } : {}),
    };
    const table: RouteTable = {
      version,
      hosts: hosts.units,
      upstreams: upstreams.units,
      certificates: certificates.units,
      challenges: challenges.units,
      clientTls: clientTls.units,
      authorities: authorities.units,
      credentials: credentials.units,
      streams: streams.units,
      fallback: newFallback ? fallback : base.fallback,
      defaultCertificate,
      tls: newTls ? tls : base.tls,
      arrivals: newArrivals ? arrivals : base.arrivals,
      traffic: newTraffic ? traffic : base.traffic,
    };
    return { table, patch };
  }
}
