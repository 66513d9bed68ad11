// DownstreamConnection: one client connection. It cuts the byte stream into requests, runs one exchange at a time, and always
// is in exactly one timed state:
//
//   head ──► exchange ──► head …            (keep-alive; pipelined bytes wait in `#pending`, reading pauses)
//              ├────────► discard ──► head  (answered early, a small rest of the body is thrown away)
//              ├────────► linger            (answered, closing: read on a moment so that the answer arrives, rule Q3)
//              └────────► tunnel            (after 101)
import type { Socket } from 'node:net';
import { RequestHead } from '../wire/http1/request-head.ts';
import type { ResponseHead } from '../wire/http1/response-head.ts';
import type { Refusal } from '../wire/http1/refusal.ts';
import { isHttp2Preface } from '../wire/http2/preface.ts';
import { AwaitingClient } from './awaiting-client.ts';
import type { ClientCertificate } from './client-certificate.ts';
import { type DownstreamOrigin, identifyClient } from './client-identity.ts';
import { type ProxyCore, reportBug } from './core.ts';
import type { Downstream } from './downstream.ts';
import { Exchange } from './exchange.ts';
import { connectionFields, type ForwardedContext } from './forwarded-fields.ts';
import { HostMemo } from './host-memo.ts';
import { Http1Response } from './http1-response.ts';
import type { RequestBody } from './request-body.ts';
import { UnreadBody } from './unread-body.ts';

/** Bytes of further requests that may wait while one is served. */
const maxPipelinedBytes = 65_536;
/** Rule Q3: how long, and how much, is read and thrown away before a connection is reused, or closed. */
const discardMs = 1_000;
const lingerBytes = 262_144;
const lingerMs = 2_000;
const drainIdleMs = 1_000;

type State = 'head' | 'exchange' | 'discard' | 'linger' | 'tunnel' | 'closed';

export class DownstreamConnection extends AwaitingClient implements Downstream {
  readonly socket: Socket;
  readonly isTls: boolean;
  readonly serverName: string;
  readonly tlsProtocol: string;
  readonly clientCertificate: ClientCertificate | null;
  readonly forwarded: ForwardedContext;
  /** Own request fields that do not change while the connection lives. */
  readonly forwardedFields: string;
  readonly head = new RequestHead();
  readonly isBodyCoded = true;
  readonly relaysTrailers = false;
  readonly tunnelStatus = 101;
  readonly response: Http1Response;
  #state: State = 'head';
  #exchange: Exchange | null = null;
  #pending: Buffer | null = null;
  #retryAt = 0;
  /** When the first byte of a head came that did not arrive in one piece; else 0. */
  #headStartedMs = 0;
  #requestCount = 0;
  #isReading = true;
  #isLooping = false;
  /** Answers wait to be read by the client; requests wait behind them. */
  #isChoked = false;
  /** Bytes thrown away in `linger`. */
  #lingered = 0;
  #unread: UnreadBody | null = null;
  readonly #origin: DownstreamOrigin;
  readonly hostMemo = new HostMemo();

