// The text of a request that a consistent hash is made of. What a request does not have counts as empty.
import type { KeyPart } from '../../model/index.ts';
import { lookupArgument, lookupCookies } from '../../wire/http1/field-value.ts';

/** What keys are made of; an exchange has it all. */
export interface KeyedRequest {
  readonly method: string;
  readonly host: string;
  /** Canonical, as the client asked. */
  readonly path: string;
  /** With its `?`. */
  readonly query: string;
  readonly scheme: string;
  readonly clientAddress: string;
  readonly head: { readonly fields: string };
  /** `name` in lower case; empty: there is none. */
  field(name: string): string;
}

/** Empty when nothing but fixed text would be in it: then no endpoint is better than another. */
export function renderRequestKey(parts: readonly KeyPart[], request: KeyedRequest): string {
  let key = '';
  let isEmpty = true;
  for (const part of parts) {
    const text = part.kind === 'text' ? part.text : renderPart(part, request);
    if (part.kind !== 'text' && text !== '') isEmpty = false;
    key += text;
  }
  return isEmpty ? '' : key;
}

function renderPart(part: Exclude<KeyPart, { kind: 'text' }>, request: KeyedRequest): string {
  switch (part.kind) {
    case 'header':
      return part.name === 'host' ? request.host : request.field(part.name);
    case 'cookie':
      return lookupCookies(request.head.fields, part.name)[0] ?? '';
    case 'argument':
      return lookupArgument(request.query, part.name);
    case 'request-uri':
      return request.path + request.query;
    case 'path':
      return request.path;
    case 'query':
      return request.query.slice(1);
    case 'host':
      return request.host;
    case 'scheme':
      return request.scheme;
    case 'method':
      return request.method;
    case 'client-address':
      return request.clientAddress;
    default:
      return part satisfies never;
  }
}
