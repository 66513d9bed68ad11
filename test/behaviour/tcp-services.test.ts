// TCP services: ports that the table opens and closes live, connections that outlive both, endpoints in turn, PROXY headers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { StreamId, TablePatch } from '../../src/model/index.ts';
import { renderProxyV1 } from '../../src/wire/proxy-protocol/index.ts';
import { getRequest, passTime, RawClient, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { turnUntil } from './probe.ts';
import { makePatch, makeUpstream, type TableSpec } from './table.ts';

/** A server that says its name, then returns what it gets. */
async function startNamed(t: TestContext, name: string): Promise<number> {
  return await startUpstream(t, (client) => {
    client.send(name);
    client.socket.on('data', (chunk: Buffer) => client.send(chunk));
    client.socket.on('end', () => client.socket.end());
  });
}

async function start(
  t: TestContext,
  ports: readonly number[],
  streams: TableSpec['streams'] = { 'tcp/1': { upstream: 'db' } },
): Promise<TestProxy> {
  return await startProxy(
    t,
    { hosts: { 'a.test': [{ status: 204 }] }, upstreams: { db: ports }, streams },
    { forwarded: { trust: false, trustedCidrs: ['127.0.0.0/8'], appendFor: false } },
  );
}

async function open(t: TestContext, proxy: TestProxy, id: StreamId = 'tcp/1'): Promise<RawClient> {
  const port = proxy.worker.streamListeners.portOf(id);
  assert.notEqual(port, 0, `${id} is not open`);
  return await RawClient.open(t, port);
}

/** A connection that is closed before it hears a word; the reset may come before the client knows that it was accepted. */
async function openToClose(t: TestContext, proxy: TestProxy): Promise<void> {
  const socket = connect({ port: proxy.worker.streamListeners.portOf('tcp/1'), host: '127.0.0.1' });
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.on('data', () => assert.fail('nobody speaks'));
  await new Promise((resolve) => socket.once('close', resolve));
}

/** A patch that names streams, and nothing else but upstreams. */
function patchOf(
  version: number,
  streams: NonNullable<TableSpec['streams']>,
  change: { readonly removed?: readonly StreamId[]; readonly upstreams?: TableSpec['upstreams'] } = {},
): TablePatch {
  const patch = makePatch({ hosts: {}, streams, upstreams: change.upstreams ?? {} }, version);
  return { ...patch, streams: { set: patch.streams?.set ?? [], removed: change.removed ?? [] } };
}

const counted = (proxy: TestProxy): Record<string, number> =>
  Object.fromEntries(proxy.worker.streams.countersOf('tcp/1').failures);

test('connections go to the endpoints in turn, and bytes both ways', async (t) => {
  const proxy = await start(t, [await startNamed(t, 'A'), await startNamed(t, 'B')]);
  const names: string[] = [];
  for (let count = 0; count < 4; count += 1) {
    const client = await open(t, proxy);
    names.push(await client.until((received) => received !== ''));
    client.send('ping');
    await client.until((received) => received.endsWith('ping'));
    client.socket.end();
    await client.untilClosed();
  }
  assert.deepEqual(names.sort(), ['A', 'A', 'B', 'B']);
  await turnUntil(() => proxy.worker.streams.size === 0, 'all ended');
  const { accepted, active, receivedBytes, sentBytes } = proxy.worker.streams.countersOf('tcp/1');
  assert.deepEqual(
    { accepted, active, receivedBytes, sentBytes },
    { accepted: 4, active: 0, receivedBytes: 16, sentBytes: 20 },
  );
});

test('ports open and close with the table, and connections go on to their end', async (t) => {
  const proxy = await start(t, [await startNamed(t, 'A')]);
  const { streamListeners } = proxy.worker;
  const old = await open(t, proxy);
  await old.until((received) => received === 'A');
  const port = streamListeners.portOf('tcp/1');
  proxy.worker.apply(patchOf(2, { 'tcp/2': { upstream: 'db' } }, { removed: ['tcp/1'] }));
  await streamListeners.settled();
  assert.equal(streamListeners.portOf('tcp/1'), 0);
  await assert.rejects(RawClient.open(t, port), { code: 'ECONNREFUSED' });
  const fresh = await open(t, proxy, 'tcp/2');
  await fresh.until((received) => received === 'A');
  old.send('still');
  await old.until((received) => received === 'Astill');
});

test('a port whose route changes stays open; connections from then on go by the new one', async (t) => {
  const proxy = await start(t, [await startNamed(t, 'A')]);
  const old = await open(t, proxy);
  await old.until((received) => received === 'A');
  const port = proxy.worker.streamListeners.portOf('tcp/1');
  const other = await startNamed(t, 'B');
  proxy.worker.apply({
    ...patchOf(2, { 'tcp/1': { upstream: 'other' } }, { upstreams: { other: [other] } }),
    upstreams: { set: [makeUpstream('other', [other])], removed: ['test/db:80'] },
  });
  assert.equal(proxy.worker.streamListeners.portOf('tcp/1'), port);
  const fresh = await open(t, proxy);
  assert.equal(await fresh.until((received) => received !== ''), 'B');
  old.send('x');
  assert.equal(await old.until((received) => received.length === 2), 'Ax');
});

test('after any sequence of changes the open ports are those of the table', async (t) => {
  const proxy = await start(t, [await startNamed(t, 'A')], {});
  const { streamListeners } = proxy.worker;
  const ids: readonly StreamId[] = ['tcp/1', 'tcp/2', 'tcp/3'];
  // Each bit: whether the stream is in the table; some steps come while ports are still being opened.
  const states = [1, 3, 0, 7, 2, 5, 5, 0, 4, 6, 1, 7];
  for (const [index, state] of states.entries()) {
    const wanted = ids.filter((_, bit) => (state & (1 << bit)) !== 0);
    const removed = ids.filter((id) => !wanted.includes(id) && proxy.worker.core.table.table.streams.has(id));
    const set = Object.fromEntries(wanted.map((id) => [id, { upstream: 'db' }]));
    proxy.worker.apply(patchOf(index + 2, set, { removed }));
    if (index % 3 === 0) continue;
    await streamListeners.settled();
    for (const id of ids)
      assert.equal(streamListeners.portOf(id) !== 0, wanted.includes(id), `${index} ${id}`);
    for (const id of wanted) await (await open(t, proxy, id)).until((received) => received === 'A');
  }
});

test('an endpoint that refuses is followed by another; with none left the connection is closed', async (t) => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const dead = (closed.address() as AddressInfo).port;
  closed.close();
  await once(closed, 'close');
  const proxy = await start(t, [dead, await startNamed(t, 'A')]);
  for (let count = 0; count < 3; count += 1) {
    const client = await open(t, proxy);
    assert.equal(await client.until((received) => received !== ''), 'A');
  }
  assert.deepEqual(counted(proxy), {});
  proxy.worker.apply(patchOf(2, { 'tcp/1': { upstream: 'db' } }, { upstreams: { db: [dead] } }));
  await openToClose(t, proxy);
  proxy.worker.apply(patchOf(3, { 'tcp/1': { upstream: 'db' } }, { upstreams: { db: [] } }));
  await openToClose(t, proxy);
  assert.deepEqual(counted(proxy), { 'connect-failed': 1, 'no-endpoint': 1 });
});

