// `Content-Length` as a number (rules F2, R2): digits only, compared as a safe integer.

/** What `parseContentLength` returns for text that is no length. */
export const LENGTH_INVALID = -1;
/** What `parseContentLength` returns for a number above 2^53-1. */
export const LENGTH_TOO_LARGE = -2;

/** The decimal in `text[start, end)`; leading zeros are refused, being octal to some. */
export function parseContentLength(text: string, start: number, end: number): number {
  if (end <= start) return LENGTH_INVALID;
  if (end - start > 1 && text.charCodeAt(start) === 0x30) return LENGTH_INVALID;
  let length = 0;
  for (let i = start; i < end; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return LENGTH_INVALID;
    length = length * 10 + digit;
  }
  // Above 2^53 the sum is inexact but never falls below it again.
  return length <= Number.MAX_SAFE_INTEGER ? length : LENGTH_TOO_LARGE;
}
