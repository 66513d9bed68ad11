// What Go's fmt prints for JSON values (`%v`) and for their types: messages of strategic merge quote whole maps.
import { compareText } from '../../std/compare-text.ts';
import { isJsonObject } from '../../kube/index.ts';

/** Shortest form, with an exponent below -4 and from 6 on, as `%v` prints a float64. Whole numbers are integers. */
export function printNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(Object.is(value, -0) ? 0 : value);
  const [mantissa = '0', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
}

/** `%v` of a value as Go's JSON decoder makes it: `map[a:1 b:[x <nil>]]`. */
export function printValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return printNumber(value);
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`;
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return value === true ? 'true' : 'false';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => compareText(a, b));
  return `map[${members.map(([name, member]) => `${name}:${printValue(member)}`).join(' ')}]`;
}

/** `%s`: other types than text are marked as the misuse that they are. */
export function printText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return `[${value.map(printText).join(' ')}]`;
  if (isJsonObject(value)) {
    const members = Object.entries(value).toSorted(([a], [b]) => compareText(a, b));
    return `map[${members.map(([name, member]) => `${name}:${printText(member)}`).join(' ')}]`;
  }
  return `%!s(${goTypeOf(value)}=${printValue(value)})`;
}

/** The Go type of a decoded JSON value. */
export function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int64' : 'float64';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** What encoding/json calls a value in its complaints. */
export function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : 'object';
  return typeof value;
}
