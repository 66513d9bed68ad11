// Annotation values that are lists of lines: one entry a line, blank lines and lines that begin with `#` between them.
import type { ParseResult } from './contract.ts';

const maxLineLength = 4_096;

export interface LineRules<T> {
  readonly maxLines: number;
  /** One entry, without outer blanks. */
  readonly parseLine: (line: string) => ParseResult<T>;
}

/** All entries, or what was wanted of the first wrong one. A list without an entry is refused: whoever writes one means something. */
export function parseLines<T>(
  text: string,
  { maxLines, parseLine }: LineRules<T>,
): ParseResult<readonly T[]> {
  if (/[\r\0]/.test(text)) return { wanted: 'lines without CR and NUL' };
  if (/[^\n\t\x20-\x7e]/.test(text)) return { wanted: 'lines of printable ASCII characters' };
  const entries: T[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (entries.length === maxLines) return { wanted: `at most ${maxLines} lines` };
    if (line.length > maxLineLength) return { wanted: `lines of at most ${maxLineLength} characters` };
    const entry = parseLine(line);
    if ('wanted' in entry) return { wanted: `${entry.wanted} in line ${index + 1}` };
    entries.push(entry.value);
  }
  return entries.length > 0 ? { value: entries } : { wanted: 'at least one line' };
}
