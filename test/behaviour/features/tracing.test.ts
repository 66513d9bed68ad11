// Traces through a worker: what endpoints, mirrors and logs are told of them.
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { once } from 'node:events';
import { test } from 'node:test';
import { okResponse, startAnswering } from '../harness.ts';
import { configMap, fieldOf, host, serve } from './annotated.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const incoming = `traceparent: 00-${traceId}-00f067aa0ba902b7-01\r\ntracestate: a=1\r\n`;
const on = { 'enable-opentelemetry': 'true' } as const;

function traceOf(head: string): { trace: string; span: string; flags: string } {
  const [, trace = '', span = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(fieldOf(head, 'traceparent') ?? '') ?? [];
  return { trace, span, flags };
}

test('without tracing the fields of a client pass as they are, good or bad', async (t) => {
  const served = await serve(t, { settings: { 'opentelemetry-trust-incoming-span': 'false' } });
  await served.ask('/', incoming);
  await served.ask('/', 'traceparent: nonsense\r\n');
  await served.ask('/');
  const [good = '', bad = '', none = ''] = served.requests;
  assert.ok(good.includes(incoming));
  assert.equal(fieldOf(bad, 'traceparent'), 'nonsense');
  assert.equal(fieldOf(none, 'traceparent'), undefined);
});

test('the endpoint gets a span of ours in the trace of the client, once', async (t) => {
  const served = await serve(t, { annotations: on });
  await served.ask('/', incoming);
  await served.ask('/', incoming);
  const [one = '', two = ''] = served.requests;
  const [first, second] = [traceOf(one), traceOf(two)];
  assert.deepEqual([first.trace, first.flags, fieldOf(one, 'tracestate')], [traceId, '01', 'a=1']);
  assert.equal(second.trace, traceId);
  assert.notEqual(first.span, second.span);
  assert.equal(one.match(/^traceparent:/gim)?.length, 1);
});

test('who is not trusted, or says nonsense, begins a trace', async (t) => {
  const distrusting = await serve(t, {
    annotations: { ...on, 'opentelemetry-trust-incoming-span': 'false' },
  });
  await distrusting.ask('/', incoming);
  const trusting = await serve(t, { annotations: on });
  await trusting.ask('/', `${incoming}${incoming}`);
  for (const head of [distrusting.requests[0] ?? '', trusting.requests[0] ?? '']) {
    assert.match(traceOf(head).trace, /^[0-9a-f]{32}$/);
    assert.notEqual(traceOf(head).trace, traceId);
    assert.equal(fieldOf(head, 'tracestate'), undefined);
  }
});

test('the ConfigMap switches it on for all, an Ingress off for itself, and decides what is recorded', async (t) => {
  const settings = { ...on, 'otel-sampler': 'AlwaysOff' };
  const off = await serve(t, { settings, annotations: { 'enable-opentelemetry': 'false' } });
  await off.ask('/');
  assert.equal(fieldOf(off.requests[0] ?? '', 'traceparent'), undefined);
  const served = await serve(t, { settings });
  assert.deepEqual(served.problems, []);
  await served.ask('/');
  await served.ask('/', incoming);
  assert.deepEqual(
    served.requests.map((head) => traceOf(head).flags),
    ['00', '01'],
  );
  const alone = await serve(t, { settings: { ...settings, 'otel-sampler-parent-based': 'false' } });
  await alone.ask('/', incoming);
  assert.deepEqual(traceOf(alone.requests[0] ?? '').flags, '00');
});

test('values that are none leave the defaults, and are told', async (t) => {
  const settings = {
    ...on,
    'otel-sampler': 'remote',
    'otel-sampler-ratio': '1.5',
    'otel-sampler-parent-based': 'maybe',
    'opentelemetry-operation-name': '$request_body',
  };
  const served = await serve(t, { settings });
  assert.deepEqual(
    new Set(served.problems.map(({ field }) => field)),
    new Set(
      Object.keys(settings)
        .slice(1)
        .map((name) => `data[${name}]`),
    ),
  );
  await served.ask('/');
  assert.equal(traceOf(served.requests[0] ?? '').flags, '01');
});

test('every attempt, a mirror and the log are told of the same span', async (t) => {
  const copies: string[] = [];
  let gotCopy = (): void => {};
  const copied = new Promise<void>((resolve) => (gotCopy = resolve));
  const port = await startAnswering(t, (request) => {
    copies.push(request);
    gotCopy();
    return okResponse('copy');
  });
  const served = await serve(t, {
    annotations: { ...on, 'mirror-target': `http://127.0.0.1:${port}` },
    settings: {
      'log-format-upstream':
        '{"trace":"$opentelemetry_trace_id","span":"$opentelemetry_span_id","line":"$opentelemetry_context_traceparent"}',
      'add-headers': 'shop/answers',
    },
    objects: [configMap('answers', { 'X-Trace-Id': '$opentelemetry_trace_id' })],
  });
  const { head } = await served.ask('/', incoming);
  assert.equal(fieldOf(head, 'X-Trace-Id'), traceId);
  const line = fieldOf(served.requests[0] ?? '', 'traceparent');
  const { span } = traceOf(served.requests[0] ?? '');
  assert.deepEqual(await served.proxy.log(), [{ trace: traceId, span, line }]);
  await copied;
  assert.equal(fieldOf(copies[0] ?? '', 'traceparent'), line);
});

test('requests by HTTP/2 have spans, too', async (t) => {
  const served = await serve(t, { annotations: on });
  const session = connectHttp2(`http://127.0.0.1:${served.proxy.port}`);
  t.after(() => session.destroy());
  const stream = session.request({
    ':authority': host,
    ':path': '/',
    traceparent: `00-${traceId}-00f067aa0ba902b7-00`,
  });
  await once(stream, 'response');
  const { trace, flags } = traceOf(served.requests[0] ?? '');
  assert.deepEqual([trace, flags], [traceId, '00']);
});
