// WebhookServer: the HTTPS server that the API server asks before it stores an Ingress. HTTP/1.1 only, which Go's client takes as soon
// as nothing else is offered; who may call is the network's to say (see docs/guides/validating-webhook.md).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ControllerLog } from '../problem-log.ts';
import type { AdmissionRequest } from './admission-review.ts';
import { CertificateFiles, type CertificatePair, type CertificateTiming } from './certificate-files.ts';
import { ConnectionLimit } from './connection-limit.ts';
import { quoteText } from './quote-text.ts';
import { ReviewRequests, type ReviewRequestsOptions, type WebhookCounts } from './review-requests.ts';

export interface WebhookServerOptions
  extends Pick<ReviewRequestsOptions, 'translator' | 'isWatched' | 'nowMs'> {
  readonly address: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly log: ControllerLog;
  readonly limits?: Partial<WebhookLimits>;
  readonly certificateTiming?: Partial<CertificateTiming>;
}

export interface WebhookLimits {
  /** Of one review, which holds the object in two versions; beyond: 413. */
  readonly maxBodyBytes: number;
  /** Of all bodies that are being read; beyond: 503. */
  readonly maxHeldBytes: number;
  readonly maxConnections: number;
  /** For the TLS handshake. */
  readonly handshakeMs: number;
  readonly headMs: number;
  /** From the first byte of a request to the end of its body. An API server waits 30 seconds at most. */
  readonly requestMs: number;
  /** Between two requests. Longer than the 90 seconds after which Go's client gives up an idle connection itself. */
  readonly idleMs: number;
  /** For answers to end when the server stops. */
  readonly stopMs: number;
}

const mebibyte = 1024 * 1024;

const defaultLimits: WebhookLimits = {
  maxBodyBytes: 9 * mebibyte,
  maxHeldBytes: 128 * mebibyte,
  maxConnections: 1_024,
  handshakeMs: 10_000,
  headMs: 10_000,
  requestMs: 30_000,
  idleMs: 120_000,
  stopMs: 2_000,
};

/** Between two lines about a fault of this program: whoever found one can repeat it. */
const faultLineMs = 1_000;

export class WebhookServer {
  readonly #options: WebhookServerOptions;
  readonly #limits: WebhookLimits;
  readonly #requests: ReviewRequests;
  readonly #connections: ConnectionLimit;
  readonly #certificates: CertificateFiles;
  #server: Server | null = null;
  #lastFaultMs = Number.NEGATIVE_INFINITY;
  #isStopping = false;

  constructor(options: WebhookServerOptions) {
    this.#options = options;
    const limits = { ...defaultLimits, ...options.limits };
    this.#limits = limits;
    this.#connections = new ConnectionLimit(limits.maxConnections);
    const { translator, isWatched, nowMs } = options;
    const { maxBodyBytes, maxHeldBytes } = limits;
    const onFault = (error: unknown, request: AdmissionRequest): void => this.#tellFault(error, request);
    this.#requests = new ReviewRequests({
      translator,
      isWatched,
      nowMs,
      onFault,
      maxBodyBytes,
      maxHeldBytes,
    });
    this.#certificates = new CertificateFiles({
      certificatePath: options.certificatePath,
      keyPath: options.keyPath,
      log: options.log,
      onChange: (pair) => this.#server?.setSecureContext({ ...pair, minVersion: 'TLSv1.2' }),
      ...(options.certificateTiming === undefined ? {} : { timing: options.certificateTiming }),
    });
  }

  /**
   * Resolves when it listens. Rejects when the certificate is not usable, or with the system's error and its code (EADDRINUSE,
   * EACCES, EADDRNOTAVAIL).
   */
  async start(): Promise<{ readonly port: number }> {
    const server = this.#createServer(await this.#certificates.start());
    this.#server = server;
    const { address, port, log } = this.#options;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: address, port }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      this.#certificates.stop();
      throw error;
    }
    server.on('error', (err) => log.error({ err }, 'webhook server error'));
    return { port: (server.address() as AddressInfo).port }; // Of a TCP server that listens.
  }

  /** Takes no further connections, lets answers end for a short while, then closes everything. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#certificates.stop();
    const server = this.#server;
    if (server === null || !server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const deadline = setTimeout(() => this.#connections.destroyAll(), this.#limits.stopMs);
    await closed;
    clearTimeout(deadline);
  }

  counts(): WebhookCounts {
    return this.#requests.counts();
  }

  #createServer(pair: CertificatePair): Server {
    const limits = this.#limits;
    const server = createServer({
      ...pair,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: limits.handshakeMs,
      maxHeaderSize: 16 * 1024,
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headMs),
      noDelay: true,
    });
    // For an answer that nobody takes.
    server.setTimeout(Math.max(limits.requestMs, limits.idleMs));
    server.on('connection', (raw: Socket) => {
      raw.on('error', () => undefined);
      this.#connections.add(raw);
    });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    server.on('clientError', (_error, socket) => socket.destroy());
    server.on('request', (request, response) => this.#serve(request, response, () => undefined));
    server.on('checkContinue', (request, response) =>
      this.#serve(request, response, () => response.writeContinue()),
    );
    return server;
  }

  #serve(request: IncomingMessage, response: ServerResponse, confirm: () => void): void {
    response.once('close', this.#connections.begin(request.socket));
    if (this.#isStopping) response.shouldKeepAlive = false;
    void this.#requests.serve(request, response, confirm);
  }

  #tellFault(err: unknown, { operation, namespace, name }: AdmissionRequest): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastFaultMs < faultLineMs) return;
    this.#lastFaultMs = nowMs;
    const object = quoteText(`${namespace}/${name}`);
    this.#options.log.error(
      { err, operation: quoteText(operation), object },
      'an Ingress could not be judged, which is a fault of this program; it was refused',
    );
  }
}
