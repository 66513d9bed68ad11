// Http2Link: one request and its response on a stream of an HTTP/2 session. Waits for a stream if need be, translates both ways, honours
// back-pressure both ways, and tells how it ended. Cancelling resets the stream and nothing else.
import { type ClientHttp2Stream, constants } from 'node:http2';
import { grpcStatusOf, grpcTimeoutOf, isGrpcType, mediaTypeOf } from '../../wire/grpc/status.ts';
import { GrpcWeb, replaceContentType } from '../../wire/grpc/web.ts';
import { makeRequestFields, type RequestTarget } from '../../wire/http2/request-fields.ts';
import { addFieldLines, makeHttp2Fields } from '../../wire/http2/response-fields.ts';
import type { RawFields } from '../../wire/http2/response-text.ts';
import type { Timed } from '../deadlines.ts';
import type { ProxyErrorKind } from '../outcome.ts';
import type { RequestBody } from '../request-body.ts';
import type { RequestTrailers } from '../request-trailers.ts';
import { requestIdLine, type UpstreamRequest } from '../request-render.ts';
import { Http2Tunnel } from './http2-tunnel.ts';
import type { UpstreamLink, UpstreamUser } from '../upstream-link.ts';
import { readHttp2Head, readHttp2Trailers } from './http2-response.ts';
import { type Http2Home, type Http2Session, kindOfReset } from './http2-session.ts';

/** Where a link waits for its stream. */
export interface WaitingPlace {
  forget(link: Http2Link): void;
}

export class Http2Link implements UpstreamLink, Timed {
  /** What the client of gRPC allows in total: no other deadline goes beyond it. */
  #limitMs = Number.POSITIVE_INFINITY;
  #deadlineMs = Number.POSITIVE_INFINITY;
  /** Null: not of gRPC-Web. */
  #web: GrpcWeb | null = null;
  /** The response is translated, too. */
  #answersWeb = false;
  isReused = false;
  isConversation = false;
  /** What is read is handed on: nobody reads into it again. */
  readonly readBuffer = null;
  /** Null: no WebSocket. */
  #tunnel: Http2Tunnel | null = null;
  /** The WebSocket stands. */
  #isTunnel = false;
  readonly #home: Http2Home;
  readonly #place: WaitingPlace;
  /** Null: over for the exchange. */
  #user: UpstreamUser | null;
  #session: Http2Session | null = null;
  #stream: ClientHttp2Stream | null = null;
  #method = '';
  /** What may follow the body of the request; null: nothing. */
  #requestTrailers: RequestTrailers | null = null;
  /** What does follow it, once that is known. */
  #trailersToSend = '';
  #trailers = '';
  /** The fields of a head that is the whole response. */
  #wholeHead = '';
  /** The stream was reset with a code that says nothing, before the end of its body. */
  #isCut = false;
  #isClosed = false;

  constructor(home: Http2Home, place: WaitingPlace, user: UpstreamUser) {
    this.#home = home;
    this.#place = place;
    this.#user = user;
    home.deadlines.add(this);
  }

