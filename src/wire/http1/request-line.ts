// The request line (rules P1, P4 to P9): finds its parts in the bytes, makes no strings. The method is judged byte by byte, so
// that what is not HTTP is refused at once; the rest of the line when its LF is there or would come too late, in this order:
// method, length, line end, shape, version, refused methods, target bytes, target form.
import {
  CR,
  LF,
  SLASH,
  SP,
  TARGET_PERCENT,
  TARGET_SLASH,
  targetClass,
  tokenFold,
  equalsIgnoringCase,
} from './bytes.ts';
import { isCleanLine } from './field-lines.ts';
import { type Refusal, refusals } from './refusal.ts';

const maxMethodBytes = 32;
const maxEmptyLines = 4;
const QUESTION = 0x3f;
const ASTERISK = 0x2a;
const AT = 0x40;

export type TargetForm = 'origin' | 'absolute' | 'asterisk';

/** Casts in here: bytes index tables, offsets stay below `end`. All offsets are those of the buffer given to `scan`. */
export class RequestLine {
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  form: TargetForm = 'origin';
  /** `http` or `https` for the absolute form, else empty. */
  scheme: '' | 'http' | 'https' = '';
  /** The authority of an absolute-form target; empty range otherwise. */
  authorityStart = 0;
  authorityEnd = 0;
  pathStart = 0;
  /** Also where the query begins, which reaches to `targetEnd`. */
  pathEnd = 0;
  /** `targetClass` bits over the path, and over the query. */
  pathBits = 0;
  queryBits = 0;
  /** 0 or 1. */
  minor = 1;
  refusal: Refusal | null = null;
  /** After 0: the position that the bytes must reach, or an LF must arrive, before another scan can tell more. */
  retryPosition = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Rule P3. Returns the position of the first byte of no empty line, which may be a CR whose LF is not there yet; -1 when refused. */
  skipEmptyLines(buffer: Buffer, start: number, end: number): number {
    let at = start;
    for (let lines = 0; at < end && (buffer[at] === CR || buffer[at] === LF); lines += 1) {
      if (lines === maxEmptyLines) return this.#refuse(refusals['empty-lines']);
      if (buffer[at] === LF) return this.#refuse(refusals['line-end']);
      if (at + 1 >= end) return at;
      if (buffer[at + 1] !== LF) return this.#refuse(refusals['line-end']);
      at += 2;
    }
    return at;
  }

  /** Returns the position behind the line's CRLF, 0 when the line is not complete, or -1. */
  scan(buffer: Buffer, start: number, end: number): number {
    let i = start;
    while (i < end && tokenFold[buffer[i] as number] !== 0) i += 1;
    const methodLength = i - start;
    // At least ` / HTTP/1.1\r\n` follows. CONNECT, TRACE and other methods of their lengths are looked at again.
    if (i + 12 >= end || buffer[i] !== SP || buffer[i + 1] !== SLASH) return this.#judge(buffer, start, end);
    if (methodLength === 0 || methodLength > maxMethodBytes) return this.#judge(buffer, start, end);
    if (buffer[start] === 0x43 || buffer[start] === 0x54) return this.#judge(buffer, start, end);
    this.methodEnd = i;
    this.targetStart = i + 1;
    i = this.#scanPath(buffer, i + 1, end);
    if (i < end && buffer[i] === QUESTION) i = this.#scanQuery(buffer, i, end);
    this.targetEnd = i;
    // SP, eight bytes of version, CR, LF.
    if (i + 10 >= end || buffer[i] !== SP || buffer[i + 9] !== CR || buffer[i + 10] !== LF) {
      return this.#judge(buffer, start, end);
    }
    if (!this.#readVersion(buffer, i + 1) || i + 9 - start > this.#maxBytes) {
      return this.#judge(buffer, start, end);
    }
    this.form = 'origin';
    this.scheme = '';
    return i + 11;
  }

