// ResponseRelay: takes one response from an upstream, bytes in whatever pieces, and sends it to the client framed anew
// (rules R1 to R6). Response phase of one exchange; a further attempt starts with `reset`.
import type { ChunkedDecoder } from '../wire/http1/chunked.ts';
import { dateField, renderChunkHeader, renderLastChunk } from '../wire/http1/render.ts';
import { ResponseHead } from '../wire/http1/response-head.ts';
import type { Exchange } from './exchange.ts';
import { makeChunkedDecoder } from './request-body.ts';
import type { UpstreamSide } from './upstream-side.ts';

/** Interim responses per exchange (rule L13). */
const maxInterim = 16;
const lastChunk = renderLastChunk('');

/** Parsed into for all responses of a worker: nothing of it is needed once the head was rendered. */
const sharedHead = new ResponseHead();

type Framing = 'head' | 'length' | 'chunked' | 'close' | 'done';

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
  /** The client gets chunks: HTTP/1.1 and a length that is not known. */
  #sendsChunks = false;
  #upstreamKeepAlive = false;
  #upstreamKeepAliveMs = 0;

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
        this.#relayLength('', buffer, 0, length);
        return;
      case 'chunked':
        this.#relayChunked('', buffer, 0, length);
        return;
      case 'close':
        this.#relayRest('', buffer, 0, length);
        return;
      case 'done':
        // Bytes behind a complete response: never the start of another one (rule K2).
        this.#upstream.drop();
    }
  }

  /** The upstream has closed its side. */
  end(): void {
    if (this.#framing === 'close') {
      if (this.#sendsChunks) this.#exchange.connection.sendText(lastChunk);
      this.#complete(false);
    } else if (this.#framing !== 'done') {
      this.#upstream.onUpstreamError(this.#framing === 'head' ? 'upstream-reset' : 'upstream-truncated');
    }
  }

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
        this.#upstream.onFault('upstream-response-malformed', parser.refusal?.reason ?? '');
        return;
      }
      if (consumed === 0) {
        this.#pending = Buffer.from(bytes.subarray(start, end));
        return;
      }
      start += consumed;
      if (!sharedHead.isInterim) {
        this.#startResponse(sharedHead, bytes, start, end);
        return;
      }
      if (!this.#relayInterim(sharedHead)) return;
    }
  }

  /** Rule R6: 103 goes to HTTP/1.1 clients; 100 was already answered here, others are of no use to a client. */
  #relayInterim(head: ResponseHead): boolean {
    this.#interimCount += 1;
    const exchange = this.#exchange;
    if (this.#interimCount > maxInterim) {
      this.#upstream.onFault('upstream-response-malformed', 'upstream-interim-count');
      return false;
    }
    if (head.status === 103 && exchange.head.minor === 1) {
      exchange.connection.sendText(`HTTP/1.1 103 ${head.reason}\r\n${head.fields}\r\n`);
    }
    return true;
  }

  #startResponse(head: ResponseHead, bytes: Buffer, start: number, end: number): void {
    const exchange = this.#exchange;
    if (head.status === 101) {
      this.#startTunnel(head, bytes, start, end);
      return;
    }
    exchange.onResponseHead(head.status);
    this.#upstreamKeepAlive = head.keepAlive;
    this.#upstreamKeepAliveMs = head.keepAliveTimeoutMs;
    const { core } = exchange;
    const { minor } = exchange.head;
    let text = `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
    if (!head.hasDate) text += dateField(Date.now());
    if (!head.hasServer) text += core.serverLine;
    text += head.fields;
    const { framing } = head;
    if (framing === 'length' || (framing === 'none' && head.contentLength >= 0 && head.status !== 204)) {
      text += `Content-Length: ${head.contentLength}\r\n`;
    } else if (framing !== 'none') {
      if (minor === 1) {
        this.#sendsChunks = true;
        text += 'Transfer-Encoding: chunked\r\n';
      } else {
        exchange.keepsAlive = false;
      }
    }
    if (!exchange.keepsAlive) text += 'Connection: close\r\n';
    else if (minor === 0) text += 'Connection: keep-alive\r\n';
    text += '\r\n';
    switch (framing) {
      case 'none':
        exchange.connection.sendText(text);
        this.#complete(start === end);
        return;
      case 'length':
        this.#framing = 'length';
        this.#remaining = head.contentLength;
        this.#relayLength(text, bytes, start, end);
        return;
      case 'chunked':
        this.#framing = 'chunked';
        this.#decoder = makeChunkedDecoder(core.settings.limits.maxTrailerBytes);
        this.#relayChunked(text, bytes, start, end);
        return;
      case 'close':
        this.#framing = 'close';
        this.#relayRest(text, bytes, start, end);
    }
  }

  /** `headText` is not yet sent head, or empty. */
  #relayLength(headText: string, bytes: Buffer, start: number, end: number): void {
    const exchange = this.#exchange;
    const length = Math.min(end - start, this.#remaining);
    this.#remaining -= length;
    exchange.onBodyBytes(length);
    this.#upstream.sendSlice(headText, bytes, start, start + length);
    if (this.#remaining === 0) this.#complete(start + length === end);
    else this.#upstream.onRelayed();
  }

  #relayChunked(headText: string, bytes: Buffer, start: number, end: number): void {
    const exchange = this.#exchange;
    const decoder = this.#decoder;
    if (decoder === null) throw new Error('a chunked response has no decoder');
    let position = start;
    let length = 0;
    // Decoded bytes are moved together in place: each run lands at or before where it was read from.
    while (position < end && !decoder.done) {
      position = decoder.next(bytes, position, end);
      if (position < 0) {
        this.#sendPiece(headText, bytes, start, start + length, false);
        this.#upstream.onFault('upstream-truncated', decoder.refusal?.reason ?? '');
        return;
      }
      const { dataStart, dataEnd } = decoder;
      if (dataEnd > dataStart) {
        if (dataStart !== start + length) bytes.copyWithin(start + length, dataStart, dataEnd);
        length += dataEnd - dataStart;
      }
    }
    exchange.onBodyBytes(length);
    this.#sendPiece(headText, bytes, start, start + length, decoder.done);
    if (decoder.done) this.#complete(position === end);
    else this.#upstream.onRelayed();
  }

  #relayRest(headText: string, bytes: Buffer, start: number, end: number): void {
    this.#exchange.onBodyBytes(end - start);
    this.#sendPiece(headText, bytes, start, end, false);
    this.#upstream.onRelayed();
  }

  /** Head (if any), the bytes framed as the client needs them, and the last chunk if `isLast`. */
  #sendPiece(headText: string, bytes: Buffer, start: number, end: number, isLast: boolean): void {
    const { connection } = this.#exchange;
    if (!this.#sendsChunks) {
      this.#upstream.sendSlice(headText, bytes, start, end);
      return;
    }
    const length = end - start;
    const before = length > 0 ? `${headText}${renderChunkHeader(length)}` : headText;
    const after = (length > 0 ? '\r\n' : '') + (isLast ? lastChunk : '');
    if (before.length + after.length > 0) connection.sendFramed(before, bytes, start, end, after);
  }

  /** Rule U3: only the upgrade that was asked for. */
  #startTunnel(head: ResponseHead, bytes: Buffer, start: number, end: number): void {
    const exchange = this.#exchange;
    if (!exchange.head.upgradeWebsocket || !head.upgradeWebsocket) {
      this.#upstream.onFault('upgrade-unexpected', '');
      return;
    }
    this.#framing = 'done';
    exchange.connection.sendText(
      `HTTP/1.1 101 ${head.reason}\r\n${head.fields}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    this.#upstream.startTunnel(start < end ? Buffer.from(bytes.subarray(start, end)) : null);
  }

  /** `isClean`: nothing stood behind the response. */
  #complete(isClean: boolean): void {
    this.#framing = 'done';
    this.#exchange.onResponseComplete(isClean && this.#upstreamKeepAlive, this.#upstreamKeepAliveMs);
  }
}
