// StreamConnection: one client connection whose bytes nobody here reads, and its connection to an endpoint. An endpoint that cannot be
// reached is followed by another; once connected, bytes go both ways with back-pressure, a half-close is passed on, an abort too,
// and silence ends it. It needs the table only until it is connected, so no change of the table touches it.
import { connect, type Socket } from 'node:net';
import type { ProxyProtocolOut } from '../../model/index.ts';
import { type ProxyEnd, renderProxyV1, renderProxyV2 } from '../../wire/proxy-protocol/index.ts';
import { type ProxyCore, reportBug } from '../core.ts';
import type { Timed } from '../deadlines.ts';
import type { EndpointSet, LiveEndpoint } from '../endpoint-set.ts';
import type { PooledReader } from './pooled-reader.ts';
import type { StreamCounters, StreamFailure } from './stream-counters.ts';

/** Where a stream's connections go. */
export interface StreamTarget {
  /** Null: the table has no such upstream any more. */
  readonly upstream: EndpointSet | null;
  readonly proxyProtocol: ProxyProtocolOut;
  readonly connectMs: number;
  readonly idleMs: number;
  readonly counters: StreamCounters;
}

/** Who the client is and what it reached, for the header that endpoints may get. */
export interface StreamEnds {
  readonly source: ProxyEnd | null;
  readonly destination: ProxyEnd | null;
}

