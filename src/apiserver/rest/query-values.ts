// Values of query parameters, read as the API server reads them (apimachinery pkg/runtime/conversion.go). Only the first of
// several equal names counts.
import { goQuote } from '../../kube/index.ts';
import { badRequest } from '../api-error.ts';

export function queryText(query: URLSearchParams, name: string): string {
  return query.get(name) ?? '';
}

/** Null: absent. Everything but `0` and `false` means yes, the empty text too. */
export function queryBoolean(query: URLSearchParams, name: string): boolean | null {
  const text = query.get(name);
  return text === null ? null : text !== '0' && text.toLowerCase() !== 'false';
}

/** Null: absent. @throws {ApiError} for what is no integer. */
export function queryInteger(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(renderNumberFault('ParseInt', text, 'invalid syntax'));
  const value = Number(text);
  if (Math.abs(value) >= 2 ** 63) throw badRequest(renderNumberFault('ParseInt', text, 'value out of range'));
  return value;
}

/** `timeout` bounds requests in kube-apiserver; here all are answered at once, and it only has to be one. @throws {ApiError} */
export function expectTimeout(query: URLSearchParams): void {
  const text = queryText(query, 'timeout');
  const fault = text === '' ? null : findDurationFault(text);
  if (fault !== null) throw badRequest(`invalid timeout specified in the request URL - ${fault}`);
}

const longestDuration = 64;

/** What Go's time package says of a text that is no duration. */
function findDurationFault(text: string): string | null {
  const invalid = `time: invalid duration ${goQuote(text)}`;
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return null;
  if (unsigned === '' || text.length > longestDuration) return invalid;
  for (let rest = unsigned; rest !== ''; ) {
    const [part, unit = ''] = /^(?:\d+(?:\.\d*)?|\.\d+)([^.\d]*)/.exec(rest) ?? [];
    if (part === undefined) return invalid;
    if (unit === '') return `time: missing unit in duration ${goQuote(text)}`;
    if (!durationUnits.has(unit)) {
      return `time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`;
    }
    rest = rest.slice(part.length);
  }
  return null;
}

const durationUnits: ReadonlySet<string> = new Set(['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h']);

/** As Go's strconv tells it. */
export function renderNumberFault(
  reader: 'ParseInt' | 'ParseUint',
  text: string,
  fault: 'invalid syntax' | 'value out of range',
): string {
  return `strconv.${reader}: parsing ${goQuote(text)}: ${fault}`;
}

export type RevisionReading =
  | { readonly kind: 'revision'; readonly revision: number }
  /** `fault` is Go's text. */
  | { readonly kind: 'invalid'; readonly fault: string };

/** A resourceVersion: 0 for an empty text. */
export function readRevision(text: string): RevisionReading {
  if (text === '') return { kind: 'revision', revision: 0 };
  if (!/^\d+$/.test(text))
    return { kind: 'invalid', fault: renderNumberFault('ParseUint', text, 'invalid syntax') };
  const revision = Number(text);
  // Beyond what a counter of this server can ever be, and still exact as a number.
  if (revision > Number.MAX_SAFE_INTEGER) {
    if (revision >= 2 ** 64)
      return { kind: 'invalid', fault: renderNumberFault('ParseUint', text, 'value out of range') };
    return { kind: 'revision', revision: Number.MAX_SAFE_INTEGER };
  }
  return { kind: 'revision', revision };
}
