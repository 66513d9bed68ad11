// LiveTable: the table that a worker serves by, and what is compiled from it. A patch swaps the table between two requests;
// hosts are compiled when their first request arrives and stay compiled as long as their unit is the same object.
import type { HostTls, Passthrough, Route, RouteTable, TablePatch, VirtualHost } from '../model/index.ts';
import {
  applyPatch,
  emptyTable,
  findHost,
  HostIndex,
  isMisdirected,
  resolveTls,
  tooCostlyRank,
  tooCostlyRoute,
} from '../table/index.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import { ClientGate } from './client-gate.ts';
import { type CompiledRoute, compileRoute, type RouteCompiler } from './compiled-route.ts';
import { LiveChallenges } from './live-challenges.ts';
import type { UpstreamPool } from './upstream-pool.ts';

/** A host with its index and the routes that have been asked for. */
export class CompiledHost {
  readonly virtualHost: VirtualHost;
  readonly index: HostIndex;
  /** Null: the host wants nothing of its clients. */
  readonly clientGate: ClientGate | null;
  readonly #compiler: RouteCompiler;
  /** By position in the index; null until asked for. */
  readonly #byRank: (CompiledRoute | null)[];
  /** The default backend, and what is not a route of the table. */
  readonly #others = new Map<Route, CompiledRoute>();
  #tlsTable: RouteTable | null = null;
  #hasTls = false;

  constructor(virtualHost: VirtualHost, compiler: RouteCompiler) {
    this.virtualHost = virtualHost;
    this.index = new HostIndex(virtualHost);
    const { clientAuth } = virtualHost;
    this.clientGate = clientAuth === undefined ? null : new ClientGate(clientAuth);
    this.#compiler = compiler;
    this.#byRank = Array.from({ length: this.index.routeCount }, () => null);
  }

