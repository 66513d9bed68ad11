// What OCSP (RFC 6960) needs of a certificate: whom to ask about it, the question, and what an answer must say to be believed. Bytes in,
// values out; responders are strangers, so nothing throws and nothing is believed without the issuer's signature.
import { createHash, verify, X509Certificate } from 'node:crypto';
import {
  type DerValue,
  derTags,
  encodeDer,
  encodeObjectId,
  readDer,
  readMembers,
  renderObjectId,
} from '../../std/der/index.ts';

/** A certificate whose status can be asked for. */
export interface StatusSubject {
  readonly url: URL;
  readonly issuer: X509Certificate;
  /** CertID: names the certificate in question and answer. */
  readonly certId: Buffer;
}

/** An answer that may be stapled. */
export interface Staple {
  readonly der: Buffer;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

export type StatusReading =
  | { readonly ok: true; readonly staple: Staple }
  | { readonly ok: false; readonly why: string };

const sha1 = encodeDer(derTags.sequence, encodeObjectId('1.3.14.3.2.26'), encodeDer(0x05));
const basicResponse = '1.3.6.1.5.5.7.48.1.1';
const ocspSigning = '1.3.6.1.5.5.7.3.9';
const digests: ReadonlyMap<string, string | null> = new Map([
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.3.101.112', null],
]);

/** Clocks differ. */
const skewMs = 300_000;
/** Of an answer that does not say how long it holds. */
const defaultLifeMs = 3_600_000;
const maxResponderCertificates = 8;

/** Null: the chain names no responder, or has no issuer to believe. */
export function readStatusSubject(chainPem: string): StatusSubject | null {
  const [leaf, issuer] = (chainPem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [])
    .slice(0, 2)
    .map((block) => new X509Certificate(block));
  const url = leaf === undefined ? null : responderOf(leaf.infoAccess ?? '');
  if (leaf === undefined || issuer === undefined || url === null) return null;
  if (!leaf.checkIssued(issuer) || !leaf.verify(issuer.publicKey)) return null;
  const certId = renderCertId(leaf.raw, issuer.raw);
  return certId === null ? null : { url, issuer, certId };
}

/** Out of Node's text form of the field: a line each, values with odd characters as quoted JSON strings, which are no URLs for us. */
function responderOf(infoAccess: string): URL | null {
  for (const line of infoAccess.split('\n')) {
    const text = line.startsWith('OCSP - URI:') ? line.slice('OCSP - URI:'.length) : '';
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol === 'http:') return url;
  }
  return null;
}

function toBeSignedMembers(der: Buffer): readonly DerValue[] {
  const certificate = readDer(der, 0);
  const toBeSigned = certificate === null ? null : readDer(der, certificate.contentStart, certificate.end);
  const members = toBeSigned === null ? [] : (readMembers(der, toBeSigned) ?? []);
  // Without the optional version: serial, algorithm, issuer, validity, subject, key.
  return members[0]?.tag === 0xa0 ? members.slice(1) : members;
}

function renderCertId(leaf: Buffer, issuer: Buffer): Buffer | null {
  const [serial, , issuerName] = toBeSignedMembers(leaf);
  const keyInfo = toBeSignedMembers(issuer)[5];
  const key = keyInfo === undefined ? undefined : readMembers(issuer, keyInfo)?.[1];
  if (serial === undefined || issuerName === undefined || key === undefined) return null;
  // The first byte of a bit string counts unused bits.
  return encodeDer(
    derTags.sequence,
    sha1,
    encodeDer(derTags.octetString, sha1Of(leaf.subarray(issuerName.start, issuerName.end))),
    encodeDer(derTags.octetString, sha1Of(issuer.subarray(key.contentStart + 1, key.end))),
    leaf.subarray(serial.start, serial.end),
  );
}

