// What a client of HTTP/2 can do that costs it nothing and us something (rules M9 to M12, V4, V5): each ends its connection, or its stream,
// and nothing stays behind. Another client is served meanwhile.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { okResponse, passTime, RawClient, type TestProxy } from '../harness.ts';
import {
  type Fields,
  flags,
  FrameClient,
  frameTypes,
  getFields,
  postFields,
  encodeFields,
  renderFrame,
} from './frame-client.ts';
import { codes, settingIds, start } from './setup.ts';

/** The connections of the proxy are gone, whatever they were doing. */
async function assertClean(t: TestContext, proxy: TestProxy): Promise<void> {
  const { core } = proxy.worker;
  const other = await FrameClient.open(t, proxy.port);
  other.headers(
    1,
    getFields('/', ['host', 'a.test']).map(([name, value]) => [
      name,
      value === 'a.test' ? 'none.test' : value,
    ]),
  );
  assert.equal(await other.untilStatus(1), 404);
  other.socket.destroy();
  while (core.counters.active > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(core.counters.bugs, 0);
  assert.equal(core.pool.counters.upstreamConnections, core.pool.counters.upstreamIdle);
  assert.equal(core.deadlines.size, core.pool.counters.upstreamIdle);
}

const headFields: Fields = [[':method', 'HEAD'], ...getFields().slice(1)];

for (const [name, fields, endsStream] of [
  ['GET', getFields(), true],
  ['HEAD', headFields, true],
  ['POST', postFields(), false],
] as const) {
  test(`M9: rapid reset of ${name} ends the connection, and no upstream works for it afterwards`, async (t) => {
    const { client, proxy } = await start(t, { http2: { maxResets: 20 } });
    for (let stream = 1; stream <= 61; stream += 2) {
      client.headers(stream, fields, endsStream);
      // By turns in the same read as the head, and in one behind it. In the end nobody answers any more.
      if (stream % 4 === 1) await client.settle().catch(() => {});
      client.reset(stream);
    }
    const { code } = await client.untilGoaway();
    assert.equal(code, codes.calm);
    await client.untilClosed();
    assert.equal(proxy.worker.core.recorder.reasons.get('http2-reset-flood'), 1);
    await assertClean(t, proxy);
  });
}

test('M9: as many resets as are allowed are harmless', async (t) => {
  const { client, upstream } = await start(t, { http2: { maxResets: 20 } });
  let stream = 1;
  for (let i = 0; i < 20; i += 1, stream += 2) {
    client.headers(stream, getFields());
    client.reset(stream);
  }
  await client.settle();
  client.headers(stream, getFields());
  const serve = async (index: number): Promise<void> => {
    const connection = await upstream(index);
    connection.send(okResponse('ok'));
    await serve(index + 1);
  };
  serve(0).catch(() => {});
  assert.equal(await client.untilStatus(stream), 200);
});

test('M9: frames that make us reset streams count as resets of the client', async (t) => {
  const { client, proxy } = await start(t, { http2: { maxResets: 20 } });
  for (let stream = 1; stream <= 61; stream += 2) {
    client.headers(stream, postFields(), false);
    // More than the largest window is an error of the stream (RFC 9113 6.9.1).
    client.openWindow(stream, 2 ** 31 - 1);
  }
  // The codec may lose patience before we do.
  const { code } = await client.untilGoaway();
  assert.notEqual(code, codes.none);
  await client.untilClosed();
  await assertClean(t, proxy);
});

for (const [name, send] of [
  ['PING', (client: FrameClient) => client.ping()],
  ['SETTINGS', (client: FrameClient) => client.settings()],
] as const) {
  test(`M9: a flood of ${name} ends the connection`, async (t) => {
    const { client, proxy } = await start(t, { http2: { maxControlFrames: 50 } });
    for (let i = 0; i < 60; i += 1) send(client);
    assert.equal((await client.untilGoaway()).code, codes.calm);
    await client.untilClosed();
    assert.equal(proxy.worker.core.recorder.reasons.get('http2-control-flood'), 1);
    await assertClean(t, proxy);
  });
}

test('M9: PINGs between pieces of work are no flood', async (t) => {
  const { client, upstream } = await start(t, { http2: { maxControlFrames: 50 } });
  client.headers(1, postFields(), false);
  const connection = await upstream(0);
  for (let round = 1; round <= 10; round += 1) {
    for (let i = 0; i < 20; i += 1) client.ping();
    client.data(1, `piece${round};`);
    await connection.until((text) => text.includes(`piece${round};`));
  }
  client.data(1, '', true);
  await connection.until((text) => text.endsWith('0\r\n\r\n'));
  connection.send(okResponse('ok'));
  assert.equal(await client.untilStatus(1), 200);
});

test('M9: a flood of empty DATA frames ends the connection', async (t) => {
  const { client, proxy } = await start(t);
  client.headers(1, postFields(), false);
  for (let i = 0; i < 300; i += 1) client.data(1, '');
  await client.untilClosed();
  await assertClean(t, proxy);
});

test('M11: CONTINUATION without end ends the connection', async (t) => {
  const { client, proxy } = await start(t);
  client.frame(frameTypes.headers, flags.endStream, 1, encodeFields(getFields()));
  for (let i = 0; i < 200; i += 1)
    client.frame(frameTypes.continuation, 0, 1, encodeFields([['x', 'a'.repeat(100)]]));
  await client.untilClosed();
  await assertClean(t, proxy);
});

test('M10: streams over the limit are refused, those below are served', async (t) => {
  const { client, upstream, proxy } = await start(t, { http2: { maxConcurrentStreams: 2 } });
  // One that knows the limit and breaks it loses the connection; here it cannot know yet.
  client.acksSettings = false;
  for (const stream of [1, 3, 5]) client.headers(stream, getFields());
  assert.equal(await client.untilReset(5), codes.refused);
  for (const index of [0, 1]) (await upstream(index)).send(okResponse('ok'));
  assert.deepEqual([await client.untilStatus(1), await client.untilStatus(3)], [200, 200]);
  await client.untilEnd(1);
  await client.untilEnd(3);
  client.socket.destroy();
  await assertClean(t, proxy);
});

test('M12: a client that opens no window holds a bounded amount, stops the upstream, and loses its stream', async (t) => {
  const { client, upstream, proxy } = await start(t, {}, [[settingIds.initialWindow, 0]]);
  client.headers(1, getFields());
  const connection = await upstream(0);
  await connection.until((text) => text.includes('\r\n\r\n'));
  const size = 64 * 1_048_576;
  connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
  const piece = Buffer.alloc(1_048_576, 'a');
  // Until the kernel takes no more: the proxy has stopped reading.
  let sent = 0;
  while (sent < size && connection.socket.write(piece)) sent += piece.length;
  assert.equal(await client.untilStatus(1), 200);
  await client.settle();
  assert.equal(client.body(1), '');
  passTime(proxy, 61_000);
  assert.ok((await client.untilReset(1)) !== codes.none);
  await connection.untilClosed();
  assert.equal((await proxy.log())[0]?.['reason'], 'send-stall');
  client.socket.destroy();
  await assertClean(t, proxy);
});

test('M12: a small answer that the client gives no window for does not stay for ever', async (t) => {
  const { client, upstream, proxy } = await start(t, {}, [[settingIds.initialWindow, 0]]);
  client.headers(1, getFields());
  (await upstream(0)).send(okResponse('ok'));
  assert.equal(await client.untilStatus(1), 200);
  passTime(proxy, 61_000);
  assert.equal(await client.untilReset(1), codes.internal);
  client.socket.destroy();
  await assertClean(t, proxy);
});

test('M12: a client that reads slowly keeps its stream for as long as it reads', async (t) => {
  const { client, upstream, proxy } = await start(t, {}, [[settingIds.initialWindow, 1_000]]);
  client.headers(1, getFields());
  (await upstream(0)).send(okResponse('a'.repeat(20_000)));
  for (let sent = 1_000; sent < 5_000; sent += 1_000) {
    await client.until(() => client.body(1).length === sent);
    client.openWindow(1, 1_000);
    await client.settle();
    proxy.worker.core.deadlines.sweep(performance.now() + 61_000 * (sent / 1_000));
  }
  await client.settle();
  assert.equal(client.frames.filter(({ type }) => type === frameTypes.reset).length, 0);
  proxy.worker.core.deadlines.sweep(performance.now() + 600_000);
  assert.equal(await client.untilReset(1), codes.internal);
});

test('V5: a client that makes us answer and does not read the answers loses the connection', async (t) => {
  const { client, proxy } = await start(t, { http2: { maxControlFrames: 1_000_000_000 } });
  const { recorder, counters } = proxy.worker.core;
  client.socket.pause();
  const pings = Buffer.concat(
    Array.from({ length: 4_096 }, () => renderFrame(frameTypes.ping, 0, 0, Buffer.alloc(8))),
  );
  while (!recorder.reasons.has('http2-flood')) {
    client.socket.write(pings);
    await new Promise((resolve) => setImmediate(resolve));
  }
  passTime(proxy, 10_000);
  while (counters.active > 0) await new Promise((resolve) => setImmediate(resolve));
  client.socket.destroy();
  await assertClean(t, proxy);
});

test('back-pressure: an upstream that takes nothing stops the client at its window', async (t) => {
  const { client, upstream } = await start(t);
  // More than the buffers of two sockets.
  const size = 64 * 1_048_576;
  client.headers(1, postFields('/', ['content-length', String(size)]), false);
  const connection = await upstream(0);
  await connection.until((text) => text.includes('\r\n\r\n'));
  connection.socket.pause();
  // What fits the window may be sent; then the proxy gives more only as the upstream takes it.
  const granted = (): number =>
    client.frames
      .filter(({ type, stream }) => type === frameTypes.windowUpdate && stream === 1)
      .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 65_536);
  let sent = 0;
  for (;;) {
    await client.settle();
    if (granted() === sent || sent === size) break;
    while (sent < Math.min(granted(), size)) {
      const length = Math.min(16_384, granted() - sent, size - sent);
      client.data(1, Buffer.alloc(length));
      sent += length;
    }
  }
  assert.ok(sent < size, `the client could send ${sent} bytes`);
});

