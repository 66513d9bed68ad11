// The fields of a response of HTTP/1.1 for HTTP/2 (RFC 9113 8.2): names in lower case, one value per line, nothing that belongs to a
// connection. The lines come from our own codec or from ourselves: their bytes are judged already.
import { connectionNames } from './connection-names.ts';

import { trimBlanks } from '../http1/connection-options.ts';

/** By name: one value, or several in order. Has no prototype, so any name is harmless. */
export type Http2Fields = Record<string, string | string[]>;

export function makeHttp2Fields(): Http2Fields {
  return Object.create(null) as Http2Fields;
}

/** Fields that may come once: of several, which HTTP/1.1 clients read one way or another, the first counts. */
export const singletonNames: ReadonlySet<string> = new Set(
  (
    'access-control-allow-credentials access-control-max-age access-control-request-method age authorization ' +
    'content-encoding content-language content-length content-location content-md5 content-range content-type ' +
    'date dnt etag expires from host if-match if-modified-since if-none-match if-range if-unmodified-since ' +
    'last-modified location max-forwards proxy-authorization range referer retry-after tk ' +
    'upgrade-insecure-requests user-agent x-content-type-options'
  ).split(' '),
);

/** Adds complete lines, `Name: value\r\n` each. */
export function addFieldLines(fields: Http2Fields, lines: string): void {
  let start = 0;
  while (start < lines.length) {
    const end = lines.indexOf('\r\n', start);
    if (end < 0) return;
    const colon = lines.indexOf(':', start);
    if (colon > start && colon < end) {
      addField(fields, lines.slice(start, colon).toLowerCase(), trimBlanks(lines.slice(colon + 1, end)));
    }
    start = end + 2;
  }
}

function addField(fields: Http2Fields, name: string, value: string): void {
  const earlier = fields[name];
  if (earlier === undefined) {
    if (!connectionNames.has(name) && name !== 'te') fields[name] = value;
  } else if (!singletonNames.has(name)) {
    if (typeof earlier === 'string') fields[name] = [earlier, value];
    else earlier.push(value);
  }
}
