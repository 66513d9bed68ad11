// The parameters of a FastCGI request: those of nginx's `fastcgi_params`, the fields of the request, and what the route says itself.
import { documentRoot, type FastCgi, type FastCgiPart } from '../../model/index.ts';
import { fieldParams } from '../../wire/fastcgi/field-params.ts';
import { lookupField } from '../../wire/http1/field-value.ts';
import type { Exchange } from '../exchange.ts';
import { requestIdLine, type UpstreamRequest } from '../request-render.ts';
import { readPart } from '../text-template.ts';

/** Stay escaped: what would make other segments of a path, or end it for a program in C. */
const keptEscapes = /%(?:[01][0-9a-f]|2f|5c|7f)/i;

/**
 * The path as scripts get it: without escapes (RFC 3875 4.1.13), as bytes in latin1. Null: what was escaped makes another path of it, which nobody has
 * matched or admitted.
 */
export function scriptPath(path: string): string | null {
  const decoded = path.replaceAll(/%[0-9a-f]{2}/gi, (escape) =>
    keptEscapes.test(escape) ? escape : String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
  return decoded.split('/').some((segment) => segment === '.' || segment === '..') ? null : decoded;
}

/** `document`: of `scriptPath`. */
export function makeParams(
  exchange: Exchange,
  request: UpstreamRequest,
  { index, params: own }: FastCgi,
  document: string,
): [string, string][] {
  const script = document.endsWith('/') ? document + index : document;
  const params = new Map<string, string>([
    ...baseParams(exchange, request, script, document),
    ...fieldParams(fieldLines(request)),
  ]);
  for (const [name, parts] of own) {
    let value = '';
    for (const part of parts) value += valueOf(part, exchange, script, document);
    params.set(name, value);
  }
  return [...params];
}

function baseParams(
  { connection, head, scheme, clientAddress, host }: Exchange,
  request: UpstreamRequest,
  script: string,
  document: string,
): [string, string][] {
  const params: [string, string][] = [
    ['QUERY_STRING', request.query.slice(1)],
    ['REQUEST_METHOD', head.method],
    ['CONTENT_TYPE', lookupField(request.fields, 'content-type')],
    ['CONTENT_LENGTH', head.hasFraming || head.contentLength > 0 ? String(head.contentLength) : ''],
    ['SCRIPT_NAME', script],
    ['REQUEST_URI', head.form === 'origin' ? head.target : head.path + head.query],
    ['DOCUMENT_URI', document],
    ['DOCUMENT_ROOT', documentRoot],
    ['SERVER_PROTOCOL', connection.protocol],
    ['REQUEST_SCHEME', scheme],
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['SERVER_SOFTWARE', 'sallyport'],
    ['REMOTE_ADDR', clientAddress],
    ['SERVER_PORT', String(connection.forwarded.port)],
    ['SERVER_NAME', host],
    ['REDIRECT_STATUS', '200'],
  ];
  if (scheme === 'https') params.push(['HTTPS', 'on']);
  return params;
}

/** What an endpoint of HTTP would get. */
function fieldLines({ host, fields, forwardedHost, forwardedFields, requestId }: UpstreamRequest): string {
  return `Host: ${host}\r\n${fields}${requestIdLine(requestId)}X-Forwarded-Host: ${forwardedHost}\r\n${forwardedFields}`;
}

function valueOf(part: FastCgiPart, exchange: Exchange, script: string, document: string): string {
  if (part.kind === 'script') return script;
  return part.kind === 'document' ? document : readPart(part, exchange);
}