  /** The route for a canonical path; null: neither a rule nor a default backend of this host takes it. */
  match(path: string): CompiledRoute | null {
    const rank = this.index.matchRank(path);
    if (rank >= 0) return this.#byRank[rank] ?? this.#compileRank(rank);
    const route = rank === tooCostlyRank ? tooCostlyRoute : this.virtualHost.fallback;
    return route === null ? null : (this.#others.get(route) ?? this.#compileOther(route));
  }

  /** Whether two paths lead to the same route, without compiling. */
  leadsElsewhere(path: string, otherPath: string): boolean {
    return this.index.match(path) !== this.index.match(otherPath);
  }

  /** Whether a name that this entry serves has TLS in a table. Remembered for an exact host, which has one name only. */
  hasTls(table: RouteTable, host: string): boolean {
    if (host !== this.virtualHost.host) return resolveTls(table, host) !== null;
    if (this.#tlsTable !== table) {
      this.#hasTls = resolveTls(table, host) !== null;
      this.#tlsTable = table;
    }
    return this.#hasTls;
  }

  #compileRank(rank: number): CompiledRoute {
    const route = this.index.routeAt(rank);
    if (route === null) throw new RangeError(`host "${this.virtualHost.host}" has no route at ${rank}`);
    const compiled = compileRoute(route, this.virtualHost.host, this.#compiler);
    this.#byRank[rank] = compiled;
    return compiled;
  }

  #compileOther(route: Route): CompiledRoute {
    const compiled = compileRoute(route, this.virtualHost.host, this.#compiler);
    this.#others.set(route, compiled);
    return compiled;
  }

  /** Each with the side of its canary. */
  *compiledRoutes(): Iterable<CompiledRoute> {
    for (const compiled of [...this.#byRank, ...this.#others.values()]) {
      if (compiled === null) continue;
      yield compiled;
      if (compiled.canary !== null) yield compiled.canary.route;
    }
  }
}

export class LiveTable {
  table: RouteTable = emptyTable;
  /** The line of HSTS for responses by TLS; empty: none. */
  hstsLine = hstsLineOf(emptyTable);
  fallback: CompiledRoute;
  challenges = new LiveChallenges(emptyTable);
  readonly #compiler: RouteCompiler;
  readonly #pool: UpstreamPool;
  readonly #hosts = new Map<string, CompiledHost>();
  /** Hosts of the table that pass TLS on. */
  readonly #passing = new Set<string>();
  /** Hosts of the table whose handshakes differ from those of others. */
  readonly #withOwnTls = new Set<string>();

  constructor(compiler: RouteCompiler, pool: UpstreamPool) {
    this.#compiler = compiler;
    this.#pool = pool;
    this.fallback = compileRoute(emptyTable.fallback, '', compiler);
  }

  /** Upstreams first, so that a route compiled right after finds its own. */
  apply(patch: TablePatch): void {
    for (const upstream of patch.upstreams.set) this.#pool.setUpstream(upstream);
    const table = applyPatch(this.table, patch);
    for (const host of patch.hosts.removed) {
      this.#forget(host);
      this.#passing.delete(host);
      this.#withOwnTls.delete(host);
    }
    for (const virtualHost of patch.hosts.set) {
      this.#forget(virtualHost.host);
      if (virtualHost.passthrough === undefined) this.#passing.delete(virtualHost.host);
      else this.#passing.add(virtualHost.host);
      if (hasOwnTls(virtualHost)) this.#withOwnTls.add(virtualHost.host);
      else this.#withOwnTls.delete(virtualHost.host);
    }
    this.table = table;
    if (patch.tls !== undefined) this.hstsLine = hstsLineOf(table);
    if (patch.challenges !== undefined) this.challenges = new LiveChallenges(table);
    for (const id of patch.upstreams.removed) this.#pool.removeUpstream(id);
    if (patch.fallback !== undefined || patch.version === 1) {
      this.fallback = compileRoute(table.fallback, '', this.#compiler);
    }
  }

  /** The host entry for a normalised host; null when no rule names it and there is no catch-all. */
  lookupHost(host: string): CompiledHost | null {
    // An exact host that was asked for before: a patch that touches it takes it out, so what is here is what the table has.
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const virtualHost = findHost(this.table, host);
    if (virtualHost === null) return null;
    const compiled = this.#hosts.get(virtualHost.host);
    return compiled !== undefined && compiled.virtualHost === virtualHost
      ? compiled
      : this.#compileHost(virtualHost);
  }

  /** Whether any host passes TLS on: if none does, nobody has to look at names before the handshake. */
  get hasPassthrough(): boolean {
    return this.#passing.size > 0;
  }

  /** Whether the handshakes of any host differ from those of others in more than the certificate. */
  get hasOwnTls(): boolean {
    return this.#withOwnTls.size > 0;
  }

  /** Where TLS connections for a server name go, as the client sent it; null: they are served here. */
  lookupPassthrough(serverName: string): { readonly host: string; readonly passthrough: Passthrough } | null {
    const name = normalizeHost(serverName);
    const virtualHost = name === null ? null : findHost(this.table, name);
    // The catch-all host is for requests that name no host of a rule: TLS for all names belongs to nobody.
    if (virtualHost?.passthrough === undefined || virtualHost.host === '') return null;
    return { host: virtualHost.host, passthrough: virtualHost.passthrough };
  }

  resolveTls(host: string): HostTls | null {
    return resolveTls(this.table, host);
  }

  /** Rule S1; `serverName` normalised, empty when the client sent none. */
  isMisdirected(serverName: string, host: string): boolean {
    return isMisdirected(this.table, serverName, host);
  }

  #compileHost(virtualHost: VirtualHost): CompiledHost {
    const compiled = new CompiledHost(virtualHost, this.#compiler);
    this.#hosts.set(virtualHost.host, compiled);
    return compiled;
  }

  #forget(host: string): void {
    const compiled = this.#hosts.get(host);
    if (compiled === undefined) return;
    this.#hosts.delete(host);
    for (const route of compiled.compiledRoutes()) this.#compiler.metrics.releaseRoute(route.metrics);
  }
}

function hasOwnTls({ tls, clientAuth }: VirtualHost): boolean {
  if (clientAuth !== undefined) return true;
  return tls !== null && (tls.ciphers !== undefined || tls.prefersClientOrder === true);
}

function hstsLineOf({ tls }: RouteTable): string {
  return tls.hsts === '' ? '' : `Strict-Transport-Security: ${tls.hsts}\r\n`;
}
