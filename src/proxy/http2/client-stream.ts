// ClientStream: one stream of a client's HTTP/2 connection, which is one request: it makes the exchange, and is its Downstream.
//
//   exchange ──► sending ──► closed      (the answer is complete; what is queued goes out)
//      └───────► tunnel ───► sending     (extended CONNECT, RFC 8441)
//
// Every state has a deadline, as on HTTP/1.1 connections. What ends a stream ends no other.
import { RequestHead } from '../../wire/http1/request-head.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';
import { refusals } from '../../wire/http1/refusal.ts';
import { errorCodes } from '../../wire/http2/frame-types.ts';
import { malformed } from '../../wire/http2/request-text.ts';
import { renderRequestTrailers } from '../../wire/http2/request-trailers.ts';
import { AwaitingClient } from '../awaiting-client.ts';
import type { ClientCertificate } from '../client-certificate.ts';
import { reportBug } from '../core.ts';
import type { Downstream } from '../downstream.ts';
import { Exchange } from '../exchange.ts';
import type { ForwardedContext } from '../forwarded-fields.ts';
import type { HostMemo } from '../host-memo.ts';
import type { ClientSession } from './client-session.ts';
import type { Http2Stream, StreamEvents } from './codec.ts';
import { readRequest } from './request-reading.ts';
import { acceptsKey, makeWebsocketKey, tunnelLines } from './stream-head.ts';
import { StreamResponse } from './stream-response.ts';

/** Rule Q3: how long, and how much, is read and thrown away behind an answer that came early, before the client is told to stop. */
const discardMs = 1_000;
const maxDiscardBytes = 65_536;

const noBytes = Buffer.alloc(0);

type State = 'exchange' | 'tunnel' | 'sending' | 'closed';

export class ClientStream extends AwaitingClient implements Downstream, StreamEvents {
  readonly head = new RequestHead();
  readonly response: StreamResponse;
  readonly protocol = 'HTTP/2.0';
  readonly isBodyCoded = false;
  readonly relaysTrailers = true;
  readonly tunnelStatus = 200;
  readonly allowsKeepAlive = true;
  readonly #session: ClientSession;
  readonly #stream: Http2Stream;
  #state: State = 'exchange';
  #exchange: Exchange | null = null;
  #isReading = true;
  #trailers = '';
  /** What the queue held at the last look, to tell a slow client from one that does not read. */
  #queuedBytes = 0;
  #websocketKey = '';
  /** The answer came before the end of the body, whose rest is thrown away. */
  #isDiscarding = false;
  #discardedBytes = 0;

  constructor(session: ClientSession, stream: Http2Stream) {
    super(session.core, Number.POSITIVE_INFINITY);
    this.#session = session;
    this.#stream = stream;
    this.response = new StreamResponse(stream, this.head);
    this.core.deadlines.add(this);
  }

  get isTls(): boolean {
    return this.#session.isTls;
  }
  get serverName(): string {
    return this.#session.serverName;
  }
  get tlsProtocol(): string {
    return this.#session.tlsProtocol;
  }
  get clientCertificate(): ClientCertificate | null {
    return this.#session.clientCertificate;
  }
  get forwarded(): ForwardedContext {
    return this.#session.forwarded;
  }
  get forwardedFields(): string {
    return this.#session.forwardedFields;
  }
  get hostMemo(): HostMemo {
    return this.#session.hostMemo;
  }

  // ── receive ──

  /** False: it is malformed, and reset. `isCut`: there are more fields than may be. */
  start(fields: readonly string[], endsStream: boolean, isCut: boolean): boolean {
    try {
      const startedMs = performance.now();
      const websocketKey = makeWebsocketKey(fields);
      const { scheme } = this.forwarded;
      const received = { fields, isCut, endsStream, scheme, websocketKey };
      const result = readRequest(this.core, received, this.#stream, this.head);
      const refusal = typeof result === 'number' ? null : result;
      if (refusal !== null && malformed.has(refusal)) {
        this.#refuseMalformed(refusal.reason);
        return false;
      }
      this.#websocketKey = websocketKey;
      this.#exchange = new Exchange(this, typeof result === 'number' ? result : 0, startedMs);
      // What follows an extended CONNECT is for the tunnel: read when it stands, and kept back by the stream's window until then.
      if (websocketKey !== '') this.pauseReading();
      if (refusal === null) this.#exchange.begin(null);
      else this.#exchange.refuse(refusal);
    } catch (error) {
      this.onBug(error);
    }
    return true;
  }

  /** RFC 9113 8.1.1. */
  #refuseMalformed(reason: string): void {
    this.core.recorder.countReason(reason);
    this.#stream.reset(errorCodes.protocol);
    this.#leave();
    this.#session.remove(this);
    this.#session.countReset();
  }

