// UpstreamLink: what an exchange needs of the way to its endpoint: a connection of HTTP/1.1 that it has for itself
// (upstream-connection.ts), or a stream of an HTTP/2 session that it shares (transport/http2-link.ts). And what a link tells in return.
import type { ResponseHead } from '../wire/http1/response-head.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { ProxyErrorKind } from './outcome.ts';
import type { RequestBody } from './request-body.ts';
import type { UpstreamRequest } from './request-render.ts';

/** Takes the content of a request's body, and frames it as its protocol does. */
export interface BodyTarget {
  /**
   * `isSized`: the length was announced. `isLast`: nothing follows; `piece` may be empty then. `trailers`: complete lines of the client's, with the
   * last piece; which of them go on, the request says.
   */
  sendPiece(piece: Buffer, isSized: boolean, isLast: boolean, trailers: string): void;
  /** What was sent waits: the client should send no more. */
  readonly needsDrain: boolean;
}

export interface UpstreamLink extends BodyTarget {
  /** Requests can be sent: handshakes are over, a stream is free. */
  readonly isConnected: boolean;
  /** It carried or carries other requests: that it is broken may not have been known. */
  readonly isReused: boolean;
  /** Both sides speak when they have something to say (gRPC): no rate is asked of the client, and no order. */
  readonly isConversation: boolean;
  /** gRPC's status at the end of a response; null: it has none. */
  readonly grpcStatus: number | null;
  deadlineMs: number;
  /** What is read into, for writes that lend it; null: bytes that were read never change. */
  readonly readBuffer: PooledBuffer | null;
  /** The bytes of the present read outlive the callback. */
  retain(): void;
  /** Sends the head, and of the body what is there; `body` tells the rest to this link. */
  sendRequest(request: UpstreamRequest, body: RequestBody | null): void;
  pause(): void;
  resume(): void;
  /** False: wait for `onUpstreamDrain`. */
  sendTunnel(bytes: Buffer): boolean;
  endTunnel(): void;
  /** The exchange is over and both messages were whole if `isClean`: may carry another one. */
  release(isClean: boolean, peerKeepAliveMs: number, nowMs: number): void;
  /** Nobody's any more: ends when what was written has gone out, at the latest at `deadlineMs`. */
  finish(deadlineMs: number): void;
  /** Given up. The endpoint learns that nobody waits. */
  destroy(): void;
}

/** What a link tells the exchange that uses it. */
export interface UpstreamUser {
  onUpstreamConnect(): void;
  /** Bytes of HTTP/1.1. `buffer[0,length)` is valid until the call returns, unless `retain()` is called. */
  onUpstreamData(buffer: Buffer, length: number): void;
  /** The end of the bytes. */
  onUpstreamEnd(): void;
  /** A head of HTTP/2, interim or final. `isEnd`: it ends the message. */
  onUpstreamHead(head: ResponseHead, isEnd: boolean): void;
  onUpstreamBody(bytes: Buffer): void;
  /** `trailers`: complete lines, mostly none. */
  onUpstreamBodyEnd(trailers: string): void;
  onUpstreamDrain(): void;
  /** `detail`: a reason for counters, where there is more to say than the kind does. */
  onUpstreamError(kind: ProxyErrorKind, detail?: string): void;
  onUpstreamDeadline(): void;
  /** One of the above threw: a defect of ours, which must cost this exchange and nothing else (rule V1). */
  onUpstreamBug(error: unknown): void;
}
