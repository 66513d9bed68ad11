// What the API server proves itself with and knows its clients by, kept in DATA_DIR/pki: a certificate authority, the server's
// certificate, and the token of the administrator. Made once; a damaged or foreign file is never overwritten but named.
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { domainToASCII } from 'node:url';
import { parseIp } from '../../std/ip-address.ts';
import { createAuthority, issueServerCertificate, type KeyPair } from './certificates.ts';
import { createWholeFile, ensurePrivateFolder, readPrivateFile, writeWholeFile } from './private-files.ts';

const dayMs = 86_400_000;
const authorityDays = 3650;
const serverDays = 365;
/** A server certificate with less time left is made anew. */
const renewDays = 60;
/** For clients whose clocks are behind. */
const slackDays = 1;

export interface CredentialOptions {
  /** Names and addresses under which clients call the server, beside its host name and those that every machine has. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
}

export interface ApiCredentials {
  /** Of the server's and of the clients' certificates. */
  readonly authority: KeyPair;
  readonly server: KeyPair;
  /** When `ensureApiCredentials` makes a new server certificate; a process that lives so long calls it again. */
  readonly renewAtMs: number;
  /** The administrator's bearer token. */
  readonly token: string;
}

/** Reads what is kept in DATA_DIR/pki, makes what is missing, renews the server's certificate near its end and for other hosts. */
export function ensureApiCredentials(dataDir: string, options: CredentialOptions): ApiCredentials {
  const folder = join(dataDir, 'pki');
  ensurePrivateFolder(folder);
  const authority = ensureAuthority(folder, options.nowMs);
  const server = ensureServer(folder, authority, options);
  const { validToDate } = new X509Certificate(server.certificatePem);
  return {
    authority,
    server,
    renewAtMs: validToDate.getTime() - renewDays * dayMs,
    token: ensureToken(folder),
  };
}

/** Certificate and key in one file, so that there is never one without the other. */
function ensureAuthority(folder: string, nowMs: number): KeyPair {
  const path = join(folder, 'ca.pem');
  let text = readPrivateFile(path);
  if (text === null) {
    const made = createAuthority(`Sallyport API ${randomBytes(4).toString('hex')}`, {
      notBefore: new Date(nowMs - slackDays * dayMs),
      notAfter: new Date(nowMs + authorityDays * dayMs),
    });
    createWholeFile(path, renderPair(made));
    text = readPrivateFile(path) ?? ''; // Of this process, or of one that started at the same time.
  }
  const authority = parsePair(path, text);
  const { validToDate, ca } = new X509Certificate(authority.certificatePem);
  if (!ca) throw new Error(`cannot use "${path}": the certificate is none of a certificate authority`);
  if (validToDate.getTime() <= nowMs)
    throw new Error(
      `cannot use "${path}": the certificate ended on ${validToDate.toISOString()}; ` +
        'move the folder away to have everything made anew, and give clients the new kubeconfig',
    );
  publishAuthority(join(folder, 'ca.crt'), authority.certificatePem);
  return authority;
}

/** For `curl --cacert` and its like; nothing reads it here. */
function publishAuthority(path: string, certificatePem: string): void {
  try {
    if (readFileSync(path, 'utf8') === certificatePem) return;
  } catch {
    // Not there, or not readable: written below, or told there.
  }
  writeWholeFile(path, certificatePem, 0o644);
}

function ensureServer(folder: string, authority: KeyPair, options: CredentialOptions): KeyPair {
  const path = join(folder, 'server.pem');
  const hosts = serverHosts(options.hosts);
  const text = readPrivateFile(path);
  if (text !== null) {
    const kept = parsePair(path, text);
    if (isUsable(kept, authority, hosts, options.nowMs)) return kept;
  }
  const end = Math.min(
    options.nowMs + serverDays * dayMs,
    new X509Certificate(authority.certificatePem).validToDate.getTime(),
  );
  const made = issueServerCertificate(authority, hosts, {
    notBefore: new Date(options.nowMs - slackDays * dayMs),
    notAfter: new Date(end),
  });
  writeWholeFile(path, renderPair(made));
  return made;
}

function serverHosts(hosts: readonly string[]): readonly string[] {
  const machine = ['127.0.0.1', '::1', 'localhost', hostname()];
  const cluster = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const all = [...hosts, ...machine, ...cluster].map((host) =>
    parseIp(host) === null ? domainToASCII(host) : host,
  );
  const named = all.filter((host) => /^[\w.:-]+$/.test(host));
  // By bytes: an IPv6 address has several spellings.
  return [...new Map(named.map((host) => [parseIp(host)?.join('.') ?? host, host])).values()];
}

function isUsable(pair: KeyPair, authority: KeyPair, hosts: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(pair.certificatePem);
  const issuer = new X509Certificate(authority.certificatePem);
  const leftMs = certificate.validToDate.getTime() - nowMs;
  const isIssued = certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  // One that ends with its authority is not made anew at every start.
  const endsWithIssuer = certificate.validTo === issuer.validTo && leftMs > 0;
  if (!isIssued || certificate.validFromDate.getTime() > nowMs) return false;
  if (leftMs <= renewDays * dayMs && !endsWithIssuer) return false;
  const names = new Set(certificate.subjectAltName?.split(', '));
  // Neither fewer nor more: an address that this machine has lost may be another's now.
  if (names.size !== hosts.length) return false;
  return hosts.every((host) =>
    parseIp(host) === null ? names.has(`DNS:${host}`) : certificate.checkIP(host) !== undefined,
  );
}

function ensureToken(folder: string): string {
  const path = join(folder, 'token');
  let text = readPrivateFile(path);
  if (text === null) {
    createWholeFile(path, `${randomBytes(32).toString('base64url')}\n`);
    text = readPrivateFile(path) ?? '';
  }
  const token = text.trim();
  if (!/^[\w.~+/=-]{32,512}$/.test(token))
    throw new Error(
      `cannot use "${path}": it holds no token, wanted 32 to 512 letters, digits and -._~+/=; remove it to have one made`,
    );
  return token;
}

function renderPair(pair: KeyPair): string {
  return `${pair.keyPem}${pair.certificatePem}`;
}

/** @throws {Error} Damaged, or key and certificate do not belong together. The text has none of the contents. */
function parsePair(path: string, text: string): KeyPair {
  const keyPem = /-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----\n/.exec(text)?.[0];
  const certificatePem = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/.exec(text)?.[0];
  const damaged = (what: string): Error =>
    new Error(
      `cannot use "${path}": ${what}; nothing was overwritten; restore it, or remove it to have it made anew`,
    );
  if (keyPem === undefined) throw damaged('it holds no private key (PKCS #8, PEM)');
  if (certificatePem === undefined) throw damaged('it holds no certificate (PEM)');
  let belongs: boolean;
  try {
    belongs = new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    throw damaged('the key or the certificate cannot be read');
  }
  if (!belongs) throw damaged('the key is not that of the certificate');
  return { certificatePem, keyPem };
}
