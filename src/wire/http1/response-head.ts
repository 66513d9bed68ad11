// The head of an upstream's response: from bytes to a ResponseHead, or to a refusal that becomes 502 (rules R1 to R4, L3, U3). The
// upstream is not trusted: the same field scanner as for requests, framing decided here and written anew by the caller.
// Order of judgement, the same however the bytes are cut: status line, each field line as it completes, then framing and upgrade.
import { CR, LF, SP, equalsIgnoringCase } from './bytes.ts';
import { parseContentLength } from './content-length.ts';
import { type FieldFault, FieldLines, isCleanLine, skipValueBytes } from './field-lines.ts';
import { type Refusal, refusals } from './refusal.ts';
import { ResponseFields, createResponseNames } from './response-fields.ts';

/**
 * How the body ends: `none` there is none (HEAD, 1xx, 204, 304); `length` after `contentLength` bytes; `chunked` with the last chunk;
 * `close` with the connection.
 */
export type ResponseFraming = 'none' | 'length' | 'chunked' | 'close';

export interface ResponseHeadOptions {
  /** Status line and fields. */
  readonly maxHeadBytes: number;
  readonly maxFields: number;
}

/** One response's head. Strings may be slices of the received head: copy what outlives the exchange (rule V8). */
export class ResponseHead {
  status = 0;
  /** As received, may be empty. */
  reason = '';
  minor = 1;
  framing: ResponseFraming = 'none';
  /** As declared, also where there is no body (HEAD, 304); -1 when not declared or, for 1xx and 204, not to be repeated. */
  contentLength = -1;
  /** The upstream keeps the connection open behind a complete message. */
  keepAlive = true;
  /** `Keep-Alive: timeout=N`; 0: unknown. */
  keepAliveTimeoutMs = 0;
  hasDate = false;
  hasServer = false;
  /** `Strict-Transport-Security`. */
  hasHsts = false;
  /** A 101 that agrees to a WebSocket; whether the request asked is the caller's to know (rule U3). */
  upgradeWebsocket = false;
  /** 1xx other than 101: another head follows. */
  isInterim = false;
  location = '';
  /** `Name: value\r\n` lines to pass downstream, in order, as spelt. */
  fields = '';
}

const faultRefusals: Readonly<Record<FieldFault, Refusal>> = {
  none: refusals['upstream-field-syntax'],
  'line-end': refusals['upstream-line-end'],
  'too-many': refusals['upstream-too-many-fields'],
  'line-too-long': refusals['upstream-head-too-large'],
  'section-too-large': refusals['upstream-head-too-large'],
  folded: refusals['upstream-field-syntax'],
  name: refusals['upstream-field-syntax'],
  'name-too-long': refusals['upstream-head-too-large'],
  value: refusals['upstream-field-syntax'],
};

/** Offset of the status code in a status line, and of the byte behind it. */
const statusStart = 9;
const statusEnd = 12;

/** Casts in here: offsets stay below `end`, bytes index tables. */
export class ResponseHeadParser {
  /** Why `parse` returned -1. */
  refusal: Refusal | null = null;
  /** After 0: the length (`end - start`) that another call needs to tell more, unless an LF arrives before. */
  retryAt = 0;
  readonly #lines: FieldLines;
  readonly #fields = new ResponseFields();
  readonly #maxHeadBytes: number;
  #status = 0;
  #minor = 1;

