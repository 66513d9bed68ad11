// Listeners: the TCP and TLS servers of a worker. Every worker binds the same ports (SO_REUSEPORT); the kernel spreads the
// connections. A connection over the cap is closed at once, a failed handshake is counted.
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextCheck } from 'node:timers/promises';
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import type { ClientHello } from '../wire/tls-hello/index.ts';
import { normalizeIp } from '../wire/forwarded/index.ts';
import type { ProxyCore } from './core.ts';
import { ClientCertificate, type HandshakeTrust } from './client-certificate.ts';
import { announcedOrigin, type DownstreamOrigin } from './client-identity.ts';
import { DownstreamConnection } from './downstream-connection.ts';
import { Handshakes } from './handshakes.ts';
import { HostTlsServers } from './host-tls-servers.ts';
import { ClientSession } from './http2/client-session.ts';
import { stapleOnDemand } from './ocsp/staple-on-demand.ts';
import { type AnnouncedEnds, type PrefacedConnection, Prefaces } from './prefaces.ts';
import type { StreamConnections } from './stream/stream-connections.ts';
import { answerTlsChallenge, challengeProtocol } from './tls-challenge.ts';
import type { TlsContexts } from './tls-contexts.ts';

/** For tests: any free port. In settings 0 means no listener. */
export const anyPort = -1;

/** Accepted connections that wait for a worker. */
const backlog = 4_096;
/** A turn that is shorter had nothing to do; after so many that were not, any will do. */
const quietTurnMs = 0.1;
const maxBusyTurns = 500;
/** For handshakes and prefaces that are under way when the draining begins. */
const drainHandshakeMs = 1_000;

export class Listeners {
  readonly #core: ProxyCore;
  readonly #tls: TlsContexts;
  readonly #streams: StreamConnections;
  readonly #connections = new Set<DownstreamConnection | ClientSession>();
  readonly #handshakes = new Handshakes(() => this.#noteEnd());
  readonly #prefaces: Prefaces;
  /** By raw socket, until its handshake is done. */
  readonly #announced = new WeakMap<Socket, AnnouncedEnds>();
  readonly #servers: Server[] = [];
  #tlsServer: TlsServer | null = null;
  #hostServers: HostTlsServers | null = null;
  #ticketKeys = Buffer.alloc(0);
  #whenEmpty: (() => void) | null = null;

  /** `streams`: takes the connections that are passed through. */
  constructor(core: ProxyCore, tls: TlsContexts, streams: StreamConnections) {
    this.#core = core;
    this.#streams = streams;
    this.#tls = tls;
    this.#prefaces = new Prefaces(core, () => this.#noteEnd());
  }

  /** Binds what the settings ask for; rejects with the system's error. Returns the bound ports, 0 where there is none. */
  async listen(ticketKeys: Uint8Array): Promise<{ httpPort: number; httpsPort: number }> {
    const { listen } = this.#core.settings;
    const httpPort = listen.httpPort === 0 ? 0 : await this.#listenHttp(listen.httpPort);
    const httpsPort = listen.httpsPort === 0 ? 0 : await this.#listenHttps(listen.httpsPort, ticketKeys);
    return { httpPort, httpsPort };
  }

