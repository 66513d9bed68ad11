// Spans as OTLP has them in JSON, by the stable semantic conventions of HTTP. In ASCII, so that characters are bytes.
import type { Exchange } from '../exchange.ts';
import type { RequestSpan } from './request-span.ts';

/** Of one text that a client chooses. */
const maxTextLength = 1_024;
const serverKind = 2;
const errorCode = 2;
/** Others are called by a word, so that nobody makes names of spans without end. */
const knownMethods = new Set('CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE'.split(' '));

type Attribute = readonly [key: string, value: string | number];

/** `name`: empty for method and path of the rule. `endMs`: on the clock of the wall. */
export function renderSpan(
  exchange: Exchange,
  span: RequestSpan,
  name: string,
  endMs: number,
  durationMs: number,
): string {
  const { method } = exchange.head;
  const path = exchange.route?.route.labels.path ?? '';
  const isFailed = exchange.status >= 500;
  const text = JSON.stringify({
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId !== '' && { parentSpanId: span.parentId }),
    ...(span.state !== '' && { traceState: span.state }),
    flags: 1,
    name: name === '' ? `${knownMethods.has(method) ? method : 'HTTP'} ${path}`.trim() : cut(decode(name)),
    kind: serverKind,
    startTimeUnixNano: nanosecondsOf(endMs - durationMs),
    endTimeUnixNano: nanosecondsOf(endMs),
    attributes: attributesOf(exchange, path)
      .filter(([, value]) => value !== '')
      .map(renderAttribute),
    status: isFailed ? { code: errorCode } : {},
  });
  return toAscii(text);
}

/** Of complete spans, as `/v1/traces` takes it. */
export function renderExport(serviceName: string, spans: readonly string[]): string {
  const resource = toAscii(JSON.stringify({ attributes: [renderAttribute(['service.name', serviceName])] }));
  return `{"resourceSpans":[{"resource":${resource},"scopeSpans":[{"scope":{"name":"sallyport"},"spans":[${spans.join(',')}]}]}]}`;
}

/** No query, no cookie and no credentials: who reads traces need not be let in. */
function attributesOf(exchange: Exchange, path: string): readonly Attribute[] {
  const { head, connection, route, attempts, status } = exchange;
  const labels = route?.route.labels;
  return [
    ['http.request.method', knownMethods.has(head.method) ? head.method : '_OTHER'],
    ['url.path', decode(head.path)],
    ['url.scheme', exchange.scheme],
    ['http.route', path],
    ['http.response.status_code', status],
    ['http.response.body.size', exchange.bytesSent],
    ['server.address', decode(head.host)],
    ['client.address', exchange.clientAddress],
    ['network.protocol.version', connection.protocol.slice('HTTP/'.length).replace(/^2\.0$/, '2')],
    ['user_agent.original', decode(head.userAgent)],
    ['error.type', status >= 500 ? exchange.reason || String(status) : ''],
    ['ingress.namespace', labels?.namespace ?? ''],
    ['ingress.name', labels?.ingress ?? ''],
    ['ingress.service_name', labels?.service ?? ''],
    ['ingress.upstream', route?.upstreamName ?? ''],
    ['sallyport.route', route?.route.id ?? ''],
    ['sallyport.reason', exchange.reason],
    ['sallyport.upstream_address', attempts.addresses],
    ['sallyport.request_id', exchange.requestId],
  ];
}

function renderAttribute([key, value]: Attribute): object {
  if (typeof value === 'number') return { key, value: { intValue: String(value) } };
  return { key, value: { stringValue: cut(value) } };
}

function cut(text: string): string {
  return text.length > maxTextLength ? text.slice(0, maxTextLength) : text;
}

/** Bytes of a request are latin1 here, and mostly mean UTF-8. */
function decode(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'latin1').toString('utf8');
}

function toAscii(json: string): string {
  return json.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** To the microsecond: more than that a number of this size does not hold. */
function nanosecondsOf(ms: number): string {
  return `${Math.round(ms * 1_000)}000`;
}
