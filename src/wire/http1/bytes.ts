// Byte classes of HTTP/1 as lookup tables of 256 entries, made once. Every byte of a head is looked up in one of them exactly
// once, so they hold all that the scanners need to know about a byte. Indexing by a byte never leaves a table, which is why
// callers read them with `as number`.

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;
export const SLASH = 0x2f;

/** In `tokenFold`: the byte is `_`. */
export const FOLDED_UNDERSCORE = 0x100;
/** In `tokenFold`: the byte is `.`. */
export const FOLDED_DOT = 0x200;

/** In `targetClass`: the byte may stand in a request target. */
export const TARGET_OK = 1;
/** In `targetClass`: the path needs a closer look: `%`, `\`, `;`, or `/` or `.` behind a `/`. */
export const TARGET_SPECIAL = 2;
/** In `targetClass`: a `%`, to be judged also in a query. */
export const TARGET_PERCENT = 4;
/** In `targetClass`: a `/`; adding it to the next index selects the second half of the table. */
export const TARGET_SLASH = 0x100;

/**
 * For token bytes (RFC 9110 5.6.2) the byte as CGI-like receivers see it: lower case, `_` and `.` as `-`, with a flag for
 * those two. 0 for every other byte.
 */
export const tokenFold: Uint16Array = new Uint16Array(256);

/** 1 for bytes of a field value (RFC 9110 5.5): HTAB, SP to `~`, 0x80 to 0xff. */
export const valueClass: Uint8Array = new Uint8Array(256);

/** Two tables of 256: for a byte, and for a byte that follows a `/`. 0: not allowed in a target (rule P9). */
export const targetClass: Uint16Array = new Uint16Array(512);

function fillTables(): void {
  for (const char of "!#$%&'*+-^`|~0123456789abcdefghijklmnopqrstuvwxyz") {
    tokenFold[char.charCodeAt(0)] = char.charCodeAt(0);
    tokenFold[char.toUpperCase().charCodeAt(0)] = char.charCodeAt(0);
  }
  tokenFold[0x5f] = 0x2d | FOLDED_UNDERSCORE;
  tokenFold[0x2e] = 0x2d | FOLDED_DOT;
  for (let byte = 0; byte < 256; byte += 1) {
    const isText = byte >= SP && byte !== 0x7f;
    valueClass[byte] = isText || byte === HTAB ? 1 : 0;
    const char = String.fromCharCode(byte);
    if (byte > SP && byte < 0x7f && char !== '#') {
      let bits = TARGET_OK;
      if (char === '%') bits |= TARGET_SPECIAL | TARGET_PERCENT;
      if (char === '\\' || char === ';') bits |= TARGET_SPECIAL;
      if (char === '/') bits |= TARGET_SLASH;
      targetClass[byte] = bits;
      targetClass[byte + 256] = char === '/' || char === '.' ? bits | TARGET_SPECIAL : bits;
    }
  }
}

fillTables();

/** True when `text[start, end)` equals `lower` in ASCII, whatever the case; `lower` holds no upper-case letter. */
export function equalsIgnoringCase(text: string, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let i = 0; i < lower.length; i += 1) {
    let code = text.charCodeAt(start + i);
    if (code >= 0x41 && code <= 0x5a) code |= 0x20;
    if (code !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** ASCII lower case; the same string when nothing changes. */
export function lowerAscii(text: string): string {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    // Beyond ASCII, toLowerCase would map letters that HTTP compares as bytes; callers have excluded them.
    if (code >= 0x41 && code <= 0x5a) return text.toLowerCase();
  }
  return text;
}
