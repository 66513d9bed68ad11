// WebSocket over HTTP/2 (RFC 8441; rules M8, U3): an extended CONNECT becomes the upgrade of HTTP/1.1 that it stands for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passTime } from '../harness.ts';
import { flags, frameTypes, getFields } from './frame-client.ts';
import { codes, start } from './setup.ts';
import { connectFields, readHead, switching } from './websocket-peers.ts';

test('it is announced, and carries bytes both ways until either side ends', async (t) => {
  const { client, upstream, proxy } = await start(t);
  const settings = await client.until(({ type }) => type === frameTypes.settings);
  assert.ok(
    settings.payload.includes(Buffer.from([0, 8, 0, 0, 0, 1])),
    'SETTINGS_ENABLE_CONNECT_PROTOCOL is 1',
  );
  client.headers(1, connectFields, false);
  const connection = await upstream(0);
  const request = await readHead(connection);
  assert.match(request, /^GET \/chat HTTP\/1\.1\r\nHost: a\.test\r\n/);
  assert.match(request, /\r\nConnection: upgrade\r\nUpgrade: websocket\r\n/);
  assert.match(request, /\r\nsec-websocket-protocol: talk\r\n/);
  assert.ok(!request.includes('Transfer-Encoding'));
  connection.send(switching(request));
  assert.equal(await client.untilStatus(1), 200);
  assert.equal(proxy.worker.core.counters.tunnels, 1);
  connection.send('from the server');
  await client.until(({ type, stream }) => type === frameTypes.data && stream === 1);
  assert.equal(client.body(1), 'from the server');
  client.data(1, 'from the client');
  await connection.until((text) => text.endsWith('\r\n\r\nfrom the client'));
  client.data(1, '', true);
  await connection.untilClosed();
  connection.socket.end();
  await client.untilEnd(1);
  const [line] = await proxy.log();
  assert.deepEqual([line?.['status'], line?.['server_protocol'], line?.['reason']], [200, 'HTTP/2.0', '']);
  assert.equal(proxy.worker.core.counters.tunnels, 0);
});

test('other streams go on beside it, and a reset of it ends its upstream', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, connectFields, false);
  const connection = await upstream(0);
  connection.send(switching(await readHead(connection)));
  assert.equal(await client.untilStatus(1), 200);
  client.headers(3, getFields());
  (await upstream(1)).send('HTTP/1.1 204 No Content\r\n\r\n');
  assert.equal(await client.untilStatus(3), 204);
  client.reset(1);
  await connection.untilClosed();
});

test('silence for too long ends it', async (t) => {
  const { client, upstream, proxy } = await start(t, { timeouts: { tunnelIdleMs: 10_000 } });
  client.headers(1, connectFields, false);
  const connection = await upstream(0);
  connection.send(switching(await readHead(connection)));
  assert.equal(await client.untilStatus(1), 200);
  passTime(proxy, 11_000);
  assert.equal(await client.untilReset(1), codes.internal);
  await connection.untilClosed();
});

test('a server that refuses is heard', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, connectFields, false);
  (await upstream(0)).send('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
  assert.equal(await client.untilStatus(1), 403);
  await client.untilEnd(1);
  assert.equal(client.body(1), 'no');
});

for (const [name, answer] of [
  ['accepts another key', switching('')],
  [
    'accepts nothing',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
] as const) {
  test(`U3: a server that ${name} is a fault: 502`, async (t) => {
    const { client, upstream, proxy } = await start(t);
    client.headers(1, connectFields, false);
    (await upstream(0)).send(answer);
    assert.equal(await client.untilStatus(1), 502);
    assert.equal((await proxy.log())[0]?.['reason'], 'upgrade-unexpected');
  });
}

test('M8: another protocol than WebSocket is refused, and so is one that ends with its head', async (t) => {
  const { client, upstreams } = await start(t);
  const other = connectFields.map(
    ([name, value]) => [name, name === ':protocol' ? 'connect-udp' : value] as const,
  );
  client.headers(1, other, false);
  assert.equal(await client.untilStatus(1), 501);
  client.headers(3, connectFields, true);
  const answer = await client.until(
    ({ type, stream }) => stream === 3 && (type === frameTypes.headers || type === frameTypes.reset),
  );
  assert.ok(answer.type === frameTypes.reset || (answer.flags & flags.endHeaders) !== 0);
  assert.equal(upstreams.length, 0);
});
