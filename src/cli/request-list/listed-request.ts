// ListedRequest: what a line of a log or list says of a request; and its target, taken apart.
import { normalizeHost } from '../../wire/http1/host.ts';

/** Texts are latin1, as the client sent them; what the line does not say is empty. */
export interface ListedRequest {
  /** In its file, from 1. */
  readonly line: number;
  readonly method: string;
  readonly scheme: 'http' | 'https' | '';
  /** As normalizeHost gives it. ingress-nginx's default format has none. */
  readonly host: string;
  /** Begins with `/`. */
  readonly rawPath: string;
  /** With its `?`. */
  readonly query: string;
  readonly clientAddress: string;
  /** Of the response; 0: not known. */
  readonly status: number;
  /** `NAMESPACE-SERVICE-PORT` */
  readonly upstreamName: string;
  readonly requestId: string;
  /** Source of the route, where Sallyport wrote the line. */
  readonly route: string;
  /** Why the proxy answered itself, where Sallyport wrote the line. */
  readonly reason: string;
}

export type Target = Pick<ListedRequest, 'scheme' | 'host' | 'rawPath' | 'query'>;

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

export function isMethod(text: string): boolean {
  return token.test(text);
}

/** A path with an optional query, or a URL with one. Null: neither. Not `new URL`, which would tidy the path. */
export function readTarget(text: string): Target | null {
  if (text.charCodeAt(0) === slash) return split('', '', text);
  const scheme = schemeOf(text);
  if (scheme === '') return null;
  const from = scheme.length + 3;
  const rest = text.slice(from);
  const end = rest.search(/[/?#]/);
  const host = normalizeHost(end < 0 ? rest : rest.slice(0, end));
  if (host === null) return null;
  const path = end < 0 ? '' : rest.slice(end);
  return split(scheme, host, path.charCodeAt(0) === slash ? path : `/${path}`);
}

const slash = 0x2f;

function schemeOf(text: string): Target['scheme'] {
  if (/^http:\/\//i.test(text)) return 'http';
  return /^https:\/\//i.test(text) ? 'https' : '';
}

function split(scheme: Target['scheme'], host: string, path: string): Target {
  const hash = path.indexOf('#');
  const sent = hash < 0 ? path : path.slice(0, hash);
  const mark = sent.indexOf('?');
  return mark < 0
    ? { scheme, host, rawPath: sent, query: '' }
    : { scheme, host, rawPath: sent.slice(0, mark), query: sent.slice(mark) };
}
