// How an upstream is spoken to: the protocol, and what TLS asks and shows. What a route says of it is a RouteTransport; keys and
// authorities travel as units of their own (ClientTls), so that a rotated Secret touches no route.
import type { ObjectKey } from './object-ref.ts';

/** `http`, `https`: HTTP/1.1. `h2c`, `h2`: HTTP/2, in the clear with prior knowledge, or over TLS. */
export type UpstreamProtocol = 'http' | 'https' | 'h2c' | 'h2';

/** `auto`: `https` for clients that came by TLS, else `http`. */
export type ProtocolChoice = UpstreamProtocol | 'auto';

/** What a route asks of TLS to its upstream. */
export interface UpstreamTls {
  /** Authorities to trust, and the certificate to show; null: the system's authorities, no certificate. */
  readonly material: ClientTlsId | null;
  readonly verifies: boolean;
  /** Certificates between the endpoint's and the trusted one, at most. */
  readonly maxIntermediates: number;
  /** What the certificate must be for, and what SNI says; empty: the Service's name in the cluster, or its external name. */
  readonly name: string;
  readonly sendsName: boolean;
  /** OpenSSL's list for TLS 1.2; empty: the proxy's own. */
  readonly ciphers: string;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** As ingress-nginx: the connection is secret, the endpoint is whoever answers. */
export const defaultUpstreamTls: UpstreamTls = {
  material: null,
  verifies: false,
  maxIntermediates: 1,
  name: '',
  sendsName: false,
  ciphers: '',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
};

/** `NAMESPACE/SECRET`. */
export type ClientTlsId = ObjectKey;

/** The TLS side of the proxy as a client, out of one Secret. The private key is in here: print the id, never the unit. */
export interface ClientTls {
  readonly id: ClientTlsId;
  /** Authorities, PEM; empty: the system's. */
  readonly caPem: string;
  /** Leaf first; empty: no certificate is shown. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** SHA-256 of the authorities and of the leaf, lower-case hex: what tells two versions apart. */
  readonly caFingerprints: readonly string[];
  readonly fingerprint: string;
}
