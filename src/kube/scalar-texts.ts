// Texts that stand for other values: times and quantities. Each is read as apimachinery reads it, and told in one form.
import { goQuote } from './go-text.ts';

export type TextReading =
  | { readonly value: string }
  /** The decoder's sentence about it. */
  | { readonly fault: string };

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/** `2006-01-02T15:04:05` in UTC and the digits of its fraction, or null for what is no RFC 3339 text. */
function parseRfc3339(value: string): { readonly seconds: string; readonly fraction: string } | null {
  const [, local, fraction, zone] = rfc3339.exec(value) ?? [];
  const atMs = local === undefined ? Number.NaN : Date.parse(`${local}${zone}`);
  // An offset may carry a time of the year 0000 or 9999 over the edge, where ISO texts have another form.
  const iso = Number.isNaN(atMs) ? '' : new Date(atMs).toISOString();
  return iso.length === '2006-01-02T15:04:05.000Z'.length
    ? { seconds: iso.slice(0, 19), fraction: fraction ?? '' }
    : null;
}

function timeFault(value: string, layout: string): TextReading {
  const quoted = goQuote(value);
  return { fault: `parsing time ${quoted} as "${layout}": cannot parse ${quoted} as "2006"` };
}

/** UTC in whole seconds, as the server prints times. */
export function readTime(value: string): TextReading {
  const time = parseRfc3339(value);
  return time === null ? timeFault(value, '2006-01-02T15:04:05Z07:00') : { value: `${time.seconds}Z` };
}

/** UTC with six digits of a second, however many the text has: what travels as a number is no matter of form. */
export function readFineTime(value: string): string | null {
  const time = parseRfc3339(value);
  return time === null ? null : `${time.seconds}.${time.fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

const microLayout = '2006-01-02T15:04:05.000000Z07:00';

/** UTC in microseconds. Exactly six digits are wanted, as by the server. */
export function readMicroTime(value: string): TextReading {
  const time = parseRfc3339(value);
  if (time === null) return timeFault(value, microLayout);
  if (time.fraction.length === 6) return { value: `${time.seconds}.${time.fraction}Z` };
  const digits = time.fraction.length > 6 ? 7 : 0;
  const rest = goQuote(value.slice(time.seconds.length + digits));
  const wanted = digits === 0 ? '.000000' : 'Z07:00';
  return { fault: `parsing time ${goQuote(value)} as "${microLayout}": cannot parse ${rest} as "${wanted}"` };
}

/** The server's expression, in a form that needs one pass. */
const quantityForm = /^[+-]?[0-9.]+(?:[eEinumkKMGTP]+[-+]?[0-9]*|[-+][0-9]*)?$/;
const quantityNumber = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)/;
const quantitySuffix = /^(?:[numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$/;

/** `500m`, `1Gi`, `2e3`; a number stands for its text. */
export function readQuantity(value: unknown): TextReading {
  const text = typeof value === 'number' ? String(value) : value;
  const [number] =
    typeof text === 'string' && quantityForm.test(text) ? (quantityNumber.exec(text) ?? []) : [];
  if (typeof text !== 'string' || number === undefined) {
    return {
      fault: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    };
  }
  if (quantitySuffix.test(text.slice(number.length))) return { value: text };
  return { fault: "unable to parse quantity's suffix" };
}
