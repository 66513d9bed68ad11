// StreamListeners: the ports of TCP and UDP services of a worker, opened and closed as the table says, live. A port that cannot be had
// harms nobody else: it is logged, and tried again.
import { setImmediate as nextCheck } from 'node:timers/promises';
import type { StreamId, StreamRoute } from '../../model/index.ts';
import type { ProxyCore } from '../core.ts';
import type { Timed } from '../deadlines.ts';
import { Prefaces } from '../prefaces.ts';
import type { StreamConnections } from './stream-connections.ts';
import type { StreamListener } from './stream-listener.ts';
import { SessionLimit } from './session-limit.ts';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;
/** For PROXY headers that are under way when the draining begins. */
const drainPrefaceMs = 1_000;

/** One port that the table wants. */
class StreamPort implements Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  listener: StreamListener;
  /** 0 until it is bound. */
  boundPort = 0;
  isClosed = false;
  failures = 0;
  readonly #retry: (port: StreamPort) => void;

  constructor(listener: StreamListener, retry: (port: StreamPort) => void) {
    this.listener = listener;
    this.#retry = retry;
  }

  onDeadline(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#retry(this);
  }
}

export class StreamListeners {
  readonly #core: ProxyCore;
  readonly #streams: StreamConnections;
  readonly #prefaces: Prefaces;
  readonly #sessions: SessionLimit;
  readonly #ports = new Map<StreamId, StreamPort>();
  readonly #pending = new Set<Promise<void>>();
  #isStarted = false;
  #isClosed = false;
  #whenPrefaced: (() => void) | null = null;

  constructor(core: ProxyCore, streams: StreamConnections) {
    this.#core = core;
    this.#streams = streams;
    this.#sessions = new SessionLimit(maxSessionsOf(core));
    this.#prefaces = new Prefaces(core, () => {
      if (this.#prefaces.size === 0) this.#whenPrefaced?.();
    });
  }

  /** From here on the ports of the table are open. Resolves when those of the present one are, or have failed. */
  async start(): Promise<void> {
    this.#isStarted = true;
    this.apply();
    await this.settled();
  }

  /** To be called when the table has changed. */
  apply(): void {
    if (!this.#isStarted || this.#isClosed) return;
    const { streams } = this.#core.table.table;
    for (const [id, port] of this.#ports) {
      const route = streams.get(id);
      if (route === undefined) this.#close(id, port);
      else port.listener.route = route;
    }
    for (const [id, route] of streams) if (!this.#ports.has(id)) this.#open(id, route);
  }

  /** Resolves when no port is in the middle of being opened. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** The port that a stream listens on; 0 while it does not. */
  portOf(id: StreamId): number {
    return this.#ports.get(id)?.boundPort ?? 0;
  }

  /** Accepts nothing more. Resolves when what was accepted before is a connection, or ended. Connections go on. */
  async drain(): Promise<void> {
    // As for the other ports: what waits in a queue of the kernel when it is closed is reset, and here it was just emptied.
    await nextCheck();
    this.#closePorts();
    if (this.#prefaces.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#whenPrefaced = resolve;
      const patience = setTimeout(() => this.#prefaces.destroy(), drainPrefaceMs);
      await promise;
      clearTimeout(patience);
    }
  }

  /** Accepts nothing more, and ends what is not a connection yet. */
  close(): void {
    this.#closePorts();
    this.#prefaces.destroy();
  }

  #closePorts(): void {
    this.#isClosed = true;
    for (const [id, port] of this.#ports) this.#close(id, port);
  }

  #open(id: StreamId, route: StreamRoute): void {
    const port = new StreamPort(this.#createListener(route), (each) => {
      each.listener = this.#createListener(each.listener.route);
      this.#track(this.#bind(each));
    });
    this.#ports.set(id, port);
    this.#core.deadlines.add(port);
    this.#track(this.#bind(port));
  }

  #createListener(route: StreamRoute): StreamListener {
    return route.protocol === 'tcp'
      ? new TcpListener(this.#core, route, this.#prefaces, this.#streams)
      : new UdpListener(this.#core, route, this.#sessions, this.#streams.countersOf(route.id));
  }

  #track(binding: Promise<void>): void {
    this.#pending.add(binding);
    void binding.finally(() => this.#pending.delete(binding));
  }

  /** Never rejects. */
  async #bind(port: StreamPort): Promise<void> {
    const { listener } = port;
    try {
      const bound = await listener.listen();
      if (port.isClosed) listener.close();
      else port.boundPort = bound;
      port.failures = 0;
    } catch (error) {
      listener.close();
      if (!port.isClosed) this.#onBindFailed(port, error);
    }
  }

  #onBindFailed(port: StreamPort, error: unknown): void {
    const { id, source } = port.listener.route;
    const { deadlines, logger, settings } = this.#core;
    const retryMs = Math.min(firstRetryMs * 2 ** port.failures, maxRetryMs);
    port.deadlineMs = deadlines.after(retryMs);
    this.#streams.countersOf(id).fail('bind-failed');
    // Once: what goes on failing is in the metrics.
    if (port.failures === 0) {
      logger.error(
        { stream: id, source, address: settings.listen.address, error: String(error) },
        `cannot listen on ${id}; it is tried again`,
      );
    }
    port.failures += 1;
  }

  #close(id: StreamId, port: StreamPort): void {
    this.#ports.delete(id);
    this.#core.deadlines.remove(port);
    port.isClosed = true;
    if (port.boundPort !== 0) port.listener.close();
    port.boundPort = 0;
  }
}

/** Each UDP session holds a file descriptor, as connections do: a quarter of theirs. */
function maxSessionsOf({ settings }: ProxyCore): number {
  return Math.max(16, Math.floor(settings.limits.maxConnectionsPerWorker / 4));
}
