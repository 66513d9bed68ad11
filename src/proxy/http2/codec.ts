// What the data plane uses of an implementation of HTTP/2 frames, and nothing else of it is used anywhere. node-codec.ts is the one
// that there is; a codec of our own would take its place behind these interfaces.
import type { Duplex } from 'node:stream';
import type { Http2Fields } from '../../wire/http2/response-fields.ts';

/** RFC 9113 7. */
export const errorCodes = { none: 0x0, enhanceYourCalm: 0xb } as const;

export interface CodecOptions {
  readonly maxConcurrentStreams: number;
  /** Fields of a head, pseudo fields and crumbs counted; a stream with more is reset. */
  readonly maxFields: number;
  /** Told to the client; a bound on what is decoded is the caller's. */
  readonly maxFieldListBytes: number;
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
}

/** One client's connection. */
export interface Http2Session {
  /** GOAWAY that refuses nothing yet (rule M13): the client opens no more streams from when it arrives. */
  announceEnd(): void;
  /** GOAWAY with the last stream that is served; the connection ends with its last stream. */
  end(): void;
  /** Everything ends now, with a GOAWAY of this code. */
  destroy(code: number): void;
  /** `onAnswer`: not called when the session ends before. False: it cannot be sent. */
  ping(onAnswer: () => void): boolean;
}

export interface SessionEvents {
  /** `fields`: names and values by turns. */
  onStream(stream: Http2Stream, fields: readonly string[], endsStream: boolean): StreamEvents;
  /** A PING or SETTINGS frame of the client's. */
  onControlFrame(): void;
  /** A stream was reset before it could be served. */
  onLostStream(): void;
  /** The connection has ended, and every stream with it. */
  onClosed(): void;
}

/** One request and its response. */
export interface Http2Stream {
  readonly id: number;
  /** More is queued than the high-water mark; `onDrain` follows. */
  readonly mustWait: boolean;
  readonly queuedBytes: number;
  /** All that was queued has gone out, the end included. */
  readonly isSent: boolean;
  sendInterim(status: number, fields: Http2Fields): void;
  /** `mayHaveTrailers`: trailers may be given to `sendEnd`. */
  sendHead(status: number, fields: Http2Fields, end: 'ends' | 'body' | 'body-and-trailers'): void;
  /** `onWritten`: the memory is free again; not called when the stream breaks off. */
  sendData(bytes: Buffer, onWritten: (() => void) | null): void;
  /** `bytes`: the last ones, maybe none. `trailers` only after `body-and-trailers`. */
  sendEnd(bytes: Buffer | null, trailers: Http2Fields | null): void;
  /** RST_STREAM with INTERNAL_ERROR, at once: the client must not take what it has for the whole. */
  breakOff(): void;
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
  /** Reset before our answer was complete. */
  onReset(): void;
  /** Always the last. */
  onClosed(): void;
}

export type ServeHttp2 = (socket: Duplex, options: CodecOptions, events: SessionEvents) => Http2Session;
