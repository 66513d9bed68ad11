// Certificates from TLS Secrets. The private key is in here: never print a Certificate, print its id and fingerprint.
import type { CertificateId } from './route.ts';

export interface Certificate {
  readonly id: CertificateId;
  /** Leaf first, then intermediates. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** DNS names of the leaf (subjectAltName, else the common name), lower case; may hold `*.` names. */
  readonly names: readonly string[];
  /** SHA-256 of the leaf, lower-case hex: what changes when a certificate is rotated. */
  readonly fingerprint: string;
  /** End of validity, milliseconds since the epoch. */
  readonly notAfterMs: number;
}
