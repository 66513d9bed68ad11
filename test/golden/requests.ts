// The requests.yaml of golden cases: what is asked, as the bytes of a request, and what must come of it. The same list is run
// against the table alone (decide, in this folder) and through the live proxy (test/behaviour), so it carries all that both need.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import type { RouteSettings } from '../../src/features/index.ts';

/** What must come of a request. Exactly one of `upstream` and `status` says who answers; the rest is checked where it is given. */
export interface Want {
  /** Id of the upstream that gets the request; its answer, 200 from the echo server of live runs, goes to the client. */
  readonly upstream?: string;
  /** The answer that the proxy gives itself. */
  readonly status?: number;
  /** Path and query as the upstream sees them. */
  readonly path?: string;
  /** The Location of the proxy's own answer. */
  readonly location?: string;
  /** Id of the certificate that the client is shown; `none`: the proxy's self-signed one. For https only. */
  readonly certificate?: string;
  /** Id of the route that takes the request. */
  readonly route?: string;
  readonly via?: 'rule' | 'host-default-backend' | 'table-fallback';
  readonly tier?: 'exact' | 'wildcard' | 'catch-all' | 'none';
  /** `ADDRESS:PORT` of all endpoints that may get it. Live runs put their own in their place. */
  readonly endpoints?: readonly string[];
  readonly settings?: Partial<RouteSettings>;
}

export interface GoldenRequest {
  /** As written, for messages. */
  readonly ask: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** The Host field as sent; empty: none is sent. */
  readonly authority: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly version: '1.1' | '1.0';
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Bytes of the body, announced by Content-Length; 0: none. */
  readonly bodyBytes: number;
  /** The name that the client puts into the handshake; empty: none. Unless given, the name of the authority, if it is one. */
  readonly sni: string;
  readonly want: Want;
}

const askPattern = /^(?<method>[A-Z]+) (?<scheme>https?):\/\/(?<authority>[^/?#]*)(?<target>\/\S*)?$/;
const askKeys = new Set(['ask', 'version', 'headers', 'body', 'sni', 'want']);
const wantKeys = new Set([
  'upstream',
  'status',
  'path',
  'location',
  'certificate',
  'route',
  'via',
  'tier',
  'endpoints',
  'settings',
]);

/** Reads a requests.yaml; throws an AssertionError that names the entry when one is not understood. */
export function parseRequests(text: string): GoldenRequest[] {
  const list: unknown = parse(text);
  assert.ok(Array.isArray(list) && list.length > 0, 'requests.yaml holds no requests');
  return list.map((entry: unknown) => parseRequest(recordOf(entry, 'an entry')));
}

function parseRequest(entry: Readonly<Record<string, unknown>>): GoldenRequest {
  const ask = textOf(entry['ask'], 'ask');
  for (const key of Object.keys(entry)) assert.ok(askKeys.has(key), `${ask}: unknown key "${key}"`);
  const parts = askPattern.exec(ask)?.groups;
  assert.ok(parts !== undefined, `"${ask}" is not METHOD http(s)://AUTHORITY/PATH`);
  const { method = '', scheme = '', authority = '', target = '/' } = parts;
  const version = entry['version'] ?? '1.1';
  assert.ok(version === '1.1' || version === '1.0', `${ask}: version must be "1.1" or "1.0"`);
  assert.ok(scheme === 'http' || scheme === 'https');
  const bodyBytes = entry['body'] ?? 0;
  assert.ok(typeof bodyBytes === 'number', `${ask}: body is a count of bytes`);
  const headers = Object.entries(recordOf(entry['headers'] ?? {}, `${ask}: headers`));
  return {
    ask,
    method,
    scheme,
    authority,
    target,
    version,
    headers: headers.map(([name, value]) => [name, textOf(value, `${ask}: header ${name}`)] as const),
    bodyBytes,
    sni: entry['sni'] === undefined ? nameOf(authority) : textOf(entry['sni'], `${ask}: sni`),
    want: parseWant(ask, scheme, recordOf(entry['want'], `${ask}: want`)),
  };
}

function parseWant(ask: string, scheme: string, want: Readonly<Record<string, unknown>>): Want {
  for (const key of Object.keys(want)) assert.ok(wantKeys.has(key), `${ask}: unknown key "want.${key}"`);
  const answers = Number('upstream' in want) + Number('status' in want);
  assert.equal(answers, 1, `${ask}: exactly one of want.upstream and want.status must be given`);
  assert.ok(scheme === 'https' || !('certificate' in want), `${ask}: want.certificate is for https`);
  assert.ok('status' in want || !('location' in want), `${ask}: want.location goes with want.status`);
  assert.ok('upstream' in want || !('path' in want), `${ask}: want.path goes with want.upstream`);
  // The keys were checked above; a value of a wrong type differs from whatever was decided.
  return want;
}

/** The head of the request as a client sends it, latin1; a body of `bodyBytes` bytes must follow. */
export function renderRequestHead(request: GoldenRequest): string {
  const lines = [`${request.method} ${request.target} HTTP/${request.version}`];
  if (request.authority !== '') lines.push(`Host: ${request.authority}`);
  for (const [name, value] of request.headers) lines.push(`${name}: ${value}`);
  if (request.bodyBytes > 0) lines.push(`Content-Length: ${request.bodyBytes}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The name without port; empty for an address, which no client puts into a handshake. */
function nameOf(authority: string): string {
  const name = authority.replace(/:\d+$/, '');
  return name.startsWith('[') || /^[\d.]+$/.test(name) ? '' : name;
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), `${what} is not a mapping`);
  return value as Readonly<Record<string, unknown>>;
}

function textOf(value: unknown, what: string): string {
  assert.ok(typeof value === 'string', `${what} is not a text`);
  return value;
}
