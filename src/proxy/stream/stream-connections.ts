// StreamConnections: the stream connections of a worker, whoever accepted them: TLS that is passed through, and TCP services.
import type { Socket } from 'node:net';
import { defaultRouteSettings } from '../../features/index.ts';
import type { ProxyProtocolOut, UpstreamId } from '../../model/index.ts';
import { normalizeIp } from '../../wire/forwarded/index.ts';
import type { ProxyEnd } from '../../wire/proxy-protocol/index.ts';
import type { ProxyCore } from '../core.ts';
import type { AnnouncedEnds } from '../prefaces.ts';
import { PooledReader, ReaderPools } from './pooled-reader.ts';
import { StreamConnection, type StreamEnds } from './stream-connection.ts';
import { StreamCounters } from './stream-counters.ts';

/** Where a connection goes, and under which name it is counted. */
export interface StreamOrder {
  /** `tls/HOST`, `tcp/PORT`. */
  readonly name: string;
  readonly upstream: UpstreamId;
  readonly proxyProtocol: ProxyProtocolOut;
  readonly idleMs: number;
}

const passedPrefix = 'tls/';

export class StreamConnections {
  /** By name of the stream. */
  readonly counters = new Map<string, StreamCounters>();
  readonly #core: ProxyCore;
  readonly #readers: ReaderPools;
  readonly #open = new Set<StreamConnection>();
  #whenEmpty: (() => void) | null = null;

  constructor(core: ProxyCore) {
    this.#core = core;
    this.#readers = new ReaderPools(core.pool.largeReadBuffers);
  }

  get size(): number {
    return this.#open.size;
  }

  countersOf(name: string): StreamCounters {
    let counters = this.counters.get(name);
    if (counters === undefined) {
      counters = new StreamCounters();
      this.counters.set(name, counters);
    }
    return counters;
  }

  /**
   * Forgets the counters of passed-through hosts that are gone and have no connection any more; tenants can name hosts without end. The
   * ports of TCP and UDP services are the operator's: theirs stay, as counters do. To be called when hosts may have gone.
   */
  pruneCounters(): void {
    const { hosts } = this.#core.table.table;
    for (const [name, { active }] of this.counters) {
      if (active > 0 || !name.startsWith(passedPrefix)) continue;
      if (hosts.get(name.slice(passedPrefix.length))?.passthrough === undefined) this.counters.delete(name);
    }
  }

  /** `client`: a paused socket. */
  open(client: Socket, order: StreamOrder, announced: AnnouncedEnds | null): void {
    const connection = new StreamConnection(
      this.#core,
      client,
      {
        upstream: this.#core.pool.lookupSet(order.upstream) ?? null,
        proxyProtocol: order.proxyProtocol,
        connectMs: defaultRouteSettings.connectTimeoutMs,
        idleMs: order.idleMs,
        counters: this.countersOf(order.name),
      },
      announced ?? endsOf(client),
      new PooledReader(this.#readers),
      (closed) => {
        this.#open.delete(closed);
        if (this.#open.size === 0) this.#whenEmpty?.();
      },
    );
    // It may have ended at once, for want of an endpoint.
    if (!connection.isClosed) this.#open.add(connection);
  }

  /** Resolves when the last connection has ended. */
  async drain(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  /** Ends every connection now. */
  destroy(): void {
    for (const connection of this.#open) connection.destroy();
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): StreamEnds {
  return { source: endOf(remoteAddress, remotePort), destination: endOf(localAddress, localPort) };
}

function endOf(address: string | undefined, port: number | undefined): ProxyEnd | null {
  const normalized = address === undefined ? null : normalizeIp(address);
  return normalized === null || port === undefined ? null : { address: normalized, port };
}
