// How tunnels end: what one side sent before it closed reaches the other, however slowly that one reads; and no tunnel outlives its deadline.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RawClient, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { type ProbedSockets, probeSockets, turns, turnUntil } from './probe.ts';

const upgrade =
  'GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n';
const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const piece = Buffer.alloc(16_384, 'p');

interface OpenTunnel {
  readonly proxy: TestProxy;
  readonly client: RawClient;
  readonly upstream: RawClient;
  /** The proxy's own. */
  readonly sockets: ProbedSockets;
}

async function openTunnel(t: TestContext): Promise<OpenTunnel> {
  const opened = Promise.withResolvers<RawClient>();
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => {
          upstream.send(switched);
          opened.resolve(upstream);
        },
        () => {},
      );
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const sockets = probeSockets(t, proxy, [port]);
  const client = await RawClient.open(t, proxy.port);
  client.send(upgrade);
  await client.until((text) => text.includes('\r\n\r\n'));
  return { proxy, client, upstream: await opened.promise, sockets };
}

/** Sends pieces until the proxy holds some that the other side does not take; returns the bytes sent. */
async function sendUntilHeld(from: RawClient, isHeld: () => boolean): Promise<number> {
  let sent = 0;
  while (!isHeld()) {
    from.send(piece);
    sent += piece.length;
    await turns(4);
    assert.ok(sent < 64_000_000, 'nothing was ever held');
  }
  return sent;
}

test('what the upstream sent before it closed arrives at a slow client that had half-closed', async (t) => {
  const { proxy, client, upstream, sockets } = await openTunnel(t);
  client.socket.end();
  await upstream.untilClosed();
  client.socket.pause();
  const sent = await sendUntilHeld(upstream, () => (sockets.downstream[0]?.writableLength ?? 0) > 0);
  upstream.socket.end();
  await turns(50);
  client.socket.resume();
  await client.untilClosed();
  assert.equal(client.received.length - switched.length, sent);
  await turnUntil(() => proxy.worker.core.counters.active === 0, 'a closed connection');
  assert.equal(proxy.worker.core.counters.tunnels, 0);
  assert.equal(proxy.worker.core.pool.counters.upstreamConnections, 0);
});

test('what the client sent before it closed arrives at a slow upstream that had half-closed', async (t) => {
  const { proxy, client, upstream, sockets } = await openTunnel(t);
  upstream.socket.end();
  await client.untilClosed();
  upstream.socket.pause();
  const before = upstream.received.length;
  const sent = await sendUntilHeld(client, () => (sockets.upstream[0]?.writableLength ?? 0) > 0);
  client.socket.end();
  await turns(50);
  upstream.socket.resume();
  await upstream.untilClosed();
  assert.equal(upstream.received.length - before, sent);
  await turnUntil(() => proxy.worker.core.counters.active === 0, 'a closed connection');
  assert.equal(proxy.worker.core.counters.tunnels, 0);
  await turnUntil(() => proxy.worker.core.pool.counters.upstreamConnections === 0, 'a closed upstream');
});

test('a tunnel that says nothing ends after its idle time, one that speaks does not', async (t) => {
  const { proxy, client, upstream } = await openTunnel(t);
  const { deadlines } = proxy.worker.core;
  deadlines.sweep(performance.now() + 3_000_000);
  upstream.send('a');
  await client.until((text) => text.endsWith('a'));
  deadlines.sweep(performance.now() + 6_000_000);
  client.send('b');
  await upstream.until((text) => text.endsWith('b'));
  deadlines.sweep(performance.now() + 12_000_000);
  await client.untilClosed();
  await upstream.untilClosed();
  assert.equal(proxy.worker.core.counters.tunnels, 0);
  assert.equal((await proxy.log()).length, 1);
});

test('a side that reads nothing for its idle time does not hold a tunnel that has ended', async (t) => {
  const { proxy, client, upstream, sockets } = await openTunnel(t);
  client.socket.end();
  await upstream.untilClosed();
  client.socket.pause();
  await sendUntilHeld(upstream, () => (sockets.downstream[0]?.writableLength ?? 0) > 0);
  upstream.socket.end();
  await turns(50);
  proxy.worker.core.deadlines.sweep(performance.now() + 61_000);
  assert.equal(proxy.worker.core.counters.active, 0);
});

test('a reset of one side ends the other', async (t) => {
  const first = await openTunnel(t);
  first.upstream.socket.resetAndDestroy();
  await first.client.untilClosed();
  const second = await openTunnel(t);
  second.client.socket.resetAndDestroy();
  await second.upstream.untilClosed();
  assert.equal(second.proxy.worker.core.counters.tunnels, 0);
});

test('both directions are held back by the side that does not read', async (t) => {
  const { client, upstream, sockets } = await openTunnel(t);
  client.socket.pause();
  upstream.socket.pause();
  for (const [from, read, held] of [
    [upstream, sockets.upstream[0], sockets.downstream[0]],
    [client, sockets.downstream[0], sockets.upstream[0]],
  ] as const) {
    for (let count = 0; count < 2_000; count += 1) from.send(piece);
    await turnUntil(() => read?.isPaused() === true, 'a paused socket');
    assert.ok((held?.writableLength ?? 0) <= 4 * 65_536, `${held?.writableLength} bytes held`);
  }
});
