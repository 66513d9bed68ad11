// Certificates from TLS Secrets: parses the chain and the key, and checks that they belong together. The only file of the pure
// core that may use node:crypto. No message ever holds a part of a key.
import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { Secret } from '../kube/index.ts';
import type { AuthorityId, Certificate, CertificateId, ClientAuthority } from '../model/index.ts';
import { derTags, readDer, renderPem } from '../std/der/index.ts';
import { textOf } from './shape.ts';

/** `warning`: it works, but not as it should. Messages are sentences about the Secret. */
export type CertificateResult =
  | { readonly ok: true; readonly certificate: Certificate; readonly warning: string | null }
  | { readonly ok: false; readonly message: string };

/** The two texts of a TLS Secret, base64 as stored; what decides whether it must be parsed again. */
export interface CertificateData {
  readonly crt: string;
  readonly key: string;
}

/** Below this OpenSSL refuses the key at its default security level. */
const minRsaBits = 2_048;

/** A signature takes 4 ms at this size, and 65 ms at twice of it, in which the worker serves nobody (http-hardening.md, V9). */
const maxRsaBits = 4_096;

const keyTypes = new Set(['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448']);

const certificateBlock = /-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END \1?CERTIFICATE-----/g;
const keyBlock = /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----[^-]*-----END \1?PRIVATE KEY-----/;

/** `tls.crt` and `tls.key` of a Secret of any type: ingress-nginx and Traefik take Opaque ones too (ingress-api.md E.1). */
export function certificateDataOf(secret: Secret): CertificateData {
  return { crt: textOf(secret.data?.['tls.crt']), key: textOf(secret.data?.['tls.key']) };
}

/** Whole-value parse; never throws. Validity in time is the caller's matter. */
export function parseCertificate(id: CertificateId, data: CertificateData): CertificateResult {
  try {
    return parse(id, data);
  } catch (error) {
    if (error instanceof CertificateError) return { ok: false, message: error.message };
    return { ok: false, message: 'its certificate or key is not understood' };
  }
}

/** `pem`: the authorities alone, written anew. */
export type AuthoritiesResult =
  | { readonly ok: true; readonly pem: string; readonly fingerprints: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** `ca.crt` of a Secret, base64: one or more certificates. Never throws. */
export function parseAuthorities(ca: string): AuthoritiesResult {
  try {
    const chain = parseChain(decodeBase64(ca), 'ca.crt');
    if (chain.length === 0) return { ok: false, message: '"ca.crt" holds no certificate, wanted PEM blocks' };
    return {
      ok: true,
      pem: chain.map((each) => each.toString()).join(''),
      fingerprints: chain.map(fingerprintOf),
    };
  } catch (error) {
    if (error instanceof CertificateError) return { ok: false, message: error.message };
    return { ok: false, message: 'its authorities are not understood' };
  }
}

/** Base64 as stored. */
export interface AuthorityData {
  readonly ca: string;
  readonly crl: string;
}

const crlBlock = /-----BEGIN X509 CRL-----([^-]*)-----END X509 CRL-----/g;

/** `ca.crt` and, if there is one, `ca.crl` of a Secret. Never throws. */
export function parseClientAuthority(
  id: AuthorityId,
  { ca, crl }: AuthorityData,
): { readonly ok: true; readonly unit: ClientAuthority } | { readonly ok: false; readonly message: string } {
  if (ca === '') return { ok: false, message: 'it has no "ca.crt"' };
  const authorities = parseAuthorities(ca);
  if (!authorities.ok) return authorities;
  const crlPem = crl === '' ? '' : readRevocations(decodeBase64(crl));
  if (crlPem === null) {
    return {
      ok: false,
      message: '"ca.crl" holds no list of revoked certificates that is understood, wanted PEM blocks',
    };
  }
  const { pem: caPem } = authorities;
  const digest = createHash('sha256').update(`${caPem}${crlPem}`).digest('hex');
  return { ok: true, unit: { id, caPem, crlPem, digest } };
}

/** Written anew; null: there is none, or one is no DER. What is in them, OpenSSL judges. */
function readRevocations(pem: string): string | null {
  const lists = [...pem.matchAll(crlBlock)].map(([, body = '']) => Buffer.from(body, 'base64'));
  if (lists.length === 0 || !lists.every(isWholeSequence)) return null;
  return lists.map((der) => renderPem('X509 CRL', der)).join('');
}

function isWholeSequence(der: Buffer): boolean {
  const value = readDer(der, 0);
  return value !== null && value.tag === derTags.sequence && value.end === der.length;
}

function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

function parse(id: CertificateId, data: CertificateData): CertificateResult {
  if (data.crt === '') throw new CertificateError('it has no "tls.crt"');
  if (data.key === '') throw new CertificateError('it has no "tls.key"');
  const chain = parseChain(decodeBase64(data.crt), 'tls.crt');
  const key = parseKey(decodeBase64(data.key));
  const [leaf] = chain;
  if (leaf === undefined)
    throw new CertificateError('"tls.crt" holds no certificate, wanted PEM blocks, the leaf first');
  if (!leaf.checkPrivateKey(key)) {
    throw new CertificateError('the key in "tls.key" does not belong to the first certificate in "tls.crt"');
  }
  const alternative = dnsNamesOf(leaf.subjectAltName ?? '');
  const names = alternative.length > 0 ? alternative : commonNamesOf(leaf);
  const warning =
    alternative.length > 0
      ? null
      : `its certificate names no host in subjectAltName, which clients want; the common name ${JSON.stringify(names[0] ?? '')} is used`;
  const certificate: Certificate = {
    id,
    chainPem: chain.map((each) => each.toString()).join(''),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }),
    names,
    fingerprint: fingerprintOf(leaf),
    notAfterMs: Date.parse(leaf.validTo),
  };
  return { ok: true, certificate, warning };
}

function decodeBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

function parseChain(pem: string, member: string): X509Certificate[] {
  return [...pem.matchAll(certificateBlock)].map(([block], index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new CertificateError(`certificate ${index + 1} in "${member}" is not understood`);
    }
  });
}

function parseKey(pem: string): KeyObject {
  const block = keyBlock.exec(pem)?.[0];
  if (block === undefined) throw new CertificateError('"tls.key" holds no private key, wanted a PEM block');
  if (block.includes('ENCRYPTED'))
    throw new CertificateError('the key in "tls.key" is encrypted, wanted one without passphrase');
  let key: KeyObject;
  try {
    key = createPrivateKey(block);
  } catch {
    throw new CertificateError('the private key in "tls.key" is not understood');
  }
  const type = key.asymmetricKeyType ?? 'unknown';
  if (!keyTypes.has(type))
    throw new CertificateError(`the key in "tls.key" is of type "${type}", wanted RSA or EC`);
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && (bits < minRsaBits || bits > maxRsaBits)) {
    throw new CertificateError(
      `the RSA key in "tls.key" has ${bits} bits, wanted ${minRsaBits} to ${maxRsaBits}`,
    );
  }
  return key;
}

/**
 * DNS names out of Node's text form of subjectAltName: `DNS:a.com, IP Address:1.2.3.4`. A value with odd characters is a
 * quoted JSON string there, so that a comma inside a name cannot forge a second one; such names are no host's and are left out.
 */
export function dnsNamesOf(subjectAltName: string): string[] {
  const entries = subjectAltName.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  return entries
    .map((entry) => entry.trim())
    .filter((entry) => entry.startsWith('DNS:') && !entry.includes('"'))
    .map((entry) => entry.slice('DNS:'.length).toLowerCase());
}

/** Values with escapes or spaces are no host names and are left out. */
function commonNamesOf(leaf: X509Certificate): string[] {
  return leaf.subject
    .split('\n')
    .filter((line) => line.startsWith('CN='))
    .map((line) => line.slice('CN='.length).toLowerCase())
    .filter((name) => /^[\w*.-]+$/.test(name));
}
