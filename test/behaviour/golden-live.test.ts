// Every golden case through the live proxy: its table with the endpoints of each upstream replaced by an echo server, its requests as the
// exact bytes. What came back must be what the case wants and what the table alone decides (test/golden/decide.ts).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { RouteTable, Upstream } from '../../src/model/index.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { fullPatch } from '../../src/table/index.ts';
import { type GoldenCase, listCases, tableOf } from '../golden/case-files.ts';
import { type GoldenRequest, parseRequests, renderRequestHead } from '../golden/requests.ts';
import { RawClient, startProxy, type TestProxy } from './harness.ts';

/** What an echo server tells of the request that reached it. */
interface Echo {
  readonly upstream: string;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly scheme: string;
  readonly bodyBytes: number;
}

/** One answer, taken apart. */
interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly echo: Echo | null;
  readonly certificate: string | undefined;
}

/** Node's own HTTP server: a parser that is not ours reads what the proxy sent. */
async function startEcho(t: TestContext, upstream: string): Promise<number> {
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    let bodyBytes = 0;
    request.on('data', (chunk: Buffer) => (bodyBytes += chunk.length));
    request.on('end', () => {
      const echo: Echo = {
        upstream,
        method: request.method ?? '',
        target: request.url ?? '',
        host: request.headers.host ?? '',
        scheme: String(request.headers['x-forwarded-proto']),
        bodyBytes,
      };
      response.setHeader('Content-Length', JSON.stringify(echo).length);
      response.end(JSON.stringify(echo));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** The table with an echo server in the place of every upstream's endpoints; those without endpoints stay without. */
async function withEchoes(t: TestContext, table: RouteTable): Promise<RouteTable> {
  const upstreams = new Map<string, Upstream>();
  for (const upstream of table.upstreams.values()) {
    const { target } = upstream;
    const isEmpty =
      target.kind === 'unavailable' || (target.kind === 'endpoints' && target.endpoints.length === 0);
    if (isEmpty) {
      upstreams.set(upstream.id, upstream);
      continue;
    }
    const port = await startEcho(t, upstream.id);
    const endpoints = [{ address: '127.0.0.1', port, ready: true }];
    upstreams.set(upstream.id, { ...upstream, target: { kind: 'endpoints', endpoints } });
  }
  return { ...table, upstreams };
}

async function open(
  t: TestContext,
  proxy: TestProxy,
  request: GoldenRequest,
): Promise<{ client: RawClient; tls: TLSSocket | null }> {
  if (request.scheme === 'http') return { client: await RawClient.open(t, proxy.port), tls: null };
  const socket = connectTls({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(request.sni !== '' && { servername: request.sni }),
  });
  const client = new RawClient(socket);
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return { client, tls: socket };
}

function certificateOf(table: RouteTable, socket: TLSSocket): string {
  const shown = socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase();
  for (const [id, { fingerprint }] of table.certificates) if (fingerprint === shown) return id;
  return 'none';
}

async function ask(
  t: TestContext,
  proxy: TestProxy,
  table: RouteTable,
  request: GoldenRequest,
): Promise<Answer> {
  const { client, tls } = await open(t, proxy, request);
  client.send(renderRequestHead(request) + 'x'.repeat(request.bodyBytes));
  const text = await client.until(
    (received) => received.includes('\r\n\r\n') && hasWholeBody(received, request.method),
  );
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  const certificate = tls === null ? undefined : certificateOf(table, tls);
  client.socket.destroy();
  return {
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]),
    location: /\r\nLocation: ([^\r]*)/.exec(head)?.[1],
    echo: body.startsWith('{') ? (JSON.parse(body) as Echo) : null,
    certificate,
  };
}

function hasWholeBody(text: string, method: string): boolean {
  const length = /\r\nContent-Length: (\d+)\r\n/i.exec(text)?.[1];
  return method === 'HEAD' || text.length - text.indexOf('\r\n\r\n') - 4 >= Number(length ?? 0);
}

/** Differences between what the case wants and what came, one sentence each. */
function compare(request: GoldenRequest, answer: Answer): string[] {
  const { want } = request;
  const pairs: [what: string, actual: unknown, wanted: unknown][] = [];
  if (want.upstream !== undefined) {
    pairs.push(['status', answer.status, 200]);
    pairs.push(['upstream', answer.echo?.upstream, want.upstream]);
    pairs.push(['method', answer.echo?.method, request.method]);
    pairs.push(['Host at the upstream', answer.echo?.host, request.authority]);
    pairs.push(['X-Forwarded-Proto', answer.echo?.scheme, request.scheme]);
    pairs.push(['body bytes', answer.echo?.bodyBytes, request.bodyBytes]);
    if (want.path !== undefined) pairs.push(['path', answer.echo?.target, want.path]);
  } else {
    pairs.push(['status', answer.status, want.status], ['upstream', answer.echo?.upstream, undefined]);
    pairs.push(['location', answer.location, want.location]);
  }
  if (want.certificate !== undefined) pairs.push(['certificate', answer.certificate, want.certificate]);
  return pairs.flatMap(([what, actual, wanted]) =>
    actual === wanted ? [] : [`${what} is ${JSON.stringify(actual)}, wanted ${JSON.stringify(wanted)}`],
  );
}

async function runCase(t: TestContext, golden: GoldenCase): Promise<void> {
  const requests = parseRequests(readFileSync(join(golden.folder, 'requests.yaml'), 'utf8'));
  const table = await withEchoes(t, tableOf(golden));
  const proxy = await startProxy(t, { hosts: {} }, { listen: { httpsPort: anyPort } });
  // No ports of streams: they are those of the case, and may be anybody's on this machine.
  proxy.worker.apply({ ...fullPatch({ ...table, streams: new Map() }), version: 2 });
  const failures: string[] = [];
  for (const request of requests) {
    const answer = await ask(t, proxy, table, request);
    for (const difference of compare(request, answer)) failures.push(`${request.ask}: ${difference}`);
  }
  assert.deepEqual(failures, []);
  assert.equal(proxy.worker.core.counters.bugs, 0);
  await compareLog(proxy, requests);
}

/** The log has one line a request, and names the route that the case names. */
async function compareLog(proxy: TestProxy, requests: readonly GoldenRequest[]): Promise<void> {
  const lines = await proxy.log();
  assert.equal(lines.length, requests.length);
  for (const [index, { want, ask: asked }] of requests.entries()) {
    if (want.route !== undefined) assert.equal(lines[index]?.['route'], want.route, asked);
  }
}

describe('golden cases through the live proxy', () => {
  const cases = listCases();
  test('are there', () => assert.ok(cases.length > 50));
  for (const golden of cases) test(golden.name, (t) => runCase(t, golden));
});
