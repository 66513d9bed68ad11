// The applications of the guides' commands: each says by what protocol it was asked, and what it was told of the client.
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { startEcho } from '../../behaviour/grpc-peers.ts';
import { startHttp2Upstream } from '../../behaviour/http2-upstream.ts';

const toldNames = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'ssl-client-verify',
  'ssl-client-subject-dn',
  'authorization',
];
const websocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export interface Backends {
  readonly web: number;
  readonly h2c: number;
  readonly tls: number;
  readonly grpc: number;
  readonly tcp: number;
  readonly udp: number;
}

function describe(method: string, path: string, protocol: string, fields: IncomingHttpHeaders): string {
  const told = toldNames.flatMap((name) =>
    fields[name] === undefined ? [] : [`${name}: ${String(fields[name])}\n`],
  );
  return `${method} ${path} by ${protocol}\n${told.join('')}`;
}

function answer(request: IncomingMessage, more = ''): string {
  return describe(
    request.method ?? '',
    request.url ?? '',
    `HTTP/${request.httpVersion}${more}`,
    request.headers,
  );
}

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** Sends short messages of a WebSocket back (RFC 6455 5.2), each in a frame of its own; ends when the client does. */
function echoFrames(stream: Duplex): void {
  let pending = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const length = (pending[1] ?? 0) & 0x7f;
      if (pending.length < 6 + length) return;
      const mask = pending.subarray(2, 6);
      const payload = pending.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      stream.write(Buffer.concat([Buffer.from([pending[0] ?? 0, length]), payload]));
      // A close is answered by a close.
      if (((pending[0] ?? 0) & 0x0f) === 8) stream.end();
      pending = pending.subarray(6 + length);
    }
  });
  stream.on('error', () => {});
}

async function startWeb(t: TestContext): Promise<number> {
  const server = createServer((request, response) => response.end(answer(request)));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1')
      .update(key + websocketGuid)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    echoFrames(socket);
  });
  return await listen(t, server);
}

function serveStream(stream: ServerHttp2Stream, fields: IncomingHttpHeaders): void {
  stream.respond({ ':status': 200 });
  if (fields[':method'] === 'CONNECT') echoFrames(stream);
  else stream.end(describe(String(fields[':method']), String(fields[':path']), 'HTTP/2', fields));
}

export async function startBackends(
  t: TestContext,
  tls: { readonly cert: string; readonly key: string },
): Promise<Backends> {
  const h2c = await startHttp2Upstream(t, serveStream, { settings: { enableConnectProtocol: true } });
  const secure = createTlsServer(tls, (request, response) =>
    response.end(answer(request, ` over ${(request.socket as TLSSocket).getProtocol() ?? ''}`)),
  );
  const echo = createTcpServer((socket) => socket.once('data', (line) => socket.end(line)));
  const datagrams = createSocket('udp4');
  datagrams.on('message', (bytes, { port, address }) => datagrams.send(bytes, port, address));
  datagrams.bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  t.after(() => datagrams.close());
  return {
    web: await startWeb(t),
    h2c: h2c.port,
    tls: await listen(t, secure),
    grpc: (await startEcho(t)).port,
    tcp: await listen(t, echo),
    udp: datagrams.address().port,
  };
}
