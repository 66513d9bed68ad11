// LiveEndpoint: the live side of one endpoint of an upstream: its idle connections, what is under way there, and what is known of
// its health. Lives as long as the endpoint is in the table.
import type { Balanced } from './balancing/balancer.ts';
import type { EndpointRecord } from './endpoint-health.ts';
import type { EndpointMeter } from './endpoint-meter.ts';
import type { Lanes } from './transport/transport.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** What a newcomer begins with. */
const leastWarmShare = 0.1;

export class LiveEndpoint implements Balanced {
  readonly address: string;
  readonly port: number;
  /** `address:port`, IPv6 in brackets: what the access log says. */
  readonly label: string;
  /** Keep-alive connections waiting for a request, the most recently used last. */
  readonly idle: UpstreamConnection[] = [];
  /** Connections that are not plain HTTP/1.1; null until there was one. */
  lanes: Lanes | null = null;
  /** No longer in the table: connections are closed instead of pooled. */
  isRemoved = false;
  /** Requests under way, tunnels included. */
  active = 0;
  weight = 1;
  /** Not terminating. */
  isReady = true;
  isNear = false;
  /** Among those that are chosen now. */
  isEligible = false;
  /** Null while nothing bad is known of it. */
  record: EndpointRecord | null = null;
  /** Null: its Service wants nothing measured. */
  meter: EndpointMeter | null = null;
  /** Does not answer when it is asked (active-checks.ts). */
  isDown = false;
  /** From this time on it has its full weight; 0: always. */
  warmUntilMs = 0;
  #warmFromMs = 0;

  constructor(address: string, port: number) {
    this.address = address;
    this.port = port;
    this.label = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  }

  /** Gets a growing part of the requests from now on. */
  warmUp(nowMs: number, durationMs: number): void {
    this.#warmFromMs = nowMs;
    this.warmUntilMs = nowMs + durationMs;
  }

  weightAt(nowMs: number): number {
    if (nowMs >= this.warmUntilMs) return this.weight;
    const share = (nowMs - this.#warmFromMs) / (this.warmUntilMs - this.#warmFromMs);
    return this.weight * Math.max(share, leastWarmShare);
  }

  /** Whether it may get requests, as far as is known. */
  get isWell(): boolean {
    return !this.isDown && this.record?.isEjected !== true;
  }

  remove(): void {
    this.isRemoved = true;
    // A copy: destroying takes the connection out of the list.
    for (const connection of [...this.idle]) connection.destroy();
    this.lanes?.close();
  }
}
