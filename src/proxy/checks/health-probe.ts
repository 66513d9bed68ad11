// HealthProbe: asks one endpoint regularly whether it is well, over a connection of its own each time: HTTP (the status line is all that
// is read) or TCP. Several answers in a row change the judgement.
import { connect, type Socket } from 'node:net';
import type { HealthCheck } from '../model/index.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { LiveEndpoint } from './live-endpoint.ts';

/** More of a status line than this is not waited for. */
const maxLineBytes = 256;

export class HealthProbe implements Timed {
  deadlineMs: number;
  readonly endpoint: LiveEndpoint;
  readonly #check: HealthCheck;
  readonly #deadlines: Deadlines;
  readonly #onChange: (endpoint: LiveEndpoint, reason: string) => void;
  /** Null: between two questions. */
  #socket: Socket | null = null;
  #line = '';
  #failures = 0;
  #successes = 0;

  /** `delayMs`: until the first question. `onChange`: after `isDown` changed. */
  constructor(
    endpoint: LiveEndpoint,
    check: HealthCheck,
    delayMs: number,
    deadlines: Deadlines,
    onChange: (endpoint: LiveEndpoint, reason: string) => void,
  ) {
    this.endpoint = endpoint;
    this.#check = check;
    this.#deadlines = deadlines;
    this.#onChange = onChange;
    this.deadlineMs = deadlines.nowMs + delayMs;
    deadlines.add(this);
  }

  stop(): void {
    this.#deadlines.remove(this);
    this.#hangUp();
  }

  onDeadline(): void {
    if (this.#socket === null) this.#ask();
    else this.#judge('time-out');
  }

  #ask(): void {
    const { address, port } = this.endpoint;
    this.#line = '';
    this.deadlineMs = this.#deadlines.after(this.#check.timeoutMs);
    const socket = connect({ host: address, port, noDelay: true, autoSelectFamily: false });
    this.#socket = socket;
    // What an earlier question's socket still says counts no more.
    const judge = (reason: string): void => {
      if (this.#socket === socket) this.#judge(reason);
    };
    socket.on('connect', () => {
      if (this.#check.kind === 'tcp') judge('');
      else socket.write(this.#renderRequest(), 'latin1');
    });
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket !== socket) return;
      this.#line += chunk.toString('latin1', 0, maxLineBytes);
      const verdict = judgeStatusLine(this.#line);
      if (verdict !== null) judge(verdict);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => judge(error.code ?? 'error'));
    socket.on('close', () => judge('closed'));
  }

  #renderRequest(): string {
    const { path, host } = this.#check;
    const authority = host === '' ? this.endpoint.label : host;
    return `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: sallyport-health-check\r\nAccept: */*\r\nConnection: close\r\n\r\n`;
  }

  /** `reason` empty: a good answer. */
  #judge(reason: string): void {
    this.#hangUp();
    this.deadlineMs = this.#deadlines.nowMs + this.#check.intervalMs;
    const isGood = reason === '';
    this.#successes = isGood ? this.#successes + 1 : 0;
    this.#failures = isGood ? 0 : this.#failures + 1;
    const { endpoint } = this;
    const isDown = endpoint.isDown
      ? this.#successes < this.#check.successes
      : this.#failures >= this.#check.failures;
    if (isDown === endpoint.isDown) return;
    endpoint.isDown = isDown;
    this.#onChange(endpoint, reason);
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }
}

/** Empty: good. Null: more of the line is to come. */
function judgeStatusLine(line: string): string | null {
  const end = line.indexOf('\n');
  if (end < 0) return line.length < maxLineBytes ? null : 'not HTTP';
  const status = Number(/^HTTP\/1\.[01] ([1-5]\d\d)(?: |\r?$)/.exec(line.slice(0, end))?.[1] ?? 0);
  if (status === 0) return 'not HTTP';
  return status >= 200 && status < 400 ? '' : `status ${status}`;
}
