// ResponseRelay: takes one response from an upstream, bytes in whatever pieces, and hands it to the client's ResponseWriter
// (rules R1 to R6). Response phase of one exchange; a further attempt starts with `reset`.
import type { ChunkedDecoder } from '../wire/http1/chunked.ts';
import { lookupValues } from '../wire/http1/field-value.ts';
import { ResponseHead } from '../wire/http1/response-head.ts';
import { changeFields } from './compiled-route.ts';
import { chooseCoding, type Compression, sayCoding } from './compression/choose-coding.ts';
import { mayCode } from './compression/response-coder.ts';
import type { Exchange } from './exchange.ts';
import { grantedCookies } from './external-auth/auth-gate.ts';
import { replaceUpstream } from './error-pages.ts';
import { ownFields, replaceHsts } from './local-response.ts';
import { PacedBody } from './paced-body.ts';
import { makeChunkedDecoder } from './request-body.ts';
import type { UpstreamSide } from './upstream-side.ts';

/** Interim responses per exchange (rule L13). */
const maxInterim = 16;
const noBytes = Buffer.alloc(0);

/** Parsed into for all responses of a worker: nothing of it is needed once the head was rendered. */
const sharedHead = new ResponseHead();

/** `pieces`: HTTP/2 frames the body itself. */
type Framing = 'head' | 'length' | 'chunked' | 'close' | 'pieces' | 'done';

export class ResponseRelay {
  readonly #exchange: Exchange;
  readonly #upstream: UpstreamSide;
  /** What is awaited from the upstream. */
  #framing: Framing = 'head';
  #remaining = 0;
  #decoder: ChunkedDecoder | null = null;
  /** Start of an incomplete head. */
  #pending: Buffer | null = null;
  #interimCount = 0;
  #upstreamKeepAlive = false;
  #upstreamKeepAliveMs = 0;
  #isCoded = false;

  constructor(exchange: Exchange, upstream: UpstreamSide) {
    this.#exchange = exchange;
    this.#upstream = upstream;
  }

  /** Whether a byte of a response has arrived: then no further attempt may be made. */
  get hasBegun(): boolean {
    return this.#framing !== 'head' || this.#pending !== null || this.#interimCount > 0;
  }

  receive(buffer: Buffer, length: number): void {
    switch (this.#framing) {
      case 'head':
        this.#receiveHead(buffer, length);
        return;
      case 'length':
        this.#relayLength(buffer, 0, length);
        return;
      case 'chunked':
        this.#relayChunked(buffer, 0, length);
        return;
      case 'close':
        this.#relayRest(buffer, 0, length);
        return;
      case 'pieces':
      case 'done':
        // Bytes behind a complete response: never the start of another one (rule K2).
        this.#upstream.drop();
    }
  }

  /** The upstream has closed its side. */
  end(): void {
    if (this.#framing === 'close') {
      this.#upstream.sendBody(noBytes, 0, 0, '');
      this.#complete(false);
    } else if (this.#framing !== 'done') {
      this.#upstream.onUpstreamError(this.#framing === 'head' ? 'upstream-reset' : 'upstream-truncated');
    }
  }

  // ── HTTP/2: heads and pieces of the body come as such ──