  #listenHttp(port: number): Promise<number> {
    const serveHttp2: DownstreamOrigin['serveHttp2'] = this.#core.settings.http2.isOn
      ? (socket, from, peer) => this.#keep(new ClientSession(this.#core, socket, from, peer), socket)
      : null;
    const origin = { isTls: false, scheme: 'http' as const, port, serveHttp2, clientCertificate: null };
    const server = this.#createTcpServer();
    server.on('connection', (socket) => {
      if (!this.#core.proxyProtocol.isOn) {
        this.#accept(socket, origin, null);
        return;
      }
      this.#prefaces.begin(socket, { wantsHeader: true, wantsHello: false }, ({ announced }) => {
        this.#accept(socket, origin, announced);
        socket.resume();
      });
    });
    return this.#bind(server, port, origin);
  }

  #createTcpServer(): Server {
    const { highWaterBytes } = this.#core.settings.limits;
    return createTcpServer({ allowHalfOpen: true, noDelay: true, highWaterMark: highWaterBytes });
  }

  #listenHttps(port: number, ticketKeys: Uint8Array): Promise<number> {
    this.#ticketKeys = Buffer.from(ticketKeys);
    const server = this.#createTlsServer({
      ...this.#tls.policy,
      sessionIdContext: 'sallyport',
      ticketKeys: this.#ticketKeys,
      // Called for handshakes that name a host; the others get the server's own certificate.
      SNICallback: (name, done) => {
        if (this.#tls.refuses(name)) done(new Error('no host has this name'));
        else done(null, this.#tls.contextFor(name));
      },
      ...this.#defaultPair(),
    });
    this.#tlsServer = server;
    this.#hostServers = new HostTlsServers(
      this.#core.table,
      this.#tls,
      (options, trust) => this.#createTlsServer(options, trust),
      (host, error) =>
        this.#core.logger.error(
          { host, error: String(error) },
          'the authority over the clients of a host is not taken by OpenSSL',
        ),
    );
    return this.#bind(this.#createFrontServer(server), port, null);
  }

  /** `trust` null: clients are asked for nothing. */
  #createTlsServer(options: TlsOptions, trust: HandshakeTrust | null = null): TlsServer {
    const { settings } = this.#core;
    const server = createTlsServer({
      ...options,
      allowHalfOpen: true,
      noDelay: true,
      highWaterMark: settings.limits.highWaterBytes,
      handshakeTimeout: settings.timeouts.tlsHandshakeMs,
      ALPNCallback: ({ protocols }) => this.#agreeOn(protocols),
    });
    // The protocol is agreed in the handshake, and then there is no change of mind.
    const { publicHttpsPort: publicPort } = settings.listen;
    const origin = { isTls: true, scheme: 'https', port: publicPort, serveHttp2: null } as const;
    stapleOnDemand(server, this.#tls);
    server.on('connection', (socket: Socket) => this.#handshakes.begin(socket));
    server.on('secureConnection', (socket: TLSSocket) => {
      const raw = this.#handshakes.end(socket);
      // Without it nobody knows who the client is; the peer, who may be trusted, is not.
      if (raw === null && this.#core.proxyProtocol.isOn) {
        discard(socket);
        return;
      }
      const clientCertificate = trust === null ? null : ClientCertificate.read(socket, trust);
      const announced = raw === null ? null : (this.#announced.get(raw) ?? null);
      this.#accept(socket, { ...origin, clientCertificate }, announced);
    });
    server.on('tlsClientError', (_error, socket) => {
      this.#core.counters.handshakesFailed += 1;
      socket.destroy();
    });
    return server;
  }

  /** Undefined: nothing in common, which ends the handshake. */
  #agreeOn(protocols: readonly string[]): string | undefined {
    if (this.#allowsHttp2 && protocols.includes('h2')) return 'h2';
    return protocols.find((protocol) => protocol === 'http/1.1');
  }

  get #allowsHttp2(): boolean {
    const { settings, table } = this.#core;
    return settings.http2.isOn && table.table.tls.allowsHttp2;
  }

  /** In front of TLS: reads the preface from the raw socket, and hands the socket over with what is left in it. */
  #createFrontServer(tlsServer: TlsServer): Server {
    const front = this.#createTcpServer();
    const { streams } = this.#core.settings;
    const handOver = (connection: PrefacedConnection): void => this.#handOver(connection, tlsServer);
    front.on('connection', (socket) => {
      const { proxyProtocol, table } = this.#core;
      const wantsHello =
        (streams.passesTls && table.hasPassthrough) || table.hasOwnTls || table.challenges.hasTls;
      if (proxyProtocol.isOn || wantsHello) {
        this.#prefaces.begin(socket, { wantsHeader: proxyProtocol.isOn, wantsHello }, handOver);
      } else tlsServer.emit('connection', socket);
    });
    return front;
  }

  /** False: no ACME server is awaited for this name. */
  #answersChallenge(socket: Socket, { serverName }: ClientHello): boolean {
    const challenge = serverName === null ? null : this.#core.table.challenges.forServerName(serverName);
    if (challenge === null) return false;
    this.#handshakes.begin(socket);
    socket.setTimeout(this.#core.settings.timeouts.tlsHandshakeMs, () => socket.destroy());
    answerTlsChallenge(socket, challenge);
    return true;
  }

  /** To the endpoints of the name that the client asks for, to the TLS of its host, or to that of all. */
  #handOver({ socket, announced, hello }: PrefacedConnection, tlsServer: TlsServer): void {
    if (hello?.protocols.includes(challengeProtocol) === true && this.#answersChallenge(socket, hello))
      return;
    const name = hello?.serverName ?? null;
    const found = name === null ? null : this.#core.table.lookupPassthrough(name);
    if (found === null) {
      if (announced !== null) this.#announced.set(socket, announced);
      const ofHost = hello === null ? null : (this.#hostServers?.lookup(hello.serverName) ?? null);
      (ofHost ?? tlsServer).emit('connection', socket);
      return;
    }
    const { host, passthrough } = found;
    const { tunnelIdleMs: idleMs } = this.#core.settings.timeouts;
    this.#streams.open(socket, { ...passthrough, name: `tls/${host}`, idleMs }, announced);
  }

  async #bind(server: Server, port: number, origin: { port: number } | null): Promise<number> {
    const { settings } = this.#core;
    server.maxConnections = settings.limits.maxConnectionsPerWorker;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      const isShared = port !== anyPort && (settings.workers > 1 || settings.listen.isShared);
      server.listen(
        {
          host: settings.listen.address,
          port: port === anyPort ? 0 : port,
          backlog,
          reusePort: isShared,
          exclusive: true,
        },
        resolve,
      );
    });
    server.removeAllListeners('error');
    // EMFILE and the like while accepting: the kernel keeps the connection in its queue, accepting goes on later.
    server.on('error', () => {});
    this.#servers.push(server);
    const address = server.address();
    const bound = address !== null && typeof address === 'object' ? address.port : port;
    if (origin !== null) origin.port = bound;
    return bound;
  }

  /** `announced`: what a trusted peer says of the connection; it counts as if the client had come here itself. */
  #accept(socket: Socket, listener: DownstreamOrigin, announced: AnnouncedEnds | null): void {
    const peer = announced === null ? socket.remoteAddress : announced.source.address;
    if (peer === undefined) {
      // Gone before it was looked at.
      discard(socket);
      return;
    }
    const origin = announced === null ? listener : announcedOrigin(listener, announced.destination.port);
    const address = normalizeIp(peer) ?? peer;
    const speaksHttp2 = listener.isTls && (socket as TLSSocket).alpnProtocol === 'h2';
    const connection = speaksHttp2
      ? new ClientSession(this.#core, socket, origin, address)
      : new DownstreamConnection(this.#core, socket, origin, address);
    this.#keep(connection, socket);
  }

  #keep(connection: DownstreamConnection | ClientSession, socket: Socket): void {
    this.#connections.add(connection);
    // It was accepted in the moment in which the draining began.
    if (this.#core.isDraining) connection.drain();
    socket.once('close', () => {
      this.#connections.delete(connection);
      this.#noteEnd();
    });
  }

  #defaultPair(): { cert: string; key: string } {
    const { chainPem, keyPem } = this.#tls.defaultPair();
    return { cert: chainPem, key: keyPem };
  }

  setTicketKeys(keys: Uint8Array): void {
    this.#ticketKeys = Buffer.from(keys);
    this.#tlsServer?.setTicketKeys(this.#ticketKeys);
  }

  /** To be called when the settings or the default certificate may have changed. Open connections keep what they have. */
  refreshTls(): void {
    const server = this.#tlsServer;
    if (server === null) return;
    server.setSecureContext({ ...this.#tls.policy, ...this.#defaultPair(), sessionIdContext: 'sallyport' });
    server.setTicketKeys(this.#ticketKeys);
  }

  /** To be called when hosts may have gone. */
  pruneTlsServers(): void {
    this.#hostServers?.prune();
  }

  /** Stops accepting, lets idle connections end, and resolves when the last connection has ended. */
  async drain(): Promise<void> {
    await quietTurn();
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) connection.drain();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenEmpty = resolve;
    this.#noteEnd();
    const patience = setTimeout(() => {
      this.#prefaces.destroy();
      this.#handshakes.destroy();
    }, drainHandshakeMs);
    await promise;
    clearTimeout(patience);
  }

  /** Handshakes and prefaces under way end in a connection, which is then to be waited for. */
  #noteEnd(): void {
    if (this.#whenEmpty === null) return;
    setImmediate(() => {
      const open = this.#connections.size + this.#handshakes.size + this.#prefaces.size;
      if (open === 0) this.#whenEmpty?.();
    });
  }

  /** Ends every connection now. */
  destroy(): void {
    for (const server of this.#servers) server.close();
    this.#prefaces.destroy();
    this.#handshakes.destroy();
    for (const connection of this.#connections) connection.destroy();
  }
}

function discard(socket: Socket): void {
  socket.on('error', () => {});
  socket.destroy();
}

/**
 * Resolves behind a turn of the event loop in which next to nothing happened: then the kernel's queues of new connections were emptied
 * only just now. What waits in such a queue when its listener closes is reset.
 */
async function quietTurn(): Promise<void> {
  let beganMs = performance.now();
  for (let turn = 0; turn < maxBusyTurns; turn += 1) {
    await nextCheck();
    const nowMs = performance.now();
    if (nowMs - beganMs < quietTurnMs) return;
    beganMs = nowMs;
  }
}
