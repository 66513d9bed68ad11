// Templates made ready: each part a function of the request. What a request says goes into a line as it came through the codec, which let
// no line end through.
import type { RequestTemplate, RequestVariable, TemplatePart } from '../model/index.ts';
import { lookupArgument, lookupCookies } from '../wire/http1/field-value.ts';
import { renderTraceparent } from '../wire/trace-context/index.ts';
import type { Exchange } from './exchange.ts';
import { forwardedHostOf } from './forwarded-fields.ts';
import { saidField } from './said-field.ts';

export type Reader = (exchange: Exchange) => string;

const queryOf: Reader = ({ query }) => query.slice(1);
const clientAddressOf: Reader = ({ clientAddress }) => clientAddress;
const requestIdOf: Reader = ({ requestId }) => requestId;

const readers: Readonly<Record<RequestVariable, Reader>> = {
  args: queryOf,
  best_http_host: ({ head, connection }) => forwardedHostOf(head, connection.forwarded),
  content_type: ({ head }) => saidField(head, 'content-type'),
  document_uri: ({ path }) => path,
  host: ({ host }) => host,
  http_host: ({ authority }) => authority,
  ingress_name: ({ route }) => route?.route.labels.ingress ?? '',
  is_args: ({ query }) => (query === '' ? '' : '?'),
  // The text of a tenant: nothing that could end a line.
  location_path: ({ route }) => (route?.route.labels.path ?? '').replaceAll(/[^\x21-\x7e]/g, ''),
  namespace: ({ route }) => route?.route.labels.namespace ?? '',
  opentelemetry_context_traceparent: ({ span }) => (span === null ? '' : renderTraceparent(span)),
  opentelemetry_span_id: ({ span }) => span?.spanId ?? '',
  opentelemetry_trace_id: ({ span }) => span?.traceId ?? '',
  pass_access_scheme: ({ scheme }) => scheme,
  proxy_add_x_forwarded_for: ({ head, clientAddress }) =>
    head.forwardedFor === '' ? clientAddress : `${head.forwardedFor}, ${clientAddress}`,
  // With the protocol on, no connection comes without its header, and the peer is whom that names.
  proxy_protocol_addr: ({ core, connection }) =>
    core.proxyProtocol.isOn ? connection.forwarded.peerAddress : '',
  proxy_upstream_name: ({ route }) => route?.upstreamName ?? '',
  query_string: queryOf,
  realip_remote_addr: ({ connection }) => connection.forwarded.peerAddress,
  remote_addr: clientAddressOf,
  req_id: requestIdOf,
  request_id: requestIdOf,
  request_method: ({ method }) => method,
  request_uri: ({ head }) => (head.form === 'origin' ? head.target : head.path + head.query),
  scheme: ({ connection }) => connection.forwarded.scheme,
  server_protocol: ({ connection }) => connection.protocol,
  service_name: ({ route }) => route?.route.labels.service ?? '',
  service_port: ({ route }) => route?.route.labels.servicePort ?? '',
  ssl_protocol: ({ connection }) => connection.tlsProtocol,
  the_real_ip: clientAddressOf,
  uri: ({ path }) => path,
};

/** Null: a variable that is not known before a request is over. */
export function readerOf(part: TemplatePart<string>): Reader | null {
  if (part.kind !== 'variable') return (exchange) => readPart(part, exchange);
  return isRequestVariable(part.name) ? readers[part.name] : null;
}

/** What the part stands for in this request. */
export function readPart(part: TemplatePart<string>, exchange: Exchange): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'header':
      return saidField(exchange.head, part.name);
    case 'cookie':
      return lookupCookies(exchange.head.fields, part.name)[0] ?? '';
    case 'argument':
      return lookupArgument(exchange.query, part.name);
    case 'variable':
      return isRequestVariable(part.name) ? readers[part.name](exchange) : '';
    default:
      return part satisfies never;
  }
}

function isRequestVariable(name: string): name is RequestVariable {
  return Object.hasOwn(readers, name);
}

export function compileTemplate(template: RequestTemplate): Reader {
  const parts = template.flatMap((part) => readerOf(part) ?? []);
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return (exchange) => {
    let text = '';
    for (const part of parts) text += part(exchange);
    return text;
  };
}
