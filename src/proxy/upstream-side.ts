// UpstreamSide: the phases select, connect and send of one exchange, its attempts, and what its upstream connection reports.
// Everything here may happen more than once per exchange (rules K5, K6); a route that answers locally never makes one.
import type { ResponseHead } from '../wire/http1/response-head.ts';
import { awaitReading, awaitRestOfBody, followBody } from './body-waits.ts';
import type { Coding } from './compression/choose-coding.ts';
import { ResponseCoder } from './compression/response-coder.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { type Waiter, WaitingPlace } from './endpoint-queue.ts';
import type { EndpointSet, LiveEndpoint } from './endpoint-set.ts';
import { EndpointStay } from './endpoint-stay.ts';
import type { Exchange } from './exchange.ts';
import { attemptStateOf, claimRetry, mayPassOn, mayTryAgain } from './next-attempt.ts';
import { type Outcome, outcomes, type ProxyErrorKind } from './outcome.ts';
import type { RequestBody } from './request-body.ts';
import { type UpstreamRequest, upstreamRequestOf } from './request-render.ts';
import { ResponseRelay } from './response-relay.ts';
import { Tunnel } from './tunnel.ts';
import { selectEndpoint } from './upstream-select.ts';
import { dialUpstream } from './upstream-dial.ts';
import type { UpstreamLink, UpstreamUser } from './upstream-link.ts';

export class UpstreamSide extends EndpointStay implements UpstreamUser, Waiter {
  readonly #exchange: Exchange;
  readonly #route: CompiledRoute;
  readonly #body: RequestBody | null;
  /** Instead of that of the exchange; null: that. */
  readonly #request: UpstreamRequest | null;
  tunnel: Tunnel | null = null;
  #connection: UpstreamLink | null = null;
  #endpoint: LiveEndpoint | null = null;
  /** The connection in use came from the pool: it may have died without our knowing. */
  #isReused = false;
  #mustBeFresh = false;
  /** In the queue of the upstream; null: not there. */
  #place: WaitingPlace | null = null;
  #relay: ResponseRelay | null = null;
  /** Null: the response goes as it comes. */
  #coder: ResponseCoder | null = null;

  constructor(
    exchange: Exchange,
    route: CompiledRoute,
    body: RequestBody | null,
    request: UpstreamRequest | null = null,
  ) {
    super(route.upstream);
    this.#exchange = exchange;
    this.#route = route;
    this.#body = body;
    this.#request = request;
  }

  // ── select ──

