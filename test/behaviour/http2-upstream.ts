// HTTP/2 upstreams for behaviour tests: one on node:http2 for what real servers do, and one that writes frames by hand for the rest.
import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface Http2Upstream {
  readonly port: number;
  readonly sessions: ServerHttp2Session[];
}

export type StreamHandler = (
  stream: ServerHttp2Stream,
  fields: IncomingHttpHeaders,
  raw: readonly string[],
) => void;

/** With `cert` over TLS. Errors of streams are the handler's to look for. */
export async function startHttp2Upstream(
  t: TestContext,
  onStream: StreamHandler,
  options: SecureServerOptions = {},
): Promise<Http2Upstream> {
  const server: Http2Server =
    options.cert === undefined ? createServer(options) : createSecureServer(options);
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream: ServerHttp2Stream, fields, _flags, raw) => {
    stream.on('error', () => {});
    onStream(stream, fields, raw);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sessions };
}

export const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7 } as const;
export const endStream = 1;
const endHeaders = 4;
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A peer that reads frames and says what it is told to say. Answers SETTINGS and nothing else by itself. */
export class RawHttp2Peer {
  readonly socket: Socket;
  readonly frames: Frame[] = [];
  #pending: Buffer = Buffer.alloc(0);
  #isGreeted = false;
  readonly #isSilent: boolean;
  #wake: (() => void)[] = [];

  /** `settings` null: none are sent, nor acknowledged. */
  constructor(socket: Socket, settings: Buffer | null) {
    this.#isSilent = settings === null;
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('close', () => this.#notify());
    if (settings !== null) this.send(frameTypes.settings, 0, 0, settings);
  }

  send(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    this.socket.write(Buffer.concat([head, payload]));
  }

  /** Literal fields without indexing (RFC 7541 6.2.2). */
  sendHead(stream: number, flags: number, fields: readonly (readonly [name: string, value: string])[]): void {
    const pieces = fields.flatMap(([name, value]) => [
      Buffer.from([0, name.length]),
      Buffer.from(name, 'latin1'),
      Buffer.from([value.length]),
      Buffer.from(value, 'latin1'),
    ]);
    this.send(frameTypes.headers, flags | endHeaders, stream, Buffer.concat(pieces));
  }

  sendReset(stream: number, code: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    this.send(frameTypes.reset, 0, stream, payload);
  }

  sendGoaway(lastStream: number, code = 0): void {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(lastStream, 0);
    payload.writeUInt32BE(code, 4);
    this.send(frameTypes.goaway, 0, 0, payload);
  }

  /** The first frame of a kind behind the ones that were asked for before. */
  async next(type: number): Promise<Frame> {
    for (;;) {
      const at = this.frames.findIndex((frame) => frame.type === type);
      if (at >= 0) return this.frames.splice(0, at + 1)[at] as Frame;
      if (this.socket.destroyed) throw new Error(`closed before a frame of type ${type}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #read(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    if (!this.#isGreeted) {
      if (this.#pending.length < preface.length) return;
      this.#isGreeted = true;
      this.#pending = this.#pending.subarray(preface.length);
    }
    while (this.#pending.length >= 9) {
      const length = this.#pending.readUIntBE(0, 3);
      if (this.#pending.length < 9 + length) break;
      const [type, flags] = [this.#pending.readUInt8(3), this.#pending.readUInt8(4)];
      const stream = this.#pending.readUInt32BE(5);
      const payload = Buffer.from(this.#pending.subarray(9, 9 + length));
      this.#pending = this.#pending.subarray(9 + length);
      if (type === frameTypes.settings && flags === 0 && !this.#isSilent)
        this.send(frameTypes.settings, 1, 0);
      this.frames.push({ type, flags, stream, payload });
    }
    this.#notify();
  }
}

/** Each connection becomes a peer. `settings`: identifier and value, or that the peer says nothing by itself. */
export async function startRawHttp2(
  t: TestContext,
  onPeer: (peer: RawHttp2Peer, index: number) => void,
  settings: readonly (readonly [id: number, value: number])[] | 'silent' = [],
): Promise<number> {
  const entries = settings === 'silent' ? [] : settings;
  const payload = Buffer.concat(
    entries.map(([id, value]) => {
      const one = Buffer.alloc(6);
      one.writeUInt16BE(id, 0);
      one.writeUInt32BE(value, 2);
      return one;
    }),
  );
  const sockets: Socket[] = [];
  const server = createTcpServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    onPeer(new RawHttp2Peer(socket, settings === 'silent' ? null : payload), sockets.length - 1);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
