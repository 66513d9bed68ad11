// TlsContexts: which certificate a handshake gets. The name goes through the same lookup as routing; contexts are made when a
// certificate is first asked for, and again when it was rotated. Connections that are open keep the one they have.
import { constants, createHash } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Certificate, CertificateId, TlsSettings } from '../model/index.ts';
import { findHost } from '../table/index.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import type { PemPair } from './ipc.ts';
import type { StapleChange } from './ocsp/stapler.ts';
import type { LiveTable } from './live-table.ts';

const tls13Ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
] as const;

/** RFC 9325: suites with forward secrecy and authenticated encryption. */
const ownCiphers = [
  ...tls13Ciphers,
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
] as const;

const secureOptions = constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION;

/** What a listener's handshakes and contexts start from. */
export function renderTlsPolicy(settings: TlsSettings): SecureContextOptions {
  const { minVersion, maxVersion, groups, ticketLifeSeconds } = settings;
  return {
    minVersion,
    maxVersion,
    ciphers: renderCiphers(settings.ciphers),
    ...(groups !== '' && { ecdhCurve: groups }),
    honorCipherOrder: true,
    sessionTimeout: Math.max(1, ticketLifeSeconds),
    secureOptions: ticketLifeSeconds === 0 ? secureOptions | constants.SSL_OP_NO_TICKET : secureOptions,
  };
}

/** Node refuses the suites of TLS 1.3 where a list has none of them; for nginx they are no part of the list. */
export function renderCiphers(list: string): string {
  if (list === '') return ownCiphers.join(':');
  return list.includes('TLS_') ? list : [...tls13Ciphers, list].join(':');
}

interface CachedContext {
  readonly fingerprint: string;
  readonly context: SecureContext;
}

export class TlsContexts {
  readonly #table: LiveTable;
  readonly #fallbackPair: PemPair;
  #fallback: SecureContext;
  #policy: SecureContextOptions;
  #settings: TlsSettings;
  readonly #cache = new Map<CertificateId, CachedContext>();
  #defaultPair: PemPair;
  /** OCSP answers by fingerprint. */
  readonly #staples = new Map<string, Buffer>();

  constructor(table: LiveTable, fallback: PemPair) {
    this.#table = table;
    this.#fallbackPair = fallback;
    this.#defaultPair = fallback;
    this.#settings = table.table.tls;
    this.#policy = renderTlsPolicy(this.#settings);
    this.#fallback = makeContext(this.#policy, fallback);
  }

  /** What handshakes start from, by the present settings. */
  get policy(): SecureContextOptions {
    return this.#policy;
  }

  /** Chain and key for a normalised name; the very object that the table has. */
  pairFor(name: string): PemPair {
    const id = this.#table.resolveTls(name)?.certificate ?? null;
    const certificate = id === null ? undefined : this.#table.table.certificates.get(id);
    return certificate !== undefined && this.#isUsable(certificate) ? certificate : this.defaultPair();
  }

  /** Null: they are in force. An error: this system's OpenSSL does not take them, and those before stay in force. */
  applySettings(settings: TlsSettings): Error | null {
    if (settings === this.#settings) return null;
    const policy = renderTlsPolicy(settings);
    try {
      this.#fallback = makeContext(policy, this.#fallbackPair);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
    this.#settings = settings;
    this.#policy = policy;
    this.#cache.clear();
    return null;
  }

  /** For a server name as the client sent it (rules S5, S6): the host's certificate, else the default one. Never throws. */
  contextFor(serverName: string): SecureContext {
    const name = normalizeHost(serverName);
    const id = name === null ? null : (this.#table.resolveTls(name)?.certificate ?? null);
    return (id === null ? null : this.#lookup(id)) ?? this.defaultContext();
  }

  /** Whether the settings want no handshake for a name: that of no host, or only of the rules without host. */
  refuses(serverName: string): boolean {
    if (!this.#settings.refusesUnknownNames) return false;
    const name = normalizeHost(serverName);
    const virtualHost = name === null ? null : findHost(this.#table.table, name);
    return virtualHost === null || virtualHost.host === '';
  }

  defaultContext(): SecureContext {
    const id = this.#table.table.defaultCertificate;
    return (id === null ? null : this.#lookup(id)) ?? this.#fallback;
  }

  /** Chain and key for handshakes without a server name, which the server's own context serves. */
  defaultPair(): PemPair {
    const { defaultCertificate, certificates } = this.#table.table;
    const certificate = defaultCertificate === null ? undefined : certificates.get(defaultCertificate);
    if (certificate === undefined) this.#defaultPair = this.#fallbackPair;
    else if (this.#isUsable(certificate)) this.#defaultPair = certificate;
    // Else the previous one serves on (rule S8).
    return this.#defaultPair;
  }

  setStaples(staples: readonly StapleChange[]): void {
    for (const { fingerprint, der } of staples) {
      if (der === null) this.#staples.delete(fingerprint);
      else this.#staples.set(fingerprint, Buffer.from(der));
    }
  }

  /** Whether {@link stapleFor} may have an answer. */
  get hasStaples(): boolean {
    return this.#staples.size > 0;
  }

  /** The OCSP answer for a certificate (DER); null: there is none. */
  stapleFor(certificate: Buffer): Buffer | null {
    return this.#staples.get(createHash('sha256').update(certificate).digest('hex')) ?? null;
  }

  #isUsable(certificate: Certificate): boolean {
    this.#lookup(certificate.id);
    return this.#cache.get(certificate.id)?.fingerprint === certificate.fingerprint;
  }

  #lookup(id: CertificateId): SecureContext | null {
    const certificate: Certificate | undefined = this.#table.table.certificates.get(id);
    if (certificate === undefined) return null;
    const cached = this.#cache.get(id);
    if (cached !== undefined && cached.fingerprint === certificate.fingerprint) return cached.context;
    try {
      const context = makeContext(this.#policy, certificate);
      this.#cache.set(id, { fingerprint: certificate.fingerprint, context });
      return context;
    } catch {
      // Checked when it was translated; should it fail here all the same, the previous one serves on (rule S8).
      return cached?.context ?? null;
    }
  }

  /** Forgets contexts of certificates that the table no longer holds. */
  prune(): void {
    for (const id of this.#cache.keys()) {
      if (!this.#table.table.certificates.has(id)) this.#cache.delete(id);
    }
  }
}

function makeContext(policy: SecureContextOptions, pair: PemPair): SecureContext {
  return createSecureContext({ ...policy, cert: pair.chainPem, key: pair.keyPem });
}
