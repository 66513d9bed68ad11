// TcpListener: the listening port of a TCP service. Closing it ends no connection.
import { createServer, type Server, type Socket } from 'node:net';
import type { StreamRoute } from '../../model/index.ts';
import type { ProxyCore } from '../core.ts';
import type { Prefaces } from '../prefaces.ts';
import type { StreamConnections } from './stream-connections.ts';
import type { StreamListener } from './stream-listener.ts';

/** Accepted connections that wait for a worker. */
const backlog = 1_024;

export class TcpListener implements StreamListener {
  /** The present one: what changes counts for connections from then on. */
  route: StreamRoute;
  readonly #core: ProxyCore;
  readonly #prefaces: Prefaces;
  readonly #streams: StreamConnections;
  readonly #server: Server;

  constructor(core: ProxyCore, route: StreamRoute, prefaces: Prefaces, streams: StreamConnections) {
    this.#core = core;
    this.route = route;
    this.#prefaces = prefaces;
    this.#streams = streams;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true });
    this.#server.maxConnections = core.settings.limits.maxConnectionsPerWorker;
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  async listen(): Promise<number> {
    const { listen, workers } = this.#core.settings;
    const isShared = workers > 1 || listen.isShared;
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(
        { host: listen.address, port: this.route.port, backlog, reusePort: isShared, exclusive: true },
        resolve,
      );
    });
    server.removeAllListeners('error');
    // EMFILE and the like while accepting: the kernel keeps the connection in its queue, accepting goes on later.
    server.on('error', () => {});
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : this.route.port;
  }

  close(): void {
    this.#server.close();
  }

  #accept(socket: Socket): void {
    const { route } = this;
    const { settings, table } = this.#core;
    const idleMs = table.table.arrivals.tcpIdleMs ?? settings.streams.tcpIdleMs;
    const order = { ...route, name: route.id, idleMs };
    if (route.wantsProxyHeader) {
      this.#prefaces.begin(socket, { wantsHeader: true, wantsHello: false }, ({ announced }) =>
        this.#streams.open(socket, order, announced),
      );
    } else {
      socket.pause();
      this.#streams.open(socket, order, null);
    }
  }
}
