// Spans on their way to a collector, be it good, slow, dead or rude: what it gets, and that requests never wait for it.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { renderExposition } from '../../../src/observe/exposition.ts';
import { okResponse, passTime, type RawClient, startUpstream } from '../harness.ts';
import { refusedPort } from '../balancing/numbered.ts';
import { fieldOf, serve, type Served } from './annotated.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const incoming = `traceparent: 00-${traceId}-00f067aa0ba902b7-01\r\ntracestate: a=1\r\n`;
type Outcome = 'exported' | 'failed' | 'dropped';

interface Span {
  readonly traceId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, string> }[];
  readonly [member: string]: unknown;
}

interface Traced extends Served {
  readonly calls: readonly RawClient[];
  /** Of all complete requests to the collector. */
  readonly spans: () => readonly Span[];
  readonly until: (outcome: Outcome, count: number) => Promise<void>;
  readonly count: (outcome: Outcome) => number;
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The content of a request that has come whole. */
function contentOf(text: string): string | null {
  const end = text.indexOf('\r\n\r\n') + 4;
  const content = text.slice(end);
  return end > 3 && content.length === Number(fieldOf(text, 'Content-Length')) ? content : null;
}

function spansIn(text: string): readonly Span[] {
  const content = contentOf(text);
  if (content === null) return [];
  const { resourceSpans } = JSON.parse(content) as {
    resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

interface Parts {
  /** What the collector says to the request of this number; null: nothing. */
  readonly answer?: (index: number) => string | null;
  readonly settings?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hasEndpoints?: boolean;
  readonly port?: number;
}

async function serveTraced(
  t: TestContext,
  { answer = () => okResponse('{}'), settings, annotations, hasEndpoints, port }: Parts = {},
): Promise<Traced> {
  const calls: RawClient[] = [];
  const collector = await startUpstream(t, (client) => {
    const index = calls.push(client) - 1;
    client.socket.on('data', () => {
      const text = contentOf(client.received) === null ? null : answer(index);
      if (text !== null) client.send(text);
    });
  });
  const served = await serve(t, {
    settings: {
      'enable-opentelemetry': 'true',
      'otlp-collector-host': '127.0.0.1',
      'otlp-collector-port': String(port ?? collector),
      'otel-max-export-batch-size': '1',
      ...settings,
    },
    ...(annotations !== undefined && { annotations }),
    ...(hasEndpoints !== undefined && { hasEndpoints }),
  });
  const { counters } = served.proxy.worker.core.spans;
  return {
    ...served,
    calls,
    spans: () => calls.flatMap(({ received }) => spansIn(received)),
    count: (outcome) => counters[outcome],
    async until(outcome, count) {
      while (counters[outcome] < count) await turn();
    },
  };
}

function attributesOf(span: Span | undefined): Record<string, string | undefined> {
  return Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [key, value['stringValue'] ?? value['intValue']]),
  );
}

test('a span says what the request was, what became of it, and whose it is', async (t) => {
  const served = await serveTraced(t);
  const before = Date.now();
  await served.ask('/some/path?token=secret', `${incoming}User-Agent: caf\xc3\xa9\r\nCookie: id=secret\r\n`);
  await served.until('exported', 1);
  const [call] = served.calls;
  assert.match(call?.received ?? '', /^POST \/v1\/traces HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/);
  assert.equal(fieldOf(call?.received ?? '', 'Content-Type'), 'application/json');
  assert.doesNotMatch(call?.received ?? '', /secret/);
  assert.match(call?.received ?? '', /"service\.name","value":\{"stringValue":"nginx"\}/);
  const [span] = served.spans();
  const line = fieldOf(served.requests[0] ?? '', 'traceparent') ?? '';
  assert.equal(line, `00-${traceId}-${String(span?.['spanId'])}-01`);
  assert.deepEqual(
    [span?.['parentSpanId'], span?.['traceState'], span?.name, span?.['kind'], span?.['status']],
    ['00f067aa0ba902b7', 'a=1', 'GET /', 2, {}],
  );
  const [start, end] = [span?.startTimeUnixNano, span?.endTimeUnixNano].map((text) => Number(text) / 1e6);
  assert.ok(start !== undefined && end !== undefined && start <= end && end >= before - 1);
  const { 'sallyport.request_id': id, 'sallyport.upstream_address': address, ...told } = attributesOf(span);
  assert.equal(id, fieldOf(served.requests[0] ?? '', 'X-Request-ID'));
  assert.match(address ?? '', /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(told, {
    'http.request.method': 'GET',
    'url.path': '/some/path',
    'url.scheme': 'http',
    'http.route': '/',
    'http.response.status_code': '200',
    'http.response.body.size': '2',
    'server.address': 'a.test',
    'client.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'user_agent.original': 'caf\u00e9',
    'ingress.namespace': 'shop',
    'ingress.name': 'web',
    'ingress.service_name': 'app',
    'ingress.upstream': 'shop-app-80',
    'sallyport.route': 'ingress/shop/web/rule/0/path/0',
  });
  assert.match(
    renderExposition(served.proxy.worker.collect()),
    /^sallyport_spans_total\{[^}]*outcome="exported"[^}]*\} 1$/m,
  );
});

test('errors are told with their cause, names come from Ingress or ConfigMap, methods from a list', async (t) => {
  const settings = {
    'opentelemetry-operation-name': 'HTTP $request_method $service_name',
    'otel-service-name': 'edge',
  };
  const failing = await serveTraced(t, { hasEndpoints: false, settings });
  await failing.ask('/', '', 'BREW');
  await failing.until('exported', 1);
  const [span] = failing.spans();
  assert.deepEqual([span?.name, span?.['status']], ['HTTP BREW app', { code: 2 }]);
  assert.match(failing.calls[0]?.received ?? '', /"stringValue":"edge"/);
  const told = attributesOf(span);
  assert.deepEqual(
    [told['http.request.method'], told['error.type'], told['http.response.status_code']],
    ['_OTHER', 'no-endpoint', '503'],
  );
  const named = await serveTraced(t, { settings, annotations: { 'opentelemetry-operation-name': 'shop' } });
  await named.ask('/');
  await named.until('exported', 1);
  assert.equal(named.spans()[0]?.name, 'shop');
});

