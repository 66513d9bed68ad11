// Preface: what is read from an accepted socket before anybody serves it: a PROXY protocol header, where the listener wants one, and a
// ClientHello, where the name in it decides who serves the connection. Bounded in bytes and time. What was read beyond the header
// goes back into the socket, so that whoever comes next reads the connection from its beginning.
import type { Socket } from 'node:net';
import { type ProxyHeader, readProxyHeader } from '../wire/proxy-protocol/index.ts';
import { type ClientHello, HelloReader } from '../wire/tls-hello/index.ts';
import type { Deadlines, Timed } from './deadlines.ts';

export interface PrefaceOptions {
  readonly socket: Socket;
  readonly deadlines: Deadlines;
  /** 0: no header is wanted. */
  readonly headerMs: number;
  /** 0: no hello is wanted. */
  readonly helloMs: number;
  readonly onDone: (result: PrefaceResult) => void;
  /** The socket is destroyed. `part`: what was waited for. */
  readonly onFailed: (part: PrefacePart, reason: string) => void;
  /** Done or failed. */
  readonly onEnded: (preface: Preface) => void;
}

export type PrefacePart = 'header' | 'hello';

/** Null: that part was not wanted. */
export interface PrefaceResult {
  readonly header: ProxyHeader | null;
  readonly hello: ClientHello | null;
}

export class Preface implements Timed {
  deadlineMs: number;
  readonly #options: PrefaceOptions;
  readonly #helloReader = new HelloReader();
  /** Not given back yet. */
  #held: Buffer[] = [];
  #part: PrefacePart;
  #header: ProxyHeader | null = null;
  #isOver = false;

  constructor(options: PrefaceOptions) {
    this.#options = options;
    const { socket, deadlines, headerMs, helloMs } = options;
    this.#part = headerMs === 0 ? 'hello' : 'header';
    this.deadlineMs = deadlines.after(headerMs === 0 ? helloMs : headerMs);
    deadlines.add(this);
    socket.on('data', this.#onData);
    socket.on('end', this.#onClosed);
    socket.on('close', this.#onClosed);
    // Stays: between two owners an error has nobody else to go to.
    socket.on('error', () => {});
  }

  onDeadline(): void {
    this.#fail('timeout');
  }

  destroy(): void {
    this.#end();
    this.#options.socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#part === 'hello') this.#receiveHello(chunk);
    else this.#receiveHeader(chunk);
  };

  readonly #onClosed = (): void => this.#fail('closed');

  #receiveHeader(chunk: Buffer): void {
    const [before] = this.#held;
    // A header is small: nothing is gained by remembering how far it was read.
    const bytes = before === undefined ? chunk : Buffer.concat([before, chunk]);
    const reading = readProxyHeader(bytes);
    if (reading.kind === 'refused') {
      this.#fail(reading.reason);
      return;
    }
    if (reading.kind === 'more') {
      this.#held = [bytes];
      return;
    }
    const rest = bytes.subarray(reading.length);
    this.#held = [];
    this.#header = reading.header;
    const { deadlines, helloMs } = this.#options;
    if (helloMs === 0) {
      this.#held.push(rest);
      this.#finish(null);
      return;
    }
    this.#part = 'hello';
    this.deadlineMs = deadlines.after(helloMs);
    if (rest.length > 0) this.#receiveHello(rest);
  }

  #receiveHello(chunk: Buffer): void {
    this.#held.push(chunk);
    const reading = this.#helloReader.push(chunk);
    if (reading.kind === 'refused') this.#fail(reading.reason);
    else if (reading.kind === 'done') this.#finish(reading.hello);
  }

  #finish(hello: ClientHello | null): void {
    const { socket, onDone } = this.#options;
    this.#end();
    // Paused, so that nothing comes before the next owner listens.
    socket.pause();
    const rest = Buffer.concat(this.#held);
    this.#held = [];
    if (rest.length > 0) socket.unshift(rest);
    onDone({ header: this.#header, hello });
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.destroy();
    this.#options.onFailed(this.#part, reason);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    const { socket, deadlines, onEnded } = this.#options;
    deadlines.remove(this);
    socket.off('data', this.#onData);
    socket.off('end', this.#onClosed);
    socket.off('close', this.#onClosed);
    onEnded(this);
  }
}
