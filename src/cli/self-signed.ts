// Makes a self-signed ECDSA P-256 certificate: the few DER structures of RFC 5280 that it needs, signed by node:crypto.
// (The X.509 packages of npm need a polyfill of the global Reflect object, too much for one certificate.)
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

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

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Object identifiers, already encoded. */
const oids = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
} as const;

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  const short = content.length < 0x100;
  const prefix = short ? [tag, 0x81, content.length] : [tag, 0x82, ...length];
  return Buffer.concat([Buffer.from(prefix), content]);
}

function objectId(hex: string): Buffer {
  return der(tags.objectId, Buffer.from(hex, 'hex'));
}

/** RFC 5280 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050. */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
  const isUtcTime = date.getUTCFullYear() < 2050;
  return der(
    isUtcTime ? tags.utcTime : tags.generalizedTime,
    Buffer.from(isUtcTime ? digits.slice(2) : digits),
  );
}

function name(commonName: string): Buffer {
  const attribute = der(tags.sequence, objectId(oids.commonName), der(tags.utf8, Buffer.from(commonName)));
  return der(tags.sequence, der(tags.set, attribute));
}

function extension(oid: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [der(tags.boolean, Buffer.from([0xff]))] : [];
  return der(tags.sequence, objectId(oid), ...critical, der(tags.octetString, value));
}

function extensions(dnsNames: readonly string[]): Buffer {
  const dnsNameTag = 0x82; // GeneralName, context-specific 2
  const names = dnsNames.map((dnsName) => der(dnsNameTag, Buffer.from(dnsName, 'latin1')));
  const digitalSignature = Buffer.from([0x07, 0x80]); // 7 unused bits, then bit 0
  const explicitTag = 0xa3; // TBSCertificate.extensions, context-specific 3
  return der(
    explicitTag,
    der(
      tags.sequence,
      extension(oids.basicConstraints, der(tags.sequence), true),
      extension(oids.keyUsage, der(tags.bitString, digitalSignature), true),
      extension(oids.extendedKeyUsage, der(tags.sequence, objectId(oids.serverAuth))),
      extension(oids.subjectAltName, der(tags.sequence, ...names)),
    ),
  );
}

/** A new key and a certificate for it, version 3, for TLS servers. */
export function createSelfSigned(options: SelfSignedOptions): CertificateAndKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tags.sequence, objectId(oids.ecdsaWithSha256));
  const versionTag = 0xa0; // TBSCertificate.version, context-specific 0
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and the same length always
  const toBeSigned = der(
    tags.sequence,
    der(versionTag, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, serial),
    algorithm,
    name(options.commonName),
    der(tags.sequence, time(options.notBefore), time(options.notAfter)),
    name(options.commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(options.dnsNames),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const noUnusedBits = Buffer.from([0]);
  const certificate = der(tags.sequence, toBeSigned, algorithm, der(tags.bitString, noUnusedBits, signature));
  return {
    chainPem: toPem('CERTIFICATE', certificate),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

function toPem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
