// One line of any form to a request. The form is told by how the line begins, so that one file may mix them.
import { parseJsonLine } from './json-line.ts';
import type { ListedRequest } from './listed-request.ts';
import { parseNginxLine } from './nginx-line.ts';
import { parseUrlLine } from './url-line.ts';

/** `skip`: an empty line or a comment. Null: no request. */
export function parseLine(text: string, line: number): ListedRequest | 'skip' | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return 'skip';
  if (trimmed.startsWith('{')) return parseJsonLine(trimmed, line);
  return parseNginxLine(trimmed, line) ?? parseUrlLine(trimmed, line);
}
