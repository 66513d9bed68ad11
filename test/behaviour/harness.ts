// Harness for behaviour tests: a ProxyWorker in this process on a free port, raw clients, and raw upstreams that show every byte.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { closeSync, openSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ProxySettings, TablePatch } from '../../src/model/index.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { ProxyWorker } from '../../src/proxy/proxy-worker.ts';
import { makeSelfSigned } from './self-signed.ts';
import { makePatch, type TableSpec } from './table.ts';

export type DeepPartial<T> = {
  readonly [Key in keyof T]?: T[Key] extends object ? DeepPartial<T[Key]> : T[Key];
};

/** Settings for tests: http-hardening's limits with short time-outs where a test must see them. */
export function testSettings(change: DeepPartial<ProxySettings> = {}): ProxySettings {
  return {
    listen: {
      address: '127.0.0.1',
      httpPort: anyPort,
      httpsPort: 0,
      publicHttpsPort: 443,
      isShared: false,
      ...change.listen,
    },
    workers: 1,
    limits: {
      maxRequestLineBytes: 8_396,
      maxFieldLineBytes: 8_192,
      maxFieldsBytes: 32_768,
      maxFields: 100,
      maxResponseHeadBytes: 32_768,
      maxResponseFields: 200,
      maxTrailerBytes: 8_192,
      maxRequestsPerConnection: 1_000,
      maxConnectionsPerWorker: 1_000,
      highWaterBytes: 65_536,
      ...change.limits,
    },
    http2: {
      isOn: true,
      maxConcurrentStreams: 128,
      maxFieldListBytes: 65_536,
      maxResets: 200,
      maxControlFrames: 1_000,
      streamWindowBytes: 65_536,
      connectionWindowBytes: 1_048_576,
      ...change.http2,
    },
    timeouts: {
      tlsHandshakeMs: 10_000,
      requestHeadMs: 60_000,
      requestBodyMs: 60_000,
      keepAliveMs: 75_000,
      sendStallMs: 60_000,
      tunnelIdleMs: 3_600_000,
      ...change.timeouts,
    },
    pool: {
      maxIdlePerWorker: 320,
      idleMs: 60_000,
      maxRequestsPerConnection: 10_000,
      maxAgeMs: 3_600_000,
      ...change.pool,
    },
    forwarded: {
      trust: false,
      trustedCidrs: [],
      appendFor: false,
      ...(change.forwarded as ProxySettings['forwarded'] | undefined),
    },
    proxyProtocol: { isOn: false, headerTimeoutMs: 5_000, ...change.proxyProtocol },
    streams: { passesTls: false, tcpIdleMs: 600_000, udpIdleMs: 120_000, ...change.streams },
    accessLog: { format: 'json', path: '', ...change.accessLog },
    serverName: change.serverName ?? 'sallyport',
    shutdownGraceMs: change.shutdownGraceMs ?? 5_000,
    maxTries: change.maxTries ?? 3,
    health: {
      maxFailures: 5,
      ejectMs: 10_000,
      maxEjectMs: 300_000,
      maxEjectedPercent: 50,
      panicPercent: 25,
      ...change.health,
    },
    retries: { budgetPercent: 20, minConcurrent: 3, ...change.retries },
  };
}

export interface TestProxy {
  readonly worker: ProxyWorker;
  readonly port: number;
  readonly tlsPort: number;
  readonly logPath: string;
  /** Parsed lines of the access log so far. */
  log(): Promise<Record<string, string | number>[]>;
}

