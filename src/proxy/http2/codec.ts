// What the requests of HTTP/2 use of its frames: a session, its streams, and what both tell. codec-session.ts is the implementation.
import type { PooledBuffer } from '../buffer-pool.ts';
import type { Deadlines } from '../deadlines.ts';

export interface CodecOptions {
  readonly deadlines: Deadlines;
  readonly maxConcurrentStreams: number;
  /** Fields of a head, pseudo fields and crumbs counted; of a head with more the first ones come. */
  readonly maxFields: number;
  /** Of a head, decoded (RFC 9113 6.5.2). */
  readonly maxFieldListBytes: number;
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
  /** From here on a stream's answer waits for its client. */
  readonly highWaterBytes: number;
}

/** One client's connection. */
export interface Http2Session {
  /** GOAWAY that refuses nothing yet (rule M13): the client opens no more streams from when it arrives. */
  announceEnd(): void;
  /** GOAWAY with the last stream that is served; the connection ends with its last stream. */
  end(): void;
  /** Every stream ends now; the connection with a GOAWAY of this code, or when the caller ends the socket. */
  destroy(code: number): void;
  /** `onPingAnswer` follows, unless the session ends before. */
  ping(): void;
}

export interface SessionEvents {
  /** `fields`: names and values by turns. `isCut`: there are more, or larger ones, than the options allow. */
  onStream(
    stream: Http2Stream,
    fields: readonly string[],
    endsStream: boolean,
    isCut: boolean,
  ): StreamEvents | null;
  /** A frame that is no request and moves none on. */
  onControlFrame(): void;
  /** A stream was refused, or reset before it could be served. */
  onLostStream(): void;
  onPingAnswer(): void;
  /** The client broke the protocol, or we lost patience: the GOAWAY is written, and the streams are closed. */
  onBroken(code: number): void;
  /** The connection has ended, and every stream with it. */
  onClosed(): void;
  /** An exception while reading or writing frames: a defect of ours. */
  onBug(error: unknown): void;
}

/** One request and its response. What goes out does so at the end of the turn. */
export interface Http2Stream {
  readonly id: number;
  /** More is queued than the high-water mark; `onDrain` follows. */
  readonly mustWait: boolean;
  /** Bytes of the body that no window has room for yet. */
  readonly queuedBytes: number;
  /** All has been handed to the connection, the end included. */
  readonly isSent: boolean;
  /** The client has sent its last. */
  readonly isReceived: boolean;
  /** `lines`: complete ones of HTTP/1.1. */
  sendInterim(status: number, lines: string): void;
  /** `contentLength` -1: not told. `ends`: there is neither body nor trailers. */
  sendHead(status: number, ownLines: string, lines: string, contentLength: number, ends: boolean): void;
  /**
   * True: the memory, of `owner`, is in use until its `onWritten`. `owner` null: the bytes never change. `trailers`: null while more
   * follows; with the last bytes complete lines, mostly none.
   */
  sendData(
    owner: PooledBuffer | null,
    bytes: Buffer,
    start: number,
    end: number,
    trailers: string | null,
  ): boolean;
  /** The length that the head told: another one is an error of the stream (RFC 9113 8.1.1). False: it is one already. */
  expectBytes(length: number): boolean;
  /** RST_STREAM at once: the client must not take what it has for the whole. */
  reset(code: number): void;
  /** RST_STREAM with NO_ERROR behind the complete answer: the client need not send more. */
  stopClient(): void;
  pause(): void;
  resume(): void;
}

export interface StreamEvents {
  onData(chunk: Buffer): void;
  /** `fields`: names and values by turns. */
  onTrailers(fields: readonly string[]): void;
  /** The client has sent its last. */
  onEnd(): void;
  onDrain(): void;
  /** Reset by the client, or because of it, before our answer was complete. */
  onReset(): void;
  /** Always the last. */
  onClosed(): void;
}
