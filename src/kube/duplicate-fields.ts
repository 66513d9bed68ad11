// Duplicate members in JSON text, as strict decoding reports them. A parsed value cannot show them: the last one has won.
import { goQuote } from './go-text.ts';

interface Cursor {
  readonly text: string;
  at: number;
}

/** Deeper nesting is not followed; the API server's own decoder stops at 10,000 levels. */
const maxDepth = 1000;

/**
 * `duplicate field "spec.rules[0].host"` for each member that occurs again, in document order. `text` must be valid JSON
 * (parse it before); the findings of anything else are undefined, but the scan always ends.
 */
export function findDuplicateFields(text: string): string[] {
  const found: string[] = [];
  scanValue({ text, at: 0 }, '', 0, found);
  return found.map((path) => `duplicate field ${goQuote(path)}`);
}

function skipSpace(cursor: Cursor): string {
  while (/[ \t\r\n,:]/.test(cursor.text.charAt(cursor.at))) cursor.at += 1;
  return cursor.text.charAt(cursor.at);
}

function scanValue(cursor: Cursor, path: string, depth: number, found: string[]): void {
  const char = skipSpace(cursor);
  if (depth > maxDepth) cursor.at = cursor.text.length;
  else if (char === '{') scanObject(cursor, path, depth, found);
  else if (char === '[') scanList(cursor, path, depth, found);
  else if (char === '"') scanString(cursor);
  else
    while (cursor.at < cursor.text.length && !/[,\]}\s]/.test(cursor.text.charAt(cursor.at))) cursor.at += 1;
}

function scanString(cursor: Cursor): string {
  const start = cursor.at;
  cursor.at += 1;
  while (cursor.at < cursor.text.length && cursor.text.charAt(cursor.at) !== '"') {
    cursor.at += cursor.text.charAt(cursor.at) === '\\' ? 2 : 1;
  }
  cursor.at += 1;
  return cursor.text.slice(start, cursor.at);
}

function scanObject(cursor: Cursor, path: string, depth: number, found: string[]): void {
  const seen = new Set<string>();
  cursor.at += 1;
  while (cursor.at < cursor.text.length) {
    const char = skipSpace(cursor);
    if (char !== '"') break;
    const name = readName(scanString(cursor));
    const memberPath = path === '' ? name : `${path}.${name}`;
    if (seen.has(name)) found.push(memberPath);
    seen.add(name);
    scanValue(cursor, memberPath, depth + 1, found);
  }
  cursor.at += 1;
}

function readName(quoted: string): string {
  try {
    const name: unknown = JSON.parse(quoted);
    return typeof name === 'string' ? name : quoted;
  } catch {
    return quoted;
  }
}

function scanList(cursor: Cursor, path: string, depth: number, found: string[]): void {
  cursor.at += 1;
  for (let index = 0; cursor.at < cursor.text.length; index += 1) {
    if (skipSpace(cursor) === ']') break;
    const before = cursor.at;
    scanValue(cursor, `${path}[${index}]`, depth + 1, found);
    if (cursor.at === before) break;
  }
  cursor.at += 1;
}
