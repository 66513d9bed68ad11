// Certificates for tests, made when a test asks for them.
import { X509Certificate } from 'node:crypto';
import { createSelfSigned } from '../../src/cli/self-signed.ts';
import type { Certificate } from '../../src/model/index.ts';

const dayMs = 86_400_000;

export interface SelfSigned {
  readonly chainPem: string;
  readonly keyPem: string;
  readonly fingerprint: string;
}

/** ECDSA P-256, valid for a year. */
export function makeSelfSigned(names: readonly string[]): SelfSigned {
  const made = createSelfSigned({
    commonName: names[0] ?? '',
    dnsNames: names,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 365 * dayMs),
  });
  const fingerprint = new X509Certificate(made.chainPem).fingerprint256.replaceAll(':', '').toLowerCase();
  return { ...made, fingerprint };
}

/** As a unit of the table. */
export function makeCertificate(id: Certificate['id'], names: readonly string[]): Certificate {
  return { id, names, notAfterMs: Date.now() + 365 * dayMs, ...makeSelfSigned(names) };
}
