// The kinds of traffic with which the proxies are compared: who takes part, what they have to serve, and the load, which begins
// only after one exchange has shown that the proxy answers rightly.
import { grpcPath, renderGrpcMessage } from './backend.ts';
import { clientLoad } from './client-program.ts';
import { h2load } from './h2load.ts';
import type { Load } from './load.ts';
import type { MeasureName } from './options.ts';
import type { PeerName } from './peers/index.ts';
import { assertAnswer, assertHttp2Answer } from './probe.ts';
import { type RunningProxy, type Service, hosts } from './variant.ts';
import type { Workspace } from './workspace.ts';
import { wrkLoad } from './wrk.ts';

export interface Traffic {
  readonly title: string;
  /** What is counted. */
  readonly unit: 'request' | 'handshake' | 'call' | 'message';
  readonly peers: readonly PeerName[];
  readonly service: Service;
  /** A line in the access log for each of what is counted. */
  readonly isLogged: boolean;
  /** In a round, unless the command line says otherwise: a row should take a minute and a half at the most. */
  readonly windows?: number;
  readonly prepare: (proxy: RunningProxy, workspace: Workspace) => Promise<Load>;
}

const http1: Service = { application: 'http', offersHttp2: false, tlsVersions: 'only 1.3' };
const http2: Service = { ...http1, offersHttp2: true };
const smallBodies: readonly PeerName[] = ['nginx', 'HAProxy', 'Caddy'];
const largeBodies: readonly PeerName[] = ['nginx', 'nginx, default buffers', 'HAProxy', 'Caddy'];
const smallBodyBytes = 100;
/** Together fewer than the connections that each proxy keeps to the backend. */
const http2Connections = 16;
const http2Streams = 16;
const http2Load = `${http2Connections} connections x ${http2Streams} streams`;
const handshakeConnections = 32;
const webSocketConnections = 64;

interface Requests {
  readonly path: string;
  readonly bodyBytes: number;
  readonly connections: number;
}

function byWrk(isTls: boolean, { path, bodyBytes, connections }: Requests): Traffic['prepare'] {
  return async (proxy) => {
    const authority = isTls ? `${hosts.tls}:${proxy.httpsPort}` : `127.0.0.1:${proxy.httpPort}`;
    const host = isTls ? null : hosts.plain;
    const url = `${isTls ? 'https' : 'http'}://${authority}${path}`;
    await assertAnswer(url, host, bodyBytes);
    return wrkLoad({ url, connections, host, spread: null });
  };
}

function http1Traffic(
  title: string,
  isTls: boolean,
  peers: readonly PeerName[],
  requests: Requests,
): Traffic {
  const full = `${title}, ${requests.connections} connections`;
  return {
    title: full,
    unit: 'request',
    peers,
    service: http1,
    isLogged: true,
    prepare: byWrk(isTls, requests),
  };
}

function byH2load(isTls: boolean): Traffic['prepare'] {
  return async (proxy) => {
    const port = isTls ? proxy.httpsPort : proxy.httpPort;
    const url = isTls ? `https://${hosts.tls}:${port}/` : `http://${hosts.plain}:${port}/`;
    const { body } = await assertHttp2Answer({ url, port });
    if (body.length !== smallBodyBytes)
      throw new Error(`${url}: ${smallBodyBytes} bytes are wanted, got ${body.length}`);
    return h2load({ url, port, connections: http2Connections, streams: http2Streams });
  };
}

const grpcFields = { 'content-type': 'application/grpc', te: 'trailers' } as const;

async function prepareGrpc({ httpsPort: port }: RunningProxy, { backend }: Workspace): Promise<Load> {
  const url = `https://${hosts.tls}:${port}${grpcPath}`;
  const message = renderGrpcMessage();
  const { body, trailers } = await assertHttp2Answer({ url, port, fields: grpcFields, body: message });
  const isRight = body.equals(message) && trailers['grpc-status'] === '0';
  if (!isRight)
    throw new Error(`${url}: the backend's message and status 0 are wanted, got ${JSON.stringify(trailers)}`);
  return h2load({
    url,
    port,
    connections: http2Connections,
    streams: http2Streams,
    fields: Object.entries(grpcFields).map(([name, value]) => `${name}: ${value}`),
    bodyPath: backend.grpcMessagePath,
  });
}

