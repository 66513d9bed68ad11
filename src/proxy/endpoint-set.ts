// EndpointSet: the live side of one upstream of the table: its endpoints, their idle connections, and the choice among them.
// Lives as long as the upstream is in the table; endpoint changes update it in place and touch no route. Requests in flight
// to a removed endpoint finish; its idle connections close at once and it gets no new request.
import type { Endpoint, Upstream } from '../model/index.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export class LiveEndpoint {
  readonly address: string;
  readonly port: number;
  /** `address:port`, IPv6 in brackets: what the access log says. */
  readonly label: string;
  /** Keep-alive connections waiting for a request, the most recently used last. */
  readonly idle: UpstreamConnection[] = [];
  /** No longer in the table: connections are closed instead of pooled. */
  isRemoved = false;

  constructor(address: string, port: number) {
    this.address = address;
    this.port = port;
    this.label = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  }

  remove(): void {
    this.isRemoved = true;
    // A copy: destroying takes the connection out of the list.
    for (const connection of [...this.idle]) connection.destroy();
  }
}

export class EndpointSet {
  readonly id: string;
  /** `namespace-service-port`, as the access log names an upstream. */
  readonly name: string;
  /** What requests are spread over: the ready endpoints, or when none is ready the serving ones that terminate. */
  eligible: readonly LiveEndpoint[] = [];
  /** Called once when the first name resolution has ended, well or badly; null when there is nothing to wait for. */
  waiters: (() => void)[] | null = null;
  #all = new Map<string, LiveEndpoint>();
  #cursor: number;

  /** `startFraction` in [0, 1): where the round starts; workers and upstreams start at different places. */
  constructor(upstream: Upstream, startFraction: number) {
    this.id = upstream.id;
    this.name = `${upstream.namespace}-${upstream.service}-${upstream.port}`;
    this.#cursor = Math.floor(startFraction * 1_000);
  }

  /** Takes the present endpoints; those that stay keep their connections. */
  setEndpoints(endpoints: readonly Endpoint[]): void {
    const next = new Map<string, LiveEndpoint>();
    const ready: LiveEndpoint[] = [];
    const lastResort: LiveEndpoint[] = [];
    for (const endpoint of endpoints) {
      const key = `${endpoint.address} ${endpoint.port}`;
      const live = this.#all.get(key) ?? new LiveEndpoint(endpoint.address, endpoint.port);
      next.set(key, live);
      (endpoint.ready ? ready : lastResort).push(live);
    }
    for (const [key, live] of this.#all) {
      if (!next.has(key)) live.remove();
    }
    this.#all = next;
    this.eligible = ready.length > 0 ? ready : lastResort;
    this.#release();
  }

  /** Requests wait for the first resolution of the name instead of being refused. */
  awaitResolution(): void {
    if (this.#all.size === 0) this.waiters ??= [];
  }

  /** The resolution failed: those who wait are answered with what there is. */
  resolutionFailed(): void {
    this.#release();
  }

  #release(): void {
    const { waiters } = this;
    this.waiters = null;
    if (waiters !== null) for (const waiter of waiters) waiter();
  }

  /**
   * Round robin over the eligible endpoints, skipping those in `tried`. When all were tried, null.
   * Costs one addition and one index for the first attempt.
   */
  select(tried: readonly LiveEndpoint[] | null): LiveEndpoint | null {
    const { eligible } = this;
    const count = eligible.length;
    for (let step = 0; step < count; step += 1) {
      this.#cursor = this.#cursor + 1 >= count ? 0 : this.#cursor + 1;
      const endpoint = eligible[this.#cursor];
      if (endpoint !== undefined && (tried === null || !tried.includes(endpoint))) return endpoint;
    }
    return null;
  }

  close(): void {
    for (const live of this.#all.values()) live.remove();
    this.#all.clear();
    this.eligible = [];
    this.#release();
  }
}
