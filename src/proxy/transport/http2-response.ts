// Responses of an HTTP/2 upstream, read by the rules of all responses: the same parser for heads, the same list for trailers.
import { statusText } from '../../wire/http1/render.ts';
import { ResponseHead, type ResponseHeadParser } from '../../wire/http1/response-head.ts';
import { TrailerFields } from '../../wire/http1/trailer-fields.ts';
import { type RawFields, renderResponseText, renderTrailerText } from '../../wire/http2/response-text.ts';

const maxTrailerFields = 32;

/** One head at a time: whoever gets it has used it before the next one is read. */
const sharedHead = new ResponseHead();

/** Null: malformed. `isEnd`: no body follows. */
export function readHttp2Head(
  parser: ResponseHeadParser,
  raw: RawFields,
  method: string,
  isEnd: boolean,
): ResponseHead | null {
  const text = renderResponseText(raw);
  if (text === null) return null;
  const bytes = Buffer.from(text, 'latin1');
  const head = sharedHead;
  if (parser.parse(bytes, 0, bytes.length, head, method) !== bytes.length) return null;
  // HTTP/2 has no reason phrases, and clients of HTTP/1.1 like to see one.
  head.reason = statusText(head.status);
  if (head.isInterim) return isEnd ? null : head;
  if (isEnd && head.framing !== 'none') {
    // RFC 9113 8.1.1: what is announced must come.
    if (head.framing === 'length' && head.contentLength !== 0) return null;
    head.framing = 'length';
    head.contentLength = 0;
  }
  // Where the length is not known the message ends by itself, and may have trailers.
  if (head.framing === 'close') head.framing = 'chunked';
  return head;
}

/** The lines that may go on, with their ends; null: malformed or too large. */
export function readHttp2Trailers(raw: RawFields, maxTrailerBytes: number): string | null {
  const text = renderTrailerText(raw);
  if (text === null) return null;
  const bytes = Buffer.from(text, 'latin1');
  const fields = new TrailerFields(maxTrailerBytes, maxTrailerFields);
  return fields.add(bytes, 0, bytes.length) === bytes.length ? fields.text : null;
}
