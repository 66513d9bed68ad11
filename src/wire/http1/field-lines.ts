// The field section of a request, response or trailer: one pass that validates every byte (rules P2, P11 to P13, L2) and leaves,
// for each line, four numbers in `marks`. It makes no strings and no objects.
//
// Verdicts do not depend on how the bytes arrive: a line is judged when its LF is there, or when so many of its bytes are there
// that its LF would come too late. Order for one line: count of lines, length, line end, name, value. The fast path only finds out
// that something is wrong with a line; `#judge` then says what.
import { COLON, CR, HTAB, LF, SP, equalsIgnoringCase, tokenFold, valueClass } from './bytes.ts';
import { FIELD_DROP, FIELD_UNKNOWN, type FieldNames } from './field-names.ts';

/** Numbers of one line in `marks`: its field number (field-names.ts), offset of the line, of its value, and end of its value. */
export const MARK_SIZE = 4;

export type FieldFault =
  | 'none'
  | 'line-end'
  | 'too-many'
  | 'line-too-long'
  | 'section-too-large'
  | 'folded'
  | 'name'
  | 'name-too-long'
  | 'value';

export interface FieldLinesOptions {
  readonly names: FieldNames;
  /** Of one line without its CRLF. */
  readonly maxLineBytes: number;
  readonly maxNameBytes: number;
  readonly maxFields: number;
}

/** Casts in here: bytes index tables of 256, offsets stay below `end`, `marks` has room for `maxFields` lines. */
export class FieldLines {
  /** Offsets are those of the buffer given to `scan`. */
  readonly marks: Int32Array;
  /** Lines found; valid after `scan` returned a position. */
  count = 0;
  /** Why `scan` returned -1. */
  fault: FieldFault = 'none';
  /** After 0: the position that the end of the bytes must reach, or an LF must arrive, before another scan can tell more. */
  retryPosition = 0;
  readonly #names: FieldNames;
  readonly #maxLineBytes: number;
  readonly #maxNameBytes: number;
  readonly #maxFields: number;

  constructor(options: FieldLinesOptions) {
    this.#names = options.names;
    this.#maxLineBytes = options.maxLineBytes;
    this.#maxNameBytes = options.maxNameBytes;
    this.#maxFields = options.maxFields;
    this.marks = new Int32Array(MARK_SIZE * options.maxFields);
  }

  /**
   * Scans lines from `start` to the empty line that ends the section. Returns the position behind it, 0 when it is not there yet,
   * or -1. `bound`: the position that no LF of a field line may reach.
   */
  scan(buffer: Buffer, start: number, end: number, bound: number): number {
    const marks = this.marks;
    let at = start;
    let count = 0;
    for (;;) {
      if (at >= end) return this.#wait(end + 1);
      if (buffer[at] === CR) {
        if (at + 1 >= end) return this.#wait(end + 1);
        if (buffer[at + 1] !== LF) return this.#judge(buffer, at, end, bound);
        this.count = count;
        return at + 2;
      }
      if (count >= this.#maxFields) return this.#refuse('too-many');

      let i = at;
      let flags = 0;
      for (; i < end; i += 1) {
        const fold = tokenFold[buffer[i] as number] as number;
        if (fold === 0) break;
        flags |= fold;
      }
      const nameEnd = i;
      if (i >= end || buffer[i] !== COLON || i === at || i - at > this.#maxNameBytes) {
        return this.#judge(buffer, at, end, bound);
      }
      for (i += 1; i < end && (buffer[i] === SP || buffer[i] === HTAB); ) i += 1;
      const valueStart = i;
      i = skipValueBytes(buffer, i, end);
      if (i + 1 >= end || buffer[i] !== CR || buffer[i + 1] !== LF)
        return this.#judge(buffer, at, end, bound);
      if (i - at > this.#maxLineBytes || i + 1 >= bound) return this.#judge(buffer, at, end, bound);
      let valueEnd = i;
      while (valueEnd > valueStart && (buffer[valueEnd - 1] === SP || buffer[valueEnd - 1] === HTAB))
        valueEnd -= 1;

      const mark = count * MARK_SIZE;
      marks[mark] = this.#names.lookup(buffer, at, nameEnd, flags);
      marks[mark + 1] = at;
      marks[mark + 2] = valueStart;
      marks[mark + 3] = valueEnd;
      count += 1;
      at = i + 2;
    }
  }

  #wait(position: number): number {
    this.retryPosition = position;
    return 0;
  }

  #refuse(fault: FieldFault): number {
    this.fault = fault;
    return -1;
  }

