// A request of HTTP/1.1 for HTTP/2 (RFC 9113 8.2 and 8.3.1): pseudo-fields, then field lines with names in lower case. The lines come from our
// own codec or from ourselves: their bytes are judged already, and nothing in them belongs to a connection.

/** By name: one value, or several in order. Has no prototype, so any name is harmless. */
export type RequestFieldMap = Record<string, string | string[]>;

export interface RequestTarget {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly path: string;
}

/** `lines`: complete, `Name: value\r\n` each. */
export function makeRequestFields(target: RequestTarget, lines: string): RequestFieldMap {
  const fields = Object.create(null) as RequestFieldMap;
  fields[':method'] = target.method;
  fields[':scheme'] = target.scheme;
  // HTTP/1.0 may have named no host.
  if (target.authority !== '') fields[':authority'] = target.authority;
  fields[':path'] = target.path;
  let start = 0;
  while (start < lines.length) {
    const end = lines.indexOf('\r\n', start);
    const colon = lines.indexOf(':', start);
    if (end < 0 || colon < 0 || colon > end) break;
    addField(fields, lines.slice(start, colon).toLowerCase(), lines.slice(colon + 1, end).trim());
    start = end + 2;
  }
  return fields;
}

function addField(fields: RequestFieldMap, name: string, value: string): void {
  const earlier = fields[name];
  if (earlier === undefined) fields[name] = value;
  else if (typeof earlier === 'string') fields[name] = [earlier, value];
  else earlier.push(value);
}
