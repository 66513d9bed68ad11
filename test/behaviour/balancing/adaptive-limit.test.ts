// The adaptive limit on real sockets: what waits for an answer counts and what is being answered does not, the queue, refusals, metrics.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { defaultUpstreamSettings, type UpstreamSettings } from '../../../src/model/index.ts';
import { okResponse, RawClient, startProxy, startUpstream, type TestProxy } from '../harness.ts';
import { makePatch, makeUpstream } from '../table.ts';
import { ask, get, repeat, startNumbered } from './numbered.ts';

async function startLimited(
  t: TestContext,
  ports: readonly number[],
  part: Partial<UpstreamSettings> = {},
): Promise<TestProxy> {
  const proxy = await startProxy(t, { hosts: {} });
  const adaptiveLimit = { ...defaultUpstreamSettings.adaptiveLimit, isOn: true, min: 2 };
  const settings = { ...defaultUpstreamSettings, adaptiveLimit, ...part };
  const upstream = { ...makeUpstream('web', ports), settings };
  const patch = makePatch({ hosts: { 'a.test': [{ upstream: 'web' }] } }, 2);
  proxy.worker.apply({ ...patch, upstreams: { set: [upstream], removed: [] } });
  return proxy;
}

function setOf(proxy: TestProxy) {
  const set = proxy.worker.core.pool.lookupSet('test/web:80');
  assert.ok(set);
  return set;
}

/** An endpoint whose requests are seen and answered by the test, each on a connection of its own. */
async function startHeld(
  t: TestContext,
): Promise<{ port: number; arrived: RawClient[]; seen: (count: number) => Promise<void> }> {
  const arrived: RawClient[] = [];
  let wake = (): void => {};
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => {
          arrived.push(upstream);
          wake();
        },
        () => {},
      );
  });
  const seen = async (count: number): Promise<void> => {
    while (arrived.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { port, arrived, seen };
}

async function open(t: TestContext, proxy: TestProxy, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let at = 0; at < count; at += 1) {
    const client = await RawClient.open(t, proxy.port);
    client.send(get(`/${at}`));
    clients.push(client);
  }
  return clients;
}

test('requests above the limit wait until a response begins, not until it ends', async (t) => {
  const { port, arrived, seen } = await startHeld(t);
  const proxy = await startLimited(t, [port]);
  const clients = await open(t, proxy, 3);
  await seen(2);
  const { queue, eligible } = setOf(proxy);
  while (queue.size === 0) await new Promise((resolve) => setImmediate(resolve));
  // A head and a part of a body: a stream that may go on for hours.
  arrived[0]?.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun');
  await seen(3);
  assert.equal(queue.size, 0);
  assert.equal(eligible[0]?.active, 3);
  assert.equal(eligible[0]?.meter?.waiting, 2);
  for (const upstream of arrived.slice(1)) upstream.send(okResponse('whole', 'Connection: close\r\n'));
  await Promise.all(clients.slice(1).map((client) => client.responses(1)));
  assert.equal(eligible[0]?.meter?.waiting, 0);
});

test('a queue of none refuses at once, and an endpoint with room is taken first', async (t) => {
  const { port, seen } = await startHeld(t);
  const refusing = await startLimited(t, [port], { maxWaiting: 0 });
  await open(t, refusing, 2);
  await seen(2);
  const [third] = await open(t, refusing, 1);
  assert.match((await third?.responses(1)) ?? '', /^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n/);
  assert.equal((await refusing.log())[0]?.['reason'], 'overload');

  const held = await startHeld(t);
  const [free = 0] = await startNumbered(t, 1);
  const proxy = await startLimited(t, [held.port, free], { maxWaiting: 0 });
  await open(t, proxy, 4);
  await held.seen(2);
  assert.deepEqual(await ask(t, proxy, repeat(4, get('/'))), ['u0', 'u0', 'u0', 'u0']);
});

test('a client that leaves gives up its part of the limit', async (t) => {
  const { port, seen } = await startHeld(t);
  const proxy = await startLimited(t, [port]);
  const clients = await open(t, proxy, 3);
  await seen(2);
  const { queue } = setOf(proxy);
  while (queue.size === 0) await new Promise((resolve) => setImmediate(resolve));
  clients[0]?.socket.destroy();
  await seen(3);
  assert.equal(setOf(proxy).eligible[0]?.meter?.waiting, 2);
});

test('with answers the limit grows, metrics tell it, and without the annotation there is none', async (t) => {
  const proxy = await startLimited(t, await startNumbered(t, 2));
  const limit = (): number | undefined =>
    proxy.worker
      .collect()
      .families.find(({ name }) => name === 'sallyport_adaptive_limit')
      ?.cells.find(({ labelValues }) => labelValues[0] === 'test-web-80')?.value;
  assert.equal(limit(), 4);
  await ask(t, proxy, repeat(24, get('/')));
  assert.equal(limit(), 40);
  proxy.worker.apply({
    ...makePatch({ hosts: {} }, 3),
    upstreams: { set: [makeUpstream('web', [setOf(proxy).eligible[0]?.port ?? 0])], removed: [] },
  });
  assert.equal(limit(), undefined);
  assert.equal(setOf(proxy).eligible[0]?.meter, null);
});
