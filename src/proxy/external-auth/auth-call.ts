// AuthCall: one question to an authentication server and the head of its answer; the body is read away, or the connection closed. Bounded
// in time as a whole: neither interim heads nor single bytes make it longer.
import type { AuthKeepAlive } from '../../model/index.ts';
import type { EndpointSet, LiveEndpoint } from '../endpoint-set.ts';
import type { Timed } from '../deadlines.ts';
import { isIdempotent, type ProxyErrorKind } from '../outcome.ts';
import { Lanes } from '../transport/transport.ts';
import type { UpstreamConnection } from '../upstream-connection.ts';
import { ResponseHead } from '../../wire/http1/response-head.ts';
import type { AuthCore } from './auth-core.ts';
import type { LiveAuthServer } from './auth-servers.ts';
import { LeftoverBody } from './leftover-body.ts';
import { PlainUser } from './plain-user.ts';

/** Connections that a question may be tried on. */
const maxTries = 3;
const maxInterim = 16;

export interface AuthQuestion {
  readonly text: string;
  readonly method: string;
  readonly connectTimeoutMs: number;
  readonly answerTimeoutMs: number;
  /** Null: the bounds of the pool. */
  readonly keepAlive: AuthKeepAlive | null;
}

/** `head` is only good during the call. */
export type AuthListener = (result: ResponseHead | ProxyErrorKind) => void;

export class AuthCall extends PlainUser implements Timed {
  deadlineMs: number;
  readonly #core: AuthCore;
  readonly #live: LiveAuthServer;
  /** Those that it began with: the next question may find others. */
  readonly #endpoints: EndpointSet;
  readonly #question: AuthQuestion;
  readonly #listener: AuthListener;
  #link: UpstreamConnection | null = null;
  #endpoint: LiveEndpoint | null = null;
  /** Where this counts as under way; null: nowhere. */
  #occupied: LiveEndpoint | null = null;
  #isReused = false;
  #isFreshWanted = false;
  #tries = 0;
  readonly #tried: LiveEndpoint[] = [];
  /** Start of an incomplete head. */
  #pending: Buffer | null = null;
  #interimCount = 0;
  #isOver = false;

  /** `live` was joined for this call. */
  constructor(core: AuthCore, live: LiveAuthServer, question: AuthQuestion, listener: AuthListener) {
    super();
    this.#core = core;
    this.#live = live;
    this.#endpoints = live.endpoints;
    this.#question = question;
    this.#listener = listener;
    this.deadlineMs = core.deadlines.after(question.connectTimeoutMs);
    core.deadlines.add(this);
  }