test('a connection waits for the first resolution of an external name', async (t) => {
  const port = await startNamed(t, 'A');
  const proxy = await start(t, []);
  proxy.worker.apply(
    patchOf(
      2,
      { 'tcp/1': { upstream: 'outside' } },
      { upstreams: { outside: { kind: 'dns', name: 'localhost', port } } },
    ),
  );
  const client = await open(t, proxy);
  assert.equal(await client.until((received) => received !== ''), 'A');
});

test('PROXY headers are wanted, believed and passed on as the entry says', async (t) => {
  const source = { address: '192.0.2.7', port: 50_000 };
  const destination = { address: '198.51.100.1', port: 5_432 };
  const seen: RawClient[] = [];
  const proxy = await start(t, [await startUpstream(t, (each) => seen.push(each))], {
    'tcp/1': { upstream: 'db', wantsProxyHeader: true, proxyProtocol: 'v1' },
  });
  const header = renderProxyV1(source, destination);
  const client = await open(t, proxy);
  client.send(`${header}hello`);
  await turnUntil(() => seen[0]?.received === `${header}hello`, 'header and bytes');
  const bare = await open(t, proxy);
  bare.send('hello');
  assert.equal(await bare.untilClosed(), '');
  assert.deepEqual([...proxy.worker.core.counters.proxyHeadersRefused], [['no-signature', 1]]);
  assert.equal(seen.length, 1);
});

test('a port that cannot be had is counted and tried again, and harms nobody', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const proxy = await start(t, [await startNamed(t, 'A')], {
    'tcp/1': { upstream: 'db', port },
    'tcp/2': { upstream: 'db' },
  });
  assert.equal(proxy.worker.streamListeners.portOf('tcp/1'), 0);
  assert.deepEqual(counted(proxy), { 'bind-failed': 1 });
  await (await open(t, proxy, 'tcp/2')).until((received) => received === 'A');
  const web = await RawClient.open(t, proxy.port);
  web.send(getRequest);
  await web.responses(1);
  taken.close();
  await once(taken, 'close');
  passTime(proxy, 2_000);
  await proxy.worker.streamListeners.settled();
  assert.equal(proxy.worker.streamListeners.portOf('tcp/1'), port);
  await (await open(t, proxy)).until((received) => received === 'A');
});

test('silence of the configured length ends a connection', async (t) => {
  const proxy = await start(t, [await startNamed(t, 'A')]);
  const client = await open(t, proxy);
  await client.until((received) => received === 'A');
  passTime(proxy, 610_000);
  await client.untilClosed();
  assert.deepEqual(counted(proxy), { idle: 1 });
});

test('a drain closes the ports and waits for the connections', async (t) => {
  const proxy = await start(t, [await startNamed(t, 'A')]);
  const client = await open(t, proxy);
  await client.until((received) => received === 'A');
  const port = proxy.worker.streamListeners.portOf('tcp/1');
  const drained = proxy.worker.drain(60_000);
  await turnUntil(() => proxy.worker.streamListeners.portOf('tcp/1') === 0, 'closed ports');
  await assert.rejects(RawClient.open(t, port), { code: 'ECONNREFUSED' });
  client.send('x');
  await client.until((received) => received === 'Ax');
  client.socket.end();
  await drained;
});
