// Http1Response: responses as HTTP/1.1 frames them. The head waits for the first bytes of the body, so that both leave in one write;
// bodies go out by their length, in chunks, or (to HTTP/1.0) until the connection ends.
import type { Socket } from 'node:net';
import { renderChunkHeader, renderLastChunk } from '../wire/http1/render.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';
import type { ResponseHead } from '../wire/http1/response-head.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { ResponseWriter } from './downstream.ts';
import { writeFramed, writeSlice } from './gathered-write.ts';

const lastChunk = renderLastChunk('');

export class Http1Response implements ResponseWriter {
  readonly #socket: Socket;
  /** Of the present request: decides by its version. */
  readonly #request: RequestHead;
  /** A head that waits for its body; empty once it is out. */
  #headText = '';
  /** The client gets chunks: HTTP/1.1 and a length that is not known. */
  #sendsChunks = false;

  constructor(socket: Socket, request: RequestHead) {
    this.#socket = socket;
    this.#request = request;
  }

  get mustWait(): boolean {
    // After a write that went out at once `writableNeedDrain` still stands, with nothing to wait for.
    return this.#socket.writableNeedDrain && this.#socket.writableLength > 0;
  }

  sendInterim(status: number, reason: string, fields: string): void {
    if (this.#request.minor === 1) {
      this.#socket.write(`HTTP/1.1 ${status} ${reason}\r\n${fields}\r\n`, 'latin1');
    }
  }

  begin(head: ResponseHead, ownFields: string, keepsAlive: boolean): boolean {
    const { framing, status } = head;
    const { minor } = this.#request;
    let keeps = keepsAlive;
    let text = `HTTP/1.1 ${status} ${head.reason}\r\n${ownFields}${head.fields}`;
    this.#sendsChunks = false;
    if (framing === 'length' || (framing === 'none' && head.contentLength >= 0 && status !== 204)) {
      text += `Content-Length: ${head.contentLength}\r\n`;
    } else if (framing !== 'none') {
      if (minor === 1) {
        this.#sendsChunks = true;
        text += 'Transfer-Encoding: chunked\r\n';
      } else {
        keeps = false;
      }
    }
    if (!keeps) text += 'Connection: close\r\n';
    else if (minor === 0) text += 'Connection: keep-alive\r\n';
    this.#headText = `${text}\r\n`;
    return keeps;
  }

  sendBody(
    owner: PooledBuffer | null,
    bytes: Buffer,
    start: number,
    end: number,
    trailers: string | null,
  ): boolean {
    const headText = this.#headText;
    this.#headText = '';
    if (!this.#sendsChunks) return writeSlice(this.#socket, headText, owner, bytes, start, end);
    const length = end - start;
    const before = length > 0 ? `${headText}${renderChunkHeader(length)}` : headText;
    // Trailers go nowhere here (rule T1): few HTTP/1.1 clients can read them.
    const after = (length > 0 ? '\r\n' : '') + (trailers === null ? '' : lastChunk);
    if (before.length + after.length > 0) writeFramed(this.#socket, before, bytes, start, end, after);
    return false;
  }
}
