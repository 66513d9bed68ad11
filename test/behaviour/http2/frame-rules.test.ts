// Frames that are wrong (RFC 9113 5 and 6): each ends its connection, or its stream, with the code that the protocol names; a stream that it is
// none of the business of is served.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { okResponse, passTime, startAnswering, startProxy, type TestProxy } from '../harness.ts';
import { turnUntil } from '../probe.ts';
import {
  encodeFields,
  flags,
  FrameClient,
  frameTypes,
  getFields,
  postFields,
  renderFrame,
} from './frame-client.ts';
import { codes } from './setup.ts';

const streamClosed = 5;
const frameSize = 6;
const compression = 9;
const settingsTimeout = 4;
const padded = 8;
const largestIncrement = Buffer.from([0x7f, 0xff, 0xff, 0xff]);
const zero = Buffer.alloc(4);

/** Every request is answered, with its body if there is one. */
async function open(t: TestContext): Promise<{ proxy: TestProxy; client: FrameClient }> {
  const port = await startAnswering(t, () => okResponse('ok'));
  const table = { hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web: [port] } };
  const proxy = await startProxy(t, table);
  return { proxy, client: await FrameClient.open(t, proxy.port) };
}

const connectionErrors: readonly (readonly [
  name: string,
  code: number,
  send: (client: FrameClient) => void | Promise<void>,
])[] = [
  ['HEADERS on an even stream', codes.protocol, (client) => client.headers(2, getFields())],
  ['DATA on an idle stream', codes.protocol, (client) => client.data(5, 'x')],
  ['RST_STREAM on an idle stream', codes.protocol, (client) => client.reset(5)],
  [
    'WINDOW_UPDATE on an idle stream',
    codes.protocol,
    (client) => client.frame(frameTypes.windowUpdate, 0, 5, largestIncrement),
  ],
  ['a window of the connection that grows by 0', codes.protocol, (client) => client.frame(8, 0, 0, zero)],
  [
    'a window of the connection that grows too large',
    codes.flowControl,
    (client) => client.frame(frameTypes.windowUpdate, 0, 0, largestIncrement),
  ],
  ['a block that no table knows', compression, (client) => client.frame(1, 5, 1, Buffer.from([0xff, 0x7f]))],
  ['a frame that is too large', frameSize, (client) => client.frame(6, 0, 0, Buffer.alloc(20_000))],
  ['PUSH_PROMISE', codes.protocol, (client) => client.frame(5, 4, 1, zero)],
  [
    'a stream that opens behind a higher one',
    streamClosed,
    async (client) => {
      client.headers(5, getFields());
      await client.untilEnd(5);
      client.headers(3, getFields());
    },
  ],
  [
    'DATA on a stream that the client has ended',
    streamClosed,
    async (client) => {
      client.headers(1, getFields());
      await client.untilEnd(1);
      client.data(1, 'x');
    },
  ],
  [
    'a window that new settings make too large',
    codes.flowControl,
    (client) => {
      client.headers(1, postFields(), false);
      client.frame(frameTypes.windowUpdate, 0, 1, Buffer.from([0x7f, 0xff, 0, 0]));
      client.settings([[4, 100_000]]);
    },
  ],
];
for (const [name, code, send] of connectionErrors) {
  test(`${name}: GOAWAY, and the connection ends`, async (t) => {
    const { proxy, client } = await open(t);
    await send(client);
    assert.equal((await client.untilGoaway()).code, code);
    await client.untilClosed();
    assert.equal(proxy.worker.core.recorder.reasons.get('http2-broken'), 1);
    client.socket.destroy();
    await turnUntil(() => proxy.worker.core.counters.active === 0, 'the end of the connection');
    assert.equal(proxy.worker.core.counters.bugs, 0);
  });
}

