// Clients that ask without pause while everything around them changes, and keep count: over kept and fresh connections, plain and
// TLS, and over WebSockets. Each tells which of its connections a killed worker had, because those may fail.
import { once } from 'node:events';
import { Agent as PlainAgent, type IncomingMessage, request as requestPlain } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Shares the processors with the proxies under test. */
const pauseMs = 4;

export interface ChurnClient {
  readonly name: string;
  /** Answers, or echoes, so far. */
  readonly count: number;
  /** What went wrong that no killed worker explains. */
  readonly failures: readonly string[];
  readonly sockets: ReadonlySet<Socket>;
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

/** A WebSocket as far as the proxy is concerned: a 101, then bytes that come back. Opened anew only after an excused end. */
export function startEchoing(name: string, port: number): ChurnClient {
  const client = new Counting(name);
  let socket: Socket | null = null;
  const echo = async (): Promise<void> => {
    if (socket === null || socket.destroyed) {
      const opened = connect(port, '127.0.0.1');
      opened.on('error', () => {});
      client.use(opened);
      await once(opened, 'connect');
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

class Counting implements ChurnClient {
  readonly name: string;
  count = 0;
  readonly failures: string[] = [];
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
      } catch (error) {
        const isExcused = this.#present !== null && this.#excused.has(this.#present);
        if (!isExcused) this.failures.push(`${this.name} after ${this.count}: ${String(error)}`);
      }
      for (const wake of this.#wake.splice(0)) wake();
      await pause(pauseMs);
    }
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