  constructor(core: ProxyCore, socket: Socket, origin: DownstreamOrigin, peerAddress: string) {
    super(core, core.deadlines.after(core.settings.timeouts.requestHeadMs));
    this.socket = socket;
    this.response = new Http1Response(socket, this.head);
    this.isTls = origin.isTls;
    this.#origin = origin;
    this.clientCertificate = origin.clientCertificate;
    const client = identifyClient(core, socket, origin, peerAddress);
    ({ serverName: this.serverName, tlsProtocol: this.tlsProtocol, forwarded: this.forwarded } = client);
    this.forwardedFields = connectionFields(this.forwarded);
    core.deadlines.add(this);
    core.counters.active += 1;
    core.counters.accepted += 1;
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#dispatch(chunk);
      } catch (error) {
        this.onBug(error);
      }
    });
    socket.on('drain', () => this.#guard(() => this.#onDrain()));
    socket.on('end', () => this.#guard(() => this.#onEnd()));
    for (const event of ['error', 'close']) socket.on(event, () => this.destroy());
  }

  /** The worker stops. A request may be on its way on an idle connection: it has a moment to arrive and is answered with close. */
  drain(): void {
    if (this.#state === 'head' && this.#pending === null) {
      this.deadlineMs = Math.min(this.deadlineMs, this.core.deadlines.after(drainIdleMs));
    }
  }

  get protocol(): string {
    return this.head.minor === 1 ? 'HTTP/1.1' : 'HTTP/1.0';
  }

  // ── reading ──

  pauseReading(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.socket.pause();
  }

  resumeReading(): void {
    if (this.#isReading || this.#state === 'closed') return;
    this.#isReading = true;
    this.socket.resume();
  }

  acceptsTunnel(): boolean {
    return true;
  }

  startTunnel(head: ResponseHead): Buffer | null {
    const fields = `${head.fields}Connection: upgrade\r\nUpgrade: websocket\r\n`;
    this.socket.write(`HTTP/1.1 101 ${head.reason}\r\n${fields}\r\n`, 'latin1');
    this.#state = 'tunnel';
    const early = this.#pending;
    this.#pending = null;
    this.resumeReading();
    return early;
  }

  sendTunnel(bytes: Buffer): boolean {
    return this.socket.write(bytes);
  }

  endTunnel(): void {
    this.socket.end();
  }

  /** Bytes behind the present request: the next one, or the first of a tunnel. Reading pauses until it is their turn. */
  keepForNext(bytes: Buffer): void {
    this.#pending = this.#pending === null ? bytes : Buffer.concat([this.#pending, bytes]);
    if (this.#pending.length >= maxPipelinedBytes) this.pauseReading();
  }

  /** What followed a head whose request was answered at once: the state says what it is. */
  receiveBehind(bytes: Buffer): void {
    if (this.#state === 'head') this.keepForNext(bytes);
    else this.#dispatch(bytes);
  }

  /** Rule V1: an exception costs this connection and no other. */
  onBug(error: unknown): void {
    reportBug(this.core, error);
    this.#isLooping = false;
    try {
      this.#exchange?.fail('internal');
    } catch {
      // The answer could not be made either; the connection ends below.
    }
    this.destroy();
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.onBug(error);
    }
  }

  #dispatch(chunk: Buffer): void {
    switch (this.#state) {
      case 'head':
        this.#receive(chunk);
        return;
      case 'exchange':
        this.pace.count(chunk.length);
        this.#exchange?.onDownstreamData(chunk);
        return;
      case 'tunnel':
        this.#exchange?.onTunnelData(chunk);
        return;
      case 'discard':
        this.#discard(chunk);
        return;
      case 'linger':
        this.#lingered += chunk.length;
        if (this.#lingered > lingerBytes) this.destroy();
        return;
      case 'closed':
    }
  }

  #receive(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#pending !== null) {
      bytes = Buffer.concat([this.#pending, chunk]);
      this.#pending = null;
      if (bytes.length < this.#retryAt && chunk.indexOf(10) < 0) {
        this.#pending = bytes;
        return;
      }
    } else {
      // First byte of a head: from here on it has its total time (rule L7).
      this.deadlineMs = this.core.deadlines.after(this.core.settings.timeouts.requestHeadMs);
    }
    this.#pending = bytes;
    this.#serve();
  }

  /** Serves requests from `#pending` until one has to wait. A loop, so that a pipeline does not grow the stack. */
  #serve(): void {
    if (this.#isLooping) return;
    this.#isLooping = true;
    while (this.#state === 'head' && this.#pending !== null && !this.#isChoked) {
      const bytes: Buffer = this.#pending;
      this.#pending = null;
      const parser = this.core.requestParser;
      const consumed = parser.parse(bytes, 0, bytes.length, this.head);
      if (consumed === 0) {
        this.#pending = bytes;
        this.#retryAt = parser.retryAt;
        if (this.#headStartedMs === 0) this.#headStartedMs = performance.now();
        break;
      }
      if (consumed < 0 && this.#beginsHttp2(bytes)) return;
      this.#requestCount += 1;
      const exchange = this.#startExchange(consumed < 0 ? bytes.length : consumed);
      if (consumed < 0) exchange.refuse(parser.refusal as Refusal);
      else exchange.begin(consumed < bytes.length ? bytes.subarray(consumed) : null);
    }
    this.#isLooping = false;
    if (this.#state === 'head' && !this.#isChoked) this.resumeReading();
  }

  /** HTTP/2 with prior knowledge: what the codec refused is its preface, or the start of it. The connection is another's from here on. */
  #beginsHttp2(bytes: Buffer): boolean {
    const { serveHttp2 } = this.#origin;
    if (serveHttp2 === null || this.#requestCount > 0 || !isHttp2Preface(bytes)) return false;
    if (!this.core.table.table.tls.allowsHttp2) return false;
    this.#state = 'closed';
    this.core.deadlines.remove(this);
    // It is counted there.
    this.core.counters.active -= 1;
    this.core.counters.accepted -= 1;
    this.socket.pause();
    this.socket.removeAllListeners('data');
    this.socket.unshift(bytes);
    serveHttp2(this.socket, this.#origin, this.forwarded.peerAddress);
    return true;
  }

  #startExchange(headBytes: number): Exchange {
    const startedMs = this.#headStartedMs === 0 ? performance.now() : this.#headStartedMs;
    this.#headStartedMs = this.#retryAt = 0;
    this.#state = 'exchange';
    this.awaitNothing();
    this.#exchange = new Exchange(this, headBytes, startedMs);
    return this.#exchange;
  }

  /** Whether the connection may serve another request after this one, as far as it is concerned. */
  get allowsKeepAlive(): boolean {
    return !this.core.isDraining && this.#requestCount < this.core.settings.limits.maxRequestsPerConnection;
  }

  // ── after an exchange ──

  /** The answer is out and the request was read to its end. */
  finish(keepsAlive: boolean): void {
    this.#exchange = null;
    if (this.#state === 'closed') return;
    if (!keepsAlive) {
      this.close();
      return;
    }
    this.#state = 'head';
    this.pace.reset();
    if (this.response.mustWait) {
      // A client that sends requests and reads no answers: no further request before it has read.
      this.#isChoked = true;
      this.pauseReading();
      this.awaitSend();
    } else {
      this.#awaitRequest();
    }
  }

  #awaitRequest(): void {
    const { deadlines, settings } = this.core;
    const isIdle = this.#pending === null;
    this.deadlineMs = deadlines.after(
      isIdle ? settings.timeouts.keepAliveMs : settings.timeouts.requestHeadMs,
    );
    if (this.core.isDraining) this.drain();
    if (isIdle) this.resumeReading();
    else this.#serve();
  }

  /** The answer says `Connection: close`, and `finish` closes. */
  retire(): void {}

  /** The answer is out, the request's body is not read to its end: throw a small rest away, else close (rule Q3). */
  finishEarly(body: RequestBody, keepsAlive: boolean): void {
    this.#exchange = null;
    if (this.#state === 'closed') return;
    if (!keepsAlive) {
      this.close();
      return;
    }
    this.#state = 'discard';
    this.#unread = new UnreadBody(body);
    this.deadlineMs = this.core.deadlines.after(discardMs);
    this.resumeReading();
  }

  #discard(chunk: Buffer): void {
    const unread = this.#unread;
    const position = unread?.discard(chunk) ?? -1;
    if (position < 0) {
      this.close();
    } else if (unread?.isComplete === true) {
      this.#unread = null;
      if (position < chunk.length) this.keepForNext(chunk.subarray(position));
      this.finish(true);
    }
  }

  /** Lingering close: half-close, then read a little longer, so that a reset does not eat the answer (RFC 9112 9.6). */
  close(): void {
    if (this.#state === 'closed' || this.#state === 'linger') return;
    this.#exchange = null;
    this.#pending = null;
    this.#state = 'linger';
    this.#lingered = 0;
    this.awaitSend();
    // The moment for lingering begins when the answer has gone out.
    this.socket.end(() => {
      if (this.#state === 'linger') this.deadlineMs = this.core.deadlines.after(lingerMs);
    });
    this.resumeReading();
  }

  #onDrain(): void {
    if (this.#isChoked) {
      this.#isChoked = false;
      this.#awaitRequest();
    } else {
      this.#exchange?.onDownstreamDrain();
    }
  }

  #onEnd(): void {
    // The client will send no more; as nginx does, an exchange under way is given up (rule K7), a tunnel half-closes.
    if (this.#state === 'tunnel') this.#exchange?.onTunnelEnd();
    else if (this.#state === 'exchange' || this.socket.writableLength === 0) this.destroy();
    else this.close();
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.core.deadlines.remove(this);
    this.core.counters.active -= 1;
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#pending = null;
    this.socket.destroy();
    this.#guard(() => exchange?.onDownstreamClosed());
  }

  /** Without chunks or a length a reset is all that tells a broken answer from a complete one (rule R5); TLS authenticates its close. */
  abort(isAnswerBroken: boolean): void {
    const needsReset = isAnswerBroken && this.head.minor === 0 && !this.isTls;
    if (this.#state !== 'closed' && needsReset) this.socket.resetAndDestroy();
    this.destroy();
  }

  onDeadline(nowMs: number): void {
    this.#guard(() => this.#endState(nowMs));
  }

  #endState(nowMs: number): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#state === 'exchange' && this.pace.isFastEnough(nowMs)) {
      this.awaitBody();
    } else if (this.#state === 'exchange' || this.#state === 'tunnel') {
      this.#exchange?.onDownstreamDeadline();
    } else if (this.#state === 'head' && this.#pending !== null) {
      // What the head holds is the request before, and this one is not known.
      this.head.reset();
      this.#startExchange(this.#pending.length).fail('head-timeout');
    } else if (this.#state === 'discard') {
      this.close();
    } else {
      this.destroy();
    }
  }
}
