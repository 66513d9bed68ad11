// Exchange: one request and its response. Its life is a short list of named phases, in this order:
//   receive → match → admit → select → connect → send → relay → finish, with fail and record always reached.
// The connection receives, admission.ts admits, UpstreamSide selects, connects and sends, ResponseRelay relays; the rest is here. See
// docs/design/request-life.md.
import type { LocalResponse as FeatureAnswer, RequestView } from '../features/index.ts';
import type { TemplatePart } from '../model/index.ts';
import type { Refusal } from '../wire/http1/refusal.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';
import { admit, askGuard, letGo } from './admission.ts';
import { Attempts } from './attempts.ts';
import type { ClientGate, ErrorPage } from './client-gate.ts';
import type { CompiledRoute } from './compiled-route.ts';
import type { ProxyCore } from './core.ts';
import type { Downstream } from './downstream.ts';
import type { AuthWait } from './external-auth/auth-desk.ts';
import { type ReplacedError, replaceOwn } from './error-pages.ts';
import type { AuthGrant } from './external-auth/auth-gate.ts';
import { believeForwarders, originalFields } from './forwarded-fields.ts';
import { type LocalResponse, localResponse, ownFields } from './local-response.ts';
import { type Outcome, outcomes, type ProxyErrorKind } from './outcome.ts';
import { settleOwnFields } from './own-answer.ts';
import type { BodySink, PacedBody } from './paced-body.ts';
import { makeRequestBody, type RequestBody } from './request-body.ts';
import type { UpstreamRequest } from './request-render.ts';
import type { HeldLimit } from './route-limit.ts';
import { SeenRequest } from './seen-request.ts';
import { readPart } from './text-template.ts';
import { beginSpan, type RequestSpan } from './tracing/request-span.ts';
import { UpstreamSide } from './upstream-side.ts';

/** An unread body up to this size is read and thrown away to keep the connection (rule Q3). */
const maxDiscardBytes = 65_536;

export class Exchange extends SeenRequest implements RequestView {
  readonly connection: Downstream;
  readonly core: ProxyCore;
  readonly head: RequestHead;
  readonly startedMs: number;
  readonly attempts = new Attempts();
  /** Null until matched, and for requests that were refused. */
  route: CompiledRoute | null = null;
  /** Of the host that the request is for; null: it wants nothing of its clients. */
  clientGate: ClientGate | null = null;
  /** Path and query to send; differ from the head's after a rewrite. */
  sentPath = '';
  sentQuery = '';
  scheme: string;
  clientAddress: string;
  forwardedFields: string;
  /** Own lines for the response, sent beside those of the upstream. */
  responseFields = '';
  requestId = '';
  /** Null: nobody traces it. */
  span: RequestSpan | null = null;
  /** What the log says: 0 until an answer begins. */
  status = 0;
  reason = '';
  /** Body bytes to the client. */
  bytesSent = 0;
  /** Head and body bytes from the client. */
  requestBytes: number;
  upstreamStatus = 0;
  upstreamBodyBytes = 0;
  /** Whether the client's connection serves on after this exchange. */
  keepsAlive = false;
  /** The clock when the response head came, as long as no further read has; 0 afterwards. Most responses need no second look at it. */
  readMs = 0;
  /** What it holds of the client's limit; null: nothing. */
  heldLimit: HeldLimit | null = null;
  /** It waits for an authentication server; null: it does not. */
  authWait: AuthWait | null = null;
  /** What an authentication server said that let it in; null: none was asked. */
  grant: AuthGrant | null = null;
  /** What an error page, or a stand-in, is being asked for; null: nothing. */
  replaced: ReplacedError | null = null;
  /** Accept-Encoding as the client said it, where the settings send another; null: `head` has it. */
  acceptedCodings: readonly string[] | null = null;
  /** Where the body of an upstream's answer goes: to the client, or by way of `paced`. */
  response: BodySink;
  /** Null: the body of the answer goes as fast as it can. */
  paced: PacedBody | null = null;
  /** A response head went out. */
  hasAnswered = false;
  isOver = false;
  #body: RequestBody | null = null;
  #upstream: UpstreamSide | null = null;