  constructor(options: ResponseHeadOptions) {
    this.#maxHeadBytes = options.maxHeadBytes;
    this.#lines = new FieldLines({
      names: createResponseNames(),
      maxLineBytes: options.maxHeadBytes,
      maxNameBytes: options.maxHeadBytes,
      maxFields: options.maxFields,
    });
  }

  /**
   * Parses the head at the start of `buffer[start, end)`, the answer to a `requestMethod` request. Returns the count of its bytes with the empty
   * line behind it; 0 when it is not complete (see `retryAt`); -1 when it is refused (see `refusal`). `head` is only meaningful after a count.
   */
  parse(buffer: Buffer, start: number, end: number, head: ResponseHead, requestMethod: string): number {
    this.refusal = null;
    const fieldsStart = this.#scanStatusLine(buffer, start, end);
    if (fieldsStart <= 0) return fieldsStart;
    const next = this.#lines.scan(buffer, fieldsStart, end, start + this.#maxHeadBytes);
    if (next <= 0) {
      if (next === 0) return this.#wait(start, this.#lines.retryPosition);
      return this.#refuse(faultRefusals[this.#lines.fault]);
    }
    const text = buffer.toString('latin1', start, next);
    this.#fields.read(text, start, this.#lines, fieldsStart);
    const refusal = this.#read(text, fieldsStart - start - 2, head, requestMethod);
    return refusal === null ? next - start : this.#refuse(refusal);
  }

  #wait(start: number, position: number): number {
    this.retryAt = position - start;
    return 0;
  }

  #refuse(refusal: Refusal): number {
    this.refusal = refusal;
    return -1;
  }

  /** RFC 9112 4, the reason phrase and the space before it optional. Returns the position behind the line. */
  #scanStatusLine(buffer: Buffer, start: number, end: number): number {
    const bound = start + this.#maxHeadBytes;
    const i = skipValueBytes(buffer, start, end);
    if (i + 1 < end && i + 1 < bound && buffer[i] === CR && buffer[i + 1] === LF) {
      const refusal = this.#judgeStatusLine(buffer, start, i);
      return refusal === null ? i + 2 : this.#refuse(refusal);
    }
    let lf = start;
    while (lf < end && lf < bound && buffer[lf] !== LF) lf += 1;
    if (lf >= bound) return this.#refuse(refusals['upstream-head-too-large']);
    if (lf >= end) return this.#wait(start, bound);
    const isClean = isCleanLine(buffer, start, lf);
    return this.#refuse(refusals[isClean ? 'upstream-status-line' : 'upstream-line-end']);
  }

  #judgeStatusLine(buffer: Buffer, start: number, end: number): Refusal | null {
    // `HTTP/1.1 200`: eight bytes of version, SP, three digits.
    if (end - start < statusEnd || buffer[start + statusStart - 1] !== SP)
      return refusals['upstream-status-line'];
    const minor = (buffer[start + 7] as number) - 0x30;
    if ((minor !== 0 && minor !== 1) || !isHttp1(buffer, start)) return refusals['upstream-version'];
    let status = 0;
    for (let i = start + statusStart; i < start + statusEnd; i += 1) {
      const digit = (buffer[i] as number) - 0x30;
      if (digit < 0 || digit > 9) return refusals['upstream-status-line'];
      status = status * 10 + digit;
    }
    if (end - start > statusEnd && buffer[start + statusEnd] !== SP) return refusals['upstream-status-line'];
    if (status < 100 || status > 599) return refusals['upstream-status'];
    this.#status = status;
    this.#minor = minor;
    return null;
  }

  #read(text: string, lineEnd: number, head: ResponseHead, requestMethod: string): Refusal | null {
    const fields = this.#fields;
    const status = this.#status;
    head.status = status;
    head.reason = text.slice(statusEnd + 1, Math.max(lineEnd, statusEnd + 1));
    head.minor = this.#minor;
    head.keepAlive = !fields.connection.close && (this.#minor === 1 || fields.connection.keepAlive);
    head.keepAliveTimeoutMs = fields.keepAliveTimeoutMs;
    head.hasDate = fields.hasDate;
    head.hasServer = fields.hasServer;
    head.hasHsts = fields.hasHsts;
    head.location = fields.location;
    head.fields = fields.fields;
    head.isInterim = status < 200 && status !== 101;
    head.upgradeWebsocket = false;
    head.framing = 'none';
    head.contentLength = -1;
    if (status === 101) {
      head.upgradeWebsocket =
        this.#minor === 1 && fields.connection.upgrade && fields.upgradeCount === 1 && fields.isWebsocket;
      return head.upgradeWebsocket ? null : refusals['upstream-switch'];
    }
    // Content or length on a 1xx is never honoured (R6).
    return status < 200 ? null : this.#readFraming(text, head, requestMethod);
  }

  /** Rules R2 and R3. */
  #readFraming(text: string, head: ResponseHead, requestMethod: string): Refusal | null {
    const fields = this.#fields;
    const hasBody = requestMethod !== 'HEAD' && head.status !== 204 && head.status !== 304;
    if (fields.codingCount > 0) {
      if (fields.lengthCount > 0) return refusals['upstream-framing-conflict'];
      const isChunked = equalsIgnoringCase(text, fields.codingStart, fields.codingEnd, 'chunked');
      if (fields.codingCount > 1 || !isChunked || head.minor === 0)
        return refusals['upstream-transfer-encoding'];
      if (hasBody) head.framing = 'chunked';
      return null;
    }
    if (fields.lengthCount > 0) {
      const length = parseContentLength(text, fields.lengthStart, fields.lengthEnd);
      if (length < 0 || fields.lengthsDiffer) return refusals['upstream-content-length'];
      if (hasBody) head.framing = 'length';
      if (head.status !== 204) head.contentLength = length;
      return null;
    }
    if (hasBody) {
      head.framing = 'close';
      head.keepAlive = false;
    }
    return null;
  }
}

/** `HTTP/1.` at `at`. */
function isHttp1(buffer: Buffer, at: number): boolean {
  return (
    buffer[at] === 0x48 &&
    buffer[at + 1] === 0x54 &&
    buffer[at + 2] === 0x54 &&
    buffer[at + 3] === 0x50 &&
    buffer[at + 4] === 0x2f &&
    buffer[at + 5] === 0x31 &&
    buffer[at + 6] === 0x2e
  );
}
