// What the server warns about in a TLS Secret: a certificate and a key that cannot be used together, in the words of Go's
// tls.X509KeyPair. It never refuses them.
import { Buffer } from 'node:buffer';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { lookupText, type Secret } from '../../../kube/index.ts';

const maxPemBytes = 262144;

/** Texts of warnings; at most one. */
export function tlsSecretWarnings(secret: Secret): string[] {
  if (secret.type !== 'kubernetes.io/tls') return [];
  const certificate = decodeText(lookupText(secret.data, 'tls.crt'));
  const key = decodeText(lookupText(secret.data, 'tls.key'));
  const fault = findPemFault(certificate, key) ?? findPairFault(certificate, key);
  return fault === null ? [] : [`tls: ${fault}`];
}

/** Longer ones are nobody's certificate; what stands behind the limit is not looked at. */
function decodeText(base64: string | undefined): string {
  return Buffer.from((base64 ?? '').slice(0, maxPemBytes), 'base64').toString('latin1');
}

function blockTypes(pem: string): string[] {
  return [...pem.matchAll(/^-----BEGIN ([A-Z0-9 ]{1,64})-----\r?$/gm)].map((match) => match[1] ?? '');
}

function findPemFault(certificate: string, key: string): string | null {
  const inCertificate = blockTypes(certificate);
  const inKey = blockTypes(key);
  const isKey = (type: string): boolean => type.endsWith('PRIVATE KEY');
  if (inCertificate.length === 0) return 'failed to find any PEM data in certificate input';
  if (!inCertificate.includes('CERTIFICATE')) {
    return inCertificate.every(isKey)
      ? 'failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
      : `failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${inCertificate.join(' ')}]`;
  }
  if (inKey.length === 0) return 'failed to find any PEM data in key input';
  if (inKey.some(isKey)) return null;
  return inKey.every((type) => type === 'CERTIFICATE')
    ? 'found a certificate rather than a key in the PEM for the private key'
    : `failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${inKey.join(' ')}]`;
}

function findPairFault(certificate: string, key: string): string | null {
  try {
    const parsed = new X509Certificate(certificate.slice(certificate.indexOf('-----BEGIN CERTIFICATE-----')));
    const privateKey = createPrivateKey(key);
    if (parsed.checkPrivateKey(privateKey)) return null;
    return parsed.publicKey.asymmetricKeyType === privateKey.asymmetricKeyType
      ? 'private key does not match public key'
      : 'private key type does not match public key type';
  } catch {
    return 'failed to parse certificate or private key';
  }
}
