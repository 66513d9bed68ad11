// The door of der/: X.509 certificates as bytes, written and read. Pure; keys and signatures are the caller's.
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
export { type CertificateNames, readCertificateNames } from './distinguished-name.ts';
export { type DerValue, readDer, readMembers, renderObjectId } from './read-der.ts';
