// The chunked transfer coding (RFC 9112 7.1, rules C1 to C5, T1 to T3, L4, L5), as a state machine over bytes: what it thinks of a byte
// depends on the bytes before it, never on how they were cut. Body bytes are not copied: each step names a run of them in the caller's
// buffer. White space is taken nowhere in a size line but inside a quoted extension value.
import { hexValue } from '../../std/hex.ts';
import { CR, LF, tokenFold, valueClass } from './bytes.ts';
import { type Refusal, refusals } from './refusal.ts';
import { TrailerFields } from './trailer-fields.ts';

export interface ChunkedOptions {
  /** Of a size line with its extensions, without its CRLF. */
  readonly maxLineBytes: number;
  /**
   * Bytes that a plain framing would not need (extensions, leading zeros) per message, on top of an eighth of its body bytes. Small chunks
   * are no overhead in this sense: streams of short records are ordinary traffic.
   */
  readonly maxOverheadBytes: number;
  readonly maxTrailerBytes: number;
  readonly maxTrailerFields: number;
}

// States, in the order in which a chunk passes them.
const SIZE = 0;
/** Behind `;`: at least one byte of a name. */
const EXTENSION_NAME_START = 1;
const EXTENSION_NAME = 2;
/** Behind `=`. */
const EXTENSION_VALUE_START = 3;
const EXTENSION_TOKEN = 4;
const EXTENSION_QUOTED = 5;
/** Behind a backslash in a quoted value. */
const EXTENSION_ESCAPED = 6;
/** Behind the closing quote. */
const EXTENSION_END = 7;
const SIZE_LF = 8;
const DATA = 9;
const DATA_CR = 10;
const DATA_LF = 11;
const TRAILER = 12;
const DONE = 13;
const REFUSED = 14;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const maxSizeDigits = 8;

/** Casts in here: bytes index tables of 256, offsets stay below `end`. */
export class ChunkedDecoder {
  /** The run of body bytes that the last `next` found, in its buffer; empty when both are equal. */
  dataStart = 0;
  dataEnd = 0;
  /** The trailer section has ended. */
  done = false;
  /** Why `next` returned -1. */
  refusal: Refusal | null = null;
  /** Body bytes so far. */
  totalBytes = 0;
  readonly #options: ChunkedOptions;
  #state = SIZE;
  /** Of the current size line: its value, its significant digits, its bytes so far. */
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  #overheadBytes = 0;
  /** Bytes of the current chunk's data still to come. */
  #remaining = 0;
  #trailers: TrailerFields | null = null;

  constructor(options: ChunkedOptions) {
    this.#options = options;
  }

  /** Makes the decoder ready for another body. */
  reset(): void {
    this.dataStart = 0;
    this.dataEnd = 0;
    this.done = false;
    this.refusal = null;
    this.totalBytes = 0;
    this.#state = SIZE;
    this.#startLine();
    this.#overheadBytes = 0;
    this.#remaining = 0;
    this.#trailers?.reset();
  }

  /** Trailer lines that may be passed on (T1, T2), each with its CRLF; meaningful when `done`. */
  get trailers(): string {
    return this.#trailers?.text ?? '';
  }

  /**
   * Consumes from `buffer[start, end)` up to the end of the next run of body bytes, the end of the message, or `end`. Returns the new position, or
   * -1 when the body is refused, for good. Callers loop until the position is `end` or `done` is true.
   */
  next(buffer: Buffer, start: number, end: number): number {
    this.dataStart = start;
    this.dataEnd = start;
    let at = start;
    while (at < end) {
      switch (this.#state) {
        case DATA: {
          const dataEnd = Math.min(end, at + this.#remaining);
          this.dataStart = at;
          this.dataEnd = dataEnd;
          this.totalBytes += dataEnd - at;
          this.#remaining -= dataEnd - at;
          if (this.#remaining === 0) this.#state = DATA_CR;
          return dataEnd;
        }
        case DATA_CR:
          if (buffer[at] !== CR) return this.#refuse(refusals['chunk-line-end']);
          this.#state = DATA_LF;
          at += 1;
          break;
        case DATA_LF:
          if (buffer[at] !== LF) return this.#refuse(refusals['chunk-line-end']);
          this.#state = SIZE;
          this.#startLine();
          at += 1;
          break;
        case TRAILER:
          return this.#addTrailers(buffer, at, end);
        case DONE:
          return at;
        case REFUSED:
          return -1;
        default: {
          const refusal = this.#takeLineByte(buffer[at] as number);
          if (refusal !== null) return this.#refuse(refusal);
          at += 1;
        }
      }
    }
    return at;
  }

  #startLine(): void {
    this.#size = 0;
    this.#digits = 0;
    this.#lineBytes = 0;
  }

  #refuse(refusal: Refusal): number {
    this.refusal = refusal;
    this.#state = REFUSED;
    return -1;
  }

