// Texts as Go writes them: quoted strings (strconv.Quote) and compact JSON (encoding/json). The API server's messages are
// made of both, and clients and tests compare them byte for byte.
import { Buffer } from 'node:buffer';

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

/** What Go's unicode.IsPrint accepts: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A text in double quotes with Go's escapes. Halves of surrogate pairs become U+FFFD, as Go's JSON decoder makes them. */
export function goQuote(text: string): string {
  let out = '"';
  for (const char of text.toWellFormed()) {
    const short = shortEscapes.get(char);
    if (short !== undefined) out += short;
    else if (printable.test(char)) out += char;
    else out += escapeRune(char.codePointAt(0) ?? 0);
  }
  return `${out}"`;
}

function escapeRune(rune: number): string {
  if (rune < 0x20 || rune === 0x7f) return `\\x${rune.toString(16).padStart(2, '0')}`;
  if (rune < 0x10000) return `\\u${rune.toString(16).padStart(4, '0')}`;
  return `\\U${rune.toString(16).padStart(8, '0')}`;
}

/** Compact JSON with the characters escaped that encoding/json escapes for HTML's sake. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Bytes of a text in UTF-8: what Go's `len` counts, and so every limit of the API. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
