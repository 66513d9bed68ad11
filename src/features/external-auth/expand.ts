// What a template comes to for one request. Values of requests go in as bytes, in the spelling of the place where they are put, and
// are never read again.
import { Buffer } from 'node:buffer';
import type { AuthVariable, AuthTemplate, AuthTemplatePart } from '../../model/index.ts';
import { lookupArgument, lookupCookies } from '../../wire/http1/field-value.ts';
import type { RequestView } from '../contract.ts';

/** One text for each part. */
export function expandParts(template: AuthTemplate, request: RequestView): string[] {
  return template.map((part) => {
    if (part.kind === 'text') return part.text;
    return 'name' in part ? namedValue(part.kind, part.name, request) : values[part.kind](request);
  });
}

function namedValue(
  kind: Extract<AuthTemplatePart, { readonly name: string }>['kind'],
  name: string,
  request: RequestView,
): string {
  if (kind === 'header') return request.field(name);
  if (kind === 'argument') return lookupArgument(request.query, name);
  return lookupCookies(`Cookie: ${request.field('cookie')}\r\n`, name)[0] ?? '';
}

export function expandText(template: AuthTemplate, request: RequestView): string {
  return expandParts(template, request).join('');
}

/** As (a part of) a URL: what would end it, or the line that it stands in, is escaped. */
export function expandUrl(template: AuthTemplate, request: RequestView): string {
  return escapeBytes(expandText(template, request), /[^!$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]/g);
}

const values: Readonly<Record<AuthVariable, (request: RequestView) => string>> = {
  'request-uri': ({ path, query }) => path + query,
  'escaped-request-uri': ({ path, query }) => escapeBytes(path + query, /[^A-Za-z0-9\-._~]/g),
  path: ({ path }) => path,
  query: ({ query }) => query.slice(1),
  'query-mark': ({ query }) => (query.length > 1 ? '?' : ''),
  host: ({ host }) => host,
  authority: ({ authority }) => authority,
  scheme: ({ scheme }) => scheme,
  method: ({ method }) => method,
  'client-address': ({ clientAddress }) => clientAddress,
  user: (request) => userOf(request.field('authorization')),
};

/** Of texts of heads, where a character is a byte. */
function escapeBytes(text: string, unsafe: RegExp): string {
  return text.replace(
    unsafe,
    (char) => `%${(char.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** nginx's $remote_user: what the client says, verified or not. */
function userOf(authorization: string): string {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/=]{1,4096})$/i.exec(authorization) ?? [];
  const [user = ''] = Buffer.from(encoded, 'base64').toString('latin1').split(':', 1);
  return /^[\x20-\x7e\x80-\xff]*$/.test(user) ? user : '';
}
