// WebSockets to HTTP/2 upstreams (RFC 8441): the upgrade of HTTP/1.1 and the extended CONNECT of HTTP/2 as a stream of a shared session.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { passTime, RawClient, startProxy, type TestProxy } from './harness.ts';
import { FrameClient, frameTypes } from './http2/frame-client.ts';
import { connectFields } from './http2/websocket-peers.ts';
import { frameTypes as peerFrames, startHttp2Upstream, startRawHttp2 } from './http2-upstream.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
/** RFC 6455 1.3 has this pair. */
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const upgrade =
  'GET /chat?room=1 HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: talk\r\n\r\n`;

interface Tunnel {
  readonly stream: ServerHttp2Stream;
  readonly fields: IncomingHttpHeaders;
}

interface Setup {
  readonly proxy: TestProxy;
  /** The next stream of the upstream. */
  readonly next: () => Promise<Tunnel>;
}

async function proxyTo(t: TestContext, ...ports: number[]): Promise<TestProxy> {
  return await startProxy(
    t,
    {
      hosts: { 'a.test': [{ upstream: 'web' }] },
      upstreams: { web: ports },
      protocols: { web: 'h2c' },
    },
    { timeouts: { tunnelIdleMs: 100_000 } },
  );
}

async function start(t: TestContext): Promise<Setup> {
  const streams: Tunnel[] = [];
  let wake = (): void => {};
  const { port } = await startHttp2Upstream(
    t,
    (stream, fields) => {
      streams.push({ stream, fields });
      wake();
    },
    { settings: { enableConnectProtocol: true } },
  );
  const next = async (): Promise<Tunnel> => {
    for (;;) {
      const first = streams.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { proxy: await proxyTo(t, port), next };
}

async function open(t: TestContext, proxy: TestProxy, request = upgrade): Promise<RawClient> {
  const client = await RawClient.open(t, proxy.port);
  client.send(request);
  return client;
}

async function dataOf(stream: ServerHttp2Stream, wanted: string): Promise<void> {
  let text = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text === wanted) return;
  }
  assert.fail(`the stream ended behind ${JSON.stringify(text)}`);
}

test('an upgrade becomes an extended CONNECT, and its 200 a 101; bytes go both ways until both sides end', async (t) => {
  const { proxy, next } = await start(t);
  const client = await open(t, proxy);
  const { stream, fields } = await next();
  assert.equal(fields[':method'], 'CONNECT');
  assert.equal(fields[':protocol'], 'websocket');
  assert.equal(fields[':path'], '/chat?room=1');
  assert.equal(fields[':authority'], 'a.test');
  assert.equal(fields['sec-websocket-version'], '13');
  assert.equal(fields['sec-websocket-protocol'], 'talk');
  assert.equal(fields['x-forwarded-for'], '127.0.0.1');
  for (const name of ['sec-websocket-key', 'upgrade', 'connection', 'te'])
    assert.equal(fields[name], undefined);
  stream.respond({ ':status': 200, 'sec-websocket-protocol': 'talk', 'sec-websocket-accept': 'theirs' });
  const head = await client.until((text) => text.includes('\r\n\r\n'));
  assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  assert.match(head, /\r\nUpgrade: websocket\r\n/);
  assert.match(head, /\r\nsec-websocket-protocol: talk\r\n/);
  assert.deepEqual(/sec-websocket-accept: (.*)\r/gi.exec(head)?.[1], accept);
  assert.ok(!head.includes('theirs'));
  client.send('from the client');
  await dataOf(stream, 'from the client');
  stream.write('from the server');
  await client.until((text) => text.endsWith('\r\n\r\nfrom the server'));
  client.socket.end();
  stream.end('last');
  assert.match(await client.untilClosed(), /from the serverlast$/);
  const [line] = await proxy.log();
  assert.deepEqual([line?.['status'], line?.['upstream_status'], line?.['reason']], [101, '101', '']);
  assert.equal(proxy.worker.core.counters.tunnels, 0);
});

test('the pair of key and proof is that of RFC 6455', () => {
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  assert.equal(
    createHash('sha1')
      .update(key + guid)
      .digest('base64'),
    accept,
  );
});

