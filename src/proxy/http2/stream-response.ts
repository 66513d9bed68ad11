// StreamResponse: responses as a stream of HTTP/2 carries them. Fields are translated, framing falls away: END_STREAM ends the body.
import { addFieldLines, makeHttp2Fields, type Http2Fields } from '../../wire/http2/response-fields.ts';
import type { RequestHead } from '../../wire/http1/request-head.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';
import type { PooledBuffer } from '../buffer-pool.ts';
import type { ResponseWriter } from '../downstream.ts';
import type { Http2Stream } from './codec.ts';

/** Up to this many bytes are copied, which costs less than another read buffer. */
const copyBytes = 16_384;

export class StreamResponse implements ResponseWriter {
  readonly #stream: Http2Stream;
  readonly #request: RequestHead;
  /** A head that waits for the first bytes of its body; null once it is out. */
  #fields: Http2Fields | null = null;
  #status = 0;
  #mayHaveTrailers = false;

  constructor(stream: Http2Stream, request: RequestHead) {
    this.#stream = stream;
    this.#request = request;
  }

  get mustWait(): boolean {
    return this.#stream.mustWait && this.#stream.queuedBytes > 0;
  }

  sendInterim(status: number, _reason: string, fieldLines: string): void {
    const fields = makeHttp2Fields();
    addFieldLines(fields, fieldLines);
    this.#stream.sendInterim(status, fields);
  }

  begin(head: ResponseHead, ownFields: string, keepsAlive: boolean): boolean {
    const fields = makeHttp2Fields();
    addFieldLines(fields, ownFields);
    addFieldLines(fields, head.fields);
    if (head.contentLength >= 0 && head.framing !== 'chunked') {
      fields['content-length'] = String(head.contentLength);
    }
    this.#fields = fields;
    this.#status = head.status;
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
    const length = end - start;
    if (this.#fields !== null) {
      const isWhole = length === 0 && trailers !== null && trailers === '';
      this.#sendHead(this.#fields, isWhole);
      if (isWhole) return false;
    }
    const isCopied = owner === null || length <= copyBytes;
    const slice = length === 0 ? null : takeSlice(bytes, start, end, owner !== null && isCopied);
    if (trailers === null) {
      if (slice === null) return false;
      if (isCopied) {
        this.#stream.sendData(slice, null);
        return false;
      }
      owner.lend();
      this.#stream.sendData(slice, owner.onWritten);
      return true;
    }
    if (slice !== null && !isCopied) {
      owner.lend();
      this.#stream.sendData(slice, owner.onWritten);
    }
    this.#stream.sendEnd(isCopied ? slice : null, this.#trailerFields(trailers));
    return slice !== null && !isCopied;
  }

  #sendHead(fields: Http2Fields, isWhole: boolean): void {
    this.#fields = null;
    const body = this.#mayHaveTrailers ? 'body-and-trailers' : 'body';
    this.#stream.sendHead(this.#status, fields, isWhole ? 'ends' : body);
  }

  #trailerFields(lines: string): Http2Fields | null {
    if (!this.#mayHaveTrailers || lines === '') return null;
    const fields = makeHttp2Fields();
    addFieldLines(fields, lines);
    return fields;
  }
}

function takeSlice(bytes: Buffer, start: number, end: number, copies: boolean): Buffer {
  const slice = bytes.subarray(start, end);
  return copies ? Buffer.from(slice) : slice;
}