test('what is not recorded is not exported, though the endpoint hears of it', async (t) => {
  const served = await serveTraced(t, { settings: { 'otel-sampler': 'AlwaysOff' } });
  await served.ask('/unseen');
  await served.ask('/seen', incoming);
  await served.until('exported', 1);
  assert.deepEqual(
    served.spans().map((span) => attributesOf(span)['url.path']),
    ['/seen'],
  );
});

test('spans are gathered until a batch is whole or the oldest has waited', async (t) => {
  const settings = { 'otel-max-export-batch-size': '3', 'otel-schedule-delay-millis': '60000' };
  const served = await serveTraced(t, { settings });
  for (const path of ['/1', '/2', '/3', '/4']) await served.ask(path);
  await served.until('exported', 3);
  assert.equal(served.calls.length, 1);
  passTime(served.proxy, 30_000);
  await turn();
  assert.equal(served.calls.length, 1);
  passTime(served.proxy, 61_000);
  await served.until('exported', 4);
  assert.equal(served.calls.length, 2);
});

test('a slow collector holds one batch; a bounded queue waits, and the rest is dropped', async (t) => {
  const served = await serveTraced(t, { answer: () => null, settings: { 'otel-max-queuesize': '2' } });
  for (let count = 0; count < 6; count += 1) assert.equal((await served.ask('/')).status, 200);
  assert.equal(served.count('dropped'), 3);
  while (served.spans().length < 1) await turn();
  assert.equal(served.calls.length, 1);
  passTime(served.proxy, 11_000);
  // Its batch comes back to a queue that is full.
  await served.until('dropped', 4);
  assert.equal(served.count('exported') + served.count('failed'), 0);
});

test('a dead collector costs no request, is asked seldom, and a batch is given up', async (t) => {
  const served = await serveTraced(t, { port: await refusedPort(), settings: { 'otel-max-queuesize': '1' } });
  for (let count = 0; count < 4; count += 1) assert.equal((await served.ask('/')).status, 200);
  let ms = 0;
  while (served.count('failed') < 1) {
    ms += 61_000;
    passTime(served.proxy, ms);
    await turn();
  }
  assert.equal(served.count('exported'), 0);
});

test('a collector that was away gets what waited, in pauses that grow', async (t) => {
  const served = await serveTraced(t, {
    answer: (index) =>
      index < 2 ? 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n' : okResponse('{}'),
  });
  await served.ask('/first');
  await served.ask('/second');
  while (served.calls.length < 1 || !Number.isFinite(served.proxy.worker.core.spans.deadlineMs)) await turn();
  passTime(served.proxy, 6_000);
  await turn();
  assert.equal(served.calls.length, 1);
  passTime(served.proxy, 12_000);
  while (served.calls.length < 2 || !Number.isFinite(served.proxy.worker.core.spans.deadlineMs)) await turn();
  passTime(served.proxy, 40_000);
  await served.until('exported', 2);
  assert.equal(served.count('dropped') + served.count('failed'), 0);
  const paths = new Set(served.spans().map((span) => attributesOf(span)['url.path']));
  assert.deepEqual([...paths], ['/first', '/second']);
});

test('a rude collector loses its batches, and nothing else happens', async (t) => {
  for (const answer of [
    'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 301 Moved\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n',
    `HTTP/1.1 413 Large\r\nContent-Length: 99999999999\r\n\r\n${'x'.repeat(100_000)}`,
  ]) {
    const served = await serveTraced(t, { answer: () => answer });
    assert.equal((await served.ask('/')).status, 200);
    await served.until('failed', 1);
    assert.equal(served.calls.length, 1);
  }
  const settings = { 'otel-schedule-delay-millis': '1' };
  for (const answer of ['nonsense\r\n\r\n', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`]) {
    const served = await serveTraced(t, { answer: () => answer, settings });
    assert.equal((await served.ask('/')).status, 200);
    for (let ms = 0; served.count('failed') < 1; ms += 61_000) {
      passTime(served.proxy, ms);
      await turn();
    }
    assert.ok(served.calls.length <= 5);
  }
});

test('a worker that ends sends what it has; without a collector nothing is kept', async (t) => {
  const served = await serveTraced(t, { settings: { 'otel-max-export-batch-size': '2' } });
  for (const path of ['/1', '/2', '/3']) await served.ask(path);
  await served.proxy.worker.drain(1_000);
  assert.equal(served.count('exported'), 3);
  const alone = await serveTraced(t, { settings: { 'otlp-collector-host': '' } });
  await alone.ask('/');
  await alone.proxy.worker.drain(1_000);
  assert.equal(alone.count('exported') + alone.count('dropped') + alone.calls.length, 0);
});

test('settings of the export that are none are told', async (t) => {
  const bad = {
    'otlp-collector-host': 'http://collector',
    'otlp-collector-port': '0',
    'otel-service-name': '',
    'otel-max-queuesize': '-1',
    'otel-schedule-delay-millis': '5s',
    'otel-max-export-batch-size': '0',
  };
  const { problems } = await serve(t, { settings: bad });
  assert.deepEqual(
    new Set(problems.map(({ field }) => field)),
    new Set(Object.keys(bad).map((name) => `data[${name}]`)),
  );
});
