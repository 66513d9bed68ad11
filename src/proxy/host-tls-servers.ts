// HostTlsServers: a TLS server of its own for each host whose handshake differs from that of the others in more than the certificate.
// Ciphers, their order and the question for a client certificate belong to a server in Node, not to the context that a name chooses, so
// such connections are told apart by their ClientHello, before the handshake. A server's context is all there is to its handshakes: what
// was negotiated or verified, was so under exactly this policy. Servers here listen on nothing and give out no tickets.
import { constants } from 'node:crypto';
import type { Server, TlsOptions } from 'node:tls';
import type { ClientAuthority, HostTls, VirtualHost } from '../model/index.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import { type HandshakeTrust, readAuthorities } from './client-certificate.ts';
import type { PemPair } from './ipc.ts';
import type { LiveTable } from './live-table.ts';
import { renderCiphers, type TlsContexts } from './tls-contexts.ts';

/** What a server was made of: the same objects make the same server. */
interface Entry {
  readonly virtualHost: VirtualHost | null;
  readonly tls: HostTls | null;
  readonly pair: PemPair;
  readonly policy: object;
  readonly authority: ClientAuthority | null;
  readonly server: Server;
}

/** `trust` null: clients are asked for nothing. */
export type MakeServer = (options: TlsOptions, trust: HandshakeTrust | null) => Server;

export class HostTlsServers {
  readonly #table: LiveTable;
  readonly #contexts: TlsContexts;
  readonly #make: MakeServer;
  readonly #onError: (host: string, error: unknown) => void;
  /** By host of the table, and certificate. */
  readonly #entries = new Map<string, Entry>();

  constructor(
    table: LiveTable,
    contexts: TlsContexts,
    make: MakeServer,
    onError: (host: string, error: unknown) => void,
  ) {
    this.#table = table;
    this.#contexts = contexts;
    this.#make = make;
    this.#onError = onError;
  }

  /** For a name as the client sent it, null without: null where the common server serves. */
  lookup(serverName: string | null): Server | null {
    const name = serverName === null ? '' : (normalizeHost(serverName) ?? '');
    const tls = this.#table.resolveTls(name);
    const virtualHost = this.#table.lookupHost(name)?.virtualHost ?? null;
    const clientAuth = virtualHost?.clientAuth;
    if (clientAuth === undefined && !hasOwnPolicy(tls)) return null;
    const { authorities } = this.#table.table;
    const authority = authorities.get(clientAuth?.authority ?? '/') ?? null;
    const pair = this.#contexts.pairFor(name);
    const { policy } = this.#contexts;
    const key = `${virtualHost?.host ?? ''} ${tls?.certificate ?? ''}`;
    const known = this.#entries.get(key);
    const isSame =
      known !== undefined &&
      known.virtualHost === virtualHost &&
      known.tls === tls &&
      known.pair === pair &&
      known.policy === policy &&
      known.authority === authority;
    if (isSame) return known.server;
    const server = this.#makeServer(virtualHost?.host ?? '', this.#renderOptions(tls, pair), authority);
    this.#entries.set(key, { virtualHost, tls, pair, policy, authority, server });
    return server;
  }

  /** An authority that OpenSSL does not take verifies nobody, and the requests are refused for it. */
  #makeServer(host: string, options: TlsOptions, authority: ClientAuthority | null): Server {
    if (authority === null) return this.#make(options, null);
    const { caPem, crlPem, digest } = authority;
    const asking = {
      requestCert: true,
      rejectUnauthorized: false,
      ca: caPem,
      ...(crlPem !== '' && { crl: crlPem }),
    };
    try {
      return this.#make({ ...options, ...asking }, { digest, authorities: readAuthorities(authority) });
    } catch (error) {
      this.#onError(host, error);
      return this.#make(options, { digest: '', authorities: [] });
    }
  }

  #renderOptions(tls: HostTls | null, pair: PemPair): TlsOptions {
    const { policy } = this.#contexts;
    return {
      ...policy,
      ...(tls?.ciphers !== undefined && { ciphers: renderCiphers(tls.ciphers) }),
      honorCipherOrder: tls?.prefersClientOrder !== true,
      secureOptions: (policy.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET,
      cert: pair.chainPem,
      key: pair.keyPem,
    };
  }

  /** Forgets the servers of hosts that are gone. Connections that they have accepted go on. */
  prune(): void {
    const { hosts } = this.#table.table;
    for (const [key, { virtualHost }] of this.#entries) {
      if (virtualHost !== null && hosts.get(virtualHost.host) !== virtualHost) this.#entries.delete(key);
    }
  }
}

function hasOwnPolicy(tls: HostTls | null): boolean {
  return tls !== null && (tls.ciphers !== undefined || tls.prefersClientOrder === true);
}
