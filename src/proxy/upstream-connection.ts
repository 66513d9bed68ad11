// UpstreamConnection: one TCP or TLS connection to an endpoint, used by one exchange at a time and pooled in between. It reads into a
// buffer of its own that is handed out without copying; whoever keeps bytes beyond the callback says so (`retain`) and the
// next read gets another one. Bytes or an end on an idle connection destroy it (rules K2, K3).
import { connect, type OnReadOpts, type Socket } from 'node:net';
import type { BufferPool, PooledBuffer } from './buffer-pool.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { LiveEndpoint } from './endpoint-set.ts';
import { renderChunkHeader, renderLastChunk } from '../wire/http1/render.ts';
import { errorKindOf, type ProxyErrorKind } from './outcome.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestTrailers } from './request-trailers.ts';
import { renderUpstreamRequest, type UpstreamRequest } from './request-render.ts';
import { dialTls, tlsReasonOf } from './transport/dial-tls.ts';
import type { Lane } from './transport/transport.ts';
import type { UpstreamLink, UpstreamUser } from './upstream-link.ts';

const lastChunk = renderLastChunk('');

/** What a connection needs of the pool that it lives in. */
export interface UpstreamHome {
  readonly deadlines: Deadlines;
  /** For heads and ordinary bodies. */
  readonly readBuffers: BufferPool;
  /** For connections that fill the former: fewer and larger reads and writes. */
  readonly largeReadBuffers: BufferPool;
  /** Back to the pool, or closed where a bound says so. */
  release(connection: UpstreamConnection, peerKeepAliveMs: number, nowMs: number): void;
  onUpstreamClosed(connection: UpstreamConnection): void;
}

export class UpstreamConnection implements Timed, UpstreamLink {
  readonly endpoint: LiveEndpoint;
  /** Null: plain. */
  readonly lane: Lane | null;
  readonly socket: Socket;
  readonly createdMs: number;
  deadlineMs = Number.POSITIVE_INFINITY;
  /** Null while idle. */
  user: UpstreamUser | null;
  readonly isConversation = false;
  readonly grpcStatus = null;
  /** The handshake is over, that of TLS included. */
  isConnected = false;
  isDestroyed = false;
  requestCount = 0;
  readonly #home: UpstreamHome;
  /** Of the request that is being sent. */
  #trailers: RequestTrailers | null = null;
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

  get isReused(): boolean {
    return this.requestCount > 0;
  }

  // ── sending ──

  sendRequest(request: UpstreamRequest, body: RequestBody | null): void {
    const { socket } = this;
    if (body === null) {
      socket.write(renderUpstreamRequest(request), 'latin1');
      return;
    }
    this.#trailers = request.trailers;
    socket.cork();
    socket.write(renderUpstreamRequest(request), 'latin1');
    body.startSending(this);
    socket.uncork();
  }

  /** A whole request without a body, in latin1. */
  sendText(text: string): void {
    this.socket.write(text, 'latin1');
  }

  sendPiece(piece: Buffer, isSized: boolean, isLast: boolean, trailers: string): void {
    const { socket } = this;
    if (isSized) {
      if (piece.length > 0) socket.write(piece);
      return;
    }
    if (piece.length === 0) {
      if (isLast) socket.write(this.#lastChunk(trailers), 'latin1');
      return;
    }
    // RFC 9112 7.1. One buffer, because small pieces are the rule.
    const before = renderChunkHeader(piece.length);
    const after = isLast ? `\r\n${this.#lastChunk(trailers)}` : '\r\n';
    const framed = Buffer.allocUnsafe(before.length + piece.length + after.length);
    framed.write(before, 0, 'latin1');
    piece.copy(framed, before.length);
    framed.write(after, before.length + piece.length, 'latin1');
    socket.write(framed);
  }

  /** RFC 9112 7.1.2: only what was announced, to peers that cannot say whether they take any. */
  #lastChunk(trailers: string): string {
    const passed = trailers === '' ? '' : (this.#trailers?.pass(trailers, true) ?? '');
    return passed === '' ? lastChunk : renderLastChunk(passed);
  }

  get needsDrain(): boolean {
    return this.socket.writableNeedDrain;
  }

  sendTunnel(bytes: Buffer): boolean {
    return this.socket.write(bytes);
  }

  endTunnel(): void {
    this.socket.end();
  }

  // ── reading ──

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
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

  // ── ends ──

  release(isClean: boolean, peerKeepAliveMs: number, nowMs: number): void {
    if (isClean && this.socket.writableLength === 0) this.#home.release(this, peerKeepAliveMs, nowMs);
    else this.destroy();
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
