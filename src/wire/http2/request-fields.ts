// A request of HTTP/1.1 for HTTP/2 (RFC 9113 8.3.1): pseudo-fields, then field lines. The lines come from our own codec or from ourselves: their
// bytes are judged already.
import { addFieldLines, type Http2Fields, makeHttp2Fields } from './response-fields.ts';

export interface RequestTarget {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly path: string;
  /** Of an extended CONNECT (RFC 8441). */
  readonly protocol?: string;
}

/** `lines`: complete, `Name: value\r\n` each. `takesTrailers`: the one thing that TE may say (RFC 9113 8.2.2). */
export function makeRequestFields(target: RequestTarget, lines: string, takesTrailers: boolean): Http2Fields {
  const fields = makeHttp2Fields();
  fields[':method'] = target.method;
  if (target.protocol !== undefined) fields[':protocol'] = target.protocol;
  fields[':scheme'] = target.scheme;
  // HTTP/1.0 may have named no host.
  if (target.authority !== '') fields[':authority'] = target.authority;
  fields[':path'] = target.path;
  addFieldLines(fields, lines);
  if (takesTrailers) fields['te'] = 'trailers';
  return fields;
}