  /** Slow path: the line at `at` is broken or not complete. */
  #judge(buffer: Buffer, at: number, end: number, bound: number): number {
    const lineBound = at + this.#maxLineBytes + 2;
    const lfBound = Math.min(lineBound, bound);
    let lf = at;
    while (lf < end && lf < lfBound && buffer[lf] !== LF) lf += 1;
    if (lf >= lfBound) return this.#refuse(bound < lineBound ? 'section-too-large' : 'line-too-long');
    if (lf >= end) return this.#wait(lfBound);
    if (!isCleanLine(buffer, at, lf)) return this.#refuse('line-end');
    return this.#refuse(this.#faultOf(buffer, at, lf - 1));
  }

  /** What is wrong with the line `buffer[at, end)`, given that something is and that its line end and length are fine. */
  #faultOf(buffer: Buffer, at: number, end: number): FieldFault {
    if (buffer[at] === SP || buffer[at] === HTAB) return 'folded';
    let i = at;
    while (i < end && tokenFold[buffer[i] as number] !== 0) i += 1;
    if (i === at || i >= end || buffer[i] !== COLON) return 'name';
    return i - at > this.#maxNameBytes ? 'name-too-long' : 'value';
  }
}

/**
 * The first position from `start` on that holds no value byte (rule P12), or `end`. Most bytes of a head are seen here: eight a turn take
 * 0.6 of the time of a plain loop (test/wire/bench.ts).
 */
export function skipValueBytes(buffer: Buffer, start: number, end: number): number {
  let i = start;
  while (
    i + 7 < end &&
    ((valueClass[buffer[i] as number] as number) &
      (valueClass[buffer[i + 1] as number] as number) &
      (valueClass[buffer[i + 2] as number] as number) &
      (valueClass[buffer[i + 3] as number] as number) &
      (valueClass[buffer[i + 4] as number] as number) &
      (valueClass[buffer[i + 5] as number] as number) &
      (valueClass[buffer[i + 6] as number] as number) &
      (valueClass[buffer[i + 7] as number] as number)) ===
      1
  ) {
    i += 8;
  }
  while (i < end && valueClass[buffer[i] as number] === 1) i += 1;
  return i;
}

/** True when the line from `start`, whose LF is at `lf`, ends in CRLF and holds no other CR (rule P2). */
export function isCleanLine(buffer: Buffer, start: number, lf: number): boolean {
  if (lf === start || buffer[lf - 1] !== CR) return false;
  for (let i = start; i < lf - 1; i += 1) if (buffer[i] === CR) return false;
  return true;
}

/**
 * The lines that are passed on, as few slices of `text` as possible: unknown names, and known ones whose number is at least `firstKept`. `text`
 * begins at offset `base` of the scanned buffer and ends with the empty line.
 */
export function keptLines(
  text: string,
  base: number,
  lines: FieldLines,
  fieldsStart: number,
  firstKept: number,
): string {
  const marks = lines.marks;
  const last = lines.count * MARK_SIZE;
  const textEnd = text.length - 2;
  let kept = '';
  let runStart = fieldsStart - base;
  for (let mark = 0; mark < last; mark += MARK_SIZE) {
    const id = marks[mark] as number;
    if (id === FIELD_UNKNOWN || id >= firstKept) continue;
    const lineStart = (marks[mark + 1] as number) - base;
    if (lineStart > runStart) kept += text.slice(runStart, lineStart);
    const next = mark + MARK_SIZE;
    runStart = next < last ? (marks[next + 1] as number) - base : textEnd;
  }
  return textEnd > runStart ? kept + text.slice(runStart, textEnd) : kept;
}

/** Drops every line that `Connection` names (lower case), except known ones with numbers up to `lastOwn`. */
export function dropNamedLines(
  text: string,
  base: number,
  lines: FieldLines,
  named: readonly string[],
  lastOwn: number,
): void {
  for (let mark = 0; mark < lines.count * MARK_SIZE; mark += MARK_SIZE) {
    const id = lines.marks[mark] as number;
    if (id === FIELD_DROP || (id > FIELD_DROP && id <= lastOwn)) continue;
    const start = (lines.marks[mark + 1] as number) - base;
    const end = text.indexOf(':', start);
    if (named.some((name) => equalsIgnoringCase(text, start, end, name))) lines.marks[mark] = FIELD_DROP;
  }
}
