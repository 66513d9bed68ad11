// The door of der/: X.509 certificates as bytes. Pure; keys and signatures are the caller's.
export { derTags, encodeDer, encodeObjectId, encodeTime, renderPem } from './der.ts';
export {
  acmeIdentifier,
  authorityKeyId,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  renderCertificate,
  renderToBeSigned,
  subjectAltName,
  subjectKeyId,
  type CertificateContent,
  type DistinguishedName,
} from './certificate.ts';