/** The client counts nothing but whole handshakes, and fails when a session is resumed that should not be, or is not. */
function handshakes(title: string, words: readonly string[], windows: number): Traffic {
  return {
    title: `${title}, ${handshakeConnections} at a time`,
    unit: 'handshake',
    peers: ['nginx'],
    service: { ...http1, tlsVersions: '1.2 and 1.3' },
    isLogged: false,
    windows,
    prepare: async (proxy, workspace) => {
      await assertAnswer(`https://${hosts.tls}:${proxy.httpsPort}/`, null, smallBodyBytes);
      const address = `127.0.0.1:${proxy.httpsPort}`;
      const connections = String(handshakeConnections);
      const common = ['-address', address, '-server-name', hosts.tls, '-connections', connections];
      return clientLoad(workspace.clientProgram(), ['handshakes', ...common, ...words]);
    },
  };
}

async function prepareWebSocket({ httpPort }: RunningProxy, workspace: Workspace): Promise<Load> {
  const address = `127.0.0.1:${httpPort}`;
  const words = ['-address', address, '-host', hosts.plain, '-connections', String(webSocketConnections)];
  return clientLoad(workspace.clientProgram(), ['websocket', ...words]);
}

const small: Requests = { path: '/', bodyBytes: smallBodyBytes, connections: 64 };

/** In the order in which they are measured. */
export const traffic: ReadonlyMap<MeasureName, Traffic> = new Map<MeasureName, Traffic>([
  ['plain', http1Traffic('Plain HTTP/1.1, 100 byte body', false, smallBodies, small)],
  ['tls', http1Traffic('TLS 1.3 (ECDSA P-256), 100 byte body', true, smallBodies, small)],
  [
    '16k',
    http1Traffic('Plain, 16 KiB body', false, largeBodies, {
      path: '/16k',
      bodyBytes: 16_384,
      connections: 64,
    }),
  ],
  [
    '1m',
    http1Traffic('Plain, 1 MiB body', false, largeBodies, {
      path: '/1m',
      bodyBytes: 1_048_576,
      connections: 16,
    }),
  ],
  [
    'http2',
    {
      title: `HTTP/2 by TLS 1.3 (ECDSA P-256), 100 byte body, ${http2Load}`,
      unit: 'request',
      peers: ['nginx', 'Caddy'],
      service: http2,
      isLogged: true,
      windows: 2,
      prepare: byH2load(true),
    },
  ],
  [
    'http2-plain',
    {
      title: `HTTP/2 without TLS (prior knowledge), 100 byte body, ${http2Load}`,
      unit: 'request',
      peers: ['nginx', 'Caddy'],
      service: http2,
      isLogged: true,
      windows: 2,
      prepare: byH2load(false),
    },
  ],
  [
    'grpc',
    {
      title: `gRPC, unary calls with messages of 100 bytes, HTTP/2 by TLS 1.3 to HTTP/2 without TLS, ${http2Load}`,
      unit: 'call',
      peers: ['nginx'],
      service: { ...http2, application: 'grpc' },
      isLogged: true,
      prepare: prepareGrpc,
    },
  ],
  [
    'websocket',
    {
      title: `WebSocket, echo of messages of 32 bytes, plain, ${webSocketConnections} connections`,
      unit: 'message',
      peers: ['nginx'],
      service: { ...http1, application: 'websocket' },
      isLogged: false,
      prepare: prepareWebSocket,
    },
  ],
  ['handshakes', handshakes('TLS 1.3, full handshakes (ECDSA P-256, X25519)', [], 4)],
  ['resumed', handshakes('TLS 1.3, handshakes resumed by ticket (X25519)', ['-resume'], 4)],
  ['handshakes12', handshakes('TLS 1.2, full handshakes (ECDSA P-256, X25519)', ['-tls12'], 2)],
  ['resumed12', handshakes('TLS 1.2, handshakes resumed by ticket', ['-tls12', '-resume'], 2)],
]);

export function unitOf(measure: MeasureName): Traffic['unit'] {
  return traffic.get(measure)?.unit ?? 'request';
}
