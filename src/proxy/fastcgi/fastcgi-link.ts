// FastCgiLink: one request and its response over FastCGI, on a connection of its own. To the exchange it is a link like others; to the connection it
// is the user, who turns records into a head and pieces of a body.
import type { FastCgi } from '../../model/index.ts';
import { CgiHeadCollector, renderCgiHead } from '../../wire/fastcgi/cgi-head.ts';
import { RecordReader, type RecordSink } from '../../wire/fastcgi/record-reader.ts';
import { maxContentBytes, recordTypes, renderHeader, renderRequest } from '../../wire/fastcgi/records.ts';
import { ResponseHead } from '../../wire/http1/response-head.ts';
import type { Exchange } from '../exchange.ts';
import type { ProxyErrorKind } from '../outcome.ts';
import type { RequestBody } from '../request-body.ts';
import type { UpstreamRequest } from '../request-render.ts';
import type { UpstreamConnection } from '../upstream-connection.ts';
import type { UpstreamLink, UpstreamUser } from '../upstream-link.ts';
import { makeParams } from './request-params.ts';

/** Of what a script writes to its log: so much of one request goes to ours. */
const maxLoggedBytes = 2_048;
/** FCGI_OVERLOADED: the server has not looked at the request. */
const overloaded = 2;

/** One head at a time: whoever gets it has used it before the next one is read. */
const sharedHead = new ResponseHead();

export class FastCgiLink implements UpstreamLink, UpstreamUser, RecordSink {
  /** Set at once by whoever made this. */
  connection: UpstreamConnection | null = null;
  readonly isReused = false;
  readonly isConversation = false;
  readonly grpcStatus = null;
  /** Pieces are copies: several of one read may wait for a slow client. */
  readonly readBuffer = null;
  readonly #exchange: Exchange;
  readonly #settings: FastCgi;
  /** Of `scriptPath`. */
  readonly #document: string;
  /** Null: over for the exchange. */
  #user: UpstreamUser | null;
  readonly #reader = new RecordReader(this);
  /** Null: the head is read. */
  #head: CgiHeadCollector | null;
  /** A body goes on to the client. */
  #hasBody = false;
  #errors = '';

  constructor(exchange: Exchange, settings: FastCgi, document: string, user: UpstreamUser) {
    this.#exchange = exchange;
    this.#settings = settings;
    this.#document = document;
    this.#user = user;
    this.#head = new CgiHeadCollector(exchange.core.settings.limits.maxResponseHeadBytes);
  }

  get isConnected(): boolean {
    return this.connection?.isConnected === true;
  }

  get deadlineMs(): number {
    return this.connection?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  set deadlineMs(value: number) {
    if (this.connection !== null) this.connection.deadlineMs = value;
  }

  // ── sending ──

  sendRequest(request: UpstreamRequest, body: RequestBody | null): void {
    const socket = this.connection?.socket;
    if (socket === undefined) return;
    socket.cork();
    socket.write(renderRequest(makeParams(this.#exchange, request, this.#settings, this.#document)));
    if (body === null) socket.write(renderHeader(recordTypes.stdin, 0));
    else body.startSending(this);
    socket.uncork();
  }

  sendPiece(piece: Buffer, _isSized: boolean, isLast: boolean): void {
    const socket = this.connection?.socket;
    if (socket === undefined) return;
    socket.cork();
    for (let start = 0; start < piece.length; start += maxContentBytes) {
      const part = piece.subarray(start, start + maxContentBytes);
      socket.write(renderHeader(recordTypes.stdin, part.length));
      socket.write(part);
    }
    if (isLast) socket.write(renderHeader(recordTypes.stdin, 0));
    socket.uncork();
  }

  get needsDrain(): boolean {
    return this.connection?.needsDrain ?? true;
  }

  /** No upgrade is ever sent. */
  sendTunnel(): boolean {
    return true;
  }

  endTunnel(): void {}

  // ── reading ──

  retain(): void {}

  pause(): void {
    this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
  }

  onUpstreamData(buffer: Buffer, length: number): void {
    const fault = this.#reader.read(buffer.subarray(0, length));
    if (fault !== null) this.#malformed(fault);
  }

  onStdout(bytes: Buffer): void {
    if (this.#user === null) return;
    if (this.#head === null) {
      if (this.#hasBody) this.#user.onUpstreamBody(Buffer.from(bytes));
      return;
    }
    const headBytes = this.#head.add(bytes);
    if (headBytes < 0) this.#malformed('upstream-head-too-large');
    else if (headBytes > 0) {
      const head = this.#readHead(this.#head.text);
      if (head === null) return this.#malformed('fastcgi-head');
      this.#head = null;
      this.#hasBody = head.framing !== 'none';
      this.#user.onUpstreamHead(head, false);
      if (headBytes < bytes.length) this.onStdout(bytes.subarray(headBytes));
    }
  }

  #readHead(script: string): ResponseHead | null {
    const text = renderCgiHead(script);
    if (text === null) return null;
    const { core, head: request } = this.#exchange;
    const bytes = Buffer.from(text, 'latin1');
    const parsed = core.responseParser.parse(bytes, 0, bytes.length, sharedHead, request.method);
    if (parsed !== bytes.length) return null;
    // The request's end is told, whatever its length.
    if (sharedHead.framing === 'close') sharedHead.framing = 'chunked';
    return sharedHead;
  }

  onStderr(bytes: Buffer): void {
    this.#errors += bytes.toString('latin1', 0, Math.max(0, maxLoggedBytes - this.#errors.length));
  }

  onEndRequest(status: number): void {
    const user = this.#user;
    if (user === null) return;
    if (status === overloaded && this.#head !== null) user.onUpstreamError('upstream-refused');
    else if (status !== 0 || this.#head !== null) this.#malformed('fastcgi-end');
    else user.onUpstreamBodyEnd('');
  }

  #malformed(detail: string): void {
    this.#user?.onUpstreamError(
      this.#head === null ? 'upstream-truncated' : 'upstream-response-malformed',
      detail,
    );
  }

  // ── what the connection tells ──

  onUpstreamConnect(): void {
    this.#user?.onUpstreamConnect();
  }

  onUpstreamEnd(): void {
    this.#user?.onUpstreamError(this.#head === null ? 'upstream-truncated' : 'upstream-reset');
  }

  /** Heads and pieces are what is told here, and never by a connection. */
  onUpstreamHead(): void {}

  onUpstreamBody(): void {}

  onUpstreamBodyEnd(): void {}

  onUpstreamDrain(): void {
    this.#user?.onUpstreamDrain();
  }

  onUpstreamError(kind: ProxyErrorKind, detail?: string): void {
    this.#user?.onUpstreamError(kind, detail);
  }

  onUpstreamDeadline(): void {
    this.#user?.onUpstreamDeadline();
  }

  onUpstreamBug(error: unknown): void {
    this.#user?.onUpstreamBug(error);
  }

  // ── ends ──

  release(): void {
    this.destroy();
  }

  finish(): void {
    this.destroy();
  }

  destroy(): void {
    this.#user = null;
    const { connection } = this;
    this.connection = null;
    connection?.destroy();
    if (this.#errors === '') return;
    const { core, route } = this.#exchange;
    core.logger.warn(
      { route: route?.route.id ?? '', output: this.#errors.trimEnd() },
      'FastCGI endpoint wrote to its log',
    );
    this.#errors = '';
  }
}
