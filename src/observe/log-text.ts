// The readable form of a log line, `2026-11-21T01:02:03.456Z INFO  message key=value …`, and the escaping that keeps values
// from other people off the terminal: controls, line ends, and the invisible characters that reorder or hide text.

import { escapeUnprintable, escapeUnprintableJson } from '../std/printable.ts';

/** What may stand after `key=` without quotes. */
const bare = /^[^\s"'=\\]+$/;
const levelColours = new Map([
  ['debug', '\x1b[2m'],
  ['info', '\x1b[32m'],
  ['warn', '\x1b[33m'],
  ['error', '\x1b[31m'],
]);
const colourEnd = '\x1b[0m';

/** A JSON line without unprintable characters but its line end; inside JSON they stand in strings alone. */
export function renderJsonLine(line: string): string {
  return `${escapeUnprintableJson(line.trimEnd())}\n`;
}

/** Renders one JSON line of the logger as text, with its line end. What is not such a line is shown escaped. */
export function renderTextLine(line: string, isColoured: boolean): string {
  const fields = parseFields(line);
  if (fields === null) return `${escapeUnprintable(line.trimEnd())}\n`;
  const level = textOf(fields.get('level'));
  const label = level.toUpperCase().padEnd(5);
  const colour = isColoured ? levelColours.get(level) : undefined;
  let text = `${textOf(fields.get('time'))} ${colour === undefined ? escapeUnprintable(label) : colour + label + colourEnd}`;
  text += ` ${escapeUnprintable(textOf(fields.get('message')))}`;
  for (const [key, value] of fields) {
    if (key !== 'level' && key !== 'time' && key !== 'message') text += renderField(key, value);
  }
  return `${text}\n`;
}

function parseFields(line: string): Map<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

function renderField(key: string, value: unknown): string {
  if (isErrorRecord(value)) {
    return ` ${escapeUnprintable(key)}=${quote(value.message)} ${escapeUnprintable(key)}.stack=${quote(value.stack)}`;
  }
  const text = textOf(value);
  const shown = typeof value === 'string' ? quote(text) : escapeUnprintable(text);
  return ` ${escapeUnprintable(key)}=${shown}`;
}

function isErrorRecord(value: unknown): value is { message: string; stack: string } {
  if (typeof value !== 'object' || value === null || !('message' in value) || !('stack' in value))
    return false;
  return typeof value.message === 'string' && typeof value.stack === 'string';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function quote(text: string): string {
  const escaped = escapeUnprintable(text);
  if (escaped === text && bare.test(text)) return text;
  return `"${escapeUnprintable(text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))}"`;
}
