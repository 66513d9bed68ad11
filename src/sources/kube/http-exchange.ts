// One HTTP request to an API server: options from a connection and a credential, the answer's head, and its body with a bound.
import {
  type Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
  type RequestOptions,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { ByteCollector } from '../../std/byte-collector.ts';
import { type ApiCall, ApiUnavailableError } from './api-client.ts';
import type { ClusterConnection, Credential } from './cluster-connection.ts';

/** An answer, or a line of a watch, is larger than is taken. */
export class ApiTooLargeError extends ApiUnavailableError {}

export interface Exchange {
  readonly connection: ClusterConnection;
  readonly credential: Credential;
  readonly agent: HttpAgent;
  readonly userAgent: string;
  /** Aborting ends request and answer. */
  readonly signal: AbortSignal;
}

/** Silence before the system probes a connection: a half-open one is noticed within about 25 s. */
const keepAliveProbeMs = 15_000;

/** Sends the request; resolves with the head of the answer. Rejects with the system's error. */
export async function sendRequest(call: ApiCall, exchange: Exchange): Promise<IncomingMessage> {
  const body = call.body === undefined ? null : Buffer.from(JSON.stringify(call.body), 'utf8');
  // One further attempt: a server may close an idle connection at the moment of its reuse. What it reads twice does no harm.
  const attempts = call.method === 'GET' ? 2 : 1;
  for (let attempt = 1; ; attempt += 1) {
    const { response, wasReused } = startRequest(call, exchange, body);
    try {
      return await response;
    } catch (error) {
      const isReset = codeOf(error) === 'ECONNRESET' && wasReused();
      if (!isReset || attempt === attempts || exchange.signal.aborted) throw error;
    }
  }
}

function startRequest(
  call: ApiCall,
  exchange: Exchange,
  body: Buffer | null,
): { response: Promise<IncomingMessage>; wasReused: () => boolean } {
  const options = requestOptions(call, exchange, body);
  const send = exchange.connection.server.protocol === 'https:' ? requestHttps : requestHttp;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = send(options);
  request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveProbeMs));
  request.on('response', resolve);
  request.on('error', reject);
  request.end(body);
  return { response: promise, wasReused: () => request.reusedSocket };
}

function requestOptions(
  call: ApiCall,
  { connection, credential, agent, userAgent, signal }: Exchange,
  body: Buffer | null,
): RequestOptions {
  const { server, tls, impersonation } = connection;
  // A header of impersonation may be there several times: a list of pairs, one after another.
  const headers: string[] = ['Host', server.host, 'Accept', 'application/json', 'User-Agent', userAgent];
  if (credential.authorization !== null) headers.push('Authorization', credential.authorization);
  for (const pair of impersonation) headers.push(...pair);
  if (body !== null) {
    headers.push('Content-Type', call.contentType ?? 'application/json');
    headers.push('Content-Length', String(body.length));
  }
  const { certificate } = credential;
  const secure = {
    rejectUnauthorized: tls.isVerified,
    ...(tls.authorities === null ? {} : { ca: tls.authorities.read() }),
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
    ...(certificate === null ? {} : { cert: certificate.chain, key: certificate.key }),
  };
  return {
    protocol: server.protocol,
    host: server.hostname.replace(/^\[|\]$/g, ''),
    port: server.port === '' ? (server.protocol === 'https:' ? 443 : 80) : Number(server.port),
    method: call.method,
    path: pathOf(server, call),
    headers,
    agent,
    signal,
    ...(server.protocol === 'https:' ? secure : {}),
  };
}

function pathOf(server: URL, { path, query = {} }: ApiCall): string {
  const text = new URLSearchParams({ ...query }).toString();
  return `${server.pathname.replace(/\/+$/, '')}${path}${text === '' ? '' : `?${text}`}`;
}

/** The whole body. @throws {ApiTooLargeError} */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): ApiTooLargeError =>
    new ApiTooLargeError(`the answer has more than ${maxBytes} bytes, which are not taken`);
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
    response.destroy();
    throw tooLarge();
  }
  const collected = new ByteCollector();
  for await (const chunk of response as AsyncIterable<Buffer>) {
    // Leaving the loop destroys the stream.
    if (collected.length + chunk.length > maxBytes) throw tooLarge();
    collected.add(chunk);
  }
  return collected.bytes();
}

export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
