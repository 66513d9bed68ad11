// A certificate request (PKCS #10, RFC 2986) with a key of its own: no subject, only the names in subjectAltName.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  derTags,
  encodeDer,
  encodeObjectId,
  renderCertificate,
  subjectAltName,
} from '../../std/der/index.ts';

export interface CertificateRequest {
  readonly der: Buffer;
  readonly key: KeyObject;
}

const extensionRequest = '1.2.840.113549.1.9.14';
const attributesTag = 0xa0;

/** `hosts`: ASCII. */
export function createCertificateRequest(hosts: readonly string[]): CertificateRequest {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const extensions = encodeDer(derTags.sequence, subjectAltName(hosts));
  const toBeSigned = encodeDer(
    derTags.sequence,
    encodeDer(derTags.integer, Buffer.from([0])),
    encodeDer(derTags.sequence),
    publicKey.export({ type: 'spki', format: 'der' }),
    encodeDer(
      attributesTag,
      encodeDer(derTags.sequence, encodeObjectId(extensionRequest), encodeDer(derTags.set, extensions)),
    ),
  );
  // Content, algorithm, signature: a request is put together as a certificate is.
  return { der: renderCertificate(toBeSigned, sign('sha256', toBeSigned, privateKey)), key: privateKey };
}
