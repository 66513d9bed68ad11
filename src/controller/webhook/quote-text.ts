// Texts from other people in messages of the webhook: quoted, printable, cut when long.
import { escapeUnprintable } from '../../std/printable.ts';

const longestQuote = 120;

export function quoteText(text: string): string {
  return JSON.stringify(cutText(text, longestQuote));
}

/** At most `maxChars` UTF-16 units, never half a character, the last one then an ellipsis. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = maxChars - 1;
  const isSplit = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return `${text.slice(0, isSplit ? end - 1 : end)}…`;
}

/** One printable line of bounded length. */
export function lineOf(text: string, maxChars: number): string {
  // Cut first as well: an escape is longer than what it stands for, and what comes in has any length.
  return cutText(escapeUnprintable(cutText(text, maxChars)), maxChars);
}