function sha1Of(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

/** OCSPRequest, without nonce: responders answer from what they have signed before. */
export function renderStatusRequest({ certId }: StatusSubject): Buffer {
  const request = encodeDer(derTags.sequence, certId);
  return encodeDer(derTags.sequence, encodeDer(derTags.sequence, encodeDer(derTags.sequence, request)));
}

/** Whole answer: about this certificate, good, of the present, signed by the issuer or whom it named for that. */
export function readStatusResponse(der: Buffer, subject: StatusSubject, nowMs: number): StatusReading {
  try {
    return readResponse(der, subject, nowMs);
  } catch {
    return { ok: false, why: 'the answer is not understood' };
  }
}

function readResponse(der: Buffer, subject: StatusSubject, nowMs: number): StatusReading {
  const fail = (why: string): StatusReading => ({ ok: false, why });
  const outer = readDer(der, 0);
  const [status, wrapped] = outer === null || outer.end !== der.length ? [] : (readMembers(der, outer) ?? []);
  if (status === undefined) return fail('the answer is not understood');
  const code = der[status.contentStart];
  if (code !== 0) return fail(`the responder answers with error ${code}`);
  const basic = wrapped === undefined ? null : unwrapBasic(der, wrapped);
  const [data, algorithm, signature, certificates] = basic === null ? [] : (readMembers(der, basic) ?? []);
  if (data === undefined || algorithm === undefined || signature === undefined)
    return fail('the answer is not understood');
  if (!isSignedBy(der, { data, algorithm, signature, certificates }, subject.issuer, nowMs)) {
    return fail('the answer is not signed by the issuer of the certificate, or in its name');
  }
  return readData(der, data, subject, nowMs);
}

/** `[0] { SEQUENCE { basic, OCTET STRING { BasicOCSPResponse } } }`. */
function unwrapBasic(der: Buffer, wrapped: DerValue): DerValue | null {
  const bytes = readDer(der, wrapped.contentStart, wrapped.end);
  const [type, value] = bytes === null ? [] : (readMembers(der, bytes) ?? []);
  if (type === undefined || value === undefined) return null;
  if (renderObjectId(der.subarray(type.contentStart, type.end)) !== basicResponse) return null;
  return readDer(der, value.contentStart, value.end);
}

interface SignedParts {
  readonly data: DerValue;
  readonly algorithm: DerValue;
  readonly signature: DerValue;
  readonly certificates: DerValue | undefined;
}

function isSignedBy(der: Buffer, parts: SignedParts, issuer: X509Certificate, nowMs: number): boolean {
  const id = readMembers(der, parts.algorithm)?.[0];
  const digest =
    id === undefined ? undefined : digests.get(renderObjectId(der.subarray(id.contentStart, id.end)));
  if (digest === undefined) return false;
  const data = der.subarray(parts.data.start, parts.data.end);
  const signature = der.subarray(parts.signature.contentStart + 1, parts.signature.end);
  const signers = [issuer, ...namedSigners(der, parts.certificates, issuer, nowMs)];
  return signers.some(({ publicKey }) => verify(digest, data, publicKey, signature));
}

/** Certificates that the issuer has signed for this purpose (RFC 6960 4.2.2.2). */
function namedSigners(
  der: Buffer,
  certificates: DerValue | undefined,
  issuer: X509Certificate,
  nowMs: number,
): X509Certificate[] {
  const list = certificates === undefined ? null : readDer(der, certificates.contentStart, certificates.end);
  const members = list === null ? [] : (readMembers(der, list) ?? []);
  return members
    .slice(0, maxResponderCertificates)
    .map(({ start, end }) => new X509Certificate(der.subarray(start, end)))
    .filter((signer) => {
      const isValid = Date.parse(signer.validFrom) <= nowMs && nowMs <= Date.parse(signer.validTo);
      const isMeant = (signer.keyUsage as readonly string[] | undefined)?.includes(ocspSigning) === true;
      return isValid && isMeant && signer.checkIssued(issuer) && signer.verify(issuer.publicKey);
    });
}

function readData(der: Buffer, data: DerValue, subject: StatusSubject, nowMs: number): StatusReading {
  const members = (readMembers(der, data) ?? []).filter(({ tag }) => tag === derTags.sequence);
  // Responder, time and extensions have other tags.
  const responses = members[0] === undefined ? [] : (readMembers(der, members[0]) ?? []);
  for (const response of responses) {
    const [certId, status, thisUpdate, nextUpdate] = readMembers(der, response) ?? [];
    if (certId === undefined || status === undefined || thisUpdate === undefined) continue;
    if (!subject.certId.equals(der.subarray(certId.start, certId.end))) continue;
    if (status.tag !== 0x80) {
      return {
        ok: false,
        why: status.tag === 0xa1 ? 'the certificate is revoked' : 'the certificate is not known',
      };
    }
    const thisUpdateMs = timeOf(der, thisUpdate);
    const next = nextUpdate?.tag === 0xa0 ? readDer(der, nextUpdate.contentStart, nextUpdate.end) : null;
    const nextUpdateMs = next === null ? thisUpdateMs + defaultLifeMs : timeOf(der, next);
    // NaN compares as false.
    const isPresent = thisUpdateMs <= nowMs + skewMs && nowMs < nextUpdateMs;
    if (!isPresent) return { ok: false, why: 'the answer is not of the present' };
    return { ok: true, staple: { der, thisUpdateMs, nextUpdateMs } };
  }
  return { ok: false, why: 'the answer is about another certificate' };
}

/** GeneralizedTime in whole seconds, UTC; NaN for anything else. */
function timeOf(der: Buffer, { tag, contentStart, end }: DerValue): number {
  const text = der.toString('latin1', contentStart, end);
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (tag !== derTags.generalizedTime || match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
