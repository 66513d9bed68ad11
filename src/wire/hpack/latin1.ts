// What the encoder does with a value wherever it stands: in a latin1 string or in bytes. Short ones are handled here, byte by byte, because
// a call out of JavaScript costs more than twenty of them.

/** Latin1 text, or bytes. */
export type Latin1 = string | Buffer;

/** Up to this, a loop is faster than a call. */
const maxLoopBytes = 16;

/** Of a few of the bytes, and their number: whoever finds the same hash compares. */
export function sampleHash(source: Latin1, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return 0;
  const middle = start + (length >>> 1);
  const quarter = start + (length >>> 2);
  if (typeof source === 'string') {
    return mixSamples(
      length,
      source.charCodeAt(start),
      source.charCodeAt(quarter),
      source.charCodeAt(middle),
      source.charCodeAt(end - 1),
    );
  }
  return mixSamples(
    length,
    source[start] as number,
    source[quarter] as number,
    source[middle] as number,
    source[end - 1] as number,
  );
}

function mixSamples(length: number, a: number, b: number, c: number, d: number): number {
  return Math.imul(Math.imul(Math.imul(Math.imul(length, 31) + a, 31) + b, 31) + c, 31) + d;
}

/** Whether `source[start, end)` is `text`. */
export function equalsLatin1(text: string, source: Latin1, start: number, end: number): boolean {
  if (end - start !== text.length) return false;
  if (typeof source === 'string') {
    if (start === 0 && end === source.length) return text === source;
    return source.slice(start, end) === text;
  }
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) !== source[start + i]) return false;
  }
  return true;
}

/** Puts `source[start, end)` into `target`, which has room, at `at`. */
export function writeLatin1(target: Buffer, at: number, source: Latin1, start: number, end: number): void {
  const length = end - start;
  if (typeof source === 'string') {
    if (length > maxLoopBytes) {
      target.write(start === 0 && end === source.length ? source : source.slice(start, end), at, 'latin1');
      return;
    }
    for (let i = 0; i < length; i += 1) target[at + i] = source.charCodeAt(start + i);
    return;
  }
  if (length > maxLoopBytes) {
    source.copy(target, at, start, end);
    return;
  }
  for (let i = 0; i < length; i += 1) target[at + i] = source[start + i] as number;
}

/** A string of its own that holds nothing else in memory. */
export function copyLatin1(source: Latin1, start: number, end: number): string {
  const bytes = typeof source === 'string' ? Buffer.from(source.slice(start, end), 'latin1') : source;
  return bytes === source ? bytes.toString('latin1', start, end) : bytes.toString('latin1');
}