const streamErrors: readonly (readonly [name: string, code: number, send: (client: FrameClient) => void])[] =
  [
    [
      'more DATA than Content-Length',
      codes.protocol,
      postThen('3', (client) => client.data(1, 'four', true)),
    ],
    [
      'more DATA than Content-Length, in a second frame',
      codes.protocol,
      postThen('3', (client) => {
        client.data(1, 'two');
        client.data(1, 'xx');
      }),
    ],
    ['less DATA than Content-Length', codes.protocol, postThen('3', (client) => client.data(1, 'xx', true))],
    [
      'trailers before the Content-Length is reached',
      codes.protocol,
      postThen('3', (client) => client.headers(1, [['x', 'y']])),
    ],
    [
      'trailers that do not end the stream',
      codes.protocol,
      postThen(null, (client) => client.headers(1, [['x', 'y']], false)),
    ],
    [
      'pseudo fields in trailers',
      codes.protocol,
      postThen(null, (client) => client.headers(1, [[':path', '/']])),
    ],
    ['a window that grows by 0', codes.protocol, postThen(null, (client) => client.frame(8, 0, 1, zero))],
    [
      'a window that grows too large',
      codes.flowControl,
      postThen(null, (client) => client.frame(8, 0, 1, largestIncrement)),
    ],
    [
      'PRIORITY of four bytes',
      frameSize,
      postThen(null, (client) => client.frame(frameTypes.priority, 0, 1, zero)),
    ],
    [
      'DATA beyond the window',
      codes.flowControl,
      (client) => {
        // The window of a tunnel that does not stand yet is not given back.
        client.headers(
          1,
          [
            [':method', 'CONNECT'],
            [':protocol', 'websocket'],
            ...getFields().slice(1),
            ['sec-websocket-version', '13'],
          ],
          false,
        );
        for (let i = 0; i < 5; i += 1) client.data(1, Buffer.alloc(16_384));
      },
    ],
    [
      'DATA behind the end',
      streamClosed,
      (client) => {
        // Both in one read: the stream is not over yet.
        const head = renderFrame(1, flags.endHeaders | flags.endStream, 1, encodeFields(getFields()));
        client.socket.write(Buffer.concat([head, renderFrame(0, 0, 1, Buffer.from('x'))]));
      },
    ],
    [
      'a second head behind the end',
      streamClosed,
      (client) => {
        const head = renderFrame(1, flags.endHeaders | flags.endStream, 1, encodeFields(getFields()));
        client.socket.write(Buffer.concat([head, head]));
      },
    ],
  ];

function postThen(length: string | null, then: (client: FrameClient) => void): (client: FrameClient) => void {
  return (client) => {
    client.headers(
      1,
      postFields('/', ...(length === null ? [] : [['content-length', length] as const])),
      false,
    );
    then(client);
  };
}

for (const [name, code, send] of streamErrors) {
  test(`${name}: that stream is reset, the next one is served`, async (t) => {
    const { proxy, client } = await open(t);
    send(client);
    assert.equal(await client.untilReset(1), code);
    // What was under way for it is passed over.
    client.data(1, 'late', true);
    client.headers(3, getFields());
    assert.equal(await client.untilStatus(3), 200);
    await client.untilEnd(3);
    client.socket.destroy();
    const { core } = proxy.worker;
    await turnUntil(() => core.counters.active === 0, 'the end of the connection');
    assert.deepEqual(
      [core.counters.bugs, core.pool.counters.upstreamConnections - core.pool.counters.upstreamIdle],
      [0, 0],
    );
  });
}

test('padding of DATA and HEADERS is no content, and what nobody knows is passed over', async (t) => {
  const bodies: string[] = [];
  const port = await startAnswering(t, (request) => {
    bodies.push(request);
    return okResponse('ok');
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await FrameClient.open(t, proxy.port);
  const head = encodeFields(postFields('/', ['content-length', '3']));
  client.frame(
    frameTypes.headers,
    flags.endHeaders | padded,
    1,
    Buffer.concat([Buffer.from([2]), head, Buffer.alloc(2)]),
  );
  client.frame(0x42, 0xff, 1, Buffer.alloc(100));
  client.frame(frameTypes.priority, 0, 9, Buffer.from([0, 0, 0, 1, 1]));
  client.frame(frameTypes.data, padded | flags.endStream, 1, Buffer.from('\x02abc\0\0', 'latin1'));
  assert.equal(await client.untilStatus(1), 200);
  assert.ok(bodies[0]?.startsWith('POST / HTTP/1.1') === true);
});

test('byte by byte it is the same conversation', async (t) => {
  const { client } = await open(t);
  const bytes = Buffer.concat([
    renderFrame(frameTypes.headers, flags.endStream, 1, encodeFields(getFields())),
    renderFrame(frameTypes.continuation, flags.endHeaders, 1, encodeFields([['x', 'y']])),
    renderFrame(
      frameTypes.headers,
      flags.endHeaders,
      3,
      encodeFields(postFields('/', ['content-length', '5'])),
    ),
    renderFrame(frameTypes.data, 0, 3, Buffer.from('abc')),
    renderFrame(frameTypes.data, flags.endStream | padded, 3, Buffer.from('\x01de\0', 'latin1')),
  ]);
  // Nothing of the client's own comes in between.
  await client.settle();
  for (const byte of bytes) {
    client.socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([await client.untilStatus(1), await client.untilStatus(3)], [200, 200]);
});

test('a client that does not acknowledge our settings loses the connection', async (t) => {
  const port = await startAnswering(t, () => okResponse('ok'));
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  const client = new FrameClient(socket);
  client.acksSettings = false;
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  client.settings();
  client.headers(1, getFields());
  assert.equal(await client.untilStatus(1), 200);
  passTime(proxy, 11_000);
  assert.equal((await client.untilGoaway()).code, settingsTimeout);
  await client.untilClosed();
});

test('a PING is answered with what it says', async (t) => {
  const { client } = await open(t);
  const data = Buffer.from('12345678');
  client.frame(frameTypes.ping, 0, 0, data);
  const answer = await client.until((frame) => frame.type === frameTypes.ping);
  assert.deepEqual([answer.flags, answer.payload], [flags.ack, data]);
});
