// UdpListener: the port of a UDP service. Datagrams of one client address and port are a session; its answers go back from this port.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { StreamRoute } from '../../model/index.ts';
import { normalizeIp } from '../../wire/forwarded/index.ts';
import { type ProxyCore, reportBug } from '../core.ts';
import type { SessionHolder, SessionLimit } from './session-limit.ts';
import type { StreamCounters } from './stream-counters.ts';
import type { StreamListener } from './stream-listener.ts';
import { UdpSession } from './udp-session.ts';

/** Bytes of answers that wait in the socket; more are dropped. */
const maxWaitingBytes = 4_194_304;

export class UdpListener implements StreamListener, SessionHolder {
  route: StreamRoute;
  readonly #core: ProxyCore;
  readonly #limit: SessionLimit;
  readonly #counters: StreamCounters;
  readonly #socket: Socket;
  /** By the client's address and port; the longest silent one first. */
  readonly #sessions = new Map<string, UdpSession>();
  #isClosed = false;

  constructor(core: ProxyCore, route: StreamRoute, limit: SessionLimit, counters: StreamCounters) {
    this.#core = core;
    this.route = route;
    this.#limit = limit;
    this.#counters = counters;
    const { listen, workers } = core.settings;
    this.#socket = createSocket({
      type: listen.address.includes(':') ? 'udp6' : 'udp4',
      reusePort: workers > 1 || listen.isShared,
    });
    limit.join(this);
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  async listen(): Promise<number> {
    const socket = this.#socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(
        { address: this.#core.settings.listen.address, port: this.route.port, exclusive: true },
        resolve,
      );
    });
    socket.removeAllListeners('error');
    // An answer that cannot be sent concerns its client alone.
    socket.on('error', () => {});
    socket.on('message', (datagram, from) => {
      try {
        this.#receive(datagram, from);
      } catch (error) {
        // Rule V1: it costs this datagram and nothing else.
        reportBug(this.#core, error);
      }
    });
    return socket.address().port;
  }

  /** Ends its sessions too: without the port there is no way back. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#limit.leave(this);
    for (const session of this.#sessions.values()) session.end();
    this.#socket.close();
  }

  endOldest(): void {
    for (const session of this.#sessions.values()) {
      this.#counters.fail('sessions-full');
      session.end();
      return;
    }
  }

  #receive(datagram: Buffer, { address, port }: RemoteInfo): void {
    // Nobody can be answered there.
    if (port === 0) return;
    const key = `${address} ${port}`;
    let session = this.#sessions.get(key);
    if (session?.isStale === true) {
      session.end();
      session = undefined;
    }
    if (session === undefined) {
      this.#limit.makeRoom();
      session = this.#open(key, address, port);
    } else {
      // To the end: it spoke last.
      this.#sessions.delete(key);
      this.#sessions.set(key, session);
    }
    session.send(datagram);
  }

  #open(key: string, address: string, port: number): UdpSession {
    const socket = this.#socket;
    const session = new UdpSession({
      core: this.#core,
      upstream: this.#core.pool.lookupSet(this.route.upstream) ?? null,
      clientAddress: normalizeIp(address) ?? address,
      counters: this.#counters,
      onReply: (datagram) => {
        if (socket.getSendQueueSize() > maxWaitingBytes) this.#counters.fail('dropped');
        else socket.send(datagram, port, address, () => {});
      },
      onEnded: (ended) => {
        if (this.#sessions.get(key) === ended) this.#sessions.delete(key);
      },
    });
    this.#sessions.set(key, session);
    session.start();
    return session;
  }
}
