// Defects of our own (rule V1): an exception anywhere in the life of a request costs that request, is counted and logged, and the
// worker serves on.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  getRequest as get,
  okResponse,
  RawClient,
  startProxy,
  startUpstream,
  type TestProxy,
} from './harness.ts';
import { turnUntil } from './probe.ts';

async function start(t: TestContext): Promise<{ proxy: TestProxy; asked: Promise<RawClient> }> {
  const asked = Promise.withResolvers<RawClient>();
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => asked.resolve(upstream),
        () => {},
      );
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ path: '/gone', status: 404 }, { upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  return { proxy, asked: asked.promise };
}

/** The next record of a request throws, as a defect in the log or the metrics would. */
function breakRecorder(proxy: TestProxy): void {
  const { recorder } = proxy.worker.core;
  recorder.record = () => {
    Reflect.deleteProperty(recorder, 'record');
    throw new Error('a defect');
  };
}

async function assertAlive(t: TestContext, proxy: TestProxy): Promise<void> {
  assert.equal(proxy.worker.core.counters.bugs, 1);
  const client = await RawClient.open(t, proxy.port);
  client.send('GET /gone HTTP/1.1\r\nHost: a.test\r\n\r\n');
  assert.match(await client.responses(1), /^HTTP\/1\.1 404 /);
  client.socket.destroy();
  await turnUntil(() => proxy.worker.core.counters.active === 0, 'no connection');
  const { upstreamConnections, upstreamIdle } = proxy.worker.core.pool.counters;
  assert.equal(upstreamConnections, upstreamIdle, 'upstream connections in use');
}

test('while a request begins: 500', async (t) => {
  const { proxy } = await start(t);
  const { requestIds } = proxy.worker.core;
  requestIds.next = () => {
    Reflect.deleteProperty(requestIds, 'next');
    throw new Error('a defect');
  };
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 500 [^]*Connection: close/);
  const [line] = await proxy.log();
  assert.equal(line?.['reason'], 'internal');
  await assertAlive(t, proxy);
});

test('while an answer is relayed', async (t) => {
  const { proxy, asked } = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  const upstream = await asked;
  breakRecorder(proxy);
  upstream.send(okResponse('x'));
  await client.untilClosed();
  client.socket.destroy();
  await assertAlive(t, proxy);
});

test('when the client leaves', async (t) => {
  const { proxy, asked } = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  await asked;
  breakRecorder(proxy);
  client.socket.resetAndDestroy();
  await turnUntil(() => proxy.worker.core.counters.active === 0, 'no connection');
  await assertAlive(t, proxy);
});

test('when the upstream breaks', async (t) => {
  const { proxy, asked } = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n');
  const upstream = await asked;
  breakRecorder(proxy);
  upstream.socket.resetAndDestroy();
  await client.untilClosed();
  client.socket.destroy();
  await assertAlive(t, proxy);
});

test('when a deadline has passed', async (t) => {
  const { proxy, asked } = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  await asked;
  breakRecorder(proxy);
  proxy.worker.core.deadlines.sweep(performance.now() + 61_000);
  await client.untilClosed();
  client.socket.destroy();
  await assertAlive(t, proxy);
});
