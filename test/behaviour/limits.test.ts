// Every limit of the data plane at its edge (section 17 of the hardening rules, L1 to L11): what is just inside is served, what is just
// outside is answered with its status, and its named reason is in the access log and in a metric.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { ProxySettings } from '../../src/model/index.ts';
import { renderExposition } from '../../src/observe/exposition.ts';
import {
  type DeepPartial,
  okResponse,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
} from './harness.ts';
import type { TestProxy } from './harness.ts';
import { turnUntil } from './probe.ts';

async function start(t: TestContext, change: DeepPartial<ProxySettings> = {}): Promise<TestProxy> {
  const port = await startAnswering(t, () => okResponse('ok'));
  const policies = { 'body-size': { maxBodyBytes: 10 } };
  return await startProxy(
    t,
    {
      hosts: { 'a.test': [{ path: '/small', upstream: 'web', policies }, { upstream: 'web' }] },
      upstreams: { web: [port] },
    },
    change,
  );
}

const fill = (count: number): string => 'x'.repeat(count);
const head = (fields: string, line = 'GET / HTTP/1.1'): string => `${line}\r\nHost: a.test\r\n${fields}\r\n`;
const chunked = (body: string, path = '/'): string =>
  `POST ${path} HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
/** Field lines of `count` times `bytes` with their CRLFs, behind `Host: a.test`. */
const lines = (count: number, bytes: number): string => `X: ${fill(bytes - 5)}\r\n`.repeat(count);

const refused: readonly (readonly [status: number, reason: string, input: string])[] = [
  [501, 'method-too-long', head('', `${fill(33)} / HTTP/1.1`)],
  [414, 'request-line-too-long', head('', `GET /${fill(8_390)} HTTP/1.1`)],
  [431, 'field-line-too-long', head(`X: ${fill(8_190)}\r\n`)],
  [431, 'field-line-too-long', `GET / HTTP/1.1\r\nX: ${fill(8_200)}`],
  [431, 'fields-too-large', head(lines(5, 7_000))],
  [431, 'too-many-fields', head('X: y\r\n'.repeat(100))],
  [431, 'field-name-too-long', head(`${fill(257)}: y\r\n`)],
  [400, 'chunk-line-too-long', chunked(`1;${fill(1_023)}\r\na\r\n0\r\n\r\n`)],
  [413, 'chunk-overhead', chunked(`1;${fill(1_000)}\r\na\r\n`.repeat(17))],
  [413, 'chunk-size-too-large', chunked('100000000\r\n')],
  [400, 'chunk-size', chunked('x\r\n')],
  [400, 'chunk-extension', chunked('1;=\r\n')],
  [400, 'chunk-line-end', chunked('1\r\nabc')],
  [431, 'trailers-too-large', chunked(`0\r\n${lines(2, 5_000)}\r\n`)],
  [431, 'trailers-too-large', chunked(`0\r\n${'X: y\r\n'.repeat(33)}\r\n`)],
  [400, 'trailer-syntax', chunked('0\r\nX y\r\n\r\n')],
  [413, 'content-length-too-large', head('Content-Length: 99999999999999999999\r\n')],
  [413, 'body-too-large', head('Content-Length: 11\r\n', 'POST /small HTTP/1.1')],
  [413, 'body-too-large', chunked('b\r\nhello world\r\n', '/small')],
  [413, 'body-too-large', head('Content-Length: 1048577\r\n', 'POST / HTTP/1.1')],
];

describe('over the limit', () => {
  for (const [index, [status, reason, input]] of refused.entries()) {
    test(`${status} ${reason} ${index}`, { timeout: 10_000 }, async (t) => {
      const proxy = await start(t);
      const client = await RawClient.open(t, proxy.port);
      client.send(input);
      const text = await client.untilClosed();
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\nConnection: close\\r\\n`));
      const [line] = await proxy.log();
      assert.deepEqual([line?.['status'], line?.['reason']], [status, reason]);
      const metrics = renderExposition(proxy.worker.collect());
      assert.match(
        metrics,
        new RegExp(`^sallyport_refusals_total\\{[^}]*reason="${reason}"[^}]*\\} 1$`, 'm'),
      );
    });
  }
});

const served: readonly (readonly [name: string, input: string])[] = [
  ['a method of 32 bytes', head('', `${fill(32)} / HTTP/1.1`)],
  ['a target of 8,000 bytes', head('', `GET /${fill(7_999)} HTTP/1.1`)],
  ['a field line of 8 KiB', head(`X: ${fill(8_189)}\r\n`)],
  ['fields of 32 KiB', head(lines(4, 8_000))],
  ['100 fields', head('X: y\r\n'.repeat(99))],
  ['a name of 256 bytes', head(`${fill(256)}: y\r\n`)],
];

describe('at the limit', () => {
  for (const [name, input] of served) {
    test(name, { timeout: 10_000 }, async (t) => {
      const proxy = await start(t);
      const client = await RawClient.open(t, proxy.port);
      client.send(input);
      assert.match(await client.responses(1), /^HTTP\/1\.1 200 OK/);
    });
  }
});

test('the last request that a connection may carry is answered with close', async (t) => {
  const proxy = await start(t, { limits: { maxRequestsPerConnection: 3 } });
  const client = await RawClient.open(t, proxy.port);
  client.send(head('').repeat(5));
  const text = await client.untilClosed();
  assert.deepEqual(
    text
      .split('HTTP/1.1 200')
      .slice(1)
      .map((answer) => answer.includes('Connection: close')),
    [false, false, true],
  );
});

