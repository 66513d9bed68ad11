// A certificate authority of our own, and the certificates that it issues: ECDSA P-256, for this server and for its clients.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  authorityKeyId,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  renderCertificate,
  renderPem,
  renderToBeSigned,
  subjectAltName,
  subjectKeyId,
  type DistinguishedName,
} from '../../std/der/index.ts';
import { parseIp } from '../../std/ip-address.ts';

/** PEM texts; the key in PKCS #8. */
export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface ValidityRange {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A self-signed authority. */
export function createAuthority(commonName: string, validity: ValidityRange): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = { commonName };
  return issue({ issuer: name, issuerKey: privateKey, subject: name, publicKey, privateKey, validity }, [
    basicConstraints(true),
    keyUsage(true),
    subjectKeyId(keyIdOf(publicKey)),
  ]);
}

/** For TLS servers. `hosts`: host names in ASCII and IP addresses. */
export function issueServerCertificate(
  authority: KeyPair,
  hosts: readonly string[],
  validity: ValidityRange,
): KeyPair {
  const names = hosts.filter((host) => parseIp(host) === null);
  const addresses = hosts.flatMap((host) => {
    const bytes = parseIp(host);
    return bytes === null ? [] : [bytes];
  });
  return issueEnd(authority, { commonName: 'sallyport-apiserver' }, validity, [
    extendedKeyUsage('serverAuth'),
    subjectAltName(names, addresses),
  ]);
}

/** For a client: the user's name as CN, its groups as O. */
export function issueClientCertificate(
  authority: KeyPair,
  user: { readonly name: string; readonly groups: readonly string[] },
  validity: ValidityRange,
): KeyPair {
  const subject = { commonName: user.name, organizations: user.groups };
  return issueEnd(authority, subject, validity, [extendedKeyUsage('clientAuth')]);
}

function issueEnd(
  authority: KeyPair,
  subject: DistinguishedName,
  validity: ValidityRange,
  extensions: readonly Buffer[],
): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { commonName: commonNameOf(authority.certificatePem) };
  const issuerKey = createPrivateKey(authority.keyPem);
  return issue({ issuer, issuerKey, subject, publicKey, privateKey, validity }, [
    basicConstraints(false),
    keyUsage(false),
    authorityKeyId(keyIdOf(createPublicKey(issuerKey))),
    ...extensions,
  ]);
}

function issue(
  parts: {
    readonly issuer: DistinguishedName;
    readonly issuerKey: KeyObject;
    readonly subject: DistinguishedName;
    readonly publicKey: KeyObject;
    readonly privateKey: KeyObject;
    readonly validity: ValidityRange;
  },
  extensions: readonly Buffer[],
): KeyPair {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // Positive, and the same length always.
  const toBeSigned = renderToBeSigned({
    serial,
    issuer: parts.issuer,
    subject: parts.subject,
    notBefore: parts.validity.notBefore,
    notAfter: parts.validity.notAfter,
    publicKey: parts.publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  });
  const certificate = renderCertificate(toBeSigned, sign('sha256', toBeSigned, parts.issuerKey));
  return {
    certificatePem: renderPem('CERTIFICATE', certificate),
    keyPem: parts.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

/** RFC 7093, method 1: the first 160 bits of the SHA-256 of the public key. */
function keyIdOf(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

/** Our authorities have a subject of one attribute. */
function commonNameOf(certificatePem: string): string {
  return new X509Certificate(certificatePem).subject.replace(/^CN=/, '');
}
