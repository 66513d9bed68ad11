// Clients that hold connections and do little: idle ones, readers that hardly read, writers that hardly write. A process of its own on
// the load core. Everything is counted, and a connection that ends before it is told to is a loss.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { serveCompanion } from '../convergence/companion.ts';

export const crowdNames = ['idle', 'slow readers', 'slow writers'] as const;
export type CrowdName = (typeof crowdNames)[number];

export interface CrowdInput {
  readonly crowd: CrowdName;
  readonly httpPort: number;
  readonly connections: number;
  /** What a reader is sent, and a writer promises to send. */
  readonly bodyBytes: number;
}

export interface CrowdResult {
  /** Connections that ended though nobody here ended them. */
  readonly lost: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface CrowdTypes {
  readonly input: CrowdInput;
  /** Connections that are open. */
  readonly ready: number;
  readonly result: CrowdResult;
}

/** At a time, so that the proxy's queue of new connections does not overflow. */
const openAtOnce = 100;
/** What a slow reader takes, and a slow writer sends, in every interval. */
const sipBytes = 4_096;
const sipIntervalMs = 1_000;

class Crowd {
  readonly #input: CrowdInput;
  readonly #sockets = new Set<Socket>();
  readonly #sip = Buffer.alloc(sipBytes, 'a');
  #timer: NodeJS.Timeout | null = null;
  #isEnding = false;
  #lost = 0;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(input: CrowdInput) {
    this.#input = input;
  }

  async open(): Promise<number> {
    const { connections } = this.#input;
    for (let opened = 0; opened < connections; opened += openAtOnce) {
      const count = Math.min(openAtOnce, connections - opened);
      await Promise.all(Array.from({ length: count }, () => this.#join()));
      await pause(10);
    }
    if (this.#input.crowd !== 'idle') {
      this.#timer = setInterval(() => {
        for (const socket of this.#sockets) this.#sipOnce(socket);
      }, sipIntervalMs);
    }
    return this.#sockets.size;
  }

  async #join(): Promise<void> {
    const { crowd, httpPort, bodyBytes } = this.#input;
    const socket = connect(httpPort, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (!this.#isEnding) this.#lost += 1;
    });
    if (crowd === 'slow writers') {
      socket.resume();
      socket.write(`POST /sink HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
      return;
    }
    const path = crowd === 'idle' ? '/small' : '/large';
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
    await once(socket, 'readable');
    if (crowd === 'idle') socket.resume();
  }

  #sipOnce(socket: Socket): void {
    if (this.#input.crowd === 'slow writers') {
      if (socket.writableLength === 0) socket.write(this.#sip);
      this.#bytesWritten += sipBytes;
      return;
    }
    const read: unknown = socket.read(sipBytes);
    if (Buffer.isBuffer(read)) this.#bytesRead += read.length;
  }

  close(): CrowdResult {
    this.#isEnding = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    return { lost: this.#lost, bytesRead: this.#bytesRead, bytesWritten: this.#bytesWritten };
  }
}

serveCompanion<CrowdTypes>(async (input) => {
  const crowd = new Crowd(input);
  return { ready: await crowd.open(), stop: () => Promise.resolve(crowd.close()) };
});