  #addTrailers(buffer: Buffer, start: number, end: number): number {
    this.#trailers ??= new TrailerFields(this.#options.maxTrailerBytes, this.#options.maxTrailerFields);
    const position = this.#trailers.add(buffer, start, end);
    if (position < 0) return this.#refuse(this.#trailers.refusal ?? refusals['trailer-syntax']);
    if (position === 0) return end;
    this.#state = DONE;
    this.done = true;
    return position;
  }

  /** One byte of a size line, its CRLF included. */
  #takeLineByte(byte: number): Refusal | null {
    if (this.#state === SIZE_LF) return byte === LF ? this.#endLine() : refusals['chunk-line-end'];
    if (this.#state === SIZE) {
      const digit = hexValue[byte] as number;
      if (digit !== 0xff) return this.#takeDigit(digit);
      if (this.#lineBytes === 0) return refusals['chunk-size'];
      if (byte === SEMICOLON) this.#state = EXTENSION_NAME_START;
      else if (byte === CR) this.#state = SIZE_LF;
      else return byte === LF ? refusals['chunk-line-end'] : refusals['chunk-size'];
    } else {
      const next = nextExtensionState(this.#state, byte);
      if (next === REFUSED) return byte === LF ? refusals['chunk-line-end'] : refusals['chunk-extension'];
      this.#state = next;
    }
    return byte === CR ? null : this.#countLineByte();
  }

  #takeDigit(digit: number): Refusal | null {
    if (this.#digits > 0 || digit !== 0) this.#digits += 1;
    if (this.#digits > maxSizeDigits) return refusals['chunk-size-too-large'];
    this.#size = this.#size * 16 + digit;
    return this.#countLineByte();
  }

  #countLineByte(): Refusal | null {
    this.#lineBytes += 1;
    return this.#lineBytes > this.#options.maxLineBytes ? refusals['chunk-line-too-long'] : null;
  }

  #endLine(): Refusal | null {
    this.#overheadBytes += this.#lineBytes - Math.max(1, this.#digits);
    if (this.#overheadBytes > this.#options.maxOverheadBytes + this.totalBytes / 8)
      return refusals['chunk-overhead'];
    this.#state = this.#size === 0 ? TRAILER : DATA;
    this.#remaining = this.#size;
    return null;
  }
}

/** `*( ";" name [ "=" ( token / quoted-string ) ] )` without white space; REFUSED for a byte that does not fit. */
function nextExtensionState(state: number, byte: number): number {
  const isTokenByte = tokenFold[byte] !== 0;
  switch (state) {
    case EXTENSION_NAME_START:
      return isTokenByte ? EXTENSION_NAME : REFUSED;
    case EXTENSION_NAME:
      if (isTokenByte) return EXTENSION_NAME;
      return byte === EQUALS ? EXTENSION_VALUE_START : nextExtensionState(EXTENSION_END, byte);
    case EXTENSION_VALUE_START:
      if (byte === QUOTE) return EXTENSION_QUOTED;
      return isTokenByte ? EXTENSION_TOKEN : REFUSED;
    case EXTENSION_TOKEN:
      return isTokenByte ? EXTENSION_TOKEN : nextExtensionState(EXTENSION_END, byte);
    case EXTENSION_QUOTED:
      if (byte === QUOTE) return EXTENSION_END;
      if (byte === BACKSLASH) return EXTENSION_ESCAPED;
      return valueClass[byte] === 1 ? EXTENSION_QUOTED : REFUSED;
    case EXTENSION_ESCAPED:
      return valueClass[byte] === 1 ? EXTENSION_QUOTED : REFUSED;
    default:
      if (byte === SEMICOLON) return EXTENSION_NAME_START;
      return byte === CR ? SIZE_LF : REFUSED;
  }
}
