// TlsContexts: which certificate a handshake gets. The name goes through the same lookup as routing; contexts are made when a
// certificate is first asked for, and again when it was rotated. Connections that are open keep the one they have.
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Certificate, CertificateId } from '../model/index.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import type { PemPair } from './ipc.ts';
import type { LiveTable } from './live-table.ts';

/** RFC 9325: TLS 1.2 and 1.3 with AEAD suites, no renegotiation. */
export const tlsPolicy: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
};

interface CachedContext {
  readonly fingerprint: string;
  readonly context: SecureContext;
}

export class TlsContexts {
  readonly #table: LiveTable;
  readonly #fallbackPair: PemPair;
  readonly #fallback: SecureContext;
  readonly #cache = new Map<CertificateId, CachedContext>();
  #defaultPair: PemPair;

  constructor(table: LiveTable, fallback: PemPair) {
    this.#table = table;
    this.#fallbackPair = fallback;
    this.#defaultPair = fallback;
    this.#fallback = makeContext(fallback);
  }

  /** For a server name as the client sent it (rules S5, S6): the host's certificate, else the default one. Never throws. */
  contextFor(serverName: string): SecureContext {
    const name = normalizeHost(serverName);
    const id = name === null ? null : (this.#table.resolveTls(name)?.certificate ?? null);
    return (id === null ? null : this.#lookup(id)) ?? this.defaultContext();
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
      const context = makeContext(certificate);
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

function makeContext(pair: PemPair): SecureContext {
  return createSecureContext({ ...tlsPolicy, cert: pair.chainPem, key: pair.keyPem });
}
