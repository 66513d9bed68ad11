// UpstreamConnection: one TCP or TLS connection to an endpoint, used by one exchange at a time and pooled in between. It reads into a
// buffer of its own that is handed out without copying; whoever keeps bytes beyond the callback says so (`retain`) and the
// next read gets another one. Bytes or an end on an idle connection destroy it (rules K2, K3).
import { connect, type OnReadOpts, type Socket } from 'node:net';
import type { BufferPool, PooledBuffer } from './buffer-pool.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { LiveEndpoint } from './endpoint-set.ts';
import { errorKindOf, type ProxyErrorKind } from './outcome.ts';
import { dialTls, tlsReasonOf } from './transport/dial-tls.ts';
import type { Lane } from './transport/transport.ts';

/** What a connection tells the exchange that uses it. */
export interface UpstreamUser {
  onUpstreamConnect(): void;
  /** `buffer[0,length)` is valid until the call returns, unless `retain()` is called. */
  onUpstreamData(buffer: Buffer, length: number): void;
  onUpstreamEnd(): void;
  onUpstreamDrain(): void;
  /** `detail`: a reason for counters, where there is more to say than the kind does. */
  onUpstreamError(kind: ProxyErrorKind, detail?: string): void;
  onUpstreamDeadline(): void;
  /** One of the above threw: a defect of ours, which must cost this exchange and nothing else (rule V1). */
  onUpstreamBug(error: unknown): void;
}

/** What a connection needs of the pool that it lives in. */
export interface UpstreamHome {
  readonly deadlines: Deadlines;
  /** For heads and ordinary bodies. */
  readonly readBuffers: BufferPool;
  /** For connections that fill the former: fewer and larger reads and writes. */
  readonly largeReadBuffers: BufferPool;
  onUpstreamClosed(connection: UpstreamConnection): void;
}

export class UpstreamConnection implements Timed {
  readonly endpoint: LiveEndpoint;
  /** Null: plain. */
  readonly lane: Lane | null;
  readonly socket: Socket;
  readonly createdMs: number;
  deadlineMs = Number.POSITIVE_INFINITY;
  /** Null while idle. */
  user: UpstreamUser | null;
  /** The handshake is over, that of TLS included. */
  isConnected = false;
  isDestroyed = false;
  requestCount = 0;
  readonly #home: UpstreamHome;
  #buffer: PooledBuffer;
  /** Reads fill the buffer: a large body comes. */
  #isStreaming = false;
  /** TCP is connected, TLS may not be. */
  #isReached = false;

  constructor(
    home: UpstreamHome,
    endpoint: LiveEndpoint,
    lane: Lane | null,
    user: UpstreamUser,
    nowMs: number,
  ) {
    this.#home = home;
    this.endpoint = endpoint;
    this.lane = lane;
    this.user = user;
    this.createdMs = nowMs;
    this.#buffer = home.readBuffers.take();
    const onread: OnReadOpts = {
      // Asked for before each read.
      buffer: () => this.#buffer.bytes,
      callback: (length, buffer) => {
        this.#onRead(buffer as Buffer, length);
        return true;
      },
    };
    const tls = lane?.transport.tls ?? null;
    if (lane === null || tls === null) {
      const { address: host, port } = endpoint;
      this.socket = connect({
        host,
        port,
        noDelay: true,
        autoSelectFamily: false,
        allowHalfOpen: true,
        onread,
      });
      this.socket.on('connect', () => this.#onConnect());
    } else {
      this.socket = dialTls(endpoint, lane, tls, { allowHalfOpen: true, onread });
      this.socket.on('connect', () => {
        this.#isReached = true;
      });
      this.socket.on('secureConnect', () => this.#onConnect());
    }
    this.socket.on('end', () => this.#onEnd());
    this.socket.on('drain', () => this.#onDrain());
    this.socket.on('error', (error: NodeJS.ErrnoException) => this.#onError(error.code));
    this.socket.on('close', () => this.#onClose());
    home.deadlines.add(this);
  }

  /** Where it waits between two exchanges. */
  get idlePlace(): UpstreamConnection[] {
    return (this.lane ?? this.endpoint).idle;
  }

  /** The buffer that is read into; writes of its bytes lend it. */
  get readBuffer(): PooledBuffer {
    return this.#buffer;
  }

  /** The bytes of the present read outlive the callback: the next read uses another buffer. */
  retain(): void {
    this.#swapBuffer(this.#isStreaming ? this.#home.largeReadBuffers : this.#home.readBuffers);
  }

  #swapBuffer(pool: BufferPool): void {
    this.#buffer.release();
    this.#buffer = pool.take();
  }

  /** Nobody's any more: closes when what was written has gone out, at the latest at `deadlineMs`. */
  finish(deadlineMs: number): void {
    this.user = null;
    this.deadlineMs = deadlineMs;
    this.socket.end();
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.user = null;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#home.deadlines.remove(this);
    this.#home.onUpstreamClosed(this);
    this.#buffer.release();
    this.socket.destroy();
  }

  onDeadline(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    const { user } = this;
    try {
      if (user === null) this.destroy();
      else user.onUpstreamDeadline();
    } catch (error) {
      user?.onUpstreamBug(error);
    }
  }

  #onConnect(): void {
    this.isConnected = true;
    const { user } = this;
    try {
      user?.onUpstreamConnect();
    } catch (error) {
      user?.onUpstreamBug(error);
    }
  }

  #onRead(buffer: Buffer, length: number): void {
    const { user } = this;
    if (user === null) {
      this.destroy();
      return;
    }
    const wasFull = length === buffer.length;
    try {
      user.onUpstreamData(buffer, length);
    } catch (error) {
      user.onUpstreamBug(error);
    }
    if (wasFull !== this.#isStreaming && !this.isDestroyed) this.#adaptBuffer(wasFull);
  }

  /** Large buffers only for connections in the middle of a large body; idle ones hold small ones. */
  #adaptBuffer(wasFull: boolean): void {
    const isStreaming = this.user !== null && (wasFull || this.#isStreaming);
    if (isStreaming === this.#isStreaming) return;
    this.#isStreaming = isStreaming;
    this.#swapBuffer(isStreaming ? this.#home.largeReadBuffers : this.#home.readBuffers);
  }

  #onDrain(): void {
    const { user } = this;
    try {
      user?.onUpstreamDrain();
    } catch (error) {
      user?.onUpstreamBug(error);
    }
  }

  #onEnd(): void {
    const { user } = this;
    if (user === null) {
      this.destroy();
      return;
    }
    try {
      user.onUpstreamEnd();
    } catch (error) {
      user.onUpstreamBug(error);
    }
  }

  #onError(code: string | undefined): void {
    const { user, isConnected } = this;
    const kind = errorKindOf(code, isConnected, this.#isReached);
    this.#fail(user, kind, kind === 'upstream-tls' ? tlsReasonOf(code) : '');
  }

  #onClose(): void {
    this.#fail(this.user, 'upstream-reset', '');
  }

  #fail(user: UpstreamUser | null, kind: ProxyErrorKind, detail: string): void {
    this.destroy();
    try {
      user?.onUpstreamError(kind, detail);
    } catch (error) {
      user?.onUpstreamBug(error);
    }
  }
}
