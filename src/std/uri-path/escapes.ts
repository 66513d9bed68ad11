// Percent escapes (RFC 3986 2.1): checked, decoded where they stand for unreserved characters, written.
import { hexValue } from '../hex.ts';

const upperHex = '0123456789ABCDEF';

/** 1 for RFC 3986's unreserved characters: letters, digits, `-`, `.`, `_`, `~`. */
const unreserved: Uint8Array = new Uint8Array(256);
for (const char of '-._~0123456789abcdefghijklmnopqrstuvwxyz') {
  unreserved[char.charCodeAt(0)] = 1;
  unreserved[char.toUpperCase().charCodeAt(0)] = 1;
}

/** True when each `%` of `text` is followed by two hex digits (rule P10). */
export function hasValidEscapes(text: string): boolean {
  for (let i = text.indexOf('%'); i !== -1; i = text.indexOf('%', i + 1)) {
    if (escapeAt(text, i) === -1) return false;
  }
  return true;
}

/** The byte that the escape at `i` stands for, -1 when it is broken. */
export function escapeAt(text: string, i: number): number {
  const high = hexValue[text.charCodeAt(i + 1)] ?? 0xff;
  const low = hexValue[text.charCodeAt(i + 2)] ?? 0xff;
  return high === 0xff || low === 0xff ? -1 : high * 16 + low;
}

/** RFC 3986 6.2.2: unreserved escapes decoded, once; hex digits of the others in upper case. Escapes have been checked. */
export function decodeUnreserved(raw: string): string {
  let out = '';
  let from = 0;
  for (let i = raw.indexOf('%'); i !== -1; i = raw.indexOf('%', from)) {
    const byte = escapeAt(raw, i);
    out += raw.slice(from, i) + (unreserved[byte] === 1 ? String.fromCharCode(byte) : renderEscape(byte));
    from = i + 3;
  }
  return out + raw.slice(from);
}

export function renderEscape(byte: number): string {
  return `%${upperHex.charAt(byte >> 4)}${upperHex.charAt(byte & 15)}`;
}
