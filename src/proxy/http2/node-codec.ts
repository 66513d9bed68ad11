// NodeCodec: HTTP/2 by node:http2's stream API (never its compatibility API) behind the interfaces of codec.ts.
// What node and nghttp2 bound by themselves: CONTINUATION frames (8 a block), unanswered SETTINGS and PING acknowledgements, empty DATA
// frames and other invalid ones (`maxSessionInvalidFrames`), memory of a session, fields of a head.
import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Http2Fields } from '../../wire/http2/response-fields.ts';
import {
  type CodecOptions,
  errorCodes,
  type Http2Session,
  type Http2Stream,
  type SessionEvents,
  type StreamEvents,
} from './codec.ts';

/** Frames that are wrong or empty, per session; above, the session ends with ENHANCE_YOUR_CALM. */
const maxInvalidFrames = 100;
/** Streams that the codec itself refuses, per session. */
const maxRejectedStreams = 100;
/** Node's unit is a megabyte: queued frames, header tables, streams. Above, new streams are refused. */
const maxSessionMegabytes = 8;
const highestStreamId = 2 ** 31 - 1;

export function serveNodeHttp2(socket: Duplex, options: CodecOptions, events: SessionEvents): Http2Session {
  // A client of HTTP/2 that ends its side has left.
  socket.allowHalfOpen = false;
  const session = performServerHandshake(socket, {
    maxHeaderListPairs: options.maxFields,
    maxSessionInvalidFrames: maxInvalidFrames,
    maxSessionRejectedStreams: maxRejectedStreams,
    maxSessionMemory: maxSessionMegabytes,
    settings: {
      maxConcurrentStreams: options.maxConcurrentStreams,
      maxHeaderListSize: options.maxFieldListBytes,
      initialWindowSize: options.streamWindowBytes,
      enableConnectProtocol: true,
    },
  });
  return new NodeSession(session, options, events);
}

class NodeSession implements Http2Session {
  readonly #session: ServerHttp2Session;
  #isDoomed = false;

  constructor(session: ServerHttp2Session, options: CodecOptions, events: SessionEvents) {
    this.#session = session;
    // What is wrong with a session ends it, and `close` tells.
    session.on('error', () => {});
    session.on('close', () => events.onClosed());
    session.on('ping', () => {
      if (!this.#isDoomed) events.onControlFrame();
    });
    session.on('remoteSettings', () => {
      if (!this.#isDoomed) events.onControlFrame();
    });
    session.on('connect', () => session.setLocalWindowSize(options.connectionWindowBytes));
    session.on('stream', (stream, _headers, _flags, rawHeaders) => {
      stream.on('error', () => {});
      // Reset in the same read in which it was opened.
      if (this.#isDoomed) return;
      if (stream.destroyed || stream.aborted || stream.closed) events.onLostStream();
      else new NodeStream(stream).serve(rawHeaders, events);
    });
  }

  announceEnd(): void {
    if (!this.#session.destroyed && !this.#session.closed) {
      this.#session.goaway(errorCodes.none, highestStreamId);
    }
  }

  end(): void {
    if (!this.#session.destroyed) this.#session.close();
  }

  destroy(code: number): void {
    if (this.#isDoomed) return;
    this.#isDoomed = true;
    // Not while the codec reads: it may be in the middle of a frame. Until then nothing new is served.
    setImmediate(() => {
      if (!this.#session.destroyed) this.#session.destroy(new Error('the session is ended'), code);
    });
  }

  ping(onAnswer: () => void): boolean {
    if (this.#session.destroyed) return false;
    return this.#session.ping((error) => {
      if (error === null) onAnswer();
    });
  }
}

class NodeStream implements Http2Stream {
  readonly id: number;
  readonly #stream: ServerHttp2Stream;
  #trailers: Http2Fields | null = null;
  /** It was ended here: what node then says of it is no news. */
  #isOurs = false;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
    this.id = stream.id ?? 0;
  }

  serve(rawHeaders: readonly string[], session: SessionEvents): void {
    const endsStream = this.#stream.endAfterHeaders;
    this.#listen(this.#stream, session.onStream(this, rawHeaders, endsStream), endsStream);
  }

  #listen(stream: ServerHttp2Stream, events: StreamEvents, endsStream: boolean): void {
    stream.on('drain', () => events.onDrain());
    stream.on('aborted', () => {
      if (!this.#isOurs) events.onReset();
    });
    stream.on('close', () => events.onClosed());
    stream.on('wantTrailers', () => stream.sendTrailers(this.#trailers ?? {}));
    if (endsStream) {
      stream.resume();
      return;
    }
    stream.on('trailers', (_headers, _flags, rawHeaders) => events.onTrailers(rawHeaders));
    stream.on('end', () => {
      // A stream that was reset ends, too; its client has not sent its last.
      if (!stream.aborted) events.onEnd();
    });
    stream.on('data', (chunk: Buffer) => events.onData(chunk));
  }

  get mustWait(): boolean {
    return this.#stream.writableNeedDrain;
  }

  get queuedBytes(): number {
    return this.#stream.writableLength;
  }

  get isSent(): boolean {
    return this.#stream.writableFinished;
  }

  get #isOver(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  sendInterim(status: number, fields: Http2Fields): void {
    if (!this.#isOver && !this.#stream.headersSent)
      this.#stream.additionalHeaders({ ...fields, ':status': status });
  }

  sendHead(status: number, fields: Http2Fields, end: 'ends' | 'body' | 'body-and-trailers'): void {
    if (this.#isOver) return;
    fields[':status'] = String(status);
    this.#stream.respond(fields, {
      endStream: end === 'ends',
      waitForTrailers: end === 'body-and-trailers',
    });
  }

  sendData(bytes: Buffer, onWritten: (() => void) | null): void {
    if (this.#isOver) return;
    if (onWritten === null) {
      this.#stream.write(bytes);
    } else {
      // After an error the memory may still be on its way out: it is left to the collector, and never used again.
      this.#stream.write(bytes, (error) => {
        if (error === null || error === undefined) onWritten();
      });
    }
  }

  sendEnd(bytes: Buffer | null, trailers: Http2Fields | null): void {
    if (this.#isOver) return;
    this.#trailers = trailers;
    if (bytes === null) this.#stream.end();
    else this.#stream.end(bytes);
  }

  breakOff(): void {
    this.#isOurs = true;
    // Not `close`: that would end the stream in good order first, and a broken answer would look complete.
    if (!this.#stream.destroyed) this.#stream.destroy(new Error('the stream is broken off'));
  }

  stopClient(): void {
    this.#isOurs = true;
    if (!this.#stream.destroyed) this.#stream.close(errorCodes.none);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }
}
