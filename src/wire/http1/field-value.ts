// Looks up a value in rendered field lines (`Name: value\r\n`, as RequestHead.fields holds them). For the few routes that want a field
// that the parser does not capture: linear in the size of the lines, without building anything.
import { equalsIgnoringCase, HTAB, SP } from './bytes.ts';
import { foldText } from './field-names.ts';

/** The value of the first line of that name (lower case), without outer blanks; empty if there is none. */
export function lookupField(fields: string, name: string): string {
  const at = findLine(fields, name, 0);
  return at < 0 ? '' : valueAt(fields, at + name.length);
}

/** The values of all lines of that name (lower case), in order. */
export function lookupValues(fields: string, name: string): string[] {
  const values: string[] = [];
  for (let at = findLine(fields, name, 0); at >= 0; ) {
    values.push(valueAt(fields, at + name.length));
    const next = fields.indexOf('\n', at);
    at = next < 0 ? -1 : findLine(fields, name, next + 1);
  }
  return values;
}

/** The lines without those of these names (folded), however they are spelt. */
export function removeAliases(fields: string, names: ReadonlySet<string>): string {
  return filterLines(fields, names, false);
}

/** The lines of these names (folded), however they are spelt. */
export function selectAliases(fields: string, names: ReadonlySet<string>): string {
  return filterLines(fields, names, true);
}

function filterLines(fields: string, names: ReadonlySet<string>, isWanted: boolean): string {
  let kept = '';
  for (let start = 0; start < fields.length; ) {
    const found = fields.indexOf('\n', start);
    const end = found < 0 ? fields.length : found + 1;
    const line = fields.slice(start, end);
    const isNamed = names.has(foldText(line.slice(0, Math.max(line.indexOf(':'), 0))));
    if (isNamed === isWanted) kept += line;
    start = end;
  }
  return kept;
}

/** The lines without those of that name (lower case). */
export function removeField(fields: string, name: string): string {
  let kept = fields;
  for (let at = findLine(kept, name, 0); at >= 0; at = findLine(kept, name, at)) {
    const end = kept.indexOf('\n', at);
    kept = kept.slice(0, at) + (end < 0 ? '' : kept.slice(end + 1));
  }
  return kept;
}

/** The lines with one line of that name instead of any there were; `value` empty: with none. */
export function replaceField(fields: string, name: string, value: string): string {
  const kept = removeField(fields, name.toLowerCase());
  return value === '' ? kept : `${kept}${name}: ${value}\r\n`;
}

/** The lines with the values of those of that name (lower case) changed; null leaves a line. */
export function mapField(fields: string, name: string, change: (value: string) => string | null): string {
  let text = fields;
  for (let at = findLine(text, name, 0); at >= 0; ) {
    const value = valueAt(text, at + name.length);
    const changed = change(value);
    const end = text.indexOf('\n', at);
    const next = end < 0 ? text.length : end + 1;
    const line =
      changed === null ? text.slice(at, next) : `${text.slice(at, at + name.length)}: ${changed}\r\n`;
    text = text.slice(0, at) + line + text.slice(next);
    at = findLine(text, name, at + line.length);
  }
  return text;
}

/**
 * The values of all cookies of that name in all `Cookie` lines, in order. Names are compared byte for byte, or, as nginx does, in any case:
 * then `name` is in lower case.
 */
export function lookupCookies(fields: string, name: string, ignoresCase = false): string[] {
  const values: string[] = [];
  for (let at = findLine(fields, 'cookie', 0); at >= 0; ) {
    findCookies(valueAt(fields, at + 'cookie'.length), name, values, ignoresCase);
    const next = fields.indexOf('\n', at);
    at = next < 0 ? -1 : findLine(fields, 'cookie', next + 1);
  }
  return values;
}

/** Adds to `values`. */
function findCookies(line: string, name: string, values: string[], ignoresCase: boolean): void {
  for (let start = 0; start < line.length; ) {
    const found = line.indexOf(';', start);
    const end = found < 0 ? line.length : found;
    while (line.charCodeAt(start) === SP || line.charCodeAt(start) === HTAB) start += 1;
    const equals = start + name.length;
    const isNamed = ignoresCase
      ? equalsIgnoringCase(line, start, equals, name)
      : line.startsWith(name, start);
    if (isNamed && line.charCodeAt(equals) === 0x3d && equals < end)
      values.push(line.slice(equals + 1, end).trimEnd());
    start = end + 1;
  }
}

/** The value of the first argument of that name (lower case; any case in the query, which begins with its `?`), as it is spelt; empty if there is none. */
export function lookupArgument(query: string, name: string): string {
  for (let start = 1; start < query.length; ) {
    const found = query.indexOf('&', start);
    const end = found < 0 ? query.length : found;
    const equals = start + name.length;
    if (query.charCodeAt(equals) === 0x3d && equalsIgnoringCase(query, start, equals, name))
      return query.slice(equals + 1, Math.max(end, equals + 1));
    start = end + 1;
  }
  return '';
}

/** Whether the name of any line begins so (lower case). */
export function hasFieldOf(fields: string, prefix: string): boolean {
  for (let start = 0; start < fields.length; ) {
    if (equalsIgnoringCase(fields, start, start + prefix.length, prefix)) return true;
    const next = fields.indexOf('\n', start);
    if (next < 0) return false;
    start = next + 1;
  }
  return false;
}

/** Where a line of that name starts, at or behind `from`, which starts a line; -1: nowhere. */
function findLine(fields: string, name: string, from: number): number {
  for (let start = from; start < fields.length; ) {
    const colon = start + name.length;
    if (fields.charCodeAt(colon) === 0x3a && equalsIgnoringCase(fields, start, colon, name)) return start;
    const next = fields.indexOf('\n', start);
    if (next < 0) return -1;
    start = next + 1;
  }
  return -1;
}

function valueAt(fields: string, colon: number): string {
  const end = fields.indexOf('\r\n', colon);
  return fields.slice(colon + 1, end < 0 ? fields.length : end).trim();
}