  onData(chunk: Buffer): void {
    this.#session.countWork();
    try {
      if (this.#state === 'exchange') {
        this.pace.count(chunk.length);
        this.#exchange?.onDownstreamData(chunk);
      } else if (this.#state === 'tunnel') this.#exchange?.onTunnelData(chunk);
      else if (this.#isDiscarding) this.#discard(chunk.length);
    } catch (error) {
      this.onBug(error);
    }
  }

  #discard(length: number): void {
    this.#discardedBytes += length;
    if (this.#discardedBytes > maxDiscardBytes) this.#stopClient();
  }

  #stopClient(): void {
    this.#isDiscarding = false;
    this.#stream.stopClient();
    this.awaitSend();
  }

  onTrailers(fields: readonly string[]): void {
    const text = renderRequestTrailers(fields, this.core.settings.limits.maxTrailerBytes);
    if (text !== null) {
      this.#trailers = text;
      return;
    }
    this.core.recorder.countReason(refusals['trailer-syntax'].reason);
    this.#stream.reset(errorCodes.protocol);
    this.onReset();
  }

  onEnd(): void {
    this.#guard(() => {
      if (this.#state === 'tunnel') this.#exchange?.onTunnelEnd();
      else if (this.#state === 'exchange') this.#exchange?.onDownstreamBodyEnd(this.#trailers);
    });
  }

  onDrain(): void {
    this.#session.countWork();
    this.#guard(() => this.#exchange?.onDownstreamDrain());
  }

  onReset(): void {
    this.#leave();
    this.#session.countReset();
  }

  onClosed(): void {
    // Not every reset is told as one: that of a HEAD request, whose answer has no body, is not.
    if (this.#exchange !== null) this.#session.countReset();
    this.#leave();
    this.#session.remove(this);
  }

  /** Nothing more comes or goes. */
  #leave(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.core.deadlines.remove(this);
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#guard(() => exchange?.onDownstreamClosed());
  }

  pauseReading(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.#stream.pause();
  }

  resumeReading(): void {
    if (this.#isReading || this.#state === 'closed') return;
    this.#isReading = true;
    this.#stream.resume();
  }

  /** More than was announced: the codec resets such a stream, this is the second net. */
  keepForNext(): void {
    this.#session.countReset();
    this.abort();
  }

  receiveBehind(): void {
    this.keepForNext();
  }

  // ── deadlines ──

  override awaitTunnel(): void {
    this.#session.countWork();
    super.awaitTunnel();
  }

  override awaitSend(): void {
    this.#queuedBytes = this.#stream.queuedBytes;
    super.awaitSend();
  }

  /** The client is slow, but it reads. */
  get #hasTakenSome(): boolean {
    const { queuedBytes } = this.#stream;
    return queuedBytes > 0 && queuedBytes < this.#queuedBytes;
  }

  onDeadline(nowMs: number): void {
    this.#guard(() => {
      this.deadlineMs = Number.POSITIVE_INFINITY;
      if (this.#isDiscarding) this.#stopClient();
      else if (this.#state !== 'closed' && this.#hasTakenSome) this.awaitSend();
      else if (this.#state === 'sending') this.#checkSending();
      else if (this.#state === 'exchange' && this.pace.isFastEnough(nowMs)) this.awaitBody();
      else this.#exchange?.onDownstreamDeadline();
    });
  }

  #checkSending(): void {
    // Rule M12: a client that does not read, or one that never ends its side.
    if (this.#stream.isSent) this.#stream.stopClient();
    else this.#stream.reset(errorCodes.internal);
    this.#session.countReset();
    this.#leave();
  }

  // ── tunnel ──

  acceptsTunnel(head: ResponseHead): boolean {
    return acceptsKey(head, this.#websocketKey);
  }

  startTunnel(head: ResponseHead): null {
    this.#stream.sendHead(this.tunnelStatus, '', tunnelLines(head), -1, false);
    this.#state = 'tunnel';
    this.resumeReading();
    return null;
  }

  sendTunnel(bytes: Buffer): boolean {
    this.#stream.sendData(null, bytes, 0, bytes.length, null);
    return !this.response.mustWait;
  }

  endTunnel(): void {
    this.#stream.sendData(null, noBytes, 0, 0, '');
  }

  // ── ends ──

  finish(): void {
    this.#exchange = null;
    if (this.#state === 'closed') return;
    if (this.#stream.isSent && this.#stream.isReceived) {
      this.#leave();
      return;
    }
    this.#state = 'sending';
    this.awaitSend();
    this.resumeReading();
  }

  /** RFC 9113 8.1: the answer goes out whole, then the client is told to send no more; not at once, because some take that for an error. */
  finishEarly(): void {
    this.finish();
    if (this.#state === 'closed') return;
    this.#isDiscarding = true;
    this.deadlineMs = this.core.deadlines.after(discardMs);
  }

  retire(): void {
    this.#session.leave();
  }

  close(): void {
    this.finish();
  }

  /** Whoever asks for it: the exchange hears of it, unless it is over, and lets go of what it holds. */
  abort(): void {
    if (this.#state === 'closed') return;
    this.#stream.reset(errorCodes.internal);
    this.#leave();
  }

  onBug(error: unknown): void {
    reportBug(this.core, error);
    try {
      this.#exchange?.fail('internal');
    } catch {
      // The answer could not be made either; the stream ends below.
    }
    if (this.#state !== 'sending') this.abort();
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.onBug(error);
    }
  }
}
