// AuthServers: the authentication servers, the mirrors, or the collectors of spans, that a worker knows: for each the endpoints that its name resolves to, and how TLS is spoken
// with it. Those that are the host of the request are bounded in number: a rule with a wildcard may name a server for each of its hosts, and clients choose
// the host. Those that the table names are as many as it names.
import { defaultRouteSettings, type RouteSettings } from '../../features/index.ts';
import { type AuthServer, defaultUpstreamTls, type DnsTarget } from '../../model/index.ts';
import type { Deadlines, Timed } from '../deadlines.ts';
import type { EndpointSet } from '../endpoint-set.ts';
import type { UpstreamPool } from '../upstream-pool.ts';

/** Of those that clients choose. */
const maxChosen = 256;
const idleMs = 600_000;
const sweepMs = 60_000;
/** Questions under way at one server, in one worker. */
const maxActive = 512;

export interface LiveAuthServer {
  readonly id: string;
  readonly server: AuthServer;
  /** The host is that of requests. */
  readonly isChosen: boolean;
  /** The Service's while it has any, else what the name resolves to; those of the latest question. */
  endpoints: EndpointSet;
  /** What TLS goes by. */
  readonly settings: RouteSettings;
  active: number;
  usedMs: number;
}

export class AuthServers implements Timed {
  /** Nothing while it knows no server. */
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #purpose: 'auth' | 'mirror' | 'trace';
  readonly #pool: UpstreamPool;
  readonly #deadlines: Deadlines;
  /** The one that was asked longest ago first. */
  readonly #servers = new Map<string, LiveAuthServer>();
  #chosenCount = 0;

  /** `purpose`: who shares connections and bounds. */
  constructor(pool: UpstreamPool, deadlines: Deadlines, purpose: 'auth' | 'mirror' | 'trace') {
    this.#purpose = purpose;
    this.#pool = pool;
    this.#deadlines = deadlines;
  }

  get size(): number {
    return this.#servers.size;
  }

  /** For one question; `leave` ends it. Null: too many are under way. `host`: where the server is that of the request. */
  join(server: AuthServer, host: string): LiveAuthServer | null {
    const name = server.host ?? host;
    const isChosen = server.host === null;
    const id = `${this.#purpose}${isChosen ? '*' : ''} ${server.scheme}://${name}:${server.port} ${server.verifies} ${server.allowsLoopback}`;
    let live = this.#servers.get(id);
    if (live === undefined) {
      if (isChosen && this.#chosenCount >= maxChosen && !this.#makeRoom()) return null;
      live = this.#open(id, name, server);
      if (isChosen) this.#chosenCount += 1;
      if (this.#servers.size === 0) this.#beginToSweep();
    } else {
      if (live.active >= maxActive) return null;
      this.#servers.delete(id);
    }
    this.#servers.set(id, live);
    live.endpoints = this.#endpointsOf(id, name, server);
    live.active += 1;
    live.usedMs = this.#deadlines.nowMs;
    return live;
  }

  leave(live: LiveAuthServer): void {
    live.active -= 1;
  }

  onDeadline(nowMs: number): void {
    this.deadlineMs = nowMs + sweepMs;
    for (const live of this.#servers.values())
      if (live.active === 0 && nowMs - live.usedMs >= idleMs) this.#close(live);
  }

  #makeRoom(): boolean {
    for (const live of this.#servers.values()) {
      if (live.active > 0 || !live.isChosen) continue;
      this.#close(live);
      return true;
    }
    return false;
  }

  #close(live: LiveAuthServer): void {
    this.#servers.delete(live.id);
    if (live.isChosen) this.#chosenCount -= 1;
    this.#pool.removeUpstream(live.id);
    if (this.#servers.size > 0) return;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#deadlines.remove(this);
  }

  #beginToSweep(): void {
    this.deadlineMs = this.#deadlines.after(sweepMs);
    this.#deadlines.add(this);
  }

  #open(id: string, name: string, server: AuthServer): LiveAuthServer {
    const { verifies } = server;
    const endpoints = this.#endpointsOf(id, name, server);
    const upstreamTls = { ...defaultUpstreamTls, name, verifies, sendsName: true, maxIntermediates: 10 };
    const settings = { ...defaultRouteSettings, upstreamTls };
    return { id, server, isChosen: server.host === null, endpoints, settings, active: 0, usedMs: 0 };
  }

  #endpointsOf(id: string, name: string, { service, port, allowsLoopback }: AuthServer): EndpointSet {
    const ofService = service === null ? undefined : this.#pool.lookupSet(service);
    if (ofService !== undefined && (ofService.eligible.length > 0 || ofService.waiters !== null))
      return ofService;
    const known = this.#pool.lookupSet(id);
    if (known !== undefined) return known;
    const plain: DnsTarget = { kind: 'dns', name, port };
    const target: DnsTarget = allowsLoopback ? plain : { ...plain, refusesLoopback: true };
    // Unlike an endpoint it may be behind this very proxy, as `https://$host/oauth2/auth` is; rounds are counted (auth-request.ts).
    return this.#pool.setUpstream(
      { id, namespace: '', service: name, port: String(port), target },
      () => false,
    );
  }
}
