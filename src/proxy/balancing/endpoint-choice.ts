// EndpointChoice: how one route chooses among the endpoints of its upstream, made once per route and table. The first that has
// something to say decides: the client's session, the hash of the request, the Service's affinity, the spread.
import type { HashPolicy } from '../../model/index.ts';
import type { RouteSettings } from '../../features/index.ts';
import { hashText } from '../../std/murmur-hash.ts';
import type { EndpointSet, LiveEndpoint } from '../endpoint-set.ts';
import type { Balancer } from './balancer.ts';
import { HashBalancer } from './hash-balancer.ts';
import { renderRequestKey, type KeyedRequest } from './request-key.ts';
import { SessionChoice, type SessionRequest } from './session-choice.ts';

/** What a choice may know of a request, and change of its response. */
export interface ChoosingRequest extends KeyedRequest, SessionRequest {
  readonly scheme: string;
  readonly head: SessionRequest['head'];
}

const plainOptions = { subsetSize: 1, maxLoadPercent: 0 } as const;

export class EndpointChoice {
  readonly #set: EndpointSet;
  readonly #spread: Balancer<LiveEndpoint>;
  readonly #hash: HashPolicy | null;
  readonly #hashed: Balancer<LiveEndpoint>;
  readonly #session: SessionChoice | null;
  /** Null: nobody wants to know how long responses take. */
  readonly observe: ((endpoint: LiveEndpoint, latencyMs: number, nowMs: number) => void) | null;

  constructor(set: EndpointSet, { spread, hash, affinity }: RouteSettings) {
    this.#set = set;
    this.#spread = set.ensureBalancer(spread);
    this.#hash = hash;
    const plainHash = new HashBalancer(set, set.ring, set.random, plainOptions);
    this.#hashed = hash === null ? plainHash : new HashBalancer(set, set.ring, set.random, hash);
    this.#session = affinity === null ? null : new SessionChoice(set, affinity, this.#spread, plainHash);
    this.observe = this.#spread.observe ?? null;
  }

  /** Whether a session binds the client to one of these endpoints. */
  isBound(request: ChoosingRequest): boolean {
    return this.#session !== null && this.#session.isBound(request);
  }

  /** Null: there is no endpoint, or all were tried. `nowMs`: the monotonic clock. */
  select(
    request: ChoosingRequest,
    tried: readonly LiveEndpoint[] | null,
    nowMs: number,
  ): LiveEndpoint | null {
    if (this.#session !== null) return this.#session.select(request, tried, nowMs);
    if (this.#hash !== null) {
      const key = renderRequestKey(this.#hash.key, request);
      if (key !== '') return this.#hashed.select(hashText(key), tried, nowMs);
    }
    return this.#set.selectByClient(request.clientAddress, tried) ?? this.#spread.select(0, tried, nowMs);
  }
}

/** Null: the route asks for nothing but the ordinary round. */
export function makeChoice(set: EndpointSet | null, settings: RouteSettings): EndpointChoice | null {
  if (set === null) return null;
  const isPlain = settings.spread === 'round-robin' && settings.hash === null && settings.affinity === null;
  return isPlain ? null : new EndpointChoice(set, settings);
}
