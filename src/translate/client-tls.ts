// The TLS side of a client out of a Secret: `ca.crt`, `tls.crt` and `tls.key`, as ingress-nginx's proxy-ssl-secret has them.
import type { Secret } from '../kube/index.ts';
import type { ClientTls, ClientTlsId } from '../model/index.ts';
import { parseAuthorities, parseCertificate } from './certificates.ts';
import { textOf } from './shape.ts';

/** Base64 as stored. */
export interface ClientTlsData {
  readonly ca: string;
  readonly crt: string;
  readonly key: string;
}

/** `message`: a sentence about the Secret, without a part of a key. */
export type ClientTlsResult =
  | { readonly ok: true; readonly unit: ClientTls }
  | { readonly ok: false; readonly message: string };

export function clientTlsDataOf({ data }: Secret): ClientTlsData {
  return { ca: textOf(data?.['ca.crt']), crt: textOf(data?.['tls.crt']), key: textOf(data?.['tls.key']) };
}

/** Whole-value parse: authorities, a certificate with its key, or both; a part that is there must be good. Never throws. */
export function parseClientTls(id: ClientTlsId, { ca, crt, key }: ClientTlsData): ClientTlsResult {
  if (ca === '' && crt === '' && key === '') {
    return { ok: false, message: 'it has neither "ca.crt" nor "tls.crt" and "tls.key"' };
  }
  const authorities = ca === '' ? { ok: true as const, pem: '', fingerprints: [] } : parseAuthorities(ca);
  if (!authorities.ok) return authorities;
  const own = crt === '' && key === '' ? null : parseCertificate(id, { crt, key });
  if (own?.ok === false) return own;
  return {
    ok: true,
    unit: {
      id,
      caPem: authorities.pem,
      chainPem: own?.certificate.chainPem ?? '',
      keyPem: own?.certificate.keyPem ?? '',
      caFingerprints: authorities.fingerprints,
      fingerprint: own?.certificate.fingerprint ?? '',
    },
  };
}
