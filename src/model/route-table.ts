// The routing table and its patches: all that the data plane knows. No Kubernetes kind, no annotation.
import { defaultArrivalSettings, type ArrivalSettings } from './arrival-settings.ts';
import type { Certificate } from './certificate.ts';
import type { Challenge, ChallengeId } from './challenge.ts';
import type { AuthorityId, ClientAuthority } from './client-auth.ts';
import type { Credentials, CredentialsId } from './credentials.ts';
import {
  notFoundRoute,
  type CertificateId,
  type HostPattern,
  type Route,
  type UpstreamId,
  type VirtualHost,
} from './route.ts';
import { defaultTlsSettings, type TlsSettings } from './tls-settings.ts';
import type { ClientTls, ClientTlsId } from './upstream-transport.ts';
import { defaultTrafficSettings, type TrafficSettings } from './traffic-settings.ts';
import type { StreamId, StreamRoute } from './stream.ts';
import type { Upstream } from './upstream.ts';

/** Immutable: a change makes a new table, which shares every unit that did not change. */
export interface RouteTable {
  /** Grows by one with each published change; 0 is the empty table before the first translation. */
  readonly version: number;
  readonly hosts: ReadonlyMap<HostPattern, VirtualHost>;
  readonly upstreams: ReadonlyMap<UpstreamId, Upstream>;
  readonly certificates: ReadonlyMap<CertificateId, Certificate>;
  /** Of orders that are under way; nearly always empty. */
  readonly challenges: ReadonlyMap<ChallengeId, Challenge>;
  /** Authorities and client certificates for TLS to upstreams. */
  readonly clientTls: ReadonlyMap<ClientTlsId, ClientTls>;
  /** Over certificates of clients. */
  readonly authorities: ReadonlyMap<AuthorityId, ClientAuthority>;
  /** Of those who may sign in with a password. */
  readonly credentials: ReadonlyMap<CredentialsId, Credentials>;
  /** TCP and UDP services. */
  readonly streams: ReadonlyMap<StreamId, StreamRoute>;
  /** Where requests go that no host or route takes: the controller's default backend, or `notFoundRoute`. */
  readonly fallback: Route;
  /** Served where no certificate fits; null: the proxy's self-signed one. */
  readonly defaultCertificate: CertificateId | null;
  readonly tls: TlsSettings;
  readonly arrivals: ArrivalSettings;
  readonly traffic: TrafficSettings;
}

/** Before the first translation and a worker's first patch: no hosts, version 0, everything is 404. */
export const emptyTable: RouteTable = {
  version: 0,
  hosts: new Map(),
  upstreams: new Map(),
  certificates: new Map(),
  challenges: new Map(),
  clientTls: new Map(),
  authorities: new Map(),
  credentials: new Map(),
  streams: new Map(),
  fallback: notFoundRoute,
  defaultCertificate: null,
  tls: defaultTlsSettings,
  arrivals: defaultArrivalSettings,
  traffic: defaultTrafficSettings,
};

/** Units set and removed. Applying patches in order gives the same table as a full one. */
export interface TablePatch {
  readonly version: number;
  readonly hosts: UnitChanges<HostPattern, VirtualHost>;
  readonly upstreams: UnitChanges<UpstreamId, Upstream>;
  readonly certificates: UnitChanges<CertificateId, Certificate>;
  /** Present only if changed. */
  readonly challenges?: UnitChanges<ChallengeId, Challenge>;
  readonly clientTls?: UnitChanges<ClientTlsId, ClientTls>;
  /** Present only if changed. */
  readonly authorities?: UnitChanges<AuthorityId, ClientAuthority>;
  /** Present only if changed. */
  readonly credentials?: UnitChanges<CredentialsId, Credentials>;
  readonly streams?: UnitChanges<StreamId, StreamRoute>;
  /** Present only if changed. */
  readonly fallback?: Route;
  /** Present only if changed. */
  readonly defaultCertificate?: CertificateId | null;
  /** Present only if changed. */
  readonly tls?: TlsSettings;
  /** Present only if changed. */
  readonly arrivals?: ArrivalSettings;
  /** Present only if changed. */
  readonly traffic?: TrafficSettings;
}

export interface UnitChanges<Key, Unit> {
  readonly set: readonly Unit[];
  readonly removed: readonly Key[];
}
