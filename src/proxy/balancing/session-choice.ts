// SessionChoice: the endpoint of a client's session, and a new session where there is none. Balanced sessions are random keys on
// the ring; persistent ones name their endpoint. The response says which session a client has from now on.
import type { CookieAffinity } from '../../model/index.ts';
import { hashText } from '../../std/murmur-hash.ts';
import type { EndpointSet, LiveEndpoint } from '../endpoint-set.ts';
import type { Balancer } from './balancer.ts';
import { SessionCookie, type CookieRequest } from './session-cookie.ts';

export interface SessionRequest extends CookieRequest {
  /** Field lines for the response, beside those of the upstream. */
  responseFields: string;
}

type Tried = readonly LiveEndpoint[] | null;

/** Keys that are drawn to find one that leads to an endpoint that was not tried; then the next of the ring is taken. */
const maxDraws = 20;

export class SessionChoice {
  readonly #set: EndpointSet;
  readonly #affinity: CookieAffinity;
  readonly #cookie: SessionCookie;
  /** For the first choice of a persistent session, and while its endpoint cannot answer. */
  readonly #spread: Balancer<LiveEndpoint>;
  readonly #hashed: Balancer<LiveEndpoint>;

  constructor(
    set: EndpointSet,
    affinity: CookieAffinity,
    spread: Balancer<LiveEndpoint>,
    hashed: Balancer<LiveEndpoint>,
  ) {
    this.#set = set;
    this.#affinity = affinity;
    this.#cookie = new SessionCookie(affinity);
    this.#spread = spread;
    this.#hashed = hashed;
  }

  /** Whether the client has a session here, be its endpoint still there or not. */
  isBound(request: CookieRequest): boolean {
    return this.#cookie.readKey(request, this.#set.ensureTokens().mark) !== null;
  }

  select(request: SessionRequest, tried: Tried, nowMs: number): LiveEndpoint | null {
    request.responseFields = '';
    const key = this.#cookie.readKey(request, this.#set.ensureTokens().mark);
    return this.#affinity.mode === 'persistent'
      ? this.#selectPersistent(request, key, tried, nowMs)
      : this.#selectBalanced(request, key, tried, nowMs);
  }

  #selectPersistent(
    request: SessionRequest,
    key: string | null,
    tried: Tried,
    nowMs: number,
  ): LiveEndpoint | null {
    const tokens = this.#set.ensureTokens();
    const own = key === null ? undefined : tokens.endpointOf(key);
    const isFree = own !== undefined && tried?.includes(own) !== true;
    if (isFree && own.isEligible) return own;
    const other = this.#spread.select(0, tried, nowMs);
    // One that has failed and is still there gets its clients back, unless they were promised to move.
    const returns = own?.isReady === true && !this.#affinity.changesOnFailure;
    const token = other === null || returns ? undefined : tokens.tokenOf(other);
    if (token !== undefined) this.#announce(request, token);
    return other;
  }

  #selectBalanced(
    request: SessionRequest,
    key: string | null,
    tried: Tried,
    nowMs: number,
  ): LiveEndpoint | null {
    const stays = key !== null && (tried === null || !this.#affinity.changesOnFailure);
    if (stays) return this.#hashed.select(hashText(key), tried, nowMs);
    let drawn = this.#drawKey();
    let endpoint = this.#hashed.select(hashText(drawn), null, nowMs);
    for (
      let draw = 1;
      draw < maxDraws && endpoint !== null && tried?.includes(endpoint) === true;
      draw += 1
    ) {
      drawn = this.#drawKey();
      endpoint = this.#hashed.select(hashText(drawn), null, nowMs);
    }
    if (endpoint !== null && tried?.includes(endpoint) === true)
      endpoint = this.#hashed.select(hashText(drawn), tried, nowMs);
    if (endpoint !== null) this.#announce(request, drawn);
    return endpoint;
  }

  #announce(request: SessionRequest, key: string): void {
    request.responseFields = this.#cookie.renderField(
      key,
      this.#set.ensureTokens().mark,
      request,
      Date.now(),
    );
  }

  /** 128 bits; no secret: any key is as good as another. */
  #drawKey(): string {
    let key = '';
    for (let part = 0; part < 4; part += 1) {
      key += Math.floor(this.#set.random() * 4_294_967_296)
        .toString(16)
        .padStart(8, '0');
    }
    return key;
  }
}