  receiveHead(head: ResponseHead, isEnd: boolean): void {
    if (head.isInterim) {
      this.#relayInterim(head);
      return;
    }
    if (this.#isTooLarge(head.fields.length) || !this.#prepare(head)) return;
    const hasBody = head.framing !== 'none' && !isEnd;
    this.#framing = hasBody ? 'pieces' : 'done';
    this.#remaining = head.framing === 'length' ? head.contentLength : Number.POSITIVE_INFINITY;
    this.#begin(head, hasBody);
    // The head goes out now: the first piece of a stream may be long in coming.
    this.#upstream.sendBody(noBytes, 0, 0, hasBody ? null : '');
    if (hasBody) this.#upstream.onRelayed();
  }

  receivePiece(bytes: Buffer): void {
    this.#remaining -= bytes.length;
    if (this.#framing !== 'pieces' || this.#remaining < 0) {
      this.#upstream.onUpstreamError('upstream-truncated', 'upstream-content-length');
      return;
    }
    this.#count(bytes.length);
    this.#upstream.sendBody(bytes, 0, bytes.length, null);
    this.#upstream.onRelayed();
  }

  /** `trailers`: complete lines. */
  endPieces(trailers: string): void {
    if (this.#framing === 'head') {
      this.#upstream.onUpstreamError('upstream-reset');
      return;
    }
    if (this.#framing === 'pieces') {
      if (this.#remaining > 0 && this.#remaining !== Number.POSITIVE_INFINITY) {
        this.#upstream.onUpstreamError('upstream-truncated', 'upstream-content-length');
        return;
      }
      this.#upstream.sendBody(noBytes, 0, 0, trailers);
    }
    this.#upstreamKeepAlive = true;
    this.#complete(true);
  }

  // ── HTTP/1.1: bytes ──

  #receiveHead(buffer: Buffer, length: number): void {
    const exchange = this.#exchange;
    const parser = exchange.core.responseParser;
    let bytes = buffer;
    let end = length;
    let start = 0;
    if (this.#pending !== null) {
      bytes = Buffer.concat([this.#pending, buffer.subarray(0, length)]);
      end = bytes.length;
      this.#pending = null;
    }
    while (start < end) {
      const consumed = parser.parse(bytes, start, end, sharedHead, exchange.head.method);
      if (consumed < 0) {
        this.#upstream.onUpstreamError('upstream-response-malformed', parser.refusal?.reason ?? '');
        return;
      }
      if (consumed === 0) {
        this.#pending = Buffer.from(bytes.subarray(start, end));
        return;
      }
      if (this.#isTooLarge(consumed)) return;
      start += consumed;
      if (!sharedHead.isInterim) {
        this.#startResponse(sharedHead, bytes, start, end);
        return;
      }
      if (!this.#relayInterim(sharedHead)) return;
    }
  }

  /** More than the route takes: given up, or tried elsewhere. */
  #isTooLarge(headBytes: number): boolean {
    const { route } = this.#exchange;
    if (route === null || headBytes <= route.settings.maxResponseHeadBytes) return false;
    this.#upstream.onUpstreamError('upstream-head-too-large');
    return true;
  }

  /** Rule R6: 103 goes to clients that know it; 100 was already answered here, others are of no use to a client. */
  #relayInterim(head: ResponseHead): boolean {
    this.#interimCount += 1;
    const exchange = this.#exchange;
    if (this.#interimCount > maxInterim) {
      this.#upstream.onUpstreamError('upstream-response-malformed', 'upstream-interim-count');
      return false;
    }
    if (head.status === 103) exchange.connection.response.sendInterim(103, head.reason, head.fields);
    return true;
  }

  #startResponse(head: ResponseHead, bytes: Buffer, start: number, end: number): void {
    if (!this.#prepare(head)) return;
    if (head.status === 101) {
      this.#startTunnel(head, bytes, start, end);
      return;
    }
    const { framing, contentLength } = head;
    this.#begin(head, framing !== 'none');
    this.#upstreamKeepAlive = head.keepAlive;
    this.#upstreamKeepAliveMs = head.keepAliveTimeoutMs;
    switch (framing) {
      case 'none':
        this.#upstream.sendBody(bytes, start, start, '');
        this.#complete(start === end);
        return;
      case 'length':
        this.#framing = 'length';
        this.#remaining = contentLength;
        this.#relayLength(bytes, start, end);
        return;
      case 'chunked':
        this.#framing = 'chunked';
        this.#decoder = makeChunkedDecoder(this.#exchange.core.settings.limits.maxTrailerBytes);
        this.#relayChunked(bytes, start, end);
        return;
      case 'close':
        this.#framing = 'close';
        this.#relayRest(bytes, start, end);
    }
  }

  /** Own fields join those of the upstream. False: the response is passed over, another attempt is under way. */
  #prepare(head: ResponseHead): boolean {
    const exchange = this.#exchange;
    if (this.#upstream.passesOn(head.status)) return false;
    const { route } = exchange;
    if (route !== null && route.errorPages !== null && head.status >= 400) {
      if (replaceUpstream(exchange, head.status, head.fields)) return false;
    }
    if (route !== null && route.respond !== null) {
      head.fields = changeFields(exchange, route.respond, head.fields, false);
    }
    if (exchange.responseFields !== '') head.fields += exchange.responseFields;
    if (exchange.grant !== null) head.fields += grantedCookies(exchange.grant, head.status);
    const { changeResponse } = exchange.core;
    if (changeResponse !== null) changeResponse(exchange, head, false);
    if (exchange.connection.isTls) replaceHsts(head, exchange.core.table.hstsLine);
    return true;
  }

  #begin(head: ResponseHead, hasBody: boolean): void {
    const exchange = this.#exchange;
    const { core, connection } = exchange;
    exchange.onResponseHead(head.status);
    if (core.compression !== null && hasBody) this.#code(core.compression, head);
    const own = ownFields(head, core.serverLine);
    exchange.keepsAlive = connection.response.begin(head, own, exchange.keepsAlive);
    const pace = exchange.route?.settings.responsePace ?? null;
    if (pace !== null && hasBody) exchange.response = exchange.paced = new PacedBody(exchange, pace);
  }

  /** Compresses the response, if its client takes that. */
  #code(compression: Compression, head: ResponseHead): void {
    const request = this.#exchange.head;
    const accepted = this.#exchange.acceptedCodings ?? lookupValues(request.fields, 'accept-encoding');
    const coding = chooseCoding(compression, request, accepted, head);
    if (coding === null || !mayCode()) return;
    this.#isCoded = true;
    this.#upstream.startCoding(coding, head.framing === 'length' ? head.contentLength : -1);
    sayCoding(head, coding.name);
  }

