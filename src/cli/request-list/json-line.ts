// A line of a log in JSON: one object, with nginx's variable names as keys, or those that are common in `log-format-upstream` of others.
import { normalizeHost } from '../../wire/http1/host.ts';
import { isMethod, type ListedRequest, readTarget, type Target } from './listed-request.ts';
import { parseRequestLine } from './nginx-line.ts';

const names = {
  method: ['request_method', 'method'],
  target: ['request_uri', 'target', 'uri', 'url', 'path'],
  query: ['query_string', 'args', 'request_query'],
  requestLine: ['request'],
  host: ['host', 'http_host', 'vhost', 'server_name'],
  scheme: ['scheme', 'x_forwarded_proto'],
  clientAddress: ['remote_addr', 'client_address', 'client_ip', 'client'],
  status: ['status', 'response_code'],
  upstreamName: ['proxy_upstream_name'],
  requestId: ['req_id', 'request_id', 'requestId'],
  route: ['route'],
  reason: ['reason'],
} as const;

export function parseJsonLine(text: string, line: number): ListedRequest | null {
  const object = readObject(text);
  if (object === null) return null;
  const read = (key: keyof typeof names): string => readMember(object, names[key]);
  const whole = parseRequestLine(read('requestLine'));
  const target = readTarget(read('target')) ?? whole;
  const method = read('method') || (whole?.method ?? 'GET');
  if (target === null || !isMethod(method)) return null;
  const status = Number(read('status'));
  return {
    line,
    method,
    scheme: target.scheme === '' ? readScheme(read('scheme')) : target.scheme,
    host: target.host === '' ? (normalizeHost(read('host')) ?? '') : target.host,
    rawPath: target.rawPath,
    query: target.query === '' ? queryOf(read('query')) : target.query,
    clientAddress: read('clientAddress'),
    status: Number.isInteger(status) && status >= 100 && status <= 999 ? status : 0,
    upstreamName: read('upstreamName'),
    requestId: read('requestId'),
    route: read('route'),
    reason: read('reason'),
  };
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    // An object out of JSON has members by name, whatever they are.
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** The first of the members that says something. Keys are looked up as the line's own, never in a prototype. */
function readMember(object: Record<string, unknown>, keys: readonly string[]): string {
  for (const key of keys) {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string' && value !== '' && value !== '-') return toBytes(value);
  }
  return '';
}

/** What was written as an escape beyond latin1 stands for its UTF-8 bytes. */
function toBytes(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

function readScheme(text: string): Target['scheme'] {
  const scheme = text.toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : '';
}

function queryOf(text: string): string {
  return text === '' || text.startsWith('?') ? text : `?${text}`;
}