  /** `startedMs`: when the first byte of the request came. */
  constructor(connection: Downstream, headBytes: number, startedMs: number) {
    super();
    this.connection = connection;
    this.core = connection.core;
    this.response = connection.response;
    this.head = connection.head;
    this.startedMs = startedMs;
    this.requestBytes = headBytes;
    this.scheme = connection.forwarded.scheme;
    this.clientAddress = connection.forwarded.peerAddress;
    this.forwardedFields = connection.forwardedFields;
  }

  // ── RequestView, what features see ── (seen-request.ts)

  read(part: TemplatePart): string {
    return readPart(part, this);
  }

  // ── receive ──

  /** The head could not be read: answered, logged, closed. */
  refuse(refusal: Refusal): void {
    this.reason = refusal.reason;
    this.#answer(refusal.status, '', false);
  }

  /** `rest`: what followed the head in the same read. */
  begin(rest: Buffer | null): void {
    const { head, connection } = this;
    const makesId = head.requestId === '' && this.core.makesRequestIds;
    this.requestId = makesId ? this.core.requestIds.next() : head.requestId;
    if (connection.forwarded.isTrusted !== null) believeForwarders(this, connection.forwarded.isTrusted);
    if (head.forwardedFor !== '' || head.forwardedHost !== '') this.forwardedFields += originalFields(head);
    this.keepsAlive = head.keepAlive && connection.allowsKeepAlive;
    const matched = this.#match();
    const { tracing } = matched.settings;
    if (tracing !== null) this.span = beginSpan(head, tracing, this.core);
    if (head.contentLength !== 0) {
      this.#body = makeRequestBody(head, connection, matched.settings.maxBodyBytes);
    }
    const route = admit(this, matched);
    // Answered already: what followed the head is the rest of the body, or the next request.
    if (route === null) return rest === null ? undefined : connection.receiveBehind(rest);
    if (rest !== null) this.onDownstreamData(rest);
    if (this.isOver || this.replaced !== null) return;
    if (route.guard === null) this.goUpstream(route);
    else askGuard(this, route, route.guard);
  }

