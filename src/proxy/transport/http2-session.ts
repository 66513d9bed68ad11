// Http2Session: one connection of HTTP/2 to an endpoint, shared by many exchanges, each with a stream. On node:http2's client sessions, which
// nothing outside of this file and http2-link.ts knows. Bounds: what a peer may make us hold is limited by windows, settings and counts.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type ClientSessionOptions,
} from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Http2Fields } from '../../wire/http2/response-fields.ts';
import type { ResponseHeadParser } from '../../wire/http1/response-head.ts';
import type { Deadlines, Timed } from '../deadlines.ts';
import type { LiveEndpoint } from '../endpoint-set.ts';
import { errorKindOf, type ProxyErrorKind } from '../outcome.ts';
import { dialTls, tlsReasonOf } from './dial-tls.ts';
import type { Lane } from './transport.ts';

/** Until the peer says otherwise (RFC 9113 6.5.2 recommends no less), and at most. */
const maxStreamsPerSession = 100;
/** Rule M12: the stream's window bounds what waits for one slow client, the connection's what all of them may have on the way. */
const streamWindowBytes = 65_535;
const connectionWindowBytes = 1_048_576;
const maxFrameBytes = 16_384;
/** MiB; what one peer may make the codec hold. */
const maxSessionMemory = 16;
const maxPeerSettings = 32;
/** For the answer to a PING: far more than a round trip, far less than the retransmissions of a connection whose peer is gone. */
const probeMs = 5_000;
/** From one PING to the next: an answered one counts for as long, however many requests wait in vain. */
const probeEveryMs = 60_000;

/** What sessions and links need of the pool that they live in. */
export interface Http2Home extends SessionHome {
  readonly responseParser: ResponseHeadParser;
}

/** What sessions need of where they live. */
export interface SessionHome {
  readonly deadlines: Deadlines;
  readonly bounds: Http2Bounds;
  /** The worker stops: nothing is kept for later. */
  readonly isDraining: boolean;
  onSessionOpened(session: Http2Session): void;
  onSessionClosed(session: Http2Session): void;
  onStreamReused(): void;
}

export interface Http2Bounds {
  readonly idleMs: number;
  readonly maxAgeMs: number;
  readonly maxRequestsPerConnection: number;
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  readonly maxTrailerBytes: number;
}

/** Told what becomes of a session. */
export interface SessionOwner {
  onRoom(): void;
  onSessionClosed(session: Http2Session): void;
}

export interface SessionFailure {
  readonly kind: ProxyErrorKind;
  readonly detail: string;
}

