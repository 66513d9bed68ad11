// HostMemo: the host entry of a connection's last request. Clients ask for the same host again and again.
import type { CompiledHost, LiveTable } from './live-table.ts';

export class HostMemo {
  #name = '';
  #host: CompiledHost | null = null;
  #table: unknown = null;
  /** Whether the host has TLS; null: not asked yet. */
  #hasTls: boolean | null = null;

  /** The host entry for a normalised host in the present table; null: no host takes it. */
  lookup(live: LiveTable, name: string): CompiledHost | null {
    if (live.table === this.#table && name === this.#name) return this.#host;
    this.#host = live.lookupHost(name);
    this.#name = name;
    this.#table = live.table;
    this.#hasTls = null;
    return this.#host;
  }

  /** Whether the host, or failing that its wildcard, has TLS. */
  hasTls(live: LiveTable, name: string): boolean {
    const host = this.lookup(live, name);
    this.#hasTls ??= host === null ? live.resolveTls(name) !== null : host.hasTls(live.table, name);
    return this.#hasTls;
  }
}
