// StreamResponse: responses as a stream of HTTP/2 carries them. Framing falls away: END_STREAM ends the body. The head leaves with the first
// bytes of the body.
import type { RequestHead } from '../../wire/http1/request-head.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';
import type { PooledBuffer } from '../buffer-pool.ts';
import type { ResponseWriter } from '../downstream.ts';
import type { Http2Stream } from './codec.ts';

export class StreamResponse implements ResponseWriter {
  readonly #stream: Http2Stream;
  readonly #request: RequestHead;
  /** Of a head that waits for the first bytes of its body; 0 once it is out. */
  #status = 0;
  #ownLines = '';
  #lines = '';
  #contentLength = -1;
  #mayHaveTrailers = false;

  constructor(stream: Http2Stream, request: RequestHead) {
    this.#stream = stream;
    this.#request = request;
  }

  get mustWait(): boolean {
    return this.#stream.mustWait;
  }

  sendInterim(status: number, _reason: string, lines: string): void {
    this.#stream.sendInterim(status, lines);
  }

  begin(head: ResponseHead, ownLines: string, keepsAlive: boolean): boolean {
    this.#status = head.status;
    this.#ownLines = ownLines;
    this.#lines = head.fields;
    this.#contentLength = head.framing === 'chunked' ? -1 : head.contentLength;
    // Rule T1: only towards a client that said so.
    this.#mayHaveTrailers = head.framing === 'chunked' && this.#request.teTrailers;
    return keepsAlive;
  }

  sendBody(
    owner: PooledBuffer | null,
    bytes: Buffer,
    start: number,
    end: number,
    trailers: string | null,
  ): boolean {
    if (this.#status !== 0) {
      const isWhole = start === end && trailers === '';
      this.#stream.sendHead(this.#status, this.#ownLines, this.#lines, this.#contentLength, isWhole);
      this.#status = 0;
      if (isWhole) return false;
    }
    if (start === end && trailers === null) return false;
    const last = trailers === null || this.#mayHaveTrailers ? trailers : '';
    return this.#stream.sendData(owner, bytes, start, end, last);
  }
}
