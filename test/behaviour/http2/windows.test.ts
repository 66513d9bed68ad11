// Windows in both directions (RFC 9113 6.9): answers as large as the client says, and bodies for as long as somebody takes them.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ProxySettings } from '../../../src/model/index.ts';
import { type DeepPartial, okResponse, startAnswering, startProxy, type TestProxy } from '../harness.ts';
import { type Frame, flags, FrameClient, frameTypes, getFields, postFields } from './frame-client.ts';
import { codes, settingIds, start } from './setup.ts';

const headerTableSize = 1;
const text = (length: number): string => 'abcdefghij'.repeat(Math.ceil(length / 10)).slice(0, length);

async function open(
  t: TestContext,
  answer: string,
  settings: readonly (readonly [number, number])[] = [],
  change: DeepPartial<ProxySettings> = {},
): Promise<{ proxy: TestProxy; client: FrameClient }> {
  const port = await startAnswering(t, () => answer);
  const table = { hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web: [port] } };
  const proxy = await startProxy(t, table, change);
  return { proxy, client: await FrameClient.open(t, proxy.port, settings) };
}

function dataFrames(client: FrameClient, stream: number): Frame[] {
  return client.frames.filter((frame) => frame.type === frameTypes.data && frame.stream === stream);
}

test('an answer goes out as the window of its stream grows, byte for byte', async (t) => {
  const { client } = await open(t, okResponse(text(10)), [[settingIds.initialWindow, 1]]);
  client.headers(1, getFields());
  for (let sent = 1; sent < 10; sent += 1) {
    await client.until(() => client.body(1).length === sent, `${sent} bytes`);
    client.openWindow(1, 1);
  }
  await client.untilEnd(1);
  assert.equal(client.body(1), text(10));
  assert.deepEqual(
    dataFrames(client, 1).map((frame) => frame.payload.length),
    Array.from({ length: 10 }, () => 1),
  );
});

test('an empty answer needs no window', async (t) => {
  const { client } = await open(t, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [
    [settingIds.initialWindow, 0],
  ]);
  client.headers(1, getFields());
  await client.untilEnd(1);
});

test('new settings change the windows of open streams, below zero too', async (t) => {
  const { client } = await open(t, okResponse(text(100)), [[settingIds.initialWindow, 40]]);
  client.headers(1, getFields());
  await client.until(() => client.body(1).length === 40);
  client.settings([[settingIds.initialWindow, 10]]);
  // 30 owed, and one more.
  client.openWindow(1, 31);
  await client.until(() => client.body(1).length === 41);
  client.settings([[settingIds.initialWindow, 20]]);
  await client.until(() => client.body(1).length === 51);
  client.settings([[settingIds.initialWindow, 1_000]]);
  await client.untilEnd(1);
  assert.equal(client.body(1), text(100));
});

test('streams share the window of the connection, and a head needs none', async (t) => {
  const { client } = await open(t, okResponse(text(40_000)));
  for (const stream of [1, 3, 5]) client.headers(stream, getFields());
  const total = (): number => [1, 3, 5].reduce((sum, stream) => sum + client.body(stream).length, 0);
  await client.until(() => total() === 65_535, 'the whole window');
  for (const stream of [1, 3, 5]) assert.equal(await client.untilStatus(stream), 200);
  await client.settle();
  assert.equal(total(), 65_535);
  client.openWindow(0, 1_000_000);
  for (const stream of [1, 3, 5]) {
    await client.untilEnd(stream);
    assert.equal(client.body(stream), text(40_000));
  }
  for (const frame of client.frames) assert.ok(frame.payload.length <= 16_384);
});

test('an upload is given its windows back as it is taken, half a window at a time', async (t) => {
  const { client, upstream } = await start(t);
  const size = 3_000_000;
  client.headers(1, postFields('/', ['content-length', String(size)]), false);
  const granted = (stream: number): number =>
    client.frames
      .filter((frame) => frame.type === frameTypes.windowUpdate && frame.stream === stream)
      .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), stream === 0 ? 65_535 : 65_536);
  let sent = 0;
  while (sent < size) {
    await client.until(() => Math.min(granted(0), granted(1)) > sent, 'a window');
    while (sent < Math.min(size, granted(0), granted(1))) {
      const length = Math.min(16_000, size - sent, granted(0) - sent, granted(1) - sent);
      sent += length;
      client.data(1, Buffer.alloc(length, 'x'), sent === size);
    }
  }
  const connection = await upstream(0);
  const received = await connection.until((all) => all.length - all.indexOf('\r\n\r\n') - 4 === size);
  connection.send(okResponse('ok'));
  await client.untilEnd(1);
  assert.ok(received.endsWith('xxx'));
  const updates = client.frames.filter(({ type }) => type === frameTypes.windowUpdate).length;
  assert.ok(updates < 2 + size / 32_768 + size / 500_000, `${updates} WINDOW_UPDATE frames`);
});