test('V4: what is no HTTP/2 after the preface closes the connection and nothing else', async (t) => {
  const { proxy } = await start(t);
  const garbage = [
    Buffer.from('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'),
    Buffer.alloc(64, 0xff),
    Buffer.from([0, 0, 2, frameTypes.headers, 5, 0, 0, 0, 1, 0xff, 0xff]),
    Buffer.alloc(0),
  ];
  for (const bytes of garbage) {
    const client = await RawClient.open(t, proxy.port);
    client.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    client.send(bytes);
    client.socket.end();
    await client.untilClosed();
    client.socket.destroy();
  }
});

test('the preface in pieces is HTTP/2, and one that goes wrong is nothing', async (t) => {
  const { proxy, upstream } = await start(t);
  const client = await FrameClient.open(t, proxy.port);
  client.headers(1, getFields());
  (await upstream(0)).send(okResponse('ok'));
  assert.equal(await client.untilStatus(1), 200);
  const broken = await RawClient.open(t, proxy.port);
  broken.send('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n');
  const answer = await broken.untilClosed();
  assert.ok(!answer.includes('200'), answer);
});

test('with HTTP/2 off its preface is refused as HTTP/1.1', async (t) => {
  const { proxy } = await start(t, { http2: { isOn: false } });
  const client = await RawClient.open(t, proxy.port);
  client.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 505 /);
});
