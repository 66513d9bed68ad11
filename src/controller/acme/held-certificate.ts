// What a TLS Secret holds, and whether it is ours to replace. Pure. A Secret is ours if it has our label, can be written, and its
// certificate is the one that we put there: whoever puts another in takes the Secret over.
import { X509Certificate } from 'node:crypto';
import type { Secret } from '../../kube/index.ts';
import { textOf } from './acme-error.ts';

export const acmeLabel = 'sallyport.dev/acme';
export const directoryAnnotation = 'sallyport.dev/acme-directory';
export const fingerprintAnnotation = 'sallyport.dev/acme-fingerprint';

export interface HeldCertificate {
  readonly names: ReadonlySet<string>;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  /** RFC 9773, 4.1; null: the certificate names no issuer's key. */
  readonly renewalId: string | null;
}

/** `free`: nothing is there. `foreign`: not to be touched, and why. `ours`: `certificate` null: it is of another directory. */
export type SecretState =
  | { readonly kind: 'free' }
  | { readonly kind: 'foreign'; readonly message: string }
  | { readonly kind: 'ours'; readonly certificate: HeldCertificate | null };

export function judgeSecret(secret: Secret | null, name: string, directoryUrl: string): SecretState {
  if (secret === null) return { kind: 'free' };
  const { labels = {}, annotations = {} } = secret.metadata;
  if (labels[acmeLabel] !== 'certificate') {
    const message = `Secret "${name}" exists and was not made for an ordered certificate (it has no label "${acmeLabel}"); it is left alone`;
    return { kind: 'foreign', message };
  }
  // Neither can be changed: the API server would refuse what was ordered.
  if (secret.type !== 'kubernetes.io/tls' || secret.immutable === true) {
    const what = secret.immutable === true ? 'is immutable' : `is of type "${secret.type}"`;
    return {
      kind: 'foreign',
      message: `Secret "${name}" ${what}, wanted one of type "kubernetes.io/tls" that can be changed; it is left alone`,
    };
  }
  const certificate = readCertificate(secret);
  const fingerprint = annotations[fingerprintAnnotation];
  if (fingerprint === undefined || certificate?.fingerprint !== fingerprint) {
    const message = `Secret "${name}" holds what was put there by somebody else; it is left alone`;
    return { kind: 'foreign', message };
  }
  const isSame = annotations[directoryAnnotation] === directoryUrl;
  return { kind: 'ours', certificate: isSame ? certificate : null };
}

function readCertificate(secret: Secret): HeldCertificate | undefined {
  const pem = Buffer.from(textOf(secret.data?.['tls.crt']), 'base64').toString('latin1');
  try {
    return describeCertificate(pem);
  } catch {
    return undefined;
  }
}

/** @throws {Error} it is none. */
export function describeCertificate(chainPem: string): HeldCertificate {
  const leaf = new X509Certificate(chainPem);
  const names = (leaf.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:'));
  return {
    names: new Set(names.map((name) => name.slice('DNS:'.length).toLowerCase())),
    notBeforeMs: Date.parse(leaf.validFrom),
    notAfterMs: Date.parse(leaf.validTo),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    renewalId: renewalIdOf(leaf),
  };
}

/** The object identifier of authorityKeyIdentifier, as DER. */
const authorityKeyOid = Buffer.from('0603551d23', 'hex');

/** `BASE64URL(authority key id).BASE64URL(serial)`. The extension is found by its bytes: Node does not show it. */
function renewalIdOf(leaf: X509Certificate): string | null {
  const { raw, serialNumber } = leaf;
  const at = raw.indexOf(authorityKeyOid);
  if (at < 0) return null;
  // OCTET STRING { SEQUENCE { [0] key } }, each with a length of one byte.
  const start = at + authorityKeyOid.length;
  const [octets, , sequence, , keyTag, keyLength = 0] = raw.subarray(start, start + 6);
  if (octets !== 0x04 || sequence !== 0x30 || keyTag !== 0x80 || keyLength >= 0x80) return null;
  const key = raw.subarray(start + 6, start + 6 + keyLength);
  // The serial's bytes as in DER: with a zero in front where the first bit is set.
  const hex = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
  const serial = Buffer.from(Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex, 'hex');
  return `${key.toString('base64url')}.${serial.toString('base64url')}`;
}
