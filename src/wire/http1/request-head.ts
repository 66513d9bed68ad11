// The head of an HTTP/1 request: from bytes to a RequestHead, or to a refusal. Nothing of the client's framing survives: `fields` holds
// only the lines that may go upstream, as few slices of the head as possible; the rest is understood and written anew by the caller.
//
// Order of judgement, the same however the bytes are cut: empty lines, request line (request-line.ts), each field line as it completes
// (field-lines.ts), then over the whole head: Host, framing, connection, path, expectation.
// One parser serves all connections of a worker: nothing of a message stays in it. Speed: test/wire/bench.ts.
import { hasValidEscapes } from '../../std/uri-path/index.ts';
import { CR, LF, TARGET_PERCENT, TARGET_SPECIAL, equalsIgnoringCase } from './bytes.ts';
import { LENGTH_TOO_LARGE, parseContentLength } from './content-length.ts';
import { type FieldFault, FieldLines } from './field-lines.ts';
import { normalizeHost } from './host.ts';
import { canonicalSpecialPath } from './path.ts';
import { type Refusal, refusals } from './refusal.ts';
import { RequestFields, createRequestNames } from './request-fields.ts';
import { RequestLine, type TargetForm, methodOf } from './request-line.ts';

export interface RequestHeadOptions {
  /** Without its CRLF. */
  readonly maxRequestLineBytes: number;
  /** Without its CRLF. */
  readonly maxFieldLineBytes: number;
  /** All field lines with their CRLFs. */
  readonly maxFieldsBytes: number;
  readonly maxFields: number;
  readonly maxNameBytes: number;
  /** Unregistered names with `_` (rule X3). */
  readonly underscores: 'drop' | 'keep';
  /** Further field names that are always removed: what features write upstream (rule X2). Any case. */
  readonly stripNames: readonly string[];
}

/** One request's head. Strings may be slices of the received head: copy what outlives the request (rule V8). */
export class RequestHead {
  method = '';
  /** As received, for the log. */
  target = '';
  form: TargetForm = 'origin';
  /** The canonical literal reading: what is matched and what is sent. `*` for the asterisk form. */
  path = '/';
  /** The greedy reading (rule N2) where it differs from `path`, else empty. */
  greedyPath = '';
  /** Raw, with its `?`; empty when absent. */
  query = '';
  /** HTTP/1.minor: 0 or 1. */
  minor = 1;
  /** `http` or `https` of an absolute-form target, else empty. */
  scheme = '';
  /** The Host to send upstream, as the client spelt it; an absolute-form target wins over Host. Empty: none (HTTP/1.0). */
  authority = '';
  /** `authority` normalised (host.ts), empty if none. */
  host = '';
  /** Bytes of the body; -1: chunked. */
  contentLength = 0;
  /** A Content-Length or Transfer-Encoding field was present. */
  hasFraming = false;
  /** What the client wants, by version and Connection. */
  keepAlive = true;
  /** HTTP/1.1, `Expect: 100-continue`, and a body is announced. */
  expectContinue = false;
  /** Rules U1 and U4 hold. */
  upgradeWebsocket = false;
  /** The client takes trailers (`TE: trailers`). */
  teTrailers = false;
  /** `Name: value\r\n` lines to pass upstream, in order, as spelt. */
  fields = '';
  // Captured values: the first of that name, empty when absent. Those of the forwarded family are not in `fields`.
  userAgent = '';
  referer = '';
  accept = '';
  authorization = '';
  /** What the client announces to come behind its body: all lines of `Trailer` joined with `, `. */
  trailer = '';
  /** Empty unless 1 to 128 visible characters (rule X6). */
  requestId = '';
  /** All lines joined with `, `. */
  forwardedFor = '';
  forwardedHost = '';
  forwardedProto = '';
  forwardedPort = '';
  forwardedScheme = '';
  originalForwardedFor = '';
  realIp = '';

  reset(): void {
    this.method = '';
    this.target = '';
    this.form = 'origin';
    this.path = '/';
    this.greedyPath = '';
    this.query = '';
    this.minor = 1;
    this.scheme = '';
    this.authority = '';
    this.host = '';
    this.contentLength = 0;
    this.hasFraming = false;
    this.keepAlive = true;
    this.expectContinue = false;
    this.upgradeWebsocket = false;
    this.teTrailers = false;
    this.fields = '';
    this.clearCaptured();
  }

