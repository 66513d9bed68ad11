// ClientCertificate: what a client showed in its handshake, and what OpenSSL said of it under the authority of exactly that handshake. Read
// once per connection; whether it is enough is decided per request (client-gate.ts).
import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ClientAuthority } from '../model/index.ts';
import { readCertificateNames } from '../std/der/index.ts';
import type { ClientVerdict } from './client-gate.ts';

/** Whom a server's handshakes trust. */
export interface HandshakeTrust {
  /** Of the authority; empty: it could not be used, and nobody is verified. */
  readonly digest: string;
  readonly authorities: readonly X509Certificate[];
}

/** Larger ones are refused: subject and certificate become request fields. */
const maxCertificateBytes = 8_192;
/** Certificates that a client may send for its chain; OpenSSL bounds their bytes. */
const maxSent = 16;

/** OpenSSL's words for its codes, which nginx shows to endpoints. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['UNABLE_TO_GET_ISSUER_CERT', 'unable to get issuer certificate'],
  ['UNABLE_TO_GET_CRL', 'unable to get certificate CRL'],
  ['CERT_SIGNATURE_FAILURE', 'certificate signature failure'],
  ['CRL_SIGNATURE_FAILURE', 'CRL signature failure'],
  ['CERT_NOT_YET_VALID', 'certificate is not yet valid'],
  ['CERT_HAS_EXPIRED', 'certificate has expired'],
  ['CRL_NOT_YET_VALID', 'CRL is not yet valid'],
  ['CRL_HAS_EXPIRED', 'CRL has expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'],
  ['CERT_CHAIN_TOO_LONG', 'certificate chain too long'],
  ['CERT_REVOKED', 'certificate revoked'],
  ['INVALID_CA', 'invalid CA certificate'],
  ['PATH_LENGTH_EXCEEDED', 'path length constraint exceeded'],
  ['INVALID_PURPOSE', 'unsuitable certificate purpose'],
  ['CERT_UNTRUSTED', 'certificate not trusted'],
  ['CERT_REJECTED', 'certificate rejected'],
]);

/** They say no more than that no known authority has signed: what `optional_no_ca` lets pass, in nginx too. */
const unsignedCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

export class ClientCertificate {
  /** Of the authority under which it was verified. */
  readonly authorityDigest: string;
  /** Why it is not valid; empty: it is, or there is none. */
  readonly failure: string;
  /** All that is wrong is that no known authority has signed it. */
  readonly isUnsigned: boolean;
  /** Certificates between this one and the trusted one. */
  readonly intermediates: number;
  /** When the first of the chain expires, milliseconds since the epoch. */
  readonly notAfterMs: number;
  readonly subject: string;
  readonly issuer: string;
  readonly #certificate: X509Certificate | null;
  /** The last verdict: most requests of a connection are for one host. */
  lastVerdict: ClientVerdict | null = null;

  private constructor(
    authorityDigest: string,
    certificate: X509Certificate | null,
    found: Pick<ClientCertificate, 'failure' | 'isUnsigned' | 'intermediates' | 'notAfterMs'>,
  ) {
    this.authorityDigest = authorityDigest;
    this.#certificate = certificate;
    ({ failure: this.failure, isUnsigned: this.isUnsigned } = found);
    ({ intermediates: this.intermediates, notAfterMs: this.notAfterMs } = found);
    const names = certificate === null ? null : readCertificateNames(certificate.raw);
    this.subject = names?.subject ?? '';
    this.issuer = names?.issuer ?? '';
  }

  /** After a handshake in which a certificate was asked for. Never throws: what cannot be read is not valid. */
  static read(socket: TLSSocket, trust: HandshakeTrust): ClientCertificate {
    try {
      return ClientCertificate.#read(socket, trust);
    } catch {
      const found = { failure: 'certificate is not understood', isUnsigned: false, intermediates: 0 };
      return new ClientCertificate(trust.digest, null, { ...found, notAfterMs: Number.POSITIVE_INFINITY });
    }
  }

  static #read(socket: TLSSocket, trust: HandshakeTrust): ClientCertificate {
    const { digest } = trust;
    const certificate = socket.getPeerX509Certificate();
    const valid = { failure: '', isUnsigned: false, intermediates: 0, notAfterMs: Number.POSITIVE_INFINITY };
    if (certificate === undefined) return new ClientCertificate(digest, null, valid);
    const failed = (failure: string, isUnsigned: boolean): ClientCertificate =>
      new ClientCertificate(digest, certificate, { ...valid, failure, isUnsigned });
    if (certificate.raw.length > maxCertificateBytes) {
      return new ClientCertificate(digest, null, { ...valid, failure: 'certificate is too large' });
    }
    if (!socket.authorized) {
      // The types say Error; on a server it is OpenSSL's code.
      const code = String(socket.authorizationError);
      return failed(reasons.get(code) ?? 'certificate verify error', unsignedCodes.has(code));
    }
    const path = findShortestPath(certificate, trust.authorities);
    if (path === null) return failed('unable to get local issuer certificate', false);
    const notAfterMs = Math.min(...path.map(({ validTo }) => Date.parse(validTo)));
    return new ClientCertificate(digest, certificate, {
      ...valid,
      intermediates: Math.max(0, path.length - 2),
      notAfterMs,
    });
  }

  get isPresent(): boolean {
    return this.#certificate !== null || this.failure !== '';
  }

  /** URL-encoded PEM as nginx's `$ssl_client_escaped_cert`; empty without a certificate. */
  renderEscapedPem(): string {
    return this.#certificate === null ? '' : encodeURIComponent(this.#certificate.toString());
  }
}

/** Out of a unit's PEM text. */
export function readAuthorities({ caPem }: ClientAuthority): readonly X509Certificate[] {
  const blocks = caPem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/**
 * From the certificate to a self-signed authority, each member signed by the next; null: there is none. OpenSSL has verified some path and
 * does not say which; what a client sends beside its certificate cannot make this one shorter than what signatures prove.
 */
function findShortestPath(
  leaf: X509Certificate,
  authorities: readonly X509Certificate[],
): readonly X509Certificate[] | null {
  const anchors = new Set(authorities.filter(isSelfSigned).map(({ fingerprint256 }) => fingerprint256));
  const known = [...authorities, ...sentWith(leaf)];
  const seen = new Set([leaf.fingerprint256]);
  let paths: X509Certificate[][] = [[leaf]];
  while (paths.length > 0) {
    const longer: X509Certificate[][] = [];
    for (const path of paths) {
      const last = path.at(-1) ?? leaf;
      if (anchors.has(last.fingerprint256)) return path;
      for (const issuer of known) {
        if (seen.has(issuer.fingerprint256) || !last.checkIssued(issuer)) continue;
        if (!last.verify(issuer.publicKey)) continue;
        seen.add(issuer.fingerprint256);
        longer.push([...path, issuer]);
      }
    }
    paths = longer;
  }
  return null;
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

function sentWith(leaf: X509Certificate): X509Certificate[] {
  const sent: X509Certificate[] = [];
  let next = leaf.issuerCertificate;
  while (next !== undefined && sent.length < maxSent) {
    sent.push(next);
    next = next.issuerCertificate;
  }
  return sent;
}
