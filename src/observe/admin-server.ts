// The admin server: health, readiness, metrics for machines and operators, on a listener of its own (rule G9). It changes no
// state and holds no secrets; what only operators may read is guarded. Every client and every route has a bound in time and number, so that a scrape that hangs
// harms nobody: responses are streamed as fast as the client reads, and clients that do not read are cut off.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Logger } from './logger.ts';

export interface AdminRequest {
  readonly method: 'GET' | 'HEAD';
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface AdminResponse {
  readonly status: number;
  /** Text, or pieces of text, asked for as fast as the client reads them. */
  readonly body: string | Iterable<string>;
  /** Default `text/plain; charset=utf-8`. */
  readonly contentType?: string;
}

/** What answers one path. A failure is answered with 500 and logged; the client learns nothing of it. */
export type AdminRoute = (request: AdminRequest) => AdminResponse | Promise<AdminResponse>;

export interface AdminServerOptions {
  readonly address: string;
  /** 0: one that is free. */
  readonly port: number;
  /** By path, compared exactly, or ending with `/*` for every name below. Read at each request: routes may be added later. */
  readonly routes: ReadonlyMap<string, AdminRoute>;
  /** Everything below a path, whether there is a route or not, is for those whom `admits` lets in by their Authorization field. */
  readonly guarded?: { readonly below: string; readonly admits: (authorization: string) => boolean };
  readonly logger: Logger;
  readonly timeouts?: Partial<AdminTimeouts>;
}

/** Milliseconds. */
export interface AdminTimeouts {
  /** For a request's head, and for the silence of a connection in either direction. Default 10,000. */
  readonly idleMs: number;
  /** For a route to give its response; then 503. Default 8,000. */
  readonly routeMs: number;
  /** For a whole response to be read. Default 60,000. */
  readonly responseMs: number;
}

export interface AdminServer {
  /** The port that it listens on. */
  readonly port: number;
  /** Stops listening and ends the connections. */
  close(): Promise<void>;
}

const maxConnections = 64;
const maxHeaderBytes = 8 * 1024;
const defaultTimeouts: AdminTimeouts = { idleMs: 10_000, routeMs: 8_000, responseMs: 60_000 };
const unauthorized =
  'the admin token is wanted, as "Authorization: Bearer TOKEN"; it is in the file --admin-token-file, by default DATA_DIR/admin-token';
const plainText = 'text/plain; charset=utf-8';

/** Resolves when it listens. Rejects with the system's error and its code (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, requestTimeout: timeouts.idleMs, headersTimeout: timeouts.idleMs },
    (request, response) => void serveRequest(request, response, options, timeouts),
  );
  server.maxConnections = maxConnections;
  server.keepAliveTimeout = Math.min(5_000, timeouts.idleMs);
  server.setTimeout(timeouts.idleMs, (socket: Socket) => socket.destroy());
  server.on('connection', (socket) => socket.on('error', ignore));
  server.on('clientError', (_error, socket) => socket.destroy());
  await listen(server, options);
  server.on('error', (error) => options.logger.error({ error }, 'admin server error'));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, options: AdminServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.address, port: options.port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminServerOptions,
  timeouts: AdminTimeouts,
): Promise<void> {
  response.on('error', ignore);
  const deadline = setTimeout(() => response.destroy(), timeouts.responseMs + timeouts.routeMs).unref();
  response.once('close', () => clearTimeout(deadline));
  // A body has no meaning here; it is read and forgotten, up to the time-outs above.
  request.resume();
  try {
    const answer = await findAnswer(request, options, timeouts.routeMs);
    if (!response.destroyed) await sendAnswer(response, answer, request.method === 'HEAD');
  } catch (error) {
    options.logger.error({ error, path: pathOf(request) }, 'admin request failed');
    if (response.headersSent) response.destroy();
    else await sendAnswer(response, textAnswer(500, 'internal error'), request.method === 'HEAD');
  }
}

async function findAnswer(
  request: IncomingMessage,
  options: AdminServerOptions,
  routeMs: number,
): Promise<AdminResponse> {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') return textAnswer(405, 'method not allowed');
  if (isLoopback(options.address) && !namesThisMachine(request.headers.host ?? 'localhost'))
    return textAnswer(421, 'wanted an IP address or localhost as host');
  const path = pathOf(request);
  if (!isAdmitted(path, request.headers.authorization ?? '', options)) return textAnswer(401, unauthorized);
  // A path that ends with `/*` takes every name there.
  const route = options.routes.get(path) ?? options.routes.get(`${path.slice(0, path.lastIndexOf('/'))}/*`);
  if (route === undefined) return textAnswer(404, 'not found');
  const query = new URLSearchParams((request.url ?? '').slice(path.length + 1));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<AdminResponse>((resolve) => {
    timer = setTimeout(() => resolve(textAnswer(503, 'no answer in time')), routeMs).unref();
  });
  const answer = Promise.resolve(route({ method, path, query }));
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isAdmitted(path: string, authorization: string, { guarded }: AdminServerOptions): boolean {
  return guarded === undefined || !path.startsWith(guarded.below) || guarded.admits(authorization);
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/**
 * A page of the web can give its own name the address 127.0.0.1 (DNS rebinding) and then read what a browser on this machine fetches
 * for it; but it cannot choose another Host than that name.
 */
function namesThisMachine(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || name === 'localhost' || name.endsWith('.localhost');
}

function pathOf(request: IncomingMessage): string {
  const target = request.url ?? '';
  const end = target.indexOf('?');
  return end < 0 ? target : target.slice(0, end);
}

function textAnswer(status: number, message: string): AdminResponse {
  return { status, body: `${message}\n` };
}

async function sendAnswer(response: ServerResponse, answer: AdminResponse, isHead: boolean): Promise<void> {
  const headers: Record<string, string | number> = {
    'Content-Type': answer.contentType ?? plainText,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  if (answer.status === 401) headers['WWW-Authenticate'] = 'Bearer realm="admin"';
  if (answer.status === 405) headers['Allow'] = 'GET, HEAD';
  if (typeof answer.body === 'string') headers['Content-Length'] = Buffer.byteLength(answer.body);
  response.writeHead(answer.status, headers);
  if (isHead || typeof answer.body === 'string') {
    response.end(isHead ? undefined : answer.body);
    return;
  }
  for (const piece of answer.body) {
    if (!response.write(piece)) await drained(response);
    // Between two pieces others get their turn, also where the client reads fast.
    await new Promise((resolve) => setImmediate(resolve));
    if (response.destroyed) return;
  }
  response.end();
}

/** Also resolves when the client is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
    if (response.destroyed) done();
  });
}

function ignore(): void {}
