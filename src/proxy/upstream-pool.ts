// UpstreamPool: the live upstreams of a worker by id, and the idle connections to their endpoints. Keyed by upstream and
// address, so an address that moves to another Service never inherits a connection (rule K9).
import type { DnsTarget, Endpoint, HttpLimits, PoolSettings, Upstream, UpstreamId } from '../model/index.ts';
import { refuseAddress } from '../std/endpoint-address.ts';
import { BufferPool } from './buffer-pool.ts';
import type { Deadlines } from './deadlines.ts';
import type { DnsResolver } from './dns-resolver.ts';
import type { HealthCounters } from './endpoint-health.ts';
import { EndpointSet, type LiveEndpoint, type SetSurroundings } from './endpoint-set.ts';
import type { ResponseHeadParser } from '../wire/http1/response-head.ts';
import { Http2Lane } from './transport/http2-lane.ts';
import type { Http2Link } from './transport/http2-link.ts';
import type { Http2Bounds, Http2Home, Http2Session } from './transport/http2-session.ts';
import type { Lane } from './transport/transport.ts';
import { UpstreamConnection, type UpstreamHome } from './upstream-connection.ts';
import type { UpstreamUser } from './upstream-link.ts';

/** Holds a head with a 16 KiB body. Every pooled connection has one. */
const readBufferBytes = 32_768;
const maxFreeBuffers = 64;
/** Measured: with 1 MiB bodies the whole costs a fifth less than with 64 KiB, and no less with more. */
const largeReadBufferBytes = 262_144;
const maxFreeLargeBuffers = 64;

export interface PoolCounters {
  upstreamConnects: number;
  upstreamReuses: number;
  upstreamConnections: number;
  upstreamIdle: number;
}

/** A burst of requests leaves more connections idle than are kept: so many times as many stay for a moment, in which the next one may come. */
const surplusFactor = 2;
const surplusMs = 500;

export class UpstreamPool implements UpstreamHome, Http2Home {
  readonly deadlines: Deadlines;
  readonly readBuffers = new BufferPool(readBufferBytes, maxFreeBuffers);
  readonly largeReadBuffers = new BufferPool(largeReadBufferBytes, maxFreeLargeBuffers);
  readonly counters: PoolCounters = {
    upstreamConnects: 0,
    upstreamReuses: 0,
    upstreamConnections: 0,
    upstreamIdle: 0,
  };
  readonly responseParser: ResponseHeadParser;
  bounds: Http2Bounds;
  #settings: PoolSettings;
  readonly #dns: DnsResolver;
  readonly #isOwnAddress: (address: string, port: number) => boolean;
  readonly #surroundings: SetSurroundings;
  readonly #sets = new Map<UpstreamId, EndpointSet>();
  readonly #connections = new Set<UpstreamConnection>();
  readonly #sessions = new Set<Http2Session>();
  isDraining = false;

  constructor(options: {
    deadlines: Deadlines;
    settings: PoolSettings;
    dns: DnsResolver;
    isOwnAddress: (address: string, port: number) => boolean;
    surroundings: SetSurroundings;
    responseParser: ResponseHeadParser;
    limits: HttpLimits;
  }) {
    this.deadlines = options.deadlines;
    this.#settings = options.settings;
    this.responseParser = options.responseParser;
    const {
      maxResponseHeadBytes: maxHeadBytes,
      maxResponseFields: maxFields,
      maxTrailerBytes,
    } = options.limits;
    this.bounds = { ...options.settings, maxHeadBytes, maxFields, maxTrailerBytes };
    this.#dns = options.dns;
    this.#isOwnAddress = options.isOwnAddress;
    this.#surroundings = options.surroundings;
  }

  /** From now on; connections that are idle already keep their time. */
  setBounds(settings: PoolSettings): void {
    this.#settings = settings;
    this.bounds = { ...this.bounds, ...settings };
  }

