// The table changes while traffic runs: between two requests of a connection, never under one; and no change closes a connection.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  getRequest as get,
  okResponse,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
  type TestProxy,
} from './harness.ts';
import { turnUntil } from './probe.ts';
import { makePatch, makeUpstream, type TableSpec } from './table.ts';

function publish(proxy: TestProxy, spec: TableSpec): void {
  proxy.worker.apply(makePatch(spec, proxy.worker.core.table.table.version + 1));
}

function publishEndpoints(proxy: TestProxy, name: string, ports: readonly number[]): void {
  const patch = makePatch({ hosts: {} }, proxy.worker.core.table.table.version + 1);
  proxy.worker.apply({ ...patch, upstreams: { set: [makeUpstream(name, ports)], removed: [] } });
}

/** An upstream that answers with a name, and one that holds its answers back until it is told. */
async function startNamed(t: TestContext, name: string): Promise<number> {
  return await startAnswering(t, () => okResponse(name));
}

interface Holding {
  readonly port: number;
  readonly asked: Promise<RawClient>;
  readonly connections: RawClient[];
}

async function startHolding(t: TestContext): Promise<Holding> {
  const asked = Promise.withResolvers<RawClient>();
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (upstream) => {
    connections.push(upstream);
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => asked.resolve(upstream),
        () => {},
      );
  });
  return { port, asked: asked.promise, connections };
}

test('one keep-alive connection sees each new table with its next request', async (t) => {
  const ports = [await startNamed(t, 'one'), await startNamed(t, 'two')];
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: ports.slice(0, 1) },
  });
  const client = await RawClient.open(t, proxy.port);
  const statuses: string[] = [];
  const ask = async (): Promise<void> => {
    const before = client.received.length;
    client.send(get);
    const text = (await client.responses(statuses.length + 1)).slice(before);
    statuses.push(
      `${text.slice(9, 12)} ${text.slice(text.indexOf('\r\n\r\n') + 4, text.indexOf('\r\n\r\n') + 7)}`,
    );
  };
  await ask();
  publishEndpoints(proxy, 'web', ports.slice(1));
  await ask();
  publishEndpoints(proxy, 'web', []);
  await ask();
  publishEndpoints(proxy, 'web', ports);
  await ask();
  publish(proxy, { hosts: { 'a.test': [{ status: 410 }] } });
  await ask();
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 9), hosts: { set: [], removed: ['a.test'] } });
  await ask();
  publish(proxy, { hosts: { '*.test': [{ upstream: 'web' }] } });
  await ask();
  assert.deepEqual(
    statuses.map((status) => status.slice(0, 3)),
    ['200', '200', '503', '200', '410', '404', '200'],
  );
  assert.deepEqual(
    statuses.slice(0, 2).map((status) => status.slice(4)),
    ['one', 'two'],
  );
  assert.equal(proxy.worker.core.counters.accepted, 1);
});

test('a request in flight keeps its route and its endpoint, however the table changes', async (t) => {
  const held = await startHolding(t);
  const other = await startNamed(t, 'other');
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [held.port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(`${get}${get}`);
  const upstream = await held.asked;
  publishEndpoints(proxy, 'web', [other]);
  publish(proxy, { hosts: { 'a.test': [{ status: 410 }] } });
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 9), upstreams: { set: [], removed: ['test/web:80'] } });
  upstream.send(okResponse('held'));
  const text = await client.responses(2);
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*held[^]*HTTP\/1\.1 410 /);
  // The endpoint is gone from the table: its connection is closed and not kept.
  await upstream.untilClosed();
  assert.equal(proxy.worker.core.pool.counters.upstreamIdle, 0);
  const [line] = await proxy.log();
  assert.equal(line?.['route'], 'ingress/test/a.test/rule/0/path/0');
});

test('an endpoint that was removed gets no new request, and its idle connections close at once', async (t) => {
  let seen = 0;
  const removed = await startAnswering(t, () => {
    seen += 1;
    return okResponse('removed');
  });
  const kept = await startNamed(t, 'kept');
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [removed, kept] },
  });
  const client = await RawClient.open(t, proxy.port);
  for (let count = 1; count <= 4; count += 1) {
    client.send(get);
    await client.responses(count);
  }
  assert.equal(seen, 2);
  assert.equal(proxy.worker.core.pool.counters.upstreamIdle, 2);
  publishEndpoints(proxy, 'web', [kept]);
  assert.equal(proxy.worker.core.pool.counters.upstreamIdle, 1);
  for (let count = 5; count <= 20; count += 1) {
    client.send(get);
    await client.responses(count);
  }
  assert.equal(seen, 2);
});

test('a second attempt does not go to an endpoint that was removed meanwhile', async (t) => {
  const connections: RawClient[] = [];
  const dying = await startUpstream(t, (upstream) => {
    connections.push(upstream);
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => upstream.send(okResponse('first')),
        () => {},
      );
  });
  const kept = await startNamed(t, 'kept');
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [dying] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  await client.responses(1);
  client.send(get);
  const [first] = connections;
  await first?.until((text) => text.split('\r\n\r\n').length > 2);
  publishEndpoints(proxy, 'web', [kept]);
  first?.socket.resetAndDestroy();
  assert.match(await client.responses(2), /kept$/);
  assert.equal(connections.length, 1);
});

test('an address that moves to another Service does not take its connections along', async (t) => {
  const port = await startNamed(t, 'same');
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }], 'b.test': [{ upstream: 'api' }] },
    upstreams: { web: [port], api: [] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  await client.responses(1);
  publishEndpoints(proxy, 'web', []);
  publishEndpoints(proxy, 'api', [port]);
  assert.equal(proxy.worker.core.pool.counters.upstreamConnections, 0);
  client.send(get.replace('a.test', 'b.test'));
  assert.match(await client.responses(2), /same$/);
  assert.equal(proxy.worker.core.pool.counters.upstreamConnects, 2);
});

test('constant traffic over a hundred changes loses nothing', async (t) => {
  const ports = [await startNamed(t, 'ok'), await startNamed(t, 'ok'), await startNamed(t, 'ok')];
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: ports },
  });
  const traffic = { isOver: false };
  const run = async (): Promise<number> => {
    const client = await RawClient.open(t, proxy.port);
    let asked = 0;
    while (!traffic.isOver) {
      asked += 1;
      client.send(get);
      await client.responses(asked);
    }
    assert.equal(client.received.match(/HTTP\/1\.1 200 OK/g)?.length, asked);
    return asked;
  };
  const clients = Array.from({ length: 8 }, run);
  for (let change = 0; change < 100; change += 1) {
    if (change % 5 === 0)
      publish(proxy, { hosts: { 'a.test': [{ upstream: 'web' }], [`h${change}.test`]: [] } });
    else publishEndpoints(proxy, 'web', ports.slice(change % 3, (change % 3) + 2));
    const before = proxy.worker.core.pool.counters.upstreamReuses;
    await turnUntil(() => proxy.worker.core.pool.counters.upstreamReuses > before + 3, 'more traffic');
  }
  traffic.isOver = true;
  const asked = await Promise.all(clients);
  assert.ok(Math.min(...asked) > 10);
  assert.equal(proxy.worker.core.counters.accepted, 8);
  assert.equal(proxy.worker.core.counters.retries, 0);
});
