// The cases: what the hot path does for each request without touching a socket.
import type { Route, VirtualHost } from '../../src/model/index.ts';
import { type AccessEntry, emptyAccessEntry } from '../../src/observe/access-entry.ts';
import { JsonLine } from '../../src/observe/json-line.ts';
import { NginxLine } from '../../src/observe/nginx-line.ts';
import { connectionFields } from '../../src/proxy/forwarded-fields.ts';
import { renderUpstreamRequest } from '../../src/proxy/request-render.ts';
import { emptyTable, findHost, HostIndex } from '../../src/table/index.ts';
import { RequestHead, RequestHeadParser } from '../../src/wire/http1/request-head.ts';
import { ResponseHead, ResponseHeadParser } from '../../src/wire/http1/response-head.ts';
import { requestHeads, responseHeads } from './heads.ts';
import { balancingCases } from './balancing-cases.ts';
import { hpackCases } from './hpack-cases.ts';
import type { MicroCase } from './measure.ts';

const baseline: MicroCase = { group: 'baseline', name: 'no work', run: (call) => call & 1 };

/** The proxy's defaults. */
function makeRequestParser(): RequestHeadParser {
  return new RequestHeadParser({
    maxRequestLineBytes: 8_396,
    maxFieldLineBytes: 8_192,
    maxFieldsBytes: 32_768,
    maxFields: 100,
    maxNameBytes: 256,
    underscores: 'drop',
    stripNames: [],
  });
}

function parseRequest(text: string): RequestHead {
  const head = new RequestHead();
  const buffer = Buffer.from(text, 'latin1');
  const count = makeRequestParser().parse(buffer, 0, buffer.length, head);
  if (count !== buffer.length) throw new Error(`A head of the benchmark was refused:\n${text}`);
  return head;
}

function parseCases(): MicroCase[] {
  const requests = [...requestHeads].map(([name, text]): MicroCase => {
    parseRequest(text);
    const buffer = Buffer.from(text, 'latin1');
    const parser = makeRequestParser();
    const head = new RequestHead();
    return {
      group: 'parse',
      name: `request head of ${name}, ${buffer.length} bytes`,
      run: () => parser.parse(buffer, 0, buffer.length, head),
    };
  });
  const responses = [...responseHeads].map(([name, text]): MicroCase => {
    const buffer = Buffer.from(text, 'latin1');
    const parser = new ResponseHeadParser({ maxHeadBytes: 32_768, maxFields: 200 });
    const head = new ResponseHead();
    const run = (): number => parser.parse(buffer, 0, buffer.length, head, 'GET');
    if (run() !== buffer.length) throw new Error(`A head of the benchmark was refused:\n${text}`);
    return { group: 'parse', name: `response head of ${name}, ${buffer.length} bytes`, run };
  });
  return [...requests, ...responses];
}

function makeRoute(host: string, kind: 'exact' | 'prefix' | 'regex', path: string, number: number): Route {
  return {
    id: `ingress/bench/${host}/rule/0/path/${number}`,
    match: { kind, path },
    backend: { kind: 'upstream', upstream: 'bench/web:80' },
    labels: { namespace: 'bench', ingress: host, service: 'web', servicePort: '80', path },
    policies: {},
  };
}

function makeHost(host: string, routes: readonly Route[]): VirtualHost {
  return { host, routes, fallback: null, tls: null };
}

/** A string as the parser gives it: a slice of a larger one, whose hash is not known yet. */
function slice(text: string, call: number): string {
  return `${call & 7} ${text} HTTP/1.1`.slice(2, 2 + text.length);
}