export class Http2Session implements Timed {
  /** Nothing while connecting (the exchanges that wait have theirs); idle time afterwards. */
  deadlineMs = Number.POSITIVE_INFINITY;
  /** No further stream. */
  isDraining = false;
  /** Why it ended before its time; null: it lives, or it ended in order. */
  failure: SessionFailure | null = null;
  readonly #home: SessionHome;
  readonly #owner: SessionOwner;
  readonly #socket: Socket;
  readonly #openedMs = performance.now();
  readonly #isTls: boolean;
  #session: ClientHttp2Session | null = null;
  #streams = 0;
  #requests = 0;
  /** The peer's first SETTINGS have come: what they do not say, it does not do. */
  #isSettled = false;
  #whenSettled: (() => void)[] = [];
  #isReached = false;
  /** A PING waits for its answer. */
  #isProbing = false;
  /** When the last PING was sent. */
  #probedMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(home: SessionHome, endpoint: LiveEndpoint, lane: Lane, owner: SessionOwner) {
    this.#home = home;
    this.#owner = owner;
    const { tls } = lane.transport;
    this.#isTls = tls !== null;
    if (tls === null) {
      const { address: host, port } = endpoint;
      this.#socket = connectTcp({ host, port, noDelay: true, autoSelectFamily: false });
      this.#socket.once('connect', () => this.#onConnect());
    } else {
      this.#socket = dialTls(endpoint, lane, tls, { allowHalfOpen: false });
      this.#socket.once('connect', () => {
        this.#isReached = true;
      });
      this.#socket.once('secureConnect', () => this.#onConnect());
    }
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code));
    this.#socket.on('close', () => this.#close());
    home.deadlines.add(this);
    home.onSessionOpened(this);
  }

  get isConnected(): boolean {
    return this.#session !== null;
  }

  get scheme(): 'http' | 'https' {
    return this.#isTls ? 'https' : 'http';
  }

  /** It has carried a request before. */
  get isReused(): boolean {
    return this.#requests > 0;
  }

  get isIdle(): boolean {
    return this.#session !== null && this.#streams === 0;
  }

  get maxStreams(): number {
    const told = this.#session?.remoteSettings?.maxConcurrentStreams ?? maxStreamsPerSession;
    return Math.min(told, maxStreamsPerSession);
  }

  /** Streams can be opened, by who has joined. */
  get isOpen(): boolean {
    const session = this.#session;
    return session !== null && !session.closed && !session.destroyed;
  }

  get hasRoom(): boolean {
    if (!this.isOpen || this.isDraining || this.#isProbing) return false;
    return this.#streams < this.maxStreams;
  }

  /** Whether the peer takes WebSockets (RFC 8441); known once it is settled. */
  get takesTunnels(): boolean {
    return this.#session?.remoteSettings.enableConnectProtocol === true;
  }

  /** Calls when the peer has said what it takes, maybe at once; also when it says nothing any more. */
  whenSettled(then: () => void): void {
    if (this.#isSettled || this.#isClosed) then();
    else this.#whenSettled.push(then);
  }

  #settle(): void {
    this.#isSettled = true;
    for (const then of this.#whenSettled.splice(0)) then();
  }

  /** A stream for the caller; `leave` gives it back. */
  join(): void {
    if (this.#requests > 0) this.#home.onStreamReused();
    this.#streams += 1;
    this.#requests += 1;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    const { maxRequestsPerConnection, maxAgeMs } = this.#home.bounds;
    const isOld = performance.now() - this.#openedMs >= maxAgeMs;
    if (isOld || this.#requests >= maxRequestsPerConnection) this.isDraining = true;
  }

  leave(): void {
    this.#streams -= 1;
    if (this.#streams === 0) {
      if (this.isDraining || this.#home.isDraining) this.drain();
      else if (!this.#isProbing) this.#awaitRequest();
    }
    this.#owner.onRoom();
  }

  /** Throws where the codec does not take the fields. `waitForTrailers`: the stream asks for them behind its body. */
  request(fields: Http2Fields, isEnd: boolean, waitForTrailers: boolean): ClientHttp2Stream {
    if (this.#session === null) throw new Error('a request on an HTTP/2 session that is not connected');
    return this.#session.request(fields, { endStream: isEnd, waitForTrailers });
  }

  /** No further stream; ends with the last one. */
  drain(): void {
    this.isDraining = true;
    if (this.#streams === 0) this.#end();
  }

  /** Ends at once, with all its streams. */
  destroy(): void {
    this.isDraining = true;
    this.#session?.destroy();
    this.#socket.destroy();
    this.#close();
  }

  /**
   * A stream was not answered in time. Whether the peer is there at all, a PING tells: until it is answered no stream is added, and if it is not,
   * everything here ends. (A peer that vanished without a word keeps a connection open for many minutes.)
   */
  probe(): void {
    const session = this.#session;
    const { deadlines } = this.#home;
    if (session === null || session.destroyed || this.#isProbing) return;
    if (deadlines.nowMs - this.#probedMs < probeEveryMs) return;
    this.#isProbing = true;
    this.#probedMs = deadlines.nowMs;
    this.deadlineMs = deadlines.after(probeMs);
    session.ping(() => {
      this.#isProbing = false;
      if (this.#isClosed) return;
      this.deadlineMs = Number.POSITIVE_INFINITY;
      if (this.#streams === 0) this.#awaitRequest();
      this.#owner.onRoom();
    });
  }

  #awaitRequest(): void {
    this.deadlineMs = this.#home.deadlines.after(this.#home.bounds.idleMs);
  }

  onDeadline(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#isProbing) this.destroy();
    else this.drain();
  }

  #onConnect(): void {
    const { maxFields, maxHeadBytes } = this.#home.bounds;
    // The name is nobody's: `:authority` is told with each request.
    const options: ClientSessionOptions = {
      createConnection: () => this.#socket,
      maxHeaderListPairs: maxFields,
      maxSessionMemory,
      maxSettings: maxPeerSettings,
      peerMaxConcurrentStreams: maxStreamsPerSession,
      settings: {
        enablePush: false,
        initialWindowSize: streamWindowBytes,
        maxFrameSize: maxFrameBytes,
        maxHeaderListSize: maxHeadBytes,
      },
    };
    const session = connectHttp2(`${this.scheme}://endpoint.invalid`, options);
    session.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code));
    session.on('close', () => this.#close());
    session.on('goaway', () => this.drain());
    session.on('remoteSettings', () => {
      this.#settle();
      this.#owner.onRoom();
    });
    session.once('connect', () => {
      if (this.#isClosed) return;
      session.setLocalWindowSize(connectionWindowBytes);
      this.#session = session;
      if (this.isDraining) this.#end();
      else this.#owner.onRoom();
      if (this.#streams === 0) this.#awaitRequest();
    });
  }

  /** In order: what is written goes out, then GOAWAY. */
  #end(): void {
    if (this.#session !== null && !this.#session.destroyed) this.#session.close();
    else this.destroy();
  }

  #fail(code: string | undefined): void {
    if (this.#session === null) {
      const kind = errorKindOf(code, false, this.#isReached);
      this.failure = { kind, detail: kind === 'upstream-tls' ? tlsReasonOf(code) : '' };
    }
    this.destroy();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.isDraining = true;
    if (this.#session === null) this.failure ??= { kind: 'connect-failed', detail: '' };
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#home.deadlines.remove(this);
    this.#home.onSessionClosed(this);
    this.#settle();
    this.#owner.onSessionClosed(this);
  }
}

/** How a stream ended, by the code of its reset (RFC 9113 7). */
export function kindOfReset(code: number): ProxyErrorKind {
  if (code === constants.NGHTTP2_REFUSED_STREAM) return 'upstream-refused';
  // Found by the codec here: what came was no valid HTTP/2 message.
  if (code === constants.NGHTTP2_PROTOCOL_ERROR) return 'upstream-response-malformed';
  return 'upstream-reset';
}