/** Ends by itself with the test. `askPrimary`: where questions about limits go; absent: it counts them for itself. */
export async function startProxy(
  t: TestContext,
  table: TableSpec | TablePatch,
  change: DeepPartial<ProxySettings> = {},
  askPrimary?: ConstructorParameters<typeof ProxyWorker>[2],
): Promise<TestProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  const logPath = join(folder, 'access.log');
  closeSync(openSync(logPath, 'w'));
  const accessLog = { format: 'json' as const, path: logPath, ...change.accessLog };
  const settings = { ...testSettings({ ...change, accessLog }), workers: change.workers ?? 1 };
  const worker = new ProxyWorker(
    {
      settings,
      index: 0,
      defaultCertificate: makeSelfSigned(['default.test']),
      ticketKeys: new Uint8Array(48).fill(7),
      nonceKey: new Uint8Array(32).fill(7),
      staples: [],
      limitShare: 1,
      table: 'version' in table ? table : makePatch(table),
      logLevel: 'error',
      logFormat: 'json',
    },
    createLogger({ level: 'error', format: 'json' }),
    askPrimary,
  );
  // One hook, for they run in the order in which they are named: the log is closed before its folder goes.
  t.after(async () => {
    await worker.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { httpPort, httpsPort } = await worker.listen();
  return {
    worker,
    port: httpPort,
    tlsPort: httpsPort,
    logPath,
    async log() {
      await worker.flushLog();
      return readFileSync(logPath, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, string | number>);
    },
  };
}

/** The plainest request, to the host that most tables of these tests have. */
export const getRequest = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';

/** Lets time-outs see a later clock, so that no test waits for one. */
export function passTime(proxy: TestProxy, ms: number): void {
  proxy.worker.core.deadlines.sweep(performance.now() + ms);
}

/** A raw TCP client that collects what it gets. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  #isClosed = false;
  #wake: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#notify();
    });
    socket.on('error', () => {});
    socket.on('end', () => {
      this.#isClosed = true;
      this.#notify();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#notify();
    });
  }

  static async open(t: TestContext, port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  get received(): string {
    return this.#received;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** Waits until what was received satisfies the condition; fails when the connection closes first. */
  async until(condition: (received: string) => boolean): Promise<string> {
    while (!condition(this.#received)) {
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.#received)}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return this.#received;
  }

  async untilClosed(): Promise<string> {
    while (!this.#isClosed) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.#received;
  }

  /** Waits for `count` complete responses with Content-Length (or none) and returns everything. */
  async responses(count: number): Promise<string> {
    return await this.until((text) => countResponses(text) >= count);
  }
}

/** Complete responses in a text; counts by Content-Length and chunked framing. */
export function countResponses(text: string): number {
  let rest = text;
  let count = 0;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return count;
    const head = rest.slice(0, end);
    rest = rest.slice(end + 4);
    if (/^HTTP\/1\.1 1\d\d/.test(head)) continue;
    const length = /content-length: (\d+)/i.exec(head);
    if (/transfer-encoding: chunked/i.test(head)) {
      const last = rest.indexOf('0\r\n\r\n');
      if (last < 0) return count;
      rest = rest.slice(last + 5);
    } else if (length !== null) {
      const bytes = Number(length[1]);
      if (rest.length < bytes) return count;
      rest = rest.slice(bytes);
    }
    count += 1;
  }
}

/** A raw upstream: each connection is handed to the handler. */
export async function startUpstream(
  t: TestContext,
  onConnection: (client: RawClient) => void,
): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    onConnection(new RawClient(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** An upstream that answers each request (without body) on a connection with the text that `answer` gives. */
export async function startAnswering(
  t: TestContext,
  answer: (request: string, index: number) => string | Promise<string>,
): Promise<number> {
  return await startUpstream(t, (client) => {
    let served = 0;
    let consumed = 0;
    const serve = async (): Promise<void> => {
      for (;;) {
        const text = await client.until((received) => received.indexOf('\r\n\r\n', consumed) >= 0);
        const end = text.indexOf('\r\n\r\n', consumed) + 4;
        const request = text.slice(consumed, end);
        consumed = end;
        client.send(await answer(request, served));
        served += 1;
      }
    };
    serve().catch(() => {});
  });
}

/** A complete response with a body. */
export function okResponse(body: string, fields = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}
