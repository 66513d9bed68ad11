// Asks one keep-alive connection again and again, as fast as answers come: how soon does an edit show? It reads no more of
// HTTP than the backend's small answers need.
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

export interface PolledAnswer {
  readonly status: number;
  readonly body: string;
}

export class Poller {
  readonly #socket: Socket;
  #received = '';
  #settle: ((answer: PolledAnswer) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error) => this.#fail?.(error));
    socket.on('close', () => this.#fail?.(new Error('The proxy closed the connection')));
  }

  static async open(port: number): Promise<Poller> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Poller(socket);
  }

  /** The body of the answer. Rejects when the connection ends. */
  async ask(host: string, path: string): Promise<string> {
    return (await this.exchange(host, path)).body;
  }

  /** The answer. Rejects when the connection ends. */
  async exchange(host: string, path: string): Promise<PolledAnswer> {
    return await new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
      if (this.#socket.destroyed) reject(new Error('The proxy had closed the connection'));
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    });
  }

  close(): void {
    this.#fail = null;
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const bodyStart = this.#received.indexOf('\r\n\r\n') + 4;
    if (bodyStart < 4) return;
    const length = Number(/^content-length: (\d+)\r$/im.exec(this.#received)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) {
      this.#fail?.(new Error(`An answer without Content-Length: ${this.#received.slice(0, 200)}`));
      return;
    }
    if (this.#received.length < bodyStart + length) return;
    const head = this.#received.slice(0, bodyStart);
    const body = this.#received.slice(bodyStart, bodyStart + length);
    this.#received = '';
    // "HTTP/1.1 200 OK"
    this.#settle?.({ status: Number(head.slice(9, 12)), body });
  }
}