  clearCaptured(): void {
    this.userAgent = '';
    this.referer = '';
    this.accept = '';
    this.authorization = '';
    this.trailer = '';
    this.requestId = '';
    this.forwardedFor = '';
    this.forwardedHost = '';
    this.forwardedProto = '';
    this.forwardedPort = '';
    this.forwardedScheme = '';
    this.originalForwardedFor = '';
    this.realIp = '';
  }
}

const faultRefusals: Readonly<Record<FieldFault, Refusal>> = {
  none: refusals['field-name'],
  'line-end': refusals['line-end'],
  'too-many': refusals['too-many-fields'],
  'line-too-long': refusals['field-line-too-long'],
  'section-too-large': refusals['fields-too-large'],
  folded: refusals['field-folded'],
  name: refusals['field-name'],
  'name-too-long': refusals['field-name-too-long'],
  value: refusals['field-value'],
};

export class RequestHeadParser {
  /** Why `parse` returned -1. */
  refusal: Refusal | null = null;
  /** After 0: the length (`end - start`) that another call needs to tell more, unless an LF arrives before. */
  retryAt = 0;
  readonly #line: RequestLine;
  readonly #lines: FieldLines;
  readonly #fields = new RequestFields();
  readonly #maxFieldsBytes: number;

  constructor(options: RequestHeadOptions) {
    this.#line = new RequestLine(options.maxRequestLineBytes);
    this.#lines = new FieldLines({
      names: createRequestNames(options),
      maxLineBytes: options.maxFieldLineBytes,
      maxNameBytes: options.maxNameBytes,
      maxFields: options.maxFields,
    });
    this.#maxFieldsBytes = options.maxFieldsBytes;
  }

  /**
   * Parses the head at the start of `buffer[start, end)`. Returns the count of its bytes, empty lines before it and the empty line behind it
   * included; 0 when it is not complete (see `retryAt`); -1 when it is refused (see `refusal`). After
   * -1 `head` holds what the log may tell: `method` and `target` of a good request line, else nothing. After 0 it was not touched.
   */
  parse(buffer: Buffer, start: number, end: number, head: RequestHead): number {
    this.refusal = null;
    let at = start;
    if (at < end && (buffer[at] === CR || buffer[at] === LF)) {
      at = this.#line.skipEmptyLines(buffer, start, end);
      if (at < 0) return this.#refuseEarly(this.#line.refusal, head);
    }
    if (at + 1 >= end && (at >= end || buffer[at] === CR)) return this.#wait(start, end + 1);
    const fieldsStart = this.#line.scan(buffer, at, end);
    if (fieldsStart <= 0) {
      if (fieldsStart === 0) return this.#wait(start, this.#line.retryPosition);
      return this.#refuseEarly(this.#line.refusal, head);
    }
    const next = this.#lines.scan(buffer, fieldsStart, end, fieldsStart + this.#maxFieldsBytes);
    if (next <= 0) {
      if (next === 0) return this.#wait(start, this.#lines.retryPosition);
      this.#refuseEarly(faultRefusals[this.#lines.fault], head);
      this.#readLine(buffer.toString('latin1', at, fieldsStart), at, head);
      return -1;
    }
    const refusal = this.#read(buffer.toString('latin1', at, next), at, fieldsStart, head);
    return refusal === null ? next - start : this.#refuse(refusal);
  }

  #wait(start: number, position: number): number {
    this.retryAt = position - start;
    return 0;
  }

  #refuse(refusal: Refusal | null): number {
    this.refusal = refusal;
    return -1;
  }

  /** Refuses before the head was read: nothing of an earlier request may be left in it. */
  #refuseEarly(refusal: Refusal | null, head: RequestHead): number {
    head.reset();
    return this.#refuse(refusal);
  }

  /** `text`: the whole head, whose first character has the offset `base` in the scanned buffer. */
  #read(text: string, base: number, fieldsStart: number, head: RequestHead): Refusal | null {
    head.reset();
    this.#readLine(text, base, head);
    this.#fields.read(text, base, this.#lines, fieldsStart, head);
    return (
      this.#readHost(text, base, head) ??
      this.#readFraming(text, head) ??
      this.#readConnection(head) ??
      this.#readPath(text, base, head) ??
      this.#readExpectation(head)
    );
  }

  #readLine(text: string, base: number, head: RequestHead): void {
    const line = this.#line;
    head.method = methodOf(text, line.methodEnd - base);
    head.target = text.slice(line.targetStart - base, line.targetEnd - base);
    head.form = line.form;
    head.minor = line.minor;
    head.scheme = line.scheme;
  }

  /** Rules H1 to H5. */
  #readHost(text: string, base: number, head: RequestHead): Refusal | null {
    const fields = this.#fields;
    if (fields.hasFramingAlias) return refusals['framing-alias'];
    if (fields.hostCount > 1) return refusals['host-repeated'];
    if (fields.hostCount === 1) {
      head.authority = text.slice(fields.hostStart, fields.hostEnd);
      const host = normalizeHost(head.authority);
      if (host === null) return refusals['host-invalid'];
      head.host = host;
    } else if (head.minor === 1) return refusals['host-missing'];
    if (head.form === 'absolute') {
      head.authority = text.slice(this.#line.authorityStart - base, this.#line.authorityEnd - base);
      const host = normalizeHost(head.authority);
      if (host === null) return refusals['host-invalid'];
      head.host = host;
    }
    return null;
  }

  /** Rules F1 to F6. */
  #readFraming(text: string, head: RequestHead): Refusal | null {
    const fields = this.#fields;
    if (fields.lengthCount === 0 && fields.codingCount === 0) return null;
    head.hasFraming = true;
    if (fields.codingCount > 0) {
      if (fields.lengthCount > 0) return refusals['transfer-encoding-with-length'];
      if (head.minor === 0) return refusals['transfer-encoding-version'];
      if (fields.codingCount > 1) return refusals['transfer-encoding-repeated'];
      if (!equalsIgnoringCase(text, fields.codingStart, fields.codingEnd, 'chunked')) {
        return refusals['transfer-encoding'];
      }
      head.contentLength = -1;
      return null;
    }
    if (fields.lengthCount > 1) return refusals['content-length-repeated'];
    head.contentLength = parseContentLength(text, fields.lengthStart, fields.lengthEnd);
    if (head.contentLength >= 0) return null;
    return refusals[head.contentLength === LENGTH_TOO_LARGE ? 'content-length-too-large' : 'content-length'];
  }

  /** Rules B1, B3, Q5, Q6, U1, U4. */
  #readConnection(head: RequestHead): Refusal | null {
    const { connection, upgradeCount, isWebsocket } = this.#fields;
    if (connection.invalid) return refusals.connection;
    head.keepAlive = !connection.close && (head.minor === 1 || connection.keepAlive);
    if (upgradeCount === 0) return null;
    head.upgradeWebsocket =
      upgradeCount === 1 &&
      isWebsocket &&
      connection.upgrade &&
      head.minor === 1 &&
      head.method === 'GET' &&
      !head.hasFraming;
    return null;
  }

  /** Rules N1, N2, P9, P10. */
  #readPath(text: string, base: number, head: RequestHead): Refusal | null {
    const line = this.#line;
    if (line.pathEnd > line.pathStart) head.path = text.slice(line.pathStart - base, line.pathEnd - base);
    if (line.targetEnd > line.pathEnd) head.query = text.slice(line.pathEnd - base, line.targetEnd - base);
    if ((line.pathBits & TARGET_SPECIAL) !== 0) {
      const canonical = canonicalSpecialPath(head.path);
      if ('status' in canonical) return canonical;
      head.path = canonical.path;
      head.greedyPath = canonical.greedy;
    }
    const isBroken = (line.queryBits & TARGET_PERCENT) !== 0 && !hasValidEscapes(head.query);
    return isBroken ? refusals['target-escape'] : null;
  }

  /** Rules E1 to E3. */
  #readExpectation(head: RequestHead): Refusal | null {
    if (this.#fields.expectCount === 0 || head.minor === 0) return null;
    if (this.#fields.expectCount > 1 || !this.#fields.isContinue) return refusals.expectation;
    head.expectContinue = head.contentLength !== 0;
    return null;
  }
}
