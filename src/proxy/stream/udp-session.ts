// UdpSession: the datagrams of one client of a UDP service, and the socket over which they go to one endpoint. The socket is connected, so
// the kernel lets nobody but the endpoint answer, and says when nobody is there.
import { createSocket, type Socket } from 'node:dgram';
import { type ProxyCore, reportBug } from '../core.ts';
import type { Timed } from '../deadlines.ts';
import type { EndpointSet, LiveEndpoint } from '../endpoint-set.ts';
import type { StreamCounters } from './stream-counters.ts';

/** Datagrams that wait for the socket, or for the first resolution of a name. */
const maxQueued = 16;
/** Bytes that wait in one socket; more are dropped, as the network would. */
const maxWaitingBytes = 262_144;
/** A session that nobody ever answered: a made-up sender, a scan, or a service that only listens. */
const unansweredMs = 30_000;

export interface UdpSessionOptions {
  readonly core: ProxyCore;
  /** Null: the table has no such upstream. */
  readonly upstream: EndpointSet | null;
  readonly clientAddress: string;
  readonly counters: StreamCounters;
  readonly onReply: (datagram: Buffer) => void;
  readonly onEnded: (session: UdpSession) => void;
}

export class UdpSession implements Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #options: UdpSessionOptions;
  #socket: Socket | null = null;
  #endpoint: LiveEndpoint | null = null;
  #isConnected = false;
  #isAnswered = false;
  #isEnded = false;
  #queue: Buffer[] = [];

  constructor(options: UdpSessionOptions) {
    this.#options = options;
    const { core, counters } = options;
    counters.accepted += 1;
    counters.active += 1;
    core.deadlines.add(this);
    this.#arm();
  }

  /** Chooses the endpoint. Not in the constructor: the session may end in here. */
  start(): void {
    const { upstream } = this.#options;
    const waiters = upstream?.waiters ?? null;
    if (waiters === null) this.#guard(() => this.#select());
    else waiters.push(() => this.#guard(() => this.#select()));
  }

  /** The endpoint has left the table: no connection tells that its datagrams go nowhere. */
  get isStale(): boolean {
    return this.#endpoint?.isRemoved === true;
  }

  /** A datagram of the client. */
  send(datagram: Buffer): void {
    if (this.#isEnded) return;
    const { counters } = this.#options;
    counters.receivedBytes += datagram.length;
    this.#arm();
    const socket = this.#socket;
    if (socket === null || !this.#isConnected) {
      if (this.#queue.length < maxQueued) this.#queue.push(datagram);
      else counters.fail('dropped');
    } else if (socket.getSendQueueSize() > maxWaitingBytes) counters.fail('dropped');
    else {
      try {
        socket.send(datagram, () => {});
      } catch (error) {
        this.#onBug(error);
      }
    }
  }

  onDeadline(): void {
    this.end();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#queue = [];
    const { core, upstream, counters, onEnded } = this.#options;
    core.deadlines.remove(this);
    counters.active -= 1;
    if (this.#endpoint !== null) upstream?.end(this.#endpoint);
    this.#socket?.close();
    onEnded(this);
  }

  #select(): void {
    if (this.#isEnded) return;
    const { upstream, clientAddress, counters } = this.#options;
    const endpoint =
      upstream?.hashesClients === true
        ? upstream.selectByClient(clientAddress, null)
        : (upstream?.select(null) ?? null);
    if (endpoint === null) {
      counters.fail('no-endpoint');
      this.end();
      return;
    }
    this.#endpoint = endpoint;
    upstream?.begin(endpoint);
    const socket = createSocket(endpoint.address.includes(':') ? 'udp6' : 'udp4');
    this.#socket = socket;
    socket.on('error', () => this.#guard(() => this.#onError()));
    socket.on('message', (datagram) => {
      try {
        this.#onMessage(datagram);
      } catch (error) {
        this.#onBug(error);
      }
    });
    // Also called when it fails, with the reason; then there is no `error`.
    const onConnect = (error?: Error): void =>
      this.#guard(() => (error ? this.#onError() : this.#onConnected(socket)));
    socket.connect(endpoint.port, endpoint.address, onConnect);
  }

  #onConnected(socket: Socket): void {
    if (this.#isEnded) return;
    this.#isConnected = true;
    for (const datagram of this.#queue) socket.send(datagram, () => {});
    this.#queue = [];
  }

  #onMessage(datagram: Buffer): void {
    if (this.#isEnded) return;
    const { upstream, counters, onReply } = this.#options;
    if (!this.#isAnswered && this.#endpoint !== null)
      upstream?.reportSuccess(this.#endpoint, performance.now());
    this.#isAnswered = true;
    counters.sentBytes += datagram.length;
    this.#arm();
    onReply(datagram);
  }

  /** Nobody listens there (ICMP), the kernel knows no way there, or the socket could not be had: the client's next datagram goes to another endpoint. */
  #onError(): void {
    const { upstream, counters } = this.#options;
    if (this.#isEnded) return;
    if (this.#endpoint !== null) upstream?.reportFailure(this.#endpoint, 'connect-refused');
    counters.fail('connect-failed');
    this.end();
  }

  /** Rule V1: an exception costs this session and no other. */
  #onBug(error: unknown): void {
    reportBug(this.#options.core, error);
    this.end();
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#onBug(error);
    }
  }

  #arm(): void {
    const { deadlines, settings } = this.#options.core;
    const { udpIdleMs } = settings.streams;
    this.deadlineMs = deadlines.after(this.#isAnswered ? udpIdleMs : Math.min(udpIdleMs, unansweredMs));
  }
}
