// Responses of HTTP/2 for the one reading of response heads (../http1/response-head.ts): the canonical HTTP/1.1 text of what came, so that
// fields are judged and sorted by the same rules whatever the upstream speaks. RFC 9113 8.2 and 8.3.2.
import { connectionNames } from './connection-names.ts';

/** Names and values in turn, as they came. */
export type RawFields = readonly string[];

/** Head with its empty line, latin1; null: malformed. Bytes of names and values are judged by who reads the text. */
export function renderResponseText(raw: RawFields): string | null {
  let status = '';
  let lines = '';
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    if (name.startsWith(':')) {
      // The only one there is, once, and before the fields.
      if (name !== ':status' || status !== '' || lines !== '') return null;
      status = value;
    } else {
      const line = renderLine(name, value);
      if (line === null) return null;
      lines += line;
    }
  }
  // HTTP/2 has no switch of protocols.
  if (!/^[1-5][0-9][0-9]$/.test(status) || status === '101') return null;
  return `HTTP/1.1 ${status} \r\n${lines}\r\n`;
}

/** The lines of a trailer section with its empty line; null: malformed. */
export function renderTrailerText(raw: RawFields): string | null {
  let lines = '';
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const line = name.startsWith(':') ? null : renderLine(name, raw[index + 1] ?? '');
    if (line === null) return null;
    lines += line;
  }
  return `${lines}\r\n`;
}

/** A CR or LF that came through would make two lines of one. */
function renderLine(name: string, value: string): string | null {
  if (connectionNames.has(name) || /[\r\n]/.test(name) || /[\r\n]/.test(value)) return null;
  return `${name}: ${value}\r\n`;
}
