// Clients that ask without pause while everything around them changes, and keep count: over kept and fresh connections, plain and
// TLS, and over WebSockets (those of gRPC: churn-grpc.ts). Each tells which of its connections a killed worker had, because those may fail.
import { type EventEmitter, once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { Agent as PlainAgent, type IncomingMessage, request as requestPlain } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

/** Shares the processors with the proxies under test. */
const pauseMs = 4;
const streamsAtOnce = 4;

export interface ChurnClient {
  readonly name: string;
  /** Answers, or echoes, so far. */
  readonly count: number;
  /** What went wrong that no killed worker explains. */
  readonly failures: readonly string[];
  /** New connections that were reset before their first answer: they waited in the queue of a listener that closed. */
  readonly resetInQueue: number;
  readonly sockets: ReadonlySet<Socket>;
  /** What ended with connections that were excused. */
  readonly excused: number;
  /** Resolves after so many more, or a failure. */
  more(count: number): Promise<void>;
  /** A worker is about to be killed that serves this connection: its end is no failure. */
  excuse(socket: Socket): void;
  /** Resolves when what is under way is complete. */
  stop(): Promise<void>;
}

export interface AskOptions {
  readonly name: string;
  readonly port: number;
  readonly isTls: boolean;
  /** False: a connection for each request. */
  readonly keepsAlive: boolean;
}

export function startAsking({ name, port, isTls, keepsAlive }: AskOptions): ChurnClient {
  const options = { keepAlive: keepsAlive, maxSockets: 1 };
  const agent = isTls ? new TlsAgent({ ...options, rejectUnauthorized: false }) : new PlainAgent(options);
  const send = isTls ? requestTls : requestPlain;
  const client = new Counting(name);
  const ask = async (): Promise<void> => {
    const asked = send({
      port,
      host: '127.0.0.1',
      agent,
      headers: { host: 'a.test' },
      ...(isTls ? { servername: 'a.test' } : {}),
    });
    asked.once('socket', (socket: Socket) => client.use(socket));
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const body = Buffer.concat(await response.toArray()).toString();
    if (response.statusCode !== 200 || body !== 'ok') throw new Error(`${response.statusCode} ${body}`);
  };
  client.run(ask, () => agent.destroy());
  return client;
}

/** One HTTP/2 connection over TLS, with several requests at a time; a new one when the proxy says that this one takes no more. */
export function startMultiplexing(name: string, port: number): ChurnClient {
  const client = new Counting(name);
  let session: ClientHttp2Session | null = null;
  const open = async (): Promise<ClientHttp2Session> => {
    const options = { ALPNProtocols: ['h2'], servername: 'a.test', rejectUnauthorized: false };
    const socket = connectTls({ port, host: '127.0.0.1', ...options });
    socket.on('error', () => {});
    client.use(socket);
    await happens(socket, 'secureConnect');
    const opened = connectHttp2('https://a.test', { createConnection: () => socket });
    opened.on('error', () => {});
    return opened;
  };
  const ask = async (): Promise<void> => {
    if (session === null || session.closed || session.destroyed) session = await open();
    const present = session;
    const asked = await Promise.all(Array.from({ length: streamsAtOnce }, () => askStream(present)));
    if (asked.includes('unsent')) session = null;
  };
  client.run(ask, () => session?.destroy());
  return client;
}

/** `unsent`: the client's library had the request when it heard that the connection takes no more, and keeps it back (RFC 9113 8.7). */
async function askStream(session: ClientHttp2Session): Promise<'answered' | 'unsent'> {
  const stream = session.request({ ':path': '/', ':authority': 'a.test' });
  stream.end();
  try {
    const [fields] = (await happens(stream, 'response')) as [{ readonly ':status'?: number }];
    const body = Buffer.concat(await stream.toArray()).toString();
    if (fields[':status'] !== 200 || body !== 'ok') throw new Error(`${fields[':status']} ${body}`);
    return 'answered';
  } catch (error) {
    if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return 'unsent';
    throw error;
  }
}

/** A WebSocket as far as the proxy is concerned: a 101, then bytes that come back. Opened anew only after an excused end. */
export function startEchoing(name: string, port: number): ChurnClient {
  const client = new Counting(name);
  let socket: Socket | null = null;
  const echo = async (): Promise<void> => {
    if (socket === null || socket.destroyed) {
      const opened = connect(port, '127.0.0.1');
      opened.on('error', () => {});
      client.use(opened);
      await happens(opened, 'connect');
      opened.write('GET /echo HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
      const head = await readUntil(opened, (text) => text.includes('\r\n\r\n'));
      if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(head);
      socket = opened;
    }
    const word = `word ${client.count};`;
    socket.write(word);
    const back = await readUntil(socket, (text) => text.includes(';'));
    if (back !== word) throw new Error(`"${back}" came back for "${word}"`);
  };
  client.run(echo, () => socket?.destroy());
  return client;
}

export class Counting implements ChurnClient {
  readonly name: string;
  count = 0;
  resetInQueue = 0;
  excused = 0;
  readonly failures: string[] = [];
  /** The connection of the last answer. */
  #proven: Socket | null = null;
  readonly sockets = new Set<Socket>();
  readonly #excused = new Set<Socket>();
  #present: Socket | null = null;
  #wake: (() => void)[] = [];
  #isStopped = false;
  #done: Promise<void> = Promise.resolve();

  constructor(name: string) {
    this.name = name;
  }

  use(socket: Socket): void {
    this.#present = socket;
    if (this.sockets.has(socket)) return;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  excuse(socket: Socket): void {
    this.#excused.add(socket);
  }

  run(step: () => Promise<void>, end: () => void): void {
    this.#done = this.#repeat(step).finally(end);
  }

  async #repeat(step: () => Promise<void>): Promise<void> {
    while (!this.#isStopped && this.failures.length === 0) {
      try {
        await step();
        this.count += 1;
        this.#proven = this.#present;
      } catch (error) {
        this.#note(error);
      }
      for (const wake of this.#wake.splice(0)) wake();
      await pause(pauseMs);
    }
  }

  #note(error: unknown): void {
    if (this.#present !== null && this.#excused.has(this.#present)) {
      this.excused += 1;
      return;
    }
    const isReset = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
    if (isReset && this.#present !== this.#proven) this.resetInQueue += 1;
    else this.failures.push(`${this.name} after ${this.count}: ${String(error)}`);
  }

  async more(count: number): Promise<void> {
    const wanted = this.count + count;
    while (this.count < wanted && this.failures.length === 0 && !this.#isStopped)
      await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }
}

/** As `once`, and rejects also when it closes before without an error. */
async function happens(emitter: EventEmitter, event: string): Promise<unknown[]> {
  const closing = new AbortController();
  const close = (): void => closing.abort();
  emitter.once('close', close);
  try {
    return (await once(emitter, event, { signal: closing.signal })) as unknown[];
  } finally {
    emitter.off('close', close);
  }
}

/** What has come until it is enough; rejects when the connection ends before. */
function readUntil(socket: Socket, isEnough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const stop = (): void => {
      socket.off('data', take);
      socket.off('close', fail);
    };
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!isEnough(text)) return;
      stop();
      resolve(text);
    };
    const fail = (): void => {
      stop();
      reject(new Error(`the connection ended after "${text}"`));
    };
    socket.on('data', take);
    socket.once('close', fail);
    if (socket.destroyed) fail();
  });
}