  /** The first attempt starts with the request: one reading of the clock less. */
  select(nowMs = this.#exchange.attempts.count === 0 ? this.#exchange.startedMs : performance.now()): void {
    const exchange = this.#exchange;
    const set = this.#route.upstream;
    if (set === null) return exchange.fail('no-endpoint');
    if (set.waiters !== null) {
      this.#holdBack();
      set.waiters.push(() => {
        // An error page may be asked for meanwhile, by another one of these.
        if (!exchange.isOver && (exchange.replaced === null || this.#request !== null)) this.select();
      });
      return;
    }
    const before = this.#place;
    this.#place = null;
    const again = this.#mustBeFresh && this.#endpoint?.isRemoved === false ? this.#endpoint : null;
    const found = again ?? selectEndpoint(exchange, this.#route, set, this, before, nowMs);
    if (typeof found === 'string') {
      exchange.fail(found);
    } else if (found instanceof WaitingPlace) {
      this.#place = found;
      this.#holdBack();
    } else {
      this.#connect(set, found, nowMs);
    }
  }

  onEndpointFree(): void {
    this.select(performance.now());
  }

  onWaitedTooLong(): void {
    this.#exchange.fail('overload');
  }

  /** What comes of the body has nowhere to go yet. */
  #holdBack(): void {
    if (this.#body !== null && !this.#body.isComplete) this.#exchange.connection.pauseReading();
  }

  // ── connect ──

  #connect(set: EndpointSet, endpoint: LiveEndpoint, nowMs: number): void {
    const exchange = this.#exchange;
    const { core, attempts } = exchange;
    this.#endpoint = endpoint;
    this.enter(set, endpoint);
    attempts.start(endpoint, nowMs);
    const mustBeFresh = this.#mustBeFresh;
    this.#mustBeFresh = false;
    const link = dialUpstream({
      exchange,
      route: this.#route,
      set,
      endpoint,
      user: this,
      mustBeFresh,
      nowMs,
    });
    if (typeof link === 'string') {
      this.onUpstreamError(link);
      return;
    }
    this.#connection = link;
    this.#isReused = link.isReused;
    if (link.isConnected) {
      this.#send(link);
      return;
    }
    link.deadlineMs = core.deadlines.after(this.#route.settings.connectTimeoutMs);
    this.#holdBack();
  }

  onUpstreamConnect(): void {
    const { attempts } = this.#exchange;
    attempts.connectMs = performance.now() - attempts.startedMs;
    const link = this.#connection;
    if (link === null) return;
    this.#isReused = link.isReused;
    this.#send(link);
  }

  // ── send ──

  #send(upstream: UpstreamLink): void {
    const exchange = this.#exchange;
    const { head, connection } = exchange;
    const request = this.#request ?? upstreamRequestOf(exchange);
    const body = this.#body;
    if (body === null) {
      upstream.sendRequest(request, null);
      upstream.deadlineMs = exchange.core.deadlines.after(this.#route.settings.readTimeoutMs);
      return;
    }
    if (head.expectContinue && body.receivedBytes === 0) {
      connection.response.sendInterim(100, 'Continue', '');
    }
    upstream.sendRequest(request, body);
    this.onBodyProgress();
  }

  /** Body bytes have come or gone: the upstream takes more, is waited for to take more, or has everything. */
  onBodyProgress(): void {
    const upstream = this.#connection;
    const body = this.#body;
    if (upstream === null || !upstream.isConnected || body === null) return;
    followBody(this.#exchange, this.#route.settings, upstream, body);
  }

  onUpstreamDrain(): void {
    if (this.tunnel !== null) this.tunnel.onUpstreamDrain();
    else this.onBodyProgress();
  }

  // ── relay ──

  onUpstreamData(buffer: Buffer, length: number): void {
    if (this.tunnel !== null) {
      // A copy: the tunnel's client may be slow, and messages are mostly small.
      this.tunnel.onUpstreamData(Buffer.from(buffer.subarray(0, length)));
      return;
    }
    this.#relay ??= new ResponseRelay(this.#exchange, this);
    this.#relay.receive(buffer, length);
  }

  onUpstreamHead(head: ResponseHead, isEnd: boolean): void {
    this.#relay ??= new ResponseRelay(this.#exchange, this);
    this.#relay.receiveHead(head, isEnd);
  }

  onUpstreamBody(bytes: Buffer): void {
    this.#relay?.receivePiece(bytes);
  }

  onUpstreamBodyEnd(trailers: string): void {
    this.#relay?.endPieces(trailers);
  }

  onUpstreamEnd(): void {
    if (this.tunnel !== null) this.tunnel.onUpstreamEnd();
    else if (this.#relay !== null) this.#relay.end();
    else this.onUpstreamError('upstream-reset');
  }

  /** Bytes of the present read to the client, see ResponseWriter. What it does not take at once keeps the read buffer. */
  sendBody(bytes: Buffer, start: number, end: number, trailers: string | null): void {
    if (this.#coder !== null) return this.#coder.write(bytes, start, end, trailers);
    const upstream = this.#connection;
    if (upstream === null) return;
    if (this.#exchange.response.sendBody(upstream.readBuffer, bytes, start, end, trailers)) upstream.retain();
  }

  /** A piece is relayed and more is awaited; the client may be slower than the upstream. */
  onRelayed(): void {
    this.#exchange.readMs = 0;
    const upstream = this.#connection;
    if (upstream === null) return;
    const { response, core } = this.#exchange;
    if (response.mustWait || this.#coder?.mustWait === true) {
      upstream.pause();
      upstream.deadlineMs = Number.POSITIVE_INFINITY;
      if (response.mustWait) awaitReading(this.#exchange);
    } else {
      upstream.deadlineMs = core.deadlines.after(this.#route.settings.readTimeoutMs);
    }
  }

  onDownstreamDrain(): void {
    if (this.tunnel !== null) {
      this.tunnel.onDownstreamDrain();
      return;
    }
    const upstream = this.#connection;
    if (this.#coder !== null) {
      this.#coder.resume();
      // The upstream has said all: the client is awaited again when the next piece has not gone out.
      if (upstream === null) this.#exchange.connection.awaitNothing();
      else if (!this.#coder.mustWait) this.#readOn(upstream);
    } else if (upstream !== null && this.#relay !== null) this.#readOn(upstream);
  }

  #readOn(upstream: UpstreamLink): void {
    const { core } = this.#exchange;
    upstream.deadlineMs = core.deadlines.after(this.#route.settings.readTimeoutMs);
    awaitRestOfBody(this.#exchange, upstream, this.#body);
    upstream.resume();
  }

  /** What is sent from now on is coded. `length`: as it comes, -1: unknown. */
  startCoding(coding: Coding, length: number): void {
    this.#coder = new ResponseCoder(this.#exchange, coding, length, () => {
      if (this.#connection !== null && !this.#exchange.response.mustWait) this.#readOn(this.#connection);
    });
  }

  /** The upstream has sent all; its connection need not wait until the client has it. */
  endCoding(isReusable: boolean, peerKeepAliveMs: number, onEnd: () => void): void {
    this.release(isReusable, peerKeepAliveMs, performance.now());
    this.#coder?.whenEnded(onEnd);
  }

  /** The head of a final response has come. */
  onResponseHead(status: number, latencyMs: number, nowMs: number): void {
    if (this.#connection?.isConversation === true) this.#exchange.connection.awaitNothing();
    const endpoint = this.#endpoint;
    if (endpoint === null) return;
    this.measure(status, nowMs - latencyMs, nowMs, this.#connection?.isConversation === true);
    if (endpoint.record !== null) this.#route.upstream?.reportSuccess(endpoint, nowMs);
    const observe = this.#route.choice?.observe;
    if (observe) observe(endpoint, latencyMs, nowMs);
  }

  /** `head`: the 101. `early`: what followed it. */
  startTunnel(head: ResponseHead, early: Buffer | null): void {
    const upstream = this.#connection;
    if (upstream === null) return;
    const exchange = this.#exchange;
    exchange.onResponseHead(101);
    exchange.status = exchange.connection.tunnelStatus;
    upstream.deadlineMs = Number.POSITIVE_INFINITY;
    const behindHead = exchange.connection.startTunnel(head);
    this.tunnel = new Tunnel(exchange, exchange.connection, upstream);
    if (early !== null) this.tunnel.onUpstreamData(early);
    if (behindHead !== null) this.tunnel.onDownstreamData(behindHead);
  }

  // ── finish ──

  /** The response is complete: back to the pool if both messages were whole, else closed (rule K1). */
  release(isReusable: boolean, peerKeepAliveMs: number, nowMs: number): void {
    const upstream = this.#connection;
    // A coded response: released before.
    if (upstream === null) return;
    this.#connection = null;
    this.#exchange.attempts.end(nowMs);
    this.judge(upstream);
    const isRequestComplete = this.#body === null || this.#body.isComplete;
    upstream.release(isReusable && isRequestComplete, peerKeepAliveMs, nowMs);
    // Last: who waits for the endpoint may take the connection.
    this.leave();
  }

  /** What was written reaches the upstream, then its connection closes. */
  finish(): void {
    const { core } = this.#exchange;
    this.#connection?.finish(core.deadlines.after(this.#route.settings.sendTimeoutMs));
    this.#connection = null;
    this.leave();
  }

  drop(): void {
    const upstream = this.#connection;
    this.#connection = null;
    this.#place?.leave();
    this.#body?.stopSending();
    this.#coder?.destroy();
    upstream?.destroy();
    this.leave();
  }

  // ── fail ──

  /** `detail`: the codec's reason for a fault in what the upstream sent. */
  onUpstreamError(kind: ProxyErrorKind, detail = ''): void {
    const exchange = this.#exchange;
    if (detail !== '') exchange.core.recorder.countReason(detail);
    const isBlamed = !this.#mayHaveBeenDead(kind);
    if (isBlamed) this.measureFailure(kind, exchange.attempts.startedMs);
    // What breaks off has no status. How long the client allows says nothing of the endpoint.
    if (kind !== 'grpc-deadline') this.judge(null);
    this.drop();
    if (exchange.isOver) return;
    if (this.tunnel !== null) exchange.endTunnel();
    else if (exchange.hasAnswered) exchange.upstreamFailed(kind);
    else {
      if (isBlamed && this.#endpoint !== null) this.#route.upstream?.reportFailure(this.#endpoint, kind);
      if (!this.#tryAgain(outcomes[kind])) exchange.upstreamFailed(kind);
    }
  }

  /** A pooled connection may die without anything being wrong with its endpoint. */
  #mayHaveBeenDead(kind: ProxyErrorKind): boolean {
    return this.#isReused && (kind === 'upstream-reset' || kind === 'upstream-refused');
  }

  onUpstreamBug(error: unknown): void {
    this.#exchange.connection.onBug(error);
  }

  onUpstreamDeadline(): void {
    const isConnected = this.#connection?.isConnected === true;
    const isSending = this.#body !== null && !this.#body.isComplete && !this.#exchange.hasAnswered;
    if (!isConnected) this.onUpstreamError('connect-timeout');
    else this.onUpstreamError(isSending ? 'upstream-send-timeout' : 'upstream-read-timeout');
  }

  /** Rules K5, K6: true if another attempt is under way. */
  #tryAgain(outcome: Outcome): boolean {
    if (this.#relay?.hasBegun === true) return false;
    if (!mayTryAgain(outcome, this.#route.settings.retry, attemptStateOf(this.#exchange, this.#body)))
      return false;
    const wasSent = outcome.retry === 'idempotent';
    // A pooled connection that was dead already, or a session that ends: the endpoint itself is not to blame.
    const mayBeStale = outcome === outcomes['upstream-refused'] || (wasSent && outcome.condition === 'error');
    return this.#goOn(outcome.status, wasSent, mayBeStale && this.#isReused);
  }

  /** True: the response with this status is not handed out, another attempt is under way. */
  passesOn(status: number): boolean {
    const { retry } = this.#route.settings;
    if (retry.statuses === null || !mayPassOn(status, retry, attemptStateOf(this.#exchange, this.#body)))
      return false;
    this.measure(status, this.#exchange.attempts.startedMs, performance.now(), false);
    return this.#goOn(status, true, false);
  }

  /** Another attempt, unless no endpoint is left or too many requests are repeated already (rule K10). */
  #goOn(status: number, wasSent: boolean, isAgain: boolean): boolean {
    const { attempts, core } = this.#exchange;
    const endpoint = this.#endpoint;
    const set = this.#route.upstream;
    if (endpoint === null || set === null) return false;
    if (!isAgain && !claimRetry(this.#exchange, set, endpoint, wasSent)) return false;
    // A response that is not wanted is not read to its end.
    this.drop();
    this.countsAsRetry = wasSent && !isAgain;
    this.#mustBeFresh = isAgain;
    attempts.failed(status, performance.now());
    core.counters.retries += 1;
    this.#relay = null;
    this.select();
    return true;
  }
}
