// The trailer fields of a request of HTTP/2, judged by the rules of HTTP/1.1 trailers (T1 to T3) and those of HTTP/2 field names.
import { TrailerFields } from '../http1/trailer-fields.ts';

const maxFields = 32;
const namePattern = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const invalidValuePattern = /[^\t\x20-\x7e\x80-\xff]|^[\t ]|[\t ]$/;

/** The lines that may be passed on, maybe none; null: the trailer section is malformed or too large. `fields`: names and values by turns. */
export function renderRequestTrailers(fields: readonly string[], maxBytes: number): string | null {
  let text = '';
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    if (!namePattern.test(name) || invalidValuePattern.test(value)) return null;
    text += `${name}: ${value}\r\n`;
    if (text.length > maxBytes) return null;
  }
  const scanner = new TrailerFields(maxBytes, maxFields);
  const bytes = Buffer.from(`${text}\r\n`, 'latin1');
  return scanner.add(bytes, 0, bytes.length) > 0 ? scanner.text : null;
}