  /** Body bytes have come; those that are coded count as sent when they are. */
  #count(length: number): void {
    if (this.#isCoded) this.#exchange.upstreamBodyBytes += length;
    else this.#exchange.onBodyBytes(length);
  }

  #relayLength(bytes: Buffer, start: number, end: number): void {
    const length = Math.min(end - start, this.#remaining);
    this.#remaining -= length;
    this.#count(length);
    this.#upstream.sendBody(bytes, start, start + length, this.#remaining === 0 ? '' : null);
    if (this.#remaining === 0) this.#complete(start + length === end);
    else this.#upstream.onRelayed();
  }

  #relayChunked(bytes: Buffer, start: number, end: number): void {
    const decoder = this.#decoder;
    if (decoder === null) throw new Error('a chunked response has no decoder');
    let position = start;
    let length = 0;
    // Decoded bytes are moved together in place: each run lands at or before where it was read from.
    while (position < end && !decoder.done) {
      position = decoder.next(bytes, position, end);
      if (position < 0) {
        this.#upstream.sendBody(bytes, start, start + length, null);
        this.#upstream.onUpstreamError('upstream-truncated', decoder.refusal?.reason ?? '');
        return;
      }
      const { dataStart, dataEnd } = decoder;
      if (dataEnd > dataStart) {
        if (dataStart !== start + length) bytes.copyWithin(start + length, dataStart, dataEnd);
        length += dataEnd - dataStart;
      }
    }
    this.#count(length);
    this.#upstream.sendBody(bytes, start, start + length, decoder.done ? decoder.trailers : null);
    if (decoder.done) this.#complete(position === end);
    else this.#upstream.onRelayed();
  }

  #relayRest(bytes: Buffer, start: number, end: number): void {
    this.#count(end - start);
    this.#upstream.sendBody(bytes, start, end, null);
    this.#upstream.onRelayed();
  }

  /** Rule U3: only the upgrade that was asked for. */
  #startTunnel(head: ResponseHead, bytes: Buffer, start: number, end: number): void {
    const exchange = this.#exchange;
    const isWanted = exchange.head.upgradeWebsocket && head.upgradeWebsocket;
    if (!isWanted || !exchange.connection.acceptsTunnel(head)) {
      this.#upstream.onUpstreamError('upgrade-unexpected');
      return;
    }
    this.#framing = 'done';
    this.#upstream.startTunnel(head, start < end ? Buffer.from(bytes.subarray(start, end)) : null);
  }

  /** `isClean`: nothing stood behind the response. */
  #complete(isClean: boolean): void {
    this.#framing = 'done';
    const exchange = this.#exchange;
    const isReusable = isClean && this.#upstreamKeepAlive;
    const keepAliveMs = this.#upstreamKeepAliveMs;
    if (this.#isCoded) {
      this.#upstream.endCoding(isReusable, keepAliveMs, () => {
        exchange.readMs = 0;
        exchange.onResponseComplete(false, 0);
      });
    } else exchange.onResponseComplete(isReusable, keepAliveMs);
  }
}
