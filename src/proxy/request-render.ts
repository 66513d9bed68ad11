// The request as an upstream gets it: rendered anew from what was understood (principle 1). Field lines that pass are slices
// that the codec has validated byte by byte.
import type { Exchange } from './exchange.ts';
import { changeFields, type Forwarding } from './compiled-route.ts';
import { forwardedHostOf } from './forwarded-fields.ts';
import { RequestTrailers } from './request-trailers.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';

export interface UpstreamRequest {
  readonly head: RequestHead;
  /** Path as matched or rewritten. */
  readonly path: string;
  readonly query: string;
  readonly requestId: string;
  /** When the first byte of the client's request came. */
  readonly startedMs: number;
  /** The client's lines that pass, after the features. */
  readonly fields: string;
  readonly host: string;
  /** HTTP/1.1 only. */
  readonly connectionField: '' | 'close' | 'keep-alive';
  /** What the client asked for; X-Forwarded-Host. */
  readonly forwardedHost: string;
  /** The own fields of the connection or the request, complete lines. */
  readonly forwardedFields: string;
  /** The client takes trailers, and we can hand them on. */
  readonly takesTrailers: boolean;
  /** Of what may stand behind the body; null: nothing can. */
  readonly trailers: RequestTrailers | null;
}

/** Of an exchange, as it stands after the features. */
export function upstreamRequestOf(exchange: Exchange): UpstreamRequest {
  const { head, connection } = exchange;
  const forward = exchange.route?.forward ?? null;
  const forwardedHost = forwardedHostOf(head, connection.forwarded);
  const fields = forward === null ? head.fields : forwardedLines(exchange, forward);
  return {
    head,
    fields,
    host: forward === null || forward.host === '' ? forwardedHost : forward.host,
    connectionField: forward === null ? '' : forward.connectionField,
    path: exchange.sentPath,
    query: exchange.sentQuery,
    requestId: exchange.requestId,
    startedMs: exchange.startedMs,
    forwardedHost,
    forwardedFields: exchange.forwardedFields,
    takesTrailers: head.teTrailers && connection.relaysTrailers,
    trailers: mayHaveTrailers(head) ? new RequestTrailers(exchange, fields) : null,
  };
}

/** The client's lines, as the features leave them. */
function forwardedLines(exchange: Exchange, { hooks }: Forwarding): string {
  const { fields } = exchange.head;
  const changed = hooks === null ? fields : changeFields(exchange, hooks, fields, false);
  return exchange.grant === null ? changed : changed + exchange.grant.fields;
}

function mayHaveTrailers(head: RequestHead): boolean {
  return head.contentLength < 0 || (head.trailer !== '' && head.contentLength > 0);
}

/** Empty: there is none. */
export function requestIdLine(id: string): string {
  return id === '' ? '' : `X-Request-ID: ${id}\r\n`;
}

export function renderUpstreamRequest(request: UpstreamRequest): string {
  const { head } = request;
  let text =
    `${head.method} ${request.path}${request.query} HTTP/1.1\r\nHost: ${request.host}\r\n` +
    requestIdLine(request.requestId) +
    `X-Forwarded-Host: ${request.forwardedHost}\r\n` +
    request.forwardedFields +
    request.fields;
  if (head.contentLength < 0) text += `${request.trailers?.announcement ?? ''}Transfer-Encoding: chunked\r\n`;
  else if (head.hasFraming) text += `Content-Length: ${head.contentLength}\r\n`;
  if (request.takesTrailers) text += 'TE: trailers\r\nConnection: TE\r\n';
  if (request.connectionField !== '' && !head.upgradeWebsocket)
    text += `Connection: ${request.connectionField}\r\n`;
  if (head.upgradeWebsocket) text += 'Connection: upgrade\r\nUpgrade: websocket\r\n';
  return `${text}\r\n`;
}
