// AuthDesk: all questions of a worker: bounded for each Ingress, put together where they are the same, and what is remembered of the
// answers.
import type { ExternalAuth } from '../../model/index.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';
import type { ProxyErrorKind } from '../outcome.ts';
import { type AuthAnswer, readAnswer } from './auth-answer.ts';
import { AuthCache } from './auth-cache.ts';
import { AuthCall } from './auth-call.ts';
import type { AuthCore } from './auth-core.ts';

/** Questions under way for one Ingress, in one worker: who has a slow server delays itself. */
const maxActivePerOwner = 256;
export const maxPerOwner = 'auth-overload';

/** The answer, or why there is none. */
export type AuthResult = AuthAnswer | typeof maxPerOwner | 'auth-answer-too-large' | `auth-${ProxyErrorKind}`;

export interface AuthInquiry {
  /** Empty: like no other. */
  readonly key: string;
  readonly auth: ExternalAuth;
  readonly owner: string;
  /** Of the request. */
  readonly host: string;
  readonly connectTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly renderText: () => string;
  readonly listener: (result: AuthResult) => void;
}

/** One who waits for an answer. */
export interface AuthWait {
  /** Waits no more, and is not told. */
  leave(): void;
}

/** A question under way, and who waits for its answer. */
interface Flight {
  readonly key: string;
  readonly waiting: Set<Ticket>;
  call: AuthCall | null;
}

interface Ticket {
  readonly inquiry: AuthInquiry;
  flight: Flight;
}

export class AuthDesk {
  readonly #core: AuthCore;
  readonly #cache = new AuthCache();
  readonly #flights = new Map<string, Flight>();
  readonly #activeByOwner = new Map<string, number>();

  constructor(core: AuthCore) {
    this.#core = core;
  }

  /** A remembered answer. */
  lookup(key: string): AuthAnswer | null {
    return this.#cache.get(key, performance.now());
  }

  /** The listener may be told at once; then nobody waits. */
  ask(inquiry: AuthInquiry): AuthWait | null {
    const { key } = inquiry;
    const shared = key === '' ? undefined : this.#flights.get(key);
    const flight = shared ?? { key, waiting: new Set(), call: null };
    const ticket: Ticket = { inquiry, flight };
    flight.waiting.add(ticket);
    if (shared === undefined) this.#start(ticket);
    return flight.waiting.has(ticket) ? { leave: () => this.#leave(ticket) } : null;
  }

  #leave(ticket: Ticket): void {
    const { flight, inquiry } = ticket;
    if (!flight.waiting.delete(ticket) || flight.waiting.size > 0 || flight.call === null) return;
    flight.call.cancel();
    this.#end(flight, inquiry);
  }

  #start({ flight, inquiry }: Ticket): void {
    const { owner, auth, host, connectTimeoutMs, answerTimeoutMs } = inquiry;
    const text = inquiry.renderText();
    const active = this.#activeByOwner.get(owner) ?? 0;
    const live = active >= maxActivePerOwner ? null : this.#core.servers.join(auth.server, host);
    if (live === null) {
      tell(flight, maxPerOwner);
      return;
    }
    this.#activeByOwner.set(owner, active + 1);
    if (flight.key !== '') this.#flights.set(flight.key, flight);
    const method = auth.method === '' ? 'GET' : auth.method;
    const question = { text, method, connectTimeoutMs, answerTimeoutMs, keepAlive: auth.keepAlive };
    flight.call = new AuthCall(this.#core, live, question, (result) => this.#settle(flight, inquiry, result));
    flight.call.start();
  }

  /** `first`: whose question it was; it may have left. */
  #settle(flight: Flight, first: AuthInquiry, result: ResponseHead | ProxyErrorKind): void {
    this.#end(flight, first);
    const answer = typeof result === 'string' ? null : readAnswer(result, first.auth, Date.now());
    if (typeof result === 'string') tell(flight, `auth-${result}`);
    else if (answer === null) tell(flight, 'auth-answer-too-large');
    else {
      if (flight.key !== '') this.#cache.set(flight.key, answer, performance.now());
      this.#share(flight, first, answer);
    }
  }

  /** Where the answer is for one request only, the others ask for themselves. */
  #share(flight: Flight, first: AuthInquiry, answer: AuthAnswer): void {
    const others = answer.isShareable ? [] : [...flight.waiting].filter(({ inquiry }) => inquiry !== first);
    for (const other of others) flight.waiting.delete(other);
    tell(flight, answer);
    for (const other of others) {
      other.flight = { key: '', waiting: new Set([other]), call: null };
      this.#start(other);
    }
  }

  #end(flight: Flight, { owner }: AuthInquiry): void {
    flight.call = null;
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
    const active = (this.#activeByOwner.get(owner) ?? 1) - 1;
    if (active === 0) this.#activeByOwner.delete(owner);
    else this.#activeByOwner.set(owner, active);
  }
}

function tell(flight: Flight, result: AuthResult): void {
  const waiting = [...flight.waiting];
  flight.waiting.clear();
  for (const { inquiry } of waiting) inquiry.listener(result);
}
