// A listener on a free port with throw-away credentials, and clients for it, for tests.
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { createLogger } from '../../observe/logger.ts';
import type { ApiHandler, ApiResponse } from '../rest/api-request.ts';
import { createAuthenticate } from './authenticate.ts';
import { createAuthority, issueServerCertificate, type KeyPair } from './certificates.ts';
import { ApiListener, type ApiListenerOptions } from './listener.ts';

export const validity = {
  notBefore: new Date(Date.now() - 3_600_000),
  notAfter: new Date(Date.now() + 3_600_000),
};
export const authority: KeyPair = createAuthority('Test authority', validity);
const server = issueServerCertificate(authority, ['127.0.0.1', 'localhost'], validity);

export const adminToken = 'admin-token-0123456789-0123456789';
export const guestToken = 'guest-token-0123456789-0123456789';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Ask = Omit<RequestOptions, 'headers'> & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string | null;
  readonly body?: string | Buffer;
};

export interface TestListener {
  readonly listener: ApiListener;
  readonly port: number;
  /** Everything that was logged. */
  readonly log: () => string;
  readonly ask: (path: string, options?: Ask) => Promise<Answer>;
  /** An answer whose body is read by the caller. */
  readonly open: (path: string, options?: Ask) => Promise<IncomingMessage>;
  readonly tls: () => Promise<TLSSocket>;
  readonly stop: () => Promise<void>;
}

export function valueAnswer(value: unknown, status = 200): ApiResponse {
  return { kind: 'value', status, value, warnings: [] };
}

export async function startListener(
  handler: ApiHandler,
  options: Partial<ApiListenerOptions> = {},
): Promise<TestListener> {
  const stream = new PassThrough();
  let log = '';
  stream.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const listener = new ApiListener({
    bind: '127.0.0.1',
    port: 0,
    tls: {
      certificatePem: server.certificatePem,
      keyPem: server.keyPem,
      clientAuthorityPem: authority.certificatePem,
    },
    authenticate: createAuthenticate([
      { token: adminToken, user: { name: 'admin', groups: ['system:masters'] } },
      { token: guestToken, user: { name: 'guest', groups: [] } },
    ]),
    handler,
    logger: createLogger({ level: 'debug', format: 'json', destination: stream }),
    packageVersion: '1.2.3',
    ...options,
  });
  const { port } = await listener.start();
  const open = (path: string, ask: Ask = {}): Promise<IncomingMessage> => openAnswer(port, path, ask);
  return {
    listener,
    port,
    log: () => log,
    open,
    ask: async (path, ask) => readAnswer(await open(path, ask)),
    tls: () => openTls(port),
    stop: () => listener.stop(),
  };
}

function openAnswer(port: number, path: string, ask: Ask): Promise<IncomingMessage> {
  const { token = adminToken, body, headers, ...rest } = ask;
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host: '127.0.0.1',
      port,
      path,
      ca: authority.certificatePem,
      agent: false,
      ...rest,
      headers: { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...headers },
    });
    request.once('response', resolve).once('error', reject).end(body);
  });
}

export async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

function openTls(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.certificatePem });
    socket.once('secureConnect', () => resolve(socket)).once('error', reject);
  });
}

/** What the server sends until it closes the connection. */
export async function readToEnd(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined); // A reset is an end too.
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

/** Waits until the server has let go of every connection. */
export async function noConnections(api: TestListener): Promise<void> {
  while (api.listener.connections > 0) await new Promise((resolve) => setImmediate(resolve));
}