export class StreamConnection implements Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #core: ProxyCore;
  readonly #client: Socket;
  readonly #target: StreamTarget;
  readonly #ends: StreamEnds;
  readonly #onClosed: (connection: StreamConnection) => void;
  readonly #reader: PooledReader;
  readonly #tried: LiveEndpoint[] = [];
  #server: Socket | null = null;
  #endpoint: LiveEndpoint | null = null;
  #isConnected = false;
  #hasClientEnded = false;
  #hasServerEnded = false;
  isClosed = false;
  /** Why there is no connection to an endpoint, should there be nobody left to try. */
  #failure: StreamFailure = 'no-endpoint';

  /** `client`: paused; what it has sent so far is in it. */
  constructor(
    core: ProxyCore,
    client: Socket,
    target: StreamTarget,
    ends: StreamEnds,
    reader: PooledReader,
    onClosed: (connection: StreamConnection) => void,
  ) {
    this.#core = core;
    this.#client = client;
    this.#target = target;
    this.#ends = ends;
    this.#reader = reader;
    this.#onClosed = onClosed;
    target.counters.accepted += 1;
    target.counters.active += 1;
    core.deadlines.add(this);
    client.on('error', () => {});
    client.on('close', () => this.#guard(() => this.#onSocketClosed(this.#server)));
    this.#guard(() => this.#select());
  }

  /** Ends both sides now; the ends see that it was no orderly end. */
  destroy(): void {
    if (this.isClosed) return;
    this.#letGo();
    this.#client.resetAndDestroy();
    // A reset would wait for a connection that is not there yet.
    if (this.#isConnected) this.#server?.resetAndDestroy();
    else this.#server?.destroy();
    this.#onClosed(this);
  }

  onDeadline(): void {
    this.#guard(() => {
      if (this.#isConnected) this.#fail('idle');
      else this.#tryNext('connect-timeout');
    });
  }

  /** Rule V1: an exception costs this connection and no other. */
  #onBug(error: unknown): void {
    reportBug(this.#core, error);
    this.destroy();
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#onBug(error);
    }
  }

  // ── select and connect ──

  #select(): void {
    if (this.isClosed) return;
    const { upstream, connectMs } = this.#target;
    const waiters = upstream?.waiters ?? null;
    if (waiters !== null) {
      waiters.push(() => this.#guard(() => this.#select()));
      return;
    }
    const endpoint = upstream === null ? null : this.#choose(upstream);
    if (endpoint === null || upstream === null) {
      this.#fail(this.#failure);
      return;
    }
    this.#tried.push(endpoint);
    this.#endpoint = endpoint;
    upstream.begin(endpoint);
    this.deadlineMs = this.#core.deadlines.after(connectMs);
    const server = connect({
      host: endpoint.address,
      port: endpoint.port,
      noDelay: true,
      autoSelectFamily: false,
      allowHalfOpen: true,
      onread: {
        // Asked for before each read.
        buffer: () => this.#reader.bytes,
        callback: (length) => {
          try {
            this.#onServerData(length);
          } catch (error) {
            this.#onBug(error);
          }
          return true;
        },
      },
    });
    this.#server = server;
    server.on('error', () => {});
    server.on('connect', () => this.#guard(() => this.#relay(server)));
    server.on('close', () => this.#guard(() => this.#onServerClosed(server)));
  }

  /** By the client if its Service wants clients to stay, else in the round. */
  #choose(upstream: EndpointSet): LiveEndpoint | null {
    return upstream.hashesClients
      ? upstream.selectByClient(this.#ends.source?.address ?? '', this.#tried)
      : upstream.select(this.#tried);
  }

  /** The endpoint has this connection no longer. */
  #leaveEndpoint(): void {
    if (this.#endpoint !== null) this.#target.upstream?.end(this.#endpoint);
    this.#endpoint = null;
  }

  #onServerClosed(server: Socket): void {
    if (this.isClosed || server !== this.#server) return;
    if (this.#isConnected) this.#onSocketClosed(this.#client);
    else this.#tryNext('connect-failed');
  }

  #tryNext(reason: 'connect-failed' | 'connect-timeout'): void {
    const server = this.#server;
    this.#server = null;
    server?.destroy();
    this.#failure = reason;
    if (this.#endpoint !== null) this.#target.upstream?.reportFailure(this.#endpoint, reason);
    this.#leaveEndpoint();
    if (this.#tried.length >= this.#core.settings.maxTries) this.#fail(reason);
    else this.#select();
  }

  #fail(reason: StreamFailure): void {
    this.#target.counters.fail(reason);
    this.destroy();
  }

  // ── relay ──

  #relay(server: Socket): void {
    if (this.isClosed) return;
    const client = this.#client;
    this.#isConnected = true;
    if (this.#endpoint !== null) this.#target.upstream?.reportSuccess(this.#endpoint, performance.now());
    this.#sendHeader(server);
    this.#awaitBytes();
    client.on('data', (bytes: Buffer) => {
      try {
        this.#onClientData(server, bytes);
      } catch (error) {
        this.#onBug(error);
      }
    });
    client.on('drain', () => this.#onDrain(server));
    server.on('drain', () => this.#onDrain(client));
    client.on('end', () => {
      this.#hasClientEnded = true;
      server.end();
    });
    server.on('end', () => {
      this.#hasServerEnded = true;
      client.end();
    });
    client.resume();
  }

  #sendHeader(server: Socket): void {
    const { source, destination } = this.#ends;
    const { proxyProtocol } = this.#target;
    if (proxyProtocol === 'v1') server.write(renderProxyV1(source, destination), 'latin1');
    else if (proxyProtocol === 'v2') server.write(renderProxyV2(source, destination, 'stream'));
  }

  #onClientData(server: Socket, bytes: Buffer): void {
    this.#target.counters.receivedBytes += bytes.length;
    this.#awaitBytes();
    if (!server.write(bytes)) this.#client.pause();
  }

  #onServerData(length: number): void {
    if (this.isClosed) return;
    const client = this.#client;
    this.#target.counters.sentBytes += length;
    this.#awaitBytes();
    this.#reader.passOn(length, client);
    // After a write that went out at once `writableNeedDrain` still stands, with nothing to wait for.
    if (client.writableNeedDrain && client.writableLength > 0) this.#server?.pause();
  }

  /** One side has taken everything: `other` may send again. */
  #onDrain(other: Socket): void {
    this.#awaitBytes();
    other.resume();
  }

  #awaitBytes(): void {
    this.deadlineMs = this.#core.deadlines.after(this.#target.idleMs);
  }

  // ── end ──

  /** One socket is closed. After both sides have said their last the other one closes by itself; before that it was an abort. */
  #onSocketClosed(other: Socket | null): void {
    if (this.isClosed) return;
    const isOrderly = this.#hasClientEnded && this.#hasServerEnded;
    if (!isOrderly) this.destroy();
    else if (other === null || other.destroyed) this.#finish();
  }

  #finish(): void {
    this.#letGo();
    this.#onClosed(this);
  }

  /** Gives back everything but the sockets. */
  #letGo(): void {
    this.isClosed = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#core.deadlines.remove(this);
    this.#target.counters.active -= 1;
    this.#leaveEndpoint();
    this.#reader.release();
  }
}
