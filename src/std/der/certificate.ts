// X.509 certificates (RFC 5280), version 3, signed with ECDSA and SHA-256: the bytes to sign, and the bytes with their signature.
// Who signs them with which key is the caller's: nothing here is secret or random.
// (The X.509 packages of npm need a polyfill of the global Reflect object, too much for three kinds of certificates.)
import { derTags, encodeDer, encodeObjectId, encodeTime } from './der.ts';

export interface DistinguishedName {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CertificateContent {
  /** Positive, without a leading zero byte, at most 20 bytes. */
  readonly serial: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** Made with the functions below. */
  readonly extensions: readonly Buffer[];
}

const oids = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  acmeIdentifier: '1.3.6.1.5.5.7.1.31',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const algorithm = encodeDer(derTags.sequence, encodeObjectId(oids.ecdsaWithSha256));

/** TBSCertificate: what the issuer signs. */
export function renderToBeSigned(content: CertificateContent): Buffer {
  const versionTag = 0xa0; // Context-specific 0.
  const extensionsTag = 0xa3; // Context-specific 3.
  return encodeDer(
    derTags.sequence,
    encodeDer(versionTag, encodeDer(derTags.integer, Buffer.from([2]))),
    encodeDer(derTags.integer, content.serial),
    algorithm,
    distinguishedName(content.issuer),
    encodeDer(derTags.sequence, encodeTime(content.notBefore), encodeTime(content.notAfter)),
    distinguishedName(content.subject),
    content.publicKey,
    encodeDer(extensionsTag, encodeDer(derTags.sequence, ...content.extensions)),
  );
}

/** Certificate, from what `renderToBeSigned` gave and its signature (an ECDSA-Sig-Value). */
export function renderCertificate(toBeSigned: Uint8Array, signature: Uint8Array): Buffer {
  const noUnusedBits = Buffer.from([0]);
  const signed = encodeDer(derTags.bitString, noUnusedBits, signature);
  return encodeDer(derTags.sequence, toBeSigned, algorithm, signed);
}

function distinguishedName(name: DistinguishedName): Buffer {
  const attribute = (oid: string, value: string): Buffer =>
    encodeDer(
      derTags.set,
      encodeDer(derTags.sequence, encodeObjectId(oid), encodeDer(derTags.utf8, Buffer.from(value))),
    );
  const organizations = name.organizations ?? [];
  return encodeDer(
    derTags.sequence,
    ...organizations.map((organization) => attribute(oids.organization, organization)),
    attribute(oids.commonName, name.commonName),
  );
}

function extension(oid: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [encodeDer(derTags.boolean, Buffer.from([0xff]))] : [];
  return encodeDer(derTags.sequence, encodeObjectId(oid), ...critical, encodeDer(derTags.octetString, value));
}

/** Whether the subject may issue certificates; critical. An authority that issues none but end certificates. */
export function basicConstraints(isAuthority: boolean): Buffer {
  const values = isAuthority
    ? [encodeDer(derTags.boolean, Buffer.from([0xff])), encodeDer(derTags.integer, Buffer.from([0]))]
    : [];
  return extension(oids.basicConstraints, encodeDer(derTags.sequence, ...values), true);
}

/** digitalSignature for ends; keyCertSign and cRLSign too for authorities; critical. */
export function keyUsage(isAuthority: boolean): Buffer {
  // The number of unused bits, then the bits from the highest: digitalSignature is 0, keyCertSign 5, cRLSign 6.
  const bits = isAuthority ? [0x01, 0x86] : [0x07, 0x80];
  return extension(oids.keyUsage, encodeDer(derTags.bitString, Buffer.from(bits)), true);
}

export function extendedKeyUsage(usage: 'serverAuth' | 'clientAuth'): Buffer {
  return extension(oids.extendedKeyUsage, encodeDer(derTags.sequence, encodeObjectId(oids[usage])));
}

/** RFC 8737: the SHA-256 of a key authorization; critical. */
export function acmeIdentifier(digest: Uint8Array): Buffer {
  return extension(oids.acmeIdentifier, encodeDer(derTags.octetString, digest), true);
}

/** `dnsNames` in ASCII; addresses of 4 or 16 bytes. */
export function subjectAltName(
  dnsNames: readonly string[],
  addresses: readonly (readonly number[])[] = [],
): Buffer {
  const dnsNameTag = 0x82; // GeneralName, context-specific 2
  const addressTag = 0x87; // GeneralName, context-specific 7
  const names = [
    ...dnsNames.map((dnsName) => encodeDer(dnsNameTag, Buffer.from(dnsName, 'latin1'))),
    ...addresses.map((address) => encodeDer(addressTag, Buffer.from(address))),
  ];
  return extension(oids.subjectAltName, encodeDer(derTags.sequence, ...names));
}

/** RFC 5280 4.2.1.2; the bytes identify the subject's key and are the caller's choice. */
export function subjectKeyId(keyId: Uint8Array): Buffer {
  return extension(oids.subjectKeyId, encodeDer(derTags.octetString, keyId));
}

/** The issuer's `subjectKeyId`. */
export function authorityKeyId(keyId: Uint8Array): Buffer {
  const keyIdentifierTag = 0x80; // AuthorityKeyIdentifier.keyIdentifier, context-specific 0
  return extension(oids.authorityKeyId, encodeDer(derTags.sequence, encodeDer(keyIdentifierTag, keyId)));
}