  /** Runs over the path from `start`, a `/`; returns the first position behind it. */
  #scanPath(buffer: Buffer, start: number, end: number): number {
    let bits = 0;
    let afterSlash = 0;
    let i = start;
    for (; i < end; i += 1) {
      const byte = buffer[i] as number;
      if (byte === QUESTION) break;
      const entry = targetClass[byte | afterSlash] as number;
      if (entry === 0) break;
      bits |= entry;
      afterSlash = entry & TARGET_SLASH;
    }
    this.pathStart = start;
    this.pathEnd = i;
    this.pathBits = bits;
    this.queryBits = 0;
    return i;
  }

  #scanQuery(buffer: Buffer, start: number, end: number): number {
    let bits = 0;
    let i = start;
    for (; i < end; i += 1) {
      const entry = targetClass[buffer[i] as number] as number;
      if (entry === 0) break;
      bits |= entry;
    }
    this.queryBits = bits & TARGET_PERCENT;
    return i;
  }

  /** `HTTP/1.` and the digit, at `at`; there are at least eight bytes. */
  #readVersion(buffer: Buffer, at: number): boolean {
    const minor = (buffer[at + 7] as number) - 0x30;
    this.minor = minor;
    return (
      (minor === 1 || minor === 0) &&
      buffer[at] === 0x48 &&
      buffer[at + 1] === 0x54 &&
      buffer[at + 2] === 0x54 &&
      buffer[at + 3] === 0x50 &&
      buffer[at + 4] === SLASH &&
      buffer[at + 5] === 0x31 &&
      buffer[at + 6] === 0x2e
    );
  }

  #refuse(refusal: Refusal): number {
    this.refusal = refusal;
    return -1;
  }

  /** Slow path: everything that is not a plain origin-form line, complete and in order. */
  #judge(buffer: Buffer, start: number, end: number): number {
    let i = start;
    while (i < end && i - start <= maxMethodBytes && tokenFold[buffer[i] as number] !== 0) i += 1;
    if (i - start > maxMethodBytes) return this.#refuse(refusals['method-too-long']);
    this.retryPosition = end + 1;
    if (i >= end) return 0;
    if (buffer[i] !== SP && buffer[i] !== CR && buffer[i] !== LF) return this.#refuse(refusals.method);
    if (i === start) return this.#refuse(refusals.method);
    this.methodEnd = i;

    const bound = start + this.#maxBytes + 2;
    let lf = i;
    while (lf < end && lf < bound && buffer[lf] !== LF) lf += 1;
    if (lf >= bound) return this.#refuse(refusals['request-line-too-long']);
    this.retryPosition = bound;
    if (lf >= end) return 0;
    if (!isCleanLine(buffer, start, lf)) return this.#refuse(refusals['line-end']);
    const refusal =
      this.#judgeLine(buffer.toString('latin1', start, lf - 1)) ?? this.#readForm(buffer, start);
    return refusal === null ? lf + 1 : this.#refuse(refusal);
  }

  /** Shape, version and refused methods of a whole line; sets the target's bounds relative to the line's start. */
  #judgeLine(line: string): Refusal | null {
    const first = line.indexOf(' ');
    const last = line.lastIndexOf(' ');
    if (first === -1 || last <= first + 1 || line.indexOf(' ', first + 1) !== last) {
      return refusals['request-line'];
    }
    const version = line.slice(last + 1);
    if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') {
      const isHigher = /^HTTP\/(?:1\.[2-9]|[2-9]\.[0-9])$/.test(version);
      return isHigher ? refusals['version-unsupported'] : refusals.version;
    }
    const method = line.slice(0, first);
    if (method === 'CONNECT' || method === 'TRACE') return refusals['method-refused'];
    this.minor = version === 'HTTP/1.1' ? 1 : 0;
    this.targetStart = first + 1;
    this.targetEnd = last;
    return null;
  }

  /** Target bytes and form; makes the bounds absolute. */
  #readForm(buffer: Buffer, start: number): Refusal | null {
    this.targetStart += start;
    this.targetEnd += start;
    for (let i = this.targetStart; i < this.targetEnd; i += 1) {
      if (targetClass[buffer[i] as number] === 0) return refusals['target-byte'];
    }
    this.form = 'origin';
    this.scheme = '';
    if (buffer[this.targetStart] === SLASH) {
      this.#scanPathAndQuery(buffer, this.targetStart);
      return null;
    }
    const target = buffer.toString('latin1', this.targetStart, this.targetEnd);
    if (target === '*') return this.#readAsterisk(buffer, start);
    if (equalsIgnoringCase(target, 0, Math.min(7, target.length), 'http://')) {
      return this.#readAbsolute(buffer, 'http', this.targetStart + 7);
    }
    if (equalsIgnoringCase(target, 0, Math.min(8, target.length), 'https://')) {
      return this.#readAbsolute(buffer, 'https', this.targetStart + 8);
    }
    return refusals['target-form'];
  }

  #readAsterisk(buffer: Buffer, start: number): Refusal | null {
    if (
      buffer.toString('latin1', start, this.methodEnd) !== 'OPTIONS' ||
      buffer[this.targetStart] !== ASTERISK
    ) {
      return refusals['target-form'];
    }
    this.form = 'asterisk';
    this.pathStart = this.targetStart;
    this.pathEnd = this.targetEnd;
    this.pathBits = 0;
    this.queryBits = 0;
    return null;
  }

  #readAbsolute(buffer: Buffer, scheme: 'http' | 'https', authorityStart: number): Refusal | null {
    let i = authorityStart;
    while (i < this.targetEnd && buffer[i] !== SLASH && buffer[i] !== QUESTION) {
      if (buffer[i] === AT) return refusals['target-userinfo'];
      i += 1;
    }
    this.form = 'absolute';
    this.scheme = scheme;
    this.authorityStart = authorityStart;
    this.authorityEnd = i;
    this.#scanPathAndQuery(buffer, i);
    return null;
  }

  #scanPathAndQuery(buffer: Buffer, pathStart: number): void {
    const pathEnd = this.#scanPath(buffer, pathStart, this.targetEnd);
    if (pathEnd < this.targetEnd) this.#scanQuery(buffer, pathEnd, this.targetEnd);
  }
}

/** The method at the start of `text`; the usual ones as constants, which compare by identity and hold no head. */
export function methodOf(text: string, length: number): string {
  if (length === 3 && text.startsWith('GET')) return 'GET';
  if (length === 4 && text.startsWith('POST')) return 'POST';
  if (length === 4 && text.startsWith('HEAD')) return 'HEAD';
  return text.slice(0, length);
}