test('HTTP/2 on both sides', async (t) => {
  const { proxy, next } = await start(t);
  const client = await FrameClient.open(t, proxy.port);
  client.headers(1, connectFields, false);
  const { stream, fields } = await next();
  assert.equal(fields[':protocol'], 'websocket');
  stream.respond({ ':status': 200 });
  assert.equal(await client.untilStatus(1), 200);
  client.data(1, 'ping');
  await dataOf(stream, 'ping');
  stream.write('pong');
  await client.until(({ type, stream: id }) => type === frameTypes.data && id === 1);
  assert.equal(client.body(1), 'pong');
  client.reset(1);
  await new Promise((resolve) => stream.once('close', resolve));
  assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
});

test('tunnels and requests share a session, and the end of one leaves the others', async (t) => {
  const { proxy, next } = await start(t);
  const [first, second] = [await open(t, proxy), await open(t, proxy)];
  const tunnels = [await next(), await next()];
  for (const { stream } of tunnels) stream.respond({ ':status': 200 });
  for (const client of [first, second]) await client.until((text) => text.includes('\r\n\r\n'));
  assert.equal(tunnels[0]?.stream.session, tunnels[1]?.stream.session);
  first.socket.resetAndDestroy();
  const gone = tunnels[0]?.stream as ServerHttp2Stream;
  gone.resume();
  if (!gone.destroyed) await new Promise((resolve) => gone.once('close', resolve));
  second.send('still here');
  await dataOf(tunnels[1]?.stream as ServerHttp2Stream, 'still here');
  const plain = await open(t, proxy, 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  const { stream } = await next();
  assert.equal(stream.session, tunnels[1]?.stream.session);
  stream.respond({ ':status': 200 });
  stream.end('ok');
  await plain.responses(1);
});

test('a refusal is heard as it is, and the connection serves on', async (t) => {
  const { proxy, next } = await start(t);
  const client = await open(t, proxy);
  const { stream } = await next();
  stream.respond({ ':status': 403, 'content-length': 2 });
  stream.end('no');
  assert.match(await client.responses(1), /^HTTP\/1\.1 403 [^]*\r\n\r\nno$/);
});

test('a reset of the stream ends the client; so does silence for too long', async (t) => {
  const { proxy, next } = await start(t);
  for (const end of [
    (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    () => passTime(proxy, 101_000),
  ]) {
    const client = await open(t, proxy);
    const { stream } = await next();
    stream.respond({ ':status': 200 });
    await client.until((text) => text.includes('\r\n\r\n'));
    end(stream);
    await client.untilClosed();
  }
  assert.equal(proxy.worker.core.counters.tunnels, 0);
});

test('an upstream that has not announced it is not asked: 502, and the session serves on', async (t) => {
  const paths: unknown[] = [];
  const { port } = await startHttp2Upstream(t, (stream, fields) => {
    paths.push(fields[':path']);
    stream.respond({ ':status': 200 });
    stream.end('ok');
  });
  const proxy = await proxyTo(t, port);
  const client = await open(t, proxy);
  assert.match(await client.responses(1), /^HTTP\/1\.1 502 /);
  assert.equal((await proxy.log())[0]?.['reason'], 'upgrade-unsupported');
  client.send('GET /next HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await client.responses(2);
  assert.deepEqual(paths, ['/next']);
});

test('a key that is none is the fault of the client', async (t) => {
  const { proxy } = await start(t);
  for (const bad of ['', 'short', `${key}x`, '!'.repeat(22)]) {
    const client = await open(t, proxy, upgrade.replace(key, bad));
    assert.match(await client.responses(1), /^HTTP\/1\.1 400 /, bad);
  }
});

test('nothing is asked before the SETTINGS have come; without them the time-out of reading holds', async (t) => {
  const frames: number[] = [];
  const opened = Promise.withResolvers<void>();
  // A server that greets late: its first SETTINGS are held back.
  const port = await startRawHttp2(
    t,
    (peer) => {
      void peer.next(peerFrames.settings).then(() => opened.resolve());
      peer.socket.on('close', () => frames.push(...peer.frames.map(({ type }) => type)));
    },
    'silent',
  );
  const proxy = await proxyTo(t, port);
  const client = await open(t, proxy);
  await opened.promise;
  passTime(proxy, 61_000);
  assert.match(await client.responses(1), /^HTTP\/1\.1 504 /);
  assert.ok(!frames.includes(peerFrames.headers));
});

test('a session that ends before it has greeted: another attempt, then 502', async (t) => {
  const port = await startRawHttp2(
    t,
    (peer) => {
      void peer.next(peerFrames.settings).then(() => peer.socket.destroy());
    },
    'silent',
  );
  const proxy = await proxyTo(t, port);
  const client = await open(t, proxy);
  assert.match(await client.responses(1), /^HTTP\/1\.1 502 /);
});