  /** Requests that wait for an endpoint with room, at all upstreams. */
  countWaiting(): number {
    let count = 0;
    for (const { queue } of this.#sets.values()) count += queue.size;
    return count;
  }

  /** By the name of the upstream. */
  *adaptiveLimits(): Iterable<readonly [string, number]> {
    for (const { name, adaptiveLimit } of this.#sets.values())
      if (adaptiveLimit !== null) yield [name, adaptiveLimit];
  }

  /** Of all upstreams. */
  get health(): HealthCounters {
    return this.#surroundings.counters;
  }

  lookupSet(id: UpstreamId): EndpointSet | undefined {
    return this.#sets.get(id);
  }

  /** `isRefused`: which addresses that a name resolves to are none of its endpoints. */
  /** `isRefused`: of the addresses of a name, beside those that nobody dials. */
  setUpstream(upstream: Upstream, isRefused = this.#isOwnAddress): EndpointSet {
    let set = this.#sets.get(upstream.id);
    if (set === undefined) {
      set = new EndpointSet(upstream, this.#surroundings);
      this.#sets.set(upstream.id, set);
    }
    set.configure(upstream);
    const { target } = upstream;
    set.protocol = upstream.protocol ?? 'http';
    set.tlsName = target.kind === 'dns' ? target.name : `${upstream.service}.${upstream.namespace}.svc`;
    if (target.kind === 'dns') {
      const live = set;
      live.awaitResolution();
      this.#dns.watch(upstream.id, target.name, (addresses) => {
        if (addresses === null) live.resolutionFailed();
        else live.setEndpoints(dialable(addresses, target, isRefused));
      });
    } else {
      this.#dns.unwatch(upstream.id);
      set.setEndpoints(target.kind === 'endpoints' ? target.endpoints : []);
    }
    return set;
  }

  removeUpstream(id: UpstreamId): void {
    this.#dns.unwatch(id);
    this.#sets.get(id)?.close();
    this.#sets.delete(id);
  }

  /** The most recently used idle connection of an endpoint or lane, now the user's; null when there is none. */
  takeIdle(idle: UpstreamConnection[], user: UpstreamUser): UpstreamConnection | null {
    const connection = idle.pop();
    if (connection === undefined) return null;
    this.counters.upstreamIdle -= 1;
    this.counters.upstreamReuses += 1;
    connection.user = user;
    return connection;
  }

  /** `lane` null: plain. */
  open(endpoint: LiveEndpoint, lane: Lane | null, user: UpstreamUser, nowMs: number): UpstreamConnection {
    const connection = new UpstreamConnection(this, endpoint, lane, user, nowMs);
    this.#connections.add(connection);
    this.counters.upstreamConnects += 1;
    this.counters.upstreamConnections += 1;
    return connection;
  }

  /** A stream of HTTP/2, connected or waiting for a session; null: too many wait. */
  openStream(endpoint: LiveEndpoint, lane: Lane, user: UpstreamUser): Http2Link | null {
    lane.http2 ??= new Http2Lane(this, endpoint, lane);
    return lane.http2.open(user);
  }

  onSessionOpened(session: Http2Session): void {
    this.#sessions.add(session);
    this.counters.upstreamConnects += 1;
    this.counters.upstreamConnections += 1;
  }

  onSessionClosed(session: Http2Session): void {
    if (this.#sessions.delete(session)) this.counters.upstreamConnections -= 1;
  }

  onStreamReused(): void {
    this.counters.upstreamReuses += 1;
  }

  /** Back to the pool after a complete exchange, or closed where a bound says so (rules K1, K4, L10). */
  release(connection: UpstreamConnection, peerKeepAliveMs: number, nowMs: number): void {
    const { endpoint } = connection;
    const { maxIdlePerWorker } = this.#settings;
    connection.user = null;
    connection.requestCount += 1;
    if (
      this.isDraining ||
      endpoint.isRemoved ||
      connection.lane?.transport.isRetired === true ||
      this.counters.upstreamIdle >= surplusFactor * maxIdlePerWorker ||
      connection.requestCount >= this.#settings.maxRequestsPerConnection ||
      nowMs - connection.createdMs >= this.#settings.maxAgeMs
    ) {
      connection.destroy();
      return;
    }
    let { idleMs } = this.#settings;
    if (this.counters.upstreamIdle >= maxIdlePerWorker) idleMs = Math.min(idleMs, surplusMs);
    // One second less than the peer announced, so that it does not close while a request is under way.
    if (peerKeepAliveMs > 0) idleMs = Math.min(idleMs, Math.max(peerKeepAliveMs - 1_000, 500));
    connection.deadlineMs = nowMs + idleMs;
    connection.idlePlace.push(connection);
    this.counters.upstreamIdle += 1;
  }

  onUpstreamClosed(connection: UpstreamConnection): void {
    if (this.#connections.delete(connection)) this.counters.upstreamConnections -= 1;
    const { idlePlace } = connection;
    const at = idlePlace.indexOf(connection);
    if (at >= 0) {
      idlePlace.splice(at, 1);
      this.counters.upstreamIdle -= 1;
    }
  }

  /** Closes idle connections and keeps none from now on. */
  drain(): void {
    this.isDraining = true;
    for (const connection of this.#connections) {
      if (connection.idlePlace.includes(connection)) connection.destroy();
    }
    for (const session of this.#sessions) if (session.isIdle) session.drain();
  }

  close(): void {
    for (const id of this.#sets.keys()) this.removeUpstream(id);
    for (const connection of this.#connections) connection.destroy();
    for (const session of this.#sessions) session.destroy();
  }
}

/** A name that leads back to the proxy itself has no endpoint there, and none where no address of a slice could be: names resolve to anything. */
function dialable(
  addresses: readonly string[],
  { port, refusesLoopback }: DnsTarget,
  isRefused: (address: string, port: number) => boolean,
): readonly Endpoint[] {
  return addresses
    .filter(
      (address) => refuseAddress(address, refusesLoopback !== true) === null && !isRefused(address, port),
    )
    .map((address) => ({ address, port, ready: true }));
}
