// ApiListener: the HTTPS server before the API. It knows who asks before it reads anything else, bounds what a client may cost, and
// turns requests into ApiRequests and answers into bytes. HTTP/1.1 only: kubectl and client-go take it as soon as the server offers no
// h2 by ALPN, a watch is then a connection, so that one bound on connections bounds them all, and the floods that HTTP/2 allows on
// one connection (resets, continuations, settings) have no place. What h2 would save here is a handshake a watch.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { constants as cryptoConstants } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../observe/logger.ts';
import type { ApiHandler } from '../rest/api-request.ts';
import type { Authenticate } from './authenticate.ts';
import { ConnectionRegister } from './connection-register.ts';
import type { HealthCheck } from './health.ts';
import { type ApiLimits, defaultApiLimits } from './limits.ts';
import { RequestServer } from './request-server.ts';

export interface TlsMaterial {
  /** PEM, the server's certificate and those between it and the authority. */
  readonly certificatePem: string;
  readonly keyPem: string;
  /** PEM; signs the certificates of clients. */
  readonly clientAuthorityPem: string;
}

export interface ApiListenerOptions {
  readonly bind: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly tls: TlsMaterial;
  readonly authenticate: Authenticate;
  readonly handler: ApiHandler;
  readonly logger: Logger;
  /** Of Sallyport, for /version. */
  readonly packageVersion: string;
  /** For /healthz, /livez and /readyz. */
  readonly checks?: readonly HealthCheck[];
  readonly limits?: Partial<ApiLimits>;
  readonly now?: () => number;
}

export class ApiListener {
  readonly #options: ApiListenerOptions;
  readonly #limits: ApiLimits;
  readonly #server: Server;
  readonly #requests: RequestServer;
  readonly #connections: ConnectionRegister;
  #isStopping = false;

  constructor(options: ApiListenerOptions) {
    this.#options = options;
    this.#limits = { ...defaultApiLimits, ...options.limits };
    const limits = this.#limits;
    this.#connections = new ConnectionRegister(limits.maxConnections);
    const stopping: HealthCheck = {
      name: 'shutdown',
      check: () => (this.#isStopping ? 'the server stops' : null),
    };
    const checks = [...(options.checks ?? []), stopping];
    this.#requests = new RequestServer({ ...options, checks, limits, connections: this.#connections });
    this.#server = createServer({
      ...secureContextOf(options.tls),
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      requestCert: true,
      // Whether it is good enough is authentication's to say: most clients have a token instead.
      rejectUnauthorized: false,
      // No resumption: every connection proves anew who it is.
      secureOptions: cryptoConstants.SSL_OP_NO_TICKET,
      handshakeTimeout: limits.handshakeMs,
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(1000, limits.headMs),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
    });
    this.#listenToServer();
  }

  /** Rejects with the system's error and its code (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
  start(): Promise<{ readonly port: number }> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: this.#options.bind, port: this.#options.port }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#options.logger.error({ error }, 'API server error'));
        const { port } = server.address() as AddressInfo; // Of a TCP server that listens.
        resolve({ port });
      });
    });
  }

  /** New connections get this certificate; those that are open stay. */
  replaceTls(tls: TlsMaterial): void {
    this.#server.setSecureContext({ ...secureContextOf(tls), minVersion: 'TLSv1.2' });
  }

  /** Ends watches cleanly, lets answers end for a short while, then closes everything. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#requests.stop();
    this.#server.closeIdleConnections();
    const deadline = setTimeout(() => this.#connections.destroyAll(), this.#limits.stopMs);
    await closed;
    clearTimeout(deadline);
  }

  get connections(): number {
    return this.#connections.size;
  }

  #listenToServer(): void {
    const server = this.#server;
    server.setTimeout(this.#limits.stallMs);
    server.on('connection', (raw: Socket) => {
      raw.on('error', ignore);
      this.#connections.add(raw);
    });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    server.on('clientError', answerBrokenRequest);
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#requests.serve(request, response, () => undefined);
    };
    server.on('request', serve);
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      void this.#requests.serve(request, response, () => response.writeContinue());
    });
  }
}

function secureContextOf(tls: TlsMaterial): {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
} {
  return { cert: tls.certificatePem, key: tls.keyPem, ca: tls.clientAuthorityPem };
}

const brokenRequestLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What is no HTTP, or came too slowly: a plain line, as far as the client still reads. */
function answerBrokenRequest(error: Error, socket: Duplex): void {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isAnswering = '_httpMessage' in socket && socket._httpMessage != null;
  if (!socket.writable || isAnswering || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const line = brokenRequestLines[code] ?? '400 Bad Request';
  const fields = 'Content-Type: text/plain; charset=utf-8\r\nConnection: close';
  socket.end(`HTTP/1.1 ${line}\r\n${fields}\r\nContent-Length: ${line.length}\r\n\r\n${line}`);
  // The answer was short; who does not take it now does not want it.
  socket.once('finish', () => socket.destroy());
}

function ignore(): void {}