test('connections over the cap are closed at once, and a place that becomes free is given away again', async (t) => {
  const proxy = await start(t, { limits: { maxConnectionsPerWorker: 2 } });
  const first = await RawClient.open(t, proxy.port);
  const second = await RawClient.open(t, proxy.port);
  second.send(head(''));
  await second.responses(1);
  const third = await RawClient.open(t, proxy.port);
  assert.equal(await third.untilClosed(), '');
  first.socket.destroy();
  await turnUntil(() => proxy.worker.core.counters.active === 1, 'a free place');
  const fourth = await RawClient.open(t, proxy.port);
  fourth.send(head(''));
  await fourth.responses(1);
});

test('an idle connection ends with its keep-alive time, not before', async (t) => {
  const proxy = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(head(''));
  await client.responses(1);
  const { deadlines, counters } = proxy.worker.core;
  deadlines.sweep(performance.now() + 74_000);
  assert.equal(counters.active, 1);
  deadlines.sweep(performance.now() + 76_000);
  assert.equal(counters.active, 0);
});

test('a head has its time in total: bytes that drip do not extend it', async (t) => {
  const proxy = await start(t);
  const client = await RawClient.open(t, proxy.port);
  const { deadlines } = proxy.worker.core;
  for (let index = 0; index < 8; index += 1) {
    client.send('GET / HT'.charAt(index));
    const other = await RawClient.open(t, proxy.port);
    other.send(head(''));
    await other.responses(1);
    other.socket.destroy();
    deadlines.sweep(performance.now() + index * 7_000);
  }
  deadlines.sweep(performance.now() + 61_000);
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 408 /);
});

test('a body that trickles is cut off after half a minute, a slow but steady one is not', async (t) => {
  const bodies: RawClient[] = [];
  const port = await startUpstream(t, (upstream) => bodies.push(upstream));
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const { deadlines } = proxy.worker.core;
  for (const [bytes, reason] of [
    [100, 'body-timeout'],
    [8_000, ''],
  ] as const) {
    const client = await RawClient.open(t, proxy.port);
    client.send(head('Content-Length: 50000\r\n', 'POST / HTTP/1.1'));
    client.send(fill(bytes));
    const index = bodies.length;
    await turnUntil(() => bodies.length > index, 'a connection');
    await bodies[index]?.until((text) => text.endsWith(fill(bytes)));
    deadlines.sweep(deadlines.nowMs + 31_000);
    if (reason === '') assert.equal(client.isClosed, false);
    else assert.match(await client.untilClosed(), /^HTTP\/1\.1 408 /);
  }
});

test('a pool keeps no more idle connections than it may, for no longer and no older than it may', async (t) => {
  const asked: RawClient[] = [];
  const port = await startUpstream(t, (upstream) => asked.push(upstream));
  const proxy = await startProxy(
    t,
    { hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web: [port] } },
    { pool: { maxIdlePerWorker: 2, maxRequestsPerConnection: 2, idleMs: 60_000 } },
  );
  const clients = await Promise.all(Array.from({ length: 5 }, () => RawClient.open(t, proxy.port)));
  const { pool, deadlines } = proxy.worker.core;
  for (const client of clients) client.send(head(''));
  await turnUntil(() => asked.length === 5, 'five connections');
  await Promise.all(asked.map((upstream) => upstream.until((text) => text.includes('\r\n\r\n'))));
  for (const upstream of asked) upstream.send(okResponse('ok'));
  await Promise.all(clients.map((client) => client.responses(1)));
  // Twice as many for a moment, in which the next burst may come.
  assert.deepEqual([pool.counters.upstreamIdle, pool.counters.upstreamConnections], [4, 4]);
  deadlines.sweep(performance.now() + 1_000);
  assert.deepEqual([pool.counters.upstreamIdle, pool.counters.upstreamConnections], [2, 2]);
  await turnUntil(() => asked.filter(({ isClosed }) => isClosed).length === 3, 'the end of the others');
  const open = asked.filter(({ isClosed }) => !isClosed);
  clients[0]?.send(head(''));
  await turnUntil(() => pool.counters.upstreamIdle === 1, 'a connection in use');
  await turnUntil(() => open.some(({ received }) => received.split('GET').length > 2), 'a second request');
  for (const upstream of open) if (upstream.received.split('GET').length > 2) upstream.send(okResponse('ok'));
  await clients[0]?.responses(2);
  assert.deepEqual([pool.counters.upstreamIdle, pool.counters.upstreamConnections], [1, 1]);
  deadlines.sweep(performance.now() + 59_000);
  assert.equal(pool.counters.upstreamIdle, 1);
  deadlines.sweep(performance.now() + 61_000);
  assert.deepEqual([pool.counters.upstreamIdle, pool.counters.upstreamConnections], [0, 0]);
});

test('an idle connection is left a second before its peer said that it would close it', async (t) => {
  const port = await startAnswering(t, () => okResponse('ok', 'Keep-Alive: timeout=5\r\n'));
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(head(''));
  await client.responses(1);
  const { pool, deadlines } = proxy.worker.core;
  deadlines.sweep(performance.now() + 3_500);
  assert.equal(pool.counters.upstreamIdle, 1);
  deadlines.sweep(performance.now() + 4_500);
  assert.equal(pool.counters.upstreamIdle, 0);
});
