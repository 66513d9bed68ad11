// Makes a self-signed ECDSA P-256 certificate for a TLS server: new key, one certificate that nobody else vouches for.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  renderCertificate,
  renderPem,
  renderToBeSigned,
  subjectAltName,
} from '../std/der/index.ts';

export interface SelfSignedOptions {
  readonly commonName: string;
  /** subjectAltName, ASCII. */
  readonly dnsNames: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface CertificateAndKey {
  readonly chainPem: string;
  /** PKCS #8. */
  readonly keyPem: string;
}

/** A new key and a certificate for it, version 3, for TLS servers. */
export function createSelfSigned(options: SelfSignedOptions): CertificateAndKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and the same length always
  const name = { commonName: options.commonName };
  const toBeSigned = renderToBeSigned({
    serial,
    issuer: name,
    subject: name,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    extensions: [
      basicConstraints(false),
      keyUsage(false),
      extendedKeyUsage('serverAuth'),
      subjectAltName(options.dnsNames),
    ],
  });
  const certificate = renderCertificate(toBeSigned, sign('sha256', toBeSigned, privateKey));
  return {
    chainPem: renderPem('CERTIFICATE', certificate),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}