test('more than the window of the connection ends the connection', async (t) => {
  const { client } = await start(t, { http2: { connectionWindowBytes: 65_535, streamWindowBytes: 65_535 } });
  const tunnel = [
    ...([
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
    ] as const),
    ...getFields().slice(1),
    ['sec-websocket-version', '13'] as const,
  ];
  // Nobody takes what comes before the tunnel stands.
  for (const stream of [1, 3]) {
    client.headers(stream, tunnel, false);
    for (let i = 0; i < 3; i += 1) client.data(stream, Buffer.alloc(16_000));
  }
  assert.equal((await client.untilGoaway()).code, codes.flowControl);
});

test('what was held of a stream that is reset does not shrink the window of the others', async (t) => {
  const { client } = await start(t, { http2: { connectionWindowBytes: 65_535, maxResets: 1_000 } });
  const tunnel = [
    ...([
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
    ] as const),
    ...getFields().slice(1),
    ['sec-websocket-version', '13'] as const,
  ];
  for (let stream = 1; stream < 41; stream += 2) {
    client.headers(stream, tunnel, false);
    client.data(stream, Buffer.alloc(10_000));
    await client.settle();
    client.reset(stream);
  }
  await client.settle();
  const granted = client.frames
    .filter((frame) => frame.type === frameTypes.windowUpdate && frame.stream === 0)
    .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
  assert.ok(granted > 200_000 - 65_535, String(granted));
});

test('a head larger than a frame goes on in CONTINUATION', async (t) => {
  const lines = Array.from({ length: 5 }, (_, i) => `X-Long-${i}: ${text(7_000)}\r\n`).join('');
  const answer = `HTTP/1.1 200 OK\r\n${lines}Content-Length: 2\r\n\r\nok`;
  const { client } = await open(t, answer, [], { limits: { maxResponseHeadBytes: 65_536 } });
  client.headers(1, getFields());
  await client.untilEnd(1);
  const [head, ...more] = client.frames.filter(
    ({ type, stream }) => stream === 1 && (type === frameTypes.headers || type === frameTypes.continuation),
  );
  assert.ok(more.length > 0 && head?.flags === 0, `${more.length} more`);
  assert.deepEqual(
    more.map((frame) => frame.flags),
    more.map((_, i) => (i === more.length - 1 ? flags.endHeaders : 0)),
  );
  assert.equal(client.body(1), 'ok');
});

test('a client whose table shrinks is told what we make of it, before the next head', async (t) => {
  const { client } = await open(t, okResponse('ok'));
  client.headers(1, getFields());
  await client.untilEnd(1);
  client.settings([[headerTableSize, 0]]);
  client.settings([[headerTableSize, 100]]);
  client.headers(3, getFields());
  await client.untilEnd(3);
  const [head] = client.frames.filter(({ type, stream }) => type === frameTypes.headers && stream === 3);
  // RFC 7541 6.3: a size of 0, then one of 100.
  assert.deepEqual(head?.payload.subarray(0, 3), Buffer.from([0x20, 0x3f, 100 - 31]));
});

test('M9: windows that grow by crumbs end the connection', async (t) => {
  const { client, proxy } = await start(t, { http2: { maxControlFrames: 50 } });
  client.headers(1, getFields());
  // A request is work, which starts the count anew.
  await client.settle();
  for (let i = 0; i < 60; i += 1) client.openWindow(1, 1);
  assert.equal((await client.untilGoaway()).code, codes.calm);
  assert.equal(proxy.worker.core.recorder.reasons.get('http2-control-flood'), 1);
});

for (const [name, type, payload] of [
  ['PRIORITY', frameTypes.priority, Buffer.from([0, 0, 0, 0, 1])],
  ['unknown frames', 0x42, Buffer.alloc(3)],
  ['RST_STREAM of a stream that is over', frameTypes.reset, Buffer.alloc(4)],
] as const) {
  test(`M9: a flood of ${name} ends the connection`, async (t) => {
    const { client, upstream } = await start(t, { http2: { maxControlFrames: 50 } });
    client.headers(1, getFields());
    (await upstream(0)).send(okResponse('ok'));
    await client.untilEnd(1);
    for (let i = 0; i < 60; i += 1) client.frame(type, 0, 1, payload);
    assert.equal((await client.untilGoaway()).code, codes.calm);
  });
}
