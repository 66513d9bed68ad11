// Http2Lane: the HTTP/2 sessions of one endpoint and one transport, and the requests that wait for a stream. Streams go to the oldest session
// that has room; another session is opened when those that are there, or are coming, have none.
import type { LiveEndpoint } from '../endpoint-set.ts';
import { Http2Link } from './http2-link.ts';
import { Http2Session, type Http2Home } from './http2-session.ts';
import type { Lane } from './transport.ts';
import type { UpstreamUser } from '../upstream-link.ts';

/** Per endpoint, transport and worker: enough for thousands of requests at once, and no herd on an endpoint that has just come back. */
const maxSessions = 8;
/** Requests that wait for a stream; one more is an overload. */
const maxWaiting = 1_024;

export class Http2Lane {
  readonly #home: Http2Home;
  readonly #endpoint: LiveEndpoint;
  readonly #lane: Lane;
  readonly #sessions = new Set<Http2Session>();
  readonly #waiting = new Set<Http2Link>();
  #isClosed = false;

  constructor(home: Http2Home, endpoint: LiveEndpoint, lane: Lane) {
    this.#home = home;
    this.#endpoint = endpoint;
    this.#lane = lane;
  }

  /** The user's link, connected or waiting; null: too many wait. */
  open(user: UpstreamUser): Http2Link | null {
    const session = this.#freeSession();
    if (session === null && this.#waiting.size >= maxWaiting) return null;
    const link = new Http2Link(this.#home, this, user);
    if (session !== null) {
      link.join(session);
      return link;
    }
    this.#waiting.add(link);
    this.#openSessions();
    return link;
  }

  /** It waits no longer. */
  forget(link: Http2Link): void {
    if (!this.#waiting.delete(link) || this.#waiting.size > 0) return;
    // Nobody waits for a handshake that takes longer than anybody would.
    for (const session of this.#sessions) if (!session.isConnected) session.destroy();
  }

  /** A session is connected, has learned its peer's limit, or has a stream less. */
  onRoom(): void {
    for (const link of this.#waiting) {
      const session = this.#freeSession();
      if (session === null) break;
      this.#waiting.delete(link);
      link.join(session);
      link.onConnected();
    }
    if (this.#waiting.size > 0) this.#openSessions();
  }

  /** One that never was connected takes with it who waits: they try elsewhere, and no endpoint is dialled over and over. */
  onSessionClosed(session: Http2Session): void {
    this.#sessions.delete(session);
    if (session.failure === null) {
      if (this.#waiting.size > 0) this.#openSessions();
      return;
    }
    const { kind, detail } = session.failure;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const link of waiting) link.fail(kind, detail);
  }

  /** No further request comes: sessions end with their last stream. */
  close(): void {
    this.#isClosed = true;
    for (const session of this.#sessions) session.drain();
  }

  #freeSession(): Http2Session | null {
    for (const session of this.#sessions) if (session.hasRoom) return session;
    return null;
  }

  #openSessions(): void {
    let coming = 0;
    let count = 0;
    for (const session of this.#sessions) {
      if (session.isDraining) continue;
      count += 1;
      if (!session.isConnected) coming += session.maxStreams;
    }
    if (coming >= this.#waiting.size || count >= maxSessions) return;
    const session = new Http2Session(this.#home, this.#endpoint, this.#lane, this);
    this.#sessions.add(session);
    if (this.#isClosed) session.drain();
  }
}