  get deadlineMs(): number {
    return Math.min(this.#deadlineMs, this.#limitMs);
  }

  set deadlineMs(value: number) {
    this.#deadlineMs = value;
  }

  get grpcStatus(): number | null {
    return grpcStatusOf(this.#wholeHead === '' ? this.#trailers : this.#wholeHead);
  }

  get isConnected(): boolean {
    return this.#session !== null;
  }

  /** Takes a stream of the session. */
  join(session: Http2Session): void {
    this.isReused = session.isReused;
    this.#session = session;
    session.join();
  }

  onConnected(): void {
    this.#tell((user) => user.onUpstreamConnect());
  }

  // ── sending ──

  sendRequest(request: UpstreamRequest, body: RequestBody | null): void {
    const session = this.#session;
    if (session === null) throw new Error('a request before its stream');
    const { head } = request;
    this.#method = head.method;
    if (head.upgradeWebsocket) {
      this.#tunnel = Http2Tunnel.of(head.fields);
      session.whenSettled(() => this.#tell(() => this.#openTunnel(session, request)));
      return;
    }
    const fields = makeRequestFields(
      targetOf(request, session, head.method),
      proxyLines(request) + this.#ownFields(request),
      // Whoever the client is: what it cannot take is left out on the way back.
      head.teTrailers || this.#web !== null,
    );
    // A message of gRPC-Web has its trailers in its body, and no others.
    if (body !== null && this.#web === null) this.#requestTrailers = request.trailers;
    const stream = session.request(fields, body === null, this.#requestTrailers !== null);
    this.#stream = stream;
    this.#listen(stream);
    body?.startSending(this);
  }

  /** What the peer takes is known now. */
  #openTunnel(session: Http2Session, request: UpstreamRequest): void {
    const tunnel = this.#tunnel;
    if (tunnel === null) this.fail('websocket-key', '');
    else if (!session.isOpen) this.fail('upstream-refused', '');
    else if (!session.takesTunnels) this.fail('upgrade-unsupported', '');
    else {
      const target = { ...targetOf(request, session, 'CONNECT'), protocol: 'websocket' };
      const lines = proxyLines(request) + tunnel.requestLines(request.fields);
      this.#stream = session.request(makeRequestFields(target, lines, false), false, false);
      this.#listen(this.#stream);
    }
  }

  /** The client's fields; for gRPC with what they ask of us. */
  #ownFields({ head, fields, startedMs, trailers }: UpstreamRequest): string {
    const length =
      head.contentLength >= 0 && head.hasFraming ? `Content-Length: ${head.contentLength}\r\n` : '';
    const mediaType = mediaTypeOf(head.fields);
    if (!isGrpcType(mediaType)) return fields + (trailers?.announcement ?? '') + length;
    this.isConversation = true;
    const timeoutMs = grpcTimeoutOf(head.fields);
    if (timeoutMs !== null) this.#limitMs = startedMs + timeoutMs;
    this.#web = GrpcWeb.of(mediaType);
    return this.#web === null
      ? fields + (trailers?.announcement ?? '') + length
      : replaceContentType(fields, this.#web.grpcType) + (this.#web.isText ? '' : length);
  }

  sendPiece(piece: Buffer, _isSized: boolean, isLast: boolean, trailers: string): void {
    const stream = this.#stream;
    if (stream === null || stream.writableEnded || stream.closed) return;
    const bytes = this.#web === null ? piece : this.#web.decodeRequest(piece, isLast);
    if (isLast) this.#trailersToSend = this.#requestTrailers?.pass(trailers, false) ?? '';
    if (bytes === null) this.fail('grpc-web-body', '');
    else if (isLast) stream.end(bytes);
    else if (bytes.length > 0) stream.write(bytes);
  }

  get needsDrain(): boolean {
    return this.#stream?.writableNeedDrain ?? true;
  }

  sendTunnel(bytes: Buffer): boolean {
    return this.#stream?.write(bytes) ?? true;
  }

  endTunnel(): void {
    this.#stream?.end();
  }

  // ── reading ──

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  retain(): void {
    // What was read stays as it is.
  }

  #listen(stream: ClientHttp2Stream): void {
    stream.on('headers', (_fields, flags, raw) => this.#onHead(raw, flags));
    stream.on('response', (_fields, flags, raw) => this.#onHead(raw, flags));
    stream.on('trailers', (_fields, _flags, raw) => this.#onTrailers(raw));
    stream.on('data', (bytes: Buffer) => {
      if (this.#isTunnel) return this.#tell((user) => user.onUpstreamData(bytes, bytes.length));
      const web = this.#answersWeb ? this.#web : null;
      this.#tell((user) => user.onUpstreamBody(web === null ? bytes : web.encodeResponse(bytes)));
    });
    if (this.#requestTrailers !== null) stream.on('wantTrailers', () => this.#sendTrailers(stream));
    stream.on('drain', () => this.#tell((user) => user.onUpstreamDrain()));
    // A reset with NO_ERROR ends the reading side just as END_STREAM does; only then is the stream closed before it is told its end. While it is
    // paused it is told a second time when it closes, which says nothing.
    const push = stream.push.bind(stream);
    let isTold = false;
    stream.push = (bytes: unknown) => {
      if (bytes === null && !isTold) {
        isTold = true;
        this.#isCut = stream.closed;
      }
      return push(bytes);
    };
    stream.on('end', () => {
      if (!this.#isCut) this.#onEnd();
    });
    // Told by `close`, with the code.
    stream.on('error', () => {});
    stream.on('close', () => this.#onClose(stream));
  }

  /** The request's body has gone out, and the codec asks. Without any, it ends the stream all the same. */
  #sendTrailers(stream: ClientHttp2Stream): void {
    if (stream.closed || stream.destroyed) return;
    const fields = makeHttp2Fields();
    addFieldLines(fields, this.#trailersToSend);
    stream.sendTrailers(fields);
  }

  #onHead(raw: RawFields, flags: number): void {
    const isEnd = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const head = readHttp2Head(this.#home.responseParser, raw, this.#method, isEnd);
    if (head === null) {
      this.#malformed('upstream-http2-head');
      return;
    }
    const switched = this.#tunnel?.renderSwitch(head) ?? null;
    if (switched !== null) {
      this.#isTunnel = true;
      this.#tell((user) => user.onUpstreamData(switched, switched.length));
      return;
    }
    if (isEnd) this.#wholeHead = head.fields;
    // An answer that is not of gRPC goes on as it is.
    if (this.#web !== null && !head.isInterim && isGrpcType(mediaTypeOf(head.fields))) {
      this.#answersWeb = true;
      head.fields = replaceContentType(head.fields, this.#web.mediaType);
      if (!isEnd && head.framing === 'length') head.framing = 'chunked';
    }
    this.#tell((user) => user.onUpstreamHead(head, isEnd));
  }

  #onEnd(): void {
    if (this.#isTunnel) return this.#tell((user) => user.onUpstreamEnd());
    const web = this.#answersWeb ? this.#web : null;
    const trailers = this.#trailers;
    if (web === null || trailers === '') {
      this.#tell((user) => user.onUpstreamBodyEnd(trailers));
      return;
    }
    this.#tell((user) => user.onUpstreamBody(web.encodeTrailers(trailers)));
    this.#tell((user) => user.onUpstreamBodyEnd(''));
  }

  #onTrailers(raw: RawFields): void {
    const trailers = readHttp2Trailers(raw, this.#home.bounds.maxTrailerBytes);
    if (trailers === null) this.#malformed('upstream-http2-trailers');
    else this.#trailers = trailers;
  }

  #malformed(detail: string): void {
    this.#tell((user) => user.onUpstreamError('upstream-response-malformed', detail));
  }

  /** Rule V1: an exception costs this exchange, and the session lives. */
  #tell(what: (user: UpstreamUser) => void): void {
    const user = this.#user;
    if (user === null) return;
    try {
      what(user);
    } catch (error) {
      user.onUpstreamBug(error);
    }
  }

  // ── ends ──

  fail(kind: ProxyErrorKind, detail: string): void {
    const user = this.#user;
    this.#close();
    try {
      user?.onUpstreamError(kind, detail);
    } catch (error) {
      user?.onUpstreamBug(error);
    }
  }

  release(isClean: boolean): void {
    // The response is complete. A request that is not stops here: nobody reads the rest of it.
    if (isClean) this.#close();
    else this.destroy();
  }

  finish(deadlineMs: number): void {
    this.#user = null;
    this.deadlineMs = deadlineMs;
    this.#stream?.end();
  }

  destroy(): void {
    this.#close();
    const stream = this.#stream;
    if (stream !== null && !stream.closed) stream.close(constants.NGHTTP2_CANCEL);
  }

  onDeadline(nowMs: number): void {
    const isLimit = nowMs >= this.#limitMs;
    // The client's own limit says nothing about the upstream, and no client shall have PINGs sent on a session of many.
    const isLate = nowMs >= this.#deadlineMs;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#limitMs = Number.POSITIVE_INFINITY;
    if (isLate && this.#stream !== null) this.#session?.probe();
    if (this.#user === null) this.destroy();
    else if (isLimit) this.#tell((user) => user.onUpstreamError('grpc-deadline'));
    else this.#tell((user) => user.onUpstreamDeadline());
  }

  #onClose(stream: ClientHttp2Stream): void {
    const code = stream.rstCode ?? constants.NGHTTP2_NO_ERROR;
    // Ended in order: the user knows and has let go. Whoever has not was cut off.
    if (this.#user !== null) this.fail(kindOfReset(code), '');
    else this.#close();
    this.#leave();
  }

  /** Over for the exchange; a stream that was opened is given back when it is closed. */
  #close(): void {
    this.#user = null;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#home.deadlines.remove(this);
    this.#place.forget(this);
    if (this.#stream === null) this.#leave();
  }

  #leave(): void {
    const session = this.#session;
    this.#session = null;
    session?.leave();
  }
}

function targetOf(request: UpstreamRequest, { scheme }: Http2Session, method: string): RequestTarget {
  return { method, scheme, authority: request.host, path: request.path + request.query };
}

/** What the proxy says of the request itself. */
function proxyLines({ requestId, forwardedHost, forwardedFields }: UpstreamRequest): string {
  return `${requestIdLine(requestId)}X-Forwarded-Host: ${forwardedHost}\r\n${forwardedFields}`;
}