function lookupCase(name: string, hostCount: number, pathCount: number): MicroCase {
  const hosts = Array.from({ length: hostCount }, (_, number) => {
    const host = `h${String(number).padStart(5, '0')}.bench.example`;
    return makeHost(
      host,
      Array.from({ length: pathCount }, (_each, path) => makeRoute(host, 'prefix', `/p${path}`, path)),
    );
  });
  const table = { ...emptyTable, version: 1, hosts: new Map(hosts.map((each) => [each.host, each])) };
  const indexes = new Map(hosts.map((each) => [each, new HostIndex(each)]));
  const names = hosts.map(({ host }) => host);
  const paths = Array.from({ length: pathCount }, (_, path) => `/p${path}/items/17`);
  return {
    group: 'match',
    name,
    run: (call) => {
      const jump = call * 7_919;
      const host = findHost(table, slice(names[jump % hostCount] ?? '', call));
      const index = host === null ? undefined : indexes.get(host);
      const route = index?.match(slice(paths[jump % pathCount] ?? '', call));
      return route === undefined || route === null ? 0 : 1;
    },
  };
}

function regexCase(): MicroCase {
  const host = 'regex.bench.example';
  const patterns = ['/api/v[0-9]+/users/([^/]+)', '/api/v[0-9]+/orders/([^/]+)', '/static/(.*)', '/(.*)'];
  const index = new HostIndex(
    makeHost(
      host,
      patterns.map((pattern, number) => makeRoute(host, 'regex', pattern, number)),
    ),
  );
  return {
    group: 'match',
    name: 'path among 4 regular expressions, the third takes it',
    run: (call) => (index.match(slice('/static/css/site.css', call)) === null ? 0 : 1),
  };
}

function matchCases(): MicroCase[] {
  return [
    {
      group: 'match',
      name: 'two fresh strings (included in the cases below)',
      run: (call) => slice('h00001.bench.example', call).length + slice('/p1/items/17', call).length,
    },
    lookupCase('host and path, 1 route', 1, 1),
    lookupCase('host and path, 10 routes on 1 host', 1, 10),
    lookupCase('host and path, 20,000 routes on 2,000 hosts', 2_000, 10),
    regexCase(),
  ];
}

function makeEntry(): AccessEntry {
  return {
    ...emptyAccessEntry(),
    remoteAddress: '192.0.2.17',
    method: 'GET',
    target: '/products/category/shoes?sort=price&page=3',
    protocol: 'HTTP/1.1',
    status: 200,
    bytesSent: 5_120,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0',
    requestBytes: 820,
    durationMs: 12.5,
    upstreamName: 'bench-web-80',
    upstreamAddress: '10.0.0.17:8080',
    upstreamResponseBytes: '5120',
    upstreamDurationMs: '0.012',
    upstreamStatus: '200',
    requestId: '0123456789abcdef0123456789abcdef',
  };
}

function renderCases(): MicroCase[] {
  const forwardedFields = connectionFields({
    peerAddress: '192.0.2.17',
    scheme: 'https',
    port: 443,
    isTrusted: null,
    believesAll: false,
    appendFor: false,
    forName: 'x-forwarded-for',
  });
  const requests = [...requestHeads].map(([name, text]): MicroCase => {
    const head = parseRequest(text);
    const { path, query, authority } = head;
    const requestId = '0123456789abcdef0123456789abcdef';
    const forwardedHost = authority;
    const request = {
      head,
      fields: head.fields,
      host: authority,
      connectionField: '' as const,
      path,
      query,
      requestId,
      forwardedHost,
      forwardedFields,
      takesTrailers: false,
      trailers: null,
      startedMs: 0,
    };
    return {
      group: 'render',
      name: `request of ${name} for the upstream, as bytes`,
      // The bytes are what counts: joining strings alone only notes what is to be joined.
      run: () => Buffer.from(renderUpstreamRequest(request), 'latin1').length,
    };
  });
  const entry = makeEntry();
  const [nginx, json] = [new NginxLine(), new JsonLine()];
  const line = (name: string, render: () => string): MicroCase => ({
    group: 'render',
    name,
    run: (call) => {
      entry.timeMs = 1_795_000_000_000 + (call >> 6);
      return Buffer.from(render(), 'latin1').length;
    },
  });
  return [
    ...requests,
    line("access log line, nginx's form, as bytes", () => nginx.render(entry)),
    line('access log line, JSON, as bytes', () => json.render(entry)),
  ];
}

/** The baseline first. */
export function makeCases(): readonly MicroCase[] {
  return [baseline, ...parseCases(), ...matchCases(), ...balancingCases(), ...renderCases(), ...hpackCases()];
}
