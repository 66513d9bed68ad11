// The question to an authentication server, rendered: the client's fields without its body, and what the server is told of the request,
// under ingress-nginx's names.
import { expandText, expandUrl } from '../../features/index.ts';
import type { ExternalAuth } from '../../model/index.ts';
import { foldText } from '../../wire/http1/field-names.ts';
import { lookupField, removeAliases } from '../../wire/http1/field-value.ts';
import { clientCertificateFields } from '../client-gate.ts';
import type { Exchange } from '../exchange.ts';
import { requestIdLine } from '../request-render.ts';

/** How many questions led to this request. Where a server asks the proxy that asks it, somebody has to stop. */
export const depthName = 'x-sallyport-auth-depth';
const maxDepth = 3;

/** Only the proxy's to say. What begins with `X-Original-` no client has. */
const ownNames = ['x-sent-from', 'x-auth-request-redirect', depthName];

/** The policy's own fields, made ready. */
export interface QuestionFields {
  /** In place of the proxy's of the same names (folded). */
  readonly replaced: ReadonlySet<string>;
  /** Names (folded) of the client's that the question does not have. */
  readonly withheld: ReadonlySet<string>;
}

export function questionFieldsOf({ fields }: ExternalAuth): QuestionFields {
  const replaced = new Set(fields.map(([name]) => foldText(name)));
  return { replaced, withheld: new Set([...ownNames, ...replaced]) };
}

/** The number for a question about this request; null: there were enough. */
export function nextDepth(exchange: Exchange): number | null {
  const text = exchange.field(depthName);
  if (text === '') return 1;
  const depth = /^[0-9]$/.test(text) ? Number(text) + 1 : Number.POSITIVE_INFINITY;
  return depth <= maxDepth ? depth : null;
}

export function renderQuestion(
  exchange: Exchange,
  auth: ExternalAuth,
  { replaced, withheld }: QuestionFields,
  depth: number,
): string {
  const { head, connection, forwardedFields } = exchange;
  const uri = head.path + head.query;
  const scheme = connection.isTls ? 'https' : 'http';
  const redirect = auth.requestRedirect === '' ? uri : auth.requestRedirect;
  const start =
    `${auth.method === '' ? 'GET' : auth.method} ${expandUrl(auth.target, exchange)} HTTP/1.1\r\n` +
    `Host: ${auth.server.host ?? head.host}\r\n`;
  let text =
    `X-Original-URL: ${scheme}://${head.authority}${uri}\r\nX-Original-Method: ${head.method}\r\n` +
    `X-Sent-From: nginx-ingress-controller\r\nX-Auth-Request-Redirect: ${redirect}\r\n` +
    `X-Sallyport-Auth-Depth: ${depth}\r\n` +
    requestIdLine(exchange.requestId) +
    lineOf(forwardedFields, 'X-Real-IP') +
    lineOf(forwardedFields, 'X-Forwarded-For');
  for (const name of clientCertificateFields) text += lineOf(forwardedFields, name);
  if (auth.method !== '') text += `X-Original-URI: ${uri}\r\nX-Scheme: ${exchange.scheme}\r\n`;
  if (replaced.size > 0) text = removeAliases(text, replaced);
  for (const [name, value] of auth.fields) {
    const expanded = expandText(value, exchange);
    if (expanded !== '') text += `${name}: ${expanded}\r\n`;
  }
  text += removeAliases(head.fields, withheld);
  if (auth.keepAlive?.maxIdle === 0) text += 'Connection: close\r\n';
  return `${start}${text}\r\n`;
}

function lineOf(fields: string, name: string): string {
  const value = lookupField(fields, name.toLowerCase());
  return value === '' ? '' : `${name}: ${value}\r\n`;
}
