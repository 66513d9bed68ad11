// The bound on requests at an endpoint and the queue behind it: order, length, time, and clients that leave.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { defaultUpstreamSettings, type UpstreamSettings } from '../../../src/model/index.ts';
import { okResponse, passTime, RawClient, startProxy, startUpstream, type TestProxy } from '../harness.ts';
import { makePatch, makeUpstream } from '../table.ts';
import { get } from './numbered.ts';

interface Held {
  readonly path: string;
  answer(): void;
}

/** An endpoint that answers when it is told to. */
async function startHolding(t: TestContext): Promise<{ port: number; next: () => Promise<Held> }> {
  const arrived: Held[] = [];
  let wake = (): void => {};
  const port = await startUpstream(t, (client) => {
    let consumed = 0;
    const serve = async (): Promise<void> => {
      for (;;) {
        const text = await client.until((received) => received.indexOf('\r\n\r\n', consumed) >= 0);
        const [, path = ''] = /^GET (\S+)/.exec(text.slice(consumed)) ?? [];
        consumed = text.indexOf('\r\n\r\n', consumed) + 4;
        arrived.push({ path, answer: () => client.send(okResponse(path)) });
        wake();
      }
    };
    serve().catch(() => {});
  });
  const next = async (): Promise<Held> => {
    for (;;) {
      const first = arrived.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { port, next };
}

async function startBounded(
  t: TestContext,
  ports: readonly number[],
  part: Partial<UpstreamSettings>,
): Promise<TestProxy> {
  const proxy = await startProxy(t, { hosts: {} });
  const settings = { ...defaultUpstreamSettings, ...part };
  const patch = makePatch({ hosts: { 'a.test': [{ upstream: 'web' }] } }, 2);
  proxy.worker.apply({
    ...patch,
    upstreams: { set: [{ ...makeUpstream('web', ports), settings }], removed: [] },
  });
  return proxy;
}

function setOf(proxy: TestProxy) {
  const set = proxy.worker.core.pool.lookupSet('test/web:80');
  assert.ok(set);
  return set;
}

async function send(t: TestContext, proxy: TestProxy, path: string): Promise<RawClient> {
  const client = await RawClient.open(t, proxy.port);
  client.send(get(path));
  return client;
}

/** A client whose request waits in the queue. */
async function sendToQueue(t: TestContext, proxy: TestProxy, path: string): Promise<RawClient> {
  const { queue } = setOf(proxy);
  const before = queue.size;
  const client = await send(t, proxy, path);
  while (queue.size === before) await new Promise((resolve) => setImmediate(resolve));
  return client;
}

test('requests above the bound wait in order, and take over the connection', async (t) => {
  const { port, next } = await startHolding(t);
  const proxy = await startBounded(t, [port], { maxActive: 1 });
  const first = await send(t, proxy, '/1');
  const held = await next();
  const second = await sendToQueue(t, proxy, '/2');
  const third = await sendToQueue(t, proxy, '/3');
  assert.equal(setOf(proxy).active, 1);
  held.answer();
  assert.match(await first.responses(1), /\/1$/);
  for (const [client, path] of [
    [second, '/2'],
    [third, '/3'],
  ] as const) {
    const turn = await next();
    assert.equal(turn.path, path);
    turn.answer();
    assert.match(await client.responses(1), /200 OK/);
  }
  assert.equal(setOf(proxy).active, 0);
  assert.equal(proxy.worker.core.pool.counters.upstreamConnects, 1);
});

test('an endpoint with room is taken before anybody waits, a newcomer at once', async (t) => {
  const [one, two, three] = [await startHolding(t), await startHolding(t), await startHolding(t)];
  const proxy = await startBounded(t, [one.port, two.port], { maxActive: 1 });
  await send(t, proxy, '/1');
  await send(t, proxy, '/2');
  await Promise.all([one.next(), two.next()]);
  await sendToQueue(t, proxy, '/3');
  const ports = [one.port, two.port, three.port];
  setOf(proxy).setEndpoints(ports.map((port) => ({ address: '127.0.0.1', port, ready: true })));
  assert.equal((await three.next()).path, '/3');
  assert.equal(setOf(proxy).queue.size, 0);
});

test('a full queue, and a time that is over, is 503 at once', async (t) => {
  const { port, next } = await startHolding(t);
  const proxy = await startBounded(t, [port], { maxActive: 1, maxWaiting: 1, maxWaitMs: 5_000 });
  await send(t, proxy, '/1');
  await next();
  const waiting = await sendToQueue(t, proxy, '/2');
  const refused = await send(t, proxy, '/3');
  assert.match(await refused.responses(1), /^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n/);
  passTime(proxy, 5_500);
  assert.match(await waiting.responses(1), /^HTTP\/1\.1 503 /);
  assert.equal(setOf(proxy).queue.size, 0);
  assert.deepEqual(
    (await proxy.log()).map((line) => line['reason']),
    ['overload', 'overload'],
  );
});

test('a client that leaves gives up its place', async (t) => {
  const { port, next } = await startHolding(t);
  const proxy = await startBounded(t, [port], { maxActive: 1 });
  await send(t, proxy, '/1');
  const held = await next();
  const leaver = await sendToQueue(t, proxy, '/2');
  const patient = await sendToQueue(t, proxy, '/3');
  leaver.socket.destroy();
  const { queue } = setOf(proxy);
  while (queue.size === 2) await new Promise((resolve) => setImmediate(resolve));
  held.answer();
  const turn = await next();
  assert.equal(turn.path, '/3');
  turn.answer();
  assert.match(await patient.responses(1), /\/3$/);
});

test('a body that comes while its request waits is not lost', async (t) => {
  const { port, next } = await startHolding(t);
  const proxy = await startBounded(t, [port], { maxActive: 1 });
  await send(t, proxy, '/1');
  const held = await next();
  const bodies = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.endsWith('hello'))
      .then(
        () => upstream.send(okResponse('got it')),
        () => {},
      );
  });
  const client = await RawClient.open(t, proxy.port);
  client.send('PUT /2 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhe');
  const { queue } = setOf(proxy);
  while (queue.size === 0) await new Promise((resolve) => setImmediate(resolve));
  client.send('llo');
  setOf(proxy).setEndpoints([{ address: '127.0.0.1', port: bodies, ready: true }]);
  assert.match(await client.responses(1), /got it$/);
  held.answer();
});