  /** The listener may be told before this returns. */
  start(): void {
    const { settings, server } = this.#live;
    const endpoints = this.#endpoints;
    if (this.#isOver) return;
    if (endpoints.waiters !== null) {
      endpoints.waiters.push(() => this.start());
      return;
    }
    const nowMs = performance.now();
    const again = this.#isFreshWanted && this.#endpoint?.isRemoved === false ? this.#endpoint : null;
    const endpoint = again ?? endpoints.select(this.#tried, nowMs);
    if (endpoint === null) return this.#finish('no-endpoint');
    const { pool, transports } = this.#core;
    const isTls = server.scheme === 'https';
    const transport = isTls ? transports.resolve(endpoints, 'https', settings, this.#core.table()) : null;
    if (isTls && transport === null) return this.#finish('upstream-tls-secret');
    if (transport !== null) endpoint.lanes ??= new Lanes();
    const lane = transport === null ? null : (endpoint.lanes?.ensure(transport) ?? null);
    this.#endpoint = endpoint;
    this.#tries += 1;
    endpoints.begin(endpoint);
    this.#occupied = endpoint;
    const pooled = this.#isFreshWanted ? null : pool.takeIdle((lane ?? endpoint).idle, this);
    const link = pooled ?? pool.open(endpoint, lane, this, nowMs);
    this.#link = link;
    this.#isReused = pooled !== null;
    link.deadlineMs = Number.POSITIVE_INFINITY;
    if (link.isConnected) this.onUpstreamConnect();
  }

  /** Nobody waits any more. */
  cancel(): void {
    this.#end();
  }

  onUpstreamConnect(): void {
    this.deadlineMs = this.#core.deadlines.after(this.#question.answerTimeoutMs);
    this.#link?.sendText(this.#question.text);
  }

  onUpstreamData(buffer: Buffer, length: number): void {
    let bytes = buffer.subarray(0, length);
    if (this.#pending !== null) {
      bytes = Buffer.concat([this.#pending, bytes]);
      this.#pending = null;
    }
    const { responseParser } = this.#core;
    const head = new ResponseHead();
    for (let at = 0; ; ) {
      const size = responseParser.parse(bytes, at, bytes.length, head, this.#question.method);
      if (size < 0) return this.#fail('upstream-response-malformed', true);
      if (size === 0) {
        this.#pending = Buffer.from(bytes.subarray(at));
        return;
      }
      at += size;
      if (!head.isInterim) return this.#take(head, bytes.subarray(at));
      this.#interimCount += 1;
      if (this.#interimCount > maxInterim) return this.#fail('upstream-response-malformed', true);
    }
  }

  onUpstreamEnd(): void {
    this.onUpstreamError('upstream-reset');
  }

  onUpstreamError(kind: ProxyErrorKind): void {
    this.#fail(kind, this.#pending !== null || this.#interimCount > 0);
  }

  onDeadline(): void {
    this.#fail(this.#link?.isConnected === true ? 'upstream-read-timeout' : 'connect-timeout', true);
  }

  onUpstreamBug(error: unknown): void {
    this.#core.reportBug(error);
    this.#fail('internal', true);
  }

  /** The head is all that counts. */
  #take(head: ResponseHead, rest: Buffer): void {
    const link = this.#link;
    const endpoint = this.#endpoint;
    if (link === null || endpoint === null) return;
    this.#link = null;
    this.#endpoints.reportSuccess(endpoint, performance.now());
    const keptMs = this.#keptMs(link, head);
    if (keptMs === null) link.destroy();
    else LeftoverBody.readAway(this.#core, link, head, rest, keptMs);
    this.#finish(head);
  }

  /** What the peer and the policy allow, as `release` takes it, which leaves a second for the peer; 0: nobody says. Null: not kept. */
  #keptMs(link: UpstreamConnection, head: ResponseHead): number | null {
    const { keepAlive } = this.#question;
    if (head.status === 101 || !head.keepAlive) return null;
    const peerMs = head.keepAliveTimeoutMs;
    if (keepAlive === null) return peerMs;
    const { maxIdle, maxRequests, idleMs } = keepAlive;
    if (link.requestCount + 1 >= maxRequests || link.idlePlace.length >= maxIdle) return null;
    return peerMs === 0 ? idleMs + 1_000 : Math.min(peerMs, idleMs + 1_000);
  }

  /** `isFinal`: something of an answer came, or there is no time left. */
  #fail(kind: ProxyErrorKind, isFinal: boolean): void {
    if (this.#isOver) return;
    const endpoint = this.#endpoint;
    const isStale = this.#isReused && kind === 'upstream-reset';
    this.#drop();
    if (endpoint !== null && !isStale && this.#isBlamed(kind)) this.#endpoints.reportFailure(endpoint, kind);
    const isUnsent = kind === 'connect-refused' || kind === 'connect-failed';
    const mayAgain = isUnsent || (kind === 'upstream-reset' && isIdempotent(this.#question.method));
    if (isFinal || !mayAgain || this.#tries >= maxTries || endpoint === null) return this.#finish(kind);
    // A connection that had ended while it waited says nothing of its server.
    this.#isFreshWanted = isStale;
    if (!isStale) this.#tried.push(endpoint);
    const isLast = this.#endpoints.eligible.every((each) => this.#tried.includes(each));
    if (isStale || !isLast) this.start();
    else this.#finish(kind);
  }

  /**
   * The endpoints of a Service serve others too, maybe of another namespace, and what goes wrong with a question hangs on who asks: its path,
   * its patience. Only that nobody can be reached there counts against them.
   */
  #isBlamed(kind: ProxyErrorKind): boolean {
    const isUnreached = kind === 'connect-refused' || kind === 'connect-failed' || kind === 'connect-timeout';
    return isUnreached || this.#endpoints.id === this.#live.id;
  }

  #drop(): void {
    this.#link?.destroy();
    this.#link = null;
    if (this.#occupied !== null) this.#endpoints.end(this.#occupied);
    this.#occupied = null;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#drop();
    this.#core.deadlines.remove(this);
    this.#core.servers.leave(this.#live);
  }

  #finish(result: ResponseHead | ProxyErrorKind): void {
    if (this.#isOver) return;
    this.#end();
    this.#listener(result);
  }
}