  /** A request that must wait is not read on. */
  holdBody(): void {
    if (this.#body !== null && !this.#body.isComplete) this.connection.pauseReading();
  }

  goUpstream(route: CompiledRoute): void {
    this.route = route.canary === null ? route : route.canary.choose(this, route);
    if (route.mirror !== null) route.mirror.copy(this, route, this.#body);
    // After those who ask what the client said.
    if (this.core.changeRequest !== null) this.core.changeRequest(this);
    this.#upstream = new UpstreamSide(this, this.route, this.#body);
    this.#upstream.select();
  }

  /** Another upstream answers in place of `error`. `takesBody`: nothing of the request was sent yet. */
  askElsewhere(
    route: CompiledRoute,
    request: UpstreamRequest,
    error: ReplacedError,
    takesBody = false,
  ): void {
    this.replaced = error;
    this.#upstream?.drop();
    this.holdBody();
    this.connection.awaitNothing();
    this.attempts.tried = null;
    this.#upstream = new UpstreamSide(this, route, takesBody ? this.#body : null, request);
    this.#upstream.select();
  }

  // ── match ──

  #match(): CompiledRoute {
    const { head, core } = this;
    const host = this.connection.hostMemo.lookup(core.table, head.host);
    if (host !== null) this.clientGate = host.clientGate;
    const route = host?.match(head.path) ?? core.table.fallback;
    this.route = route;
    this.sentPath = head.path;
    this.sentQuery = head.query;
    return route;
  }

  // ── admit ── (admission.ts)

  /** Goes on as a request for `page`. False: it is no request that shows a page. */
  turnTo({ path, query, fields }: ErrorPage): boolean {
    const { head } = this;
    const isPlain = head.method === 'GET' || head.method === 'HEAD';
    if (!isPlain || head.contentLength !== 0 || head.upgradeWebsocket) return false;
    head.path = path;
    head.query = query;
    this.forwardedFields += fields;
    this.#match();
    return true;
  }

  giveWhole(response: LocalResponse, reason: string): void {
    this.reason = reason;
    this.#send(response, this.keepsAlive);
  }

  /** The answer of a feature. */
  give({ status, reason, location, fields = '', page, close }: FeatureAnswer): void {
    this.reason = reason;
    const lines = location === undefined ? fields : `Location: ${location}\r\n${fields}`;
    const keepsAlive = this.keepsAlive && close !== true;
    if (page === undefined) this.#answer(status, lines, keepsAlive);
    else this.#send(localResponse(status, lines, reason, this.head, page), keepsAlive);
  }

  // ── downstream events ──

  onDownstreamData(chunk: Buffer): void {
    const body = this.#body;
    if (body === null || body.isComplete) {
      this.connection.keepForNext(chunk);
      return;
    }
    const end = body.receive(chunk, 0);
    if (end < 0) {
      // The upstream must never see a complete message (end of section 4 of the hardening rules).
      this.#failBody(body.refusal);
      return;
    }
    if (end < chunk.length) this.connection.keepForNext(chunk.subarray(end));
    this.#upstream?.onBodyProgress();
  }

  /** A client whose bodies have no coding has sent its last. */
  onDownstreamBodyEnd(trailers: string): void {
    const body = this.#body;
    if (body === null || body.isComplete || this.isOver) return;
    if (body.end(trailers)) this.#upstream?.onBodyProgress();
    // Fewer bytes than announced (rule M5): the upstream must not see a complete message.
    else this.fail('downstream-closed');
  }

  /** What came with the body cannot be taken. */
  refuseBody(refusal: Refusal): void {
    if (!this.isOver) this.#failBody(refusal);
  }

  onDownstreamDrain(): void {
    if (this.paced === null || this.paced.resume()) this.#upstream?.onDownstreamDrain();
  }

  onTunnelData(chunk: Buffer): void {
    this.requestBytes += chunk.length;
    this.#upstream?.tunnel?.onDownstreamData(chunk);
  }

  onTunnelEnd(): void {
    this.#upstream?.tunnel?.onDownstreamEnd();
  }

  onDownstreamClosed(): void {
    if (this.isOver) return;
    if (this.#upstream?.tunnel === undefined || this.#upstream.tunnel === null) {
      this.reason = 'downstream-closed';
      if (!this.hasAnswered) this.status = outcomes['downstream-closed'].status;
    }
    this.#abort();
  }

  onDownstreamDeadline(): void {
    if (this.#upstream?.tunnel) this.endTunnel();
    else this.fail(this.hasAnswered && this.connection.response.mustWait ? 'send-stall' : 'body-timeout');
  }

  // ── upstream events, told by ResponseRelay and UpstreamSide ──

  /** A final response head is complete and about to be sent. */
  onResponseHead(status: number): void {
    this.readMs = performance.now();
    this.attempts.headerMs = this.readMs - this.attempts.startedMs;
    this.#upstream?.onResponseHead(status, this.attempts.headerMs, this.readMs);
    this.status = status;
    this.upstreamStatus = status;
    this.hasAnswered = true;
    // Rule Q4: an answer before the end of the request is the last one on this connection.
    if (this.core.isDraining || (this.#body !== null && !this.#body.isComplete)) this.keepsAlive = false;
  }

  onBodyBytes(length: number): void {
    this.bytesSent += length;
    this.upstreamBodyBytes += length;
  }

  /** No (further) attempt can help. */
  upstreamFailed(kind: ProxyErrorKind): void {
    if (this.isOver) return;
    if (this.hasAnswered) {
      // Rule R5: the head is out, so the client must see a message that breaks off.
      this.reason = kind === 'upstream-reset' ? 'upstream-truncated' : kind;
      this.#abort();
    } else {
      this.upstreamStatus = outcomes[kind].status;
      this.fail(kind);
    }
  }

  /** A side of the tunnel broke, or nothing was said for too long. */
  endTunnel(): void {
    this.#abort();
  }

  /** Both sides have said their last: what is still on its way arrives, then both connections close. */
  finishTunnel(): void {
    this.#upstream?.finish();
    this.#record(performance.now());
    this.connection.close();
  }

  // ── finish ──

  /** The response is complete and sent. `isReusable`: the upstream connection may carry another request. */
  onResponseComplete(isReusable: boolean, peerKeepAliveMs: number): void {
    const body = this.#body;
    const nowMs = this.readMs === 0 ? performance.now() : this.readMs;
    this.#upstream?.release(isReusable, peerKeepAliveMs, nowMs);
    if (this.paced !== null && this.paced.isHolding) {
      this.readMs = 0;
      this.paced.whenOut(() => this.onResponseComplete(false, 0));
      return;
    }
    this.#record(nowMs);
    if (body === null || body.isComplete) this.connection.finish(this.keepsAlive);
    else this.connection.finishEarly(body, this.keepsAlive);
  }

  #record(nowMs: number): void {
    this.isOver = true;
    if (this.heldLimit !== null || this.authWait !== null || this.paced !== null) letGo(this);
    if (this.#upstream !== null && this.#upstream.tunnel !== null) this.core.counters.tunnels -= 1;
    if (this.#body !== null) {
      this.requestBytes += this.#body.wireBytes;
      this.#body.abandon();
    }
    this.core.recorder.record(this, nowMs);
  }

  // ── fail ──

  /** Ends the exchange with the outcome of an error: an answer if none has begun, and the connection's fate. */
  fail(kind: ProxyErrorKind): void {
    if (this.isOver) return;
    const outcome: Outcome = outcomes[kind];
    this.reason = kind;
    if (outcome.status === 0 || this.hasAnswered) this.#abort();
    else this.#answer(outcome.status, '', this.keepsAlive && !outcome.closes);
  }

  /** The body's coding is broken, or it grew too large (`refusal` null). */
  #failBody(refusal: Refusal | null): void {
    if (refusal === null) {
      this.fail('body-too-large');
    } else {
      this.reason = refusal.reason;
      if (this.hasAnswered) this.#abort();
      else this.#answer(refusal.status, '', false);
    }
  }

  /** An answer of our own, unless an error page goes in its place. The request's body, if not read to its end, decides whether the connection can go on. */
  #answer(status: number, fields: string, keepsAlive: boolean): void {
    const error = this.replaced ?? { status, fields, reason: this.reason };
    if (this.route !== null && this.route.errorPages !== null && this.replaced === null) {
      this.keepsAlive &&= keepsAlive;
      if (replaceOwn(this, error)) return;
    }
    this.reason = error.reason;
    this.#send(localResponse(error.status, error.fields, error.reason, this.head), keepsAlive);
  }

  #send({ answer, page, loggedStatus }: LocalResponse, keepsAlive: boolean): void {
    const { connection, head, core } = this;
    this.#upstream?.drop();
    const body = this.#body;
    const isRead = body === null || body.isComplete;
    const canDiscard =
      head.contentLength > 0 && head.contentLength <= maxDiscardBytes && !head.expectContinue;
    this.keepsAlive = keepsAlive && (isRead || canDiscard) && !core.isDraining;
    this.status = loggedStatus ?? answer.status;
    this.hasAnswered = true;
    settleOwnFields(this, answer);
    connection.response.begin(answer, ownFields(answer, core.serverLine), this.keepsAlive);
    connection.response.sendBody(null, page, 0, page.length, '');
    this.bytesSent = page.length;
    this.#record(performance.now());
    if (isRead) connection.finish(this.keepsAlive);
    else connection.finishEarly(body, this.keepsAlive);
  }

  /** Both connections end at once; the log has the reason. */
  #abort(): void {
    if (this.isOver) return;
    this.#upstream?.drop();
    this.#record(performance.now());
    this.connection.abort(this.hasAnswered);
  }
}
