// WebSocket over HTTP/2: what a client sends behind its extended CONNECT and before the answer, and clients that leave then. Nothing is
// left of them: no connection to the upstream, no tunnel, no place of a limit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientLimits } from '../../../src/features/index.ts';
import { type RawClient, type TestProxy } from '../harness.ts';
import { turnUntil } from '../probe.ts';
import { upstreamId } from '../table.ts';
import { type Frame, FrameClient, frameTypes, getFields } from './frame-client.ts';
import { codes, type Setup, start } from './setup.ts';
import { connectFields, readHead, switching } from './websocket-peers.ts';

const streams = [1, 3, 5, 7, 9];
/** One more than the client may have at once. */
const behindLimit = 11;

const clientLimits: ClientLimits = {
  perSecond: 0,
  perMinute: 0,
  atOnce: streams.length,
  burstMultiplier: 5,
  exempt: [],
};

/** Extended CONNECTs with bytes behind them, as the upstream has them. */
async function openEarly({ client, upstream }: Setup): Promise<readonly RawClient[]> {
  for (const stream of streams) {
    client.headers(stream, connectFields, false);
    client.data(stream, 'early');
  }
  const connections = await Promise.all(streams.map((_, index) => upstream(index)));
  await Promise.all(connections.map(readHead));
  await client.settle();
  client.headers(behindLimit, getFields());
  assert.equal(await client.untilStatus(behindLimit), 503);
  return connections;
}

function activeOf({ worker }: TestProxy): number {
  return worker.core.pool.lookupSet(upstreamId('web'))?.active ?? -1;
}

/** Whatever came before: all is given back, and another client gets what the limit allows. */
async function assertNothingIsLeft(
  t: Parameters<typeof start>[0],
  { proxy, upstream }: Setup,
  connections: readonly RawClient[],
): Promise<void> {
  await turnUntil(() => connections.every(({ isClosed }) => isClosed), 'the end of the upstream connections');
  assert.equal(proxy.worker.core.counters.tunnels, 0);
  assert.equal(activeOf(proxy), 0);
  assert.equal((await proxy.log()).length, connections.length + 1);
  const next = await FrameClient.open(t, proxy.port);
  next.headers(1, getFields());
  const connection = await upstream(connections.length);
  connection.send('HTTP/1.1 204 No Content\r\n\r\n');
  assert.equal(await next.untilStatus(1), 204);
}

test('what a client sends before the 101 reaches the upstream behind it, in order', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, connectFields, false);
  client.data(1, 'one ');
  client.data(1, 'two ');
  const connection = await upstream(0);
  const request = await readHead(connection);
  client.data(1, 'three ');
  await client.settle();
  assert.equal(connection.received, request);
  connection.send(switching(request));
  assert.equal(await client.untilStatus(1), 200);
  client.data(1, 'four');
  await connection.until((text) => text === `${request}one two three four`);
  connection.send('from the server');
  await turnUntil(() => client.body(1) === 'from the server', 'the bytes of the server');
});

test('a client that has said its last before the 101 is heard to the end', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, connectFields, false);
  client.data(1, 'all', true);
  const connection = await upstream(0);
  const request = await readHead(connection);
  await client.settle();
  connection.send(`${switching(request)}answer`);
  assert.ok((await connection.untilClosed()).endsWith('\r\n\r\nall'));
  connection.socket.end();
  await client.untilEnd(1);
  assert.equal(client.body(1), 'answer');
  await turnUntil(() => proxy.worker.core.counters.tunnels === 0, 'the end of the tunnel');
});

test('a window full of early bytes is all that is taken of a client before the 101', async (t) => {
  const { client, upstream } = await start(t, { http2: { streamWindowBytes: 65_536 } });
  client.headers(1, connectFields, false);
  const connection = await upstream(0);
  const request = await readHead(connection);
  for (let i = 0; i < 4; i += 1) client.data(1, Buffer.alloc(16_384, 'x'));
  await client.settle();
  const isWindow = ({ type, stream }: Frame): boolean => type === frameTypes.windowUpdate && stream === 1;
  assert.equal(client.frames.filter(isWindow).length, 0);
  connection.send(switching(request));
  await client.until(isWindow);
  await connection.until((text) => text.length === request.length + 65_536);
});

test('a refusal is heard by a client that has sent early', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, connectFields, false);
  client.data(1, 'early');
  (await upstream(0)).send('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
  assert.equal(await client.untilStatus(1), 403);
  await client.untilEnd(1);
  assert.equal(activeOf(proxy), 0);
});

test('a client that leaves before the 101 leaves nothing', async (t) => {
  const setup = await start(t, {}, [], { limits: clientLimits });
  const connections = await openEarly(setup);
  setup.client.socket.destroy();
  await assertNothingIsLeft(t, setup, connections);
});

test('a client that leaves behind the 101 leaves nothing', async (t) => {
  const setup = await start(t, {}, [], { limits: clientLimits });
  const connections = await openEarly(setup);
  for (const connection of connections) connection.send(switching(connection.received));
  await turnUntil(() => connections.every(({ received }) => received.endsWith('early')), 'early bytes');
  assert.equal(setup.proxy.worker.core.counters.tunnels, streams.length);
  setup.client.socket.destroy();
  await assertNothingIsLeft(t, setup, connections);
});

for (const [name, code] of [
  ['cancels', codes.cancel],
  ['ends without an error', codes.none],
] as const) {
  test(`a client that ${name} its streams before the 101 leaves nothing, and they count as resets`, async (t) => {
    const setup = await start(t, { http2: { maxResets: streams.length - 1 } }, [], { limits: clientLimits });
    const connections = await openEarly(setup);
    for (const stream of streams) setup.client.reset(stream, code);
    assert.equal((await setup.client.untilGoaway()).code, codes.calm);
    await assertNothingIsLeft(t, setup, connections);
  });
}
