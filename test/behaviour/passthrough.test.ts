// TLS passthrough: by the name that the client asks for its connection goes to an endpoint as it is, or is served here.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { ProxySettings } from '../../src/model/index.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { readProxyHeader, renderProxyV1 } from '../../src/wire/proxy-protocol/index.ts';
import { captureHello } from './client-hello.ts';
import {
  type DeepPartial,
  passTime,
  RawClient,
  startProxy,
  startUpstream,
  type TestProxy,
} from './harness.ts';
import { turnUntil } from './probe.ts';
import { makeCertificate, makeSelfSigned } from './self-signed.ts';
import { makePatch, type TableSpec } from './table.ts';

/** A TLS server that says what it got, with a certificate of its own. */
async function startTlsEcho(t: TestContext): Promise<number> {
  const { chainPem, keyPem } = makeSelfSigned(['backend.test']);
  const server = createServer({ cert: chainPem, key: keyPem });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function tableOf(
  ports: readonly number[],
  passthrough: TableSpec['passthrough'] = { 'p.test': { upstream: 'tls' } },
): TableSpec {
  return {
    hosts: {
      'p.test': [{ upstream: 'tls' }],
      '*.w.test': [{ upstream: 'tls' }],
      'a.test': [{ status: 204 }],
    },
    upstreams: { tls: ports },
    certificates: [makeCertificate('test/a', ['a.test'])],
    tls: { 'a.test': 'test/a' },
    passthrough,
  };
}

async function start(
  t: TestContext,
  table: TableSpec,
  change: DeepPartial<ProxySettings> = {},
): Promise<TestProxy> {
  return await startProxy(t, table, {
    listen: { httpsPort: anyPort },
    streams: { passesTls: true },
    ...change,
  });
}

async function handshake(t: TestContext, proxy: TestProxy, servername?: string): Promise<TLSSocket> {
  const socket = connect({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
  });
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

function nameOf(socket: TLSSocket): string {
  return String(socket.getPeerCertificate().subject.CN);
}

const stream = 'tls/p.test';

test('the name decides: the endpoint itself, or TLS here', async (t) => {
  const proxy = await start(
    t,
    tableOf([await startTlsEcho(t)], { 'p.test': { upstream: 'tls' }, '*.w.test': { upstream: 'tls' } }),
  );
  for (const name of ['p.test', 'P.Test', 'p.test.', 'x.w.test'])
    assert.equal(nameOf(await handshake(t, proxy, name)), 'backend.test', name);
  assert.equal(nameOf(await handshake(t, proxy, 'a.test')), 'a.test');
  for (const name of ['other.test', 'y.x.w.test', 'w.test', undefined])
    assert.equal(nameOf(await handshake(t, proxy, name)), 'default.test', String(name));
});

test('a request for such a host on the TLS connection of another name is misdirected', async (t) => {
  const proxy = await start(t, tableOf([await startTlsEcho(t)]));
  for (const name of ['a.test', undefined]) {
    const client = new RawClient(await handshake(t, proxy, name));
    client.send('GET / HTTP/1.1\r\nHost: p.test\r\n\r\n');
    assert.match(await client.responses(1), /^HTTP\/1\.1 421 /);
  }
});

test('with the flag off, and without a host that asks for it, TLS ends here', async (t) => {
  const port = await startTlsEcho(t);
  const off = await start(t, tableOf([port]), { streams: { passesTls: false } });
  assert.equal(nameOf(await handshake(t, off, 'p.test')), 'default.test');
  const none = await start(t, tableOf([port], {}));
  assert.equal(nameOf(await handshake(t, none, 'p.test')), 'default.test');
});

test('bytes go both ways whole, however many, and are counted', async (t) => {
  const proxy = await start(t, tableOf([await startTlsEcho(t)]));
  const socket = await handshake(t, proxy, 'p.test');
  const size = 4 * 1_048_576;
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    assert.ok(chunk.every((byte) => byte === 0x5a));
    received += chunk.length;
  });
  socket.write(Buffer.alloc(size, 0x5a));
  await turnUntil(() => received === size, 'all bytes back');
  const text = JSON.stringify(proxy.worker.collect().families);
  assert.match(text, /"sallyport_stream_connections_total"[^}]*"labelValues":\["tls\/p\.test"\],"value":1/);
  const counters = proxy.worker.streams.countersOf(stream);
  assert.ok(counters.sentBytes > size && counters.receivedBytes > size);
  assert.equal(counters.active, 1);
});

test('a hello in single bytes finds its way, and garbage is closed and counted', async (t) => {
  const hello = await captureHello({ servername: 'p.test' });
  const seen: RawClient[] = [];
  const proxy = await start(t, tableOf([await startUpstream(t, (client) => seen.push(client))]));
  const slow = await RawClient.open(t, proxy.tlsPort);
  for (const byte of hello) slow.send(Buffer.of(byte));
  await turnUntil(() => seen[0]?.received.length === hello.length, 'the hello upstream');
  assert.equal(seen[0]?.received, hello.toString('latin1'));
  for (const text of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x00\x05\x02\x00\x00\x00\x00']) {
    const client = await RawClient.open(t, proxy.tlsPort);
    client.send(text);
    assert.equal(await client.untilClosed(), '');
  }
  assert.equal(proxy.worker.core.counters.handshakesFailed, 2);
});

test('a hello that does not end is cut off', async (t) => {
  const hello = await captureHello({ servername: 'p.test' });
  const proxy = await start(t, tableOf([1]));
  const client = await RawClient.open(t, proxy.tlsPort);
  client.send(hello.subarray(0, 60));
  await turnUntil(() => proxy.worker.core.deadlines.size === 1, 'a preface');
  passTime(proxy, 11_000);
  assert.equal(await client.untilClosed(), '');
  assert.equal(proxy.worker.core.counters.handshakesFailed, 1);
});

async function unusedPort(t: TestContext): Promise<number> {
  const port = await startUpstream(t, () => {});
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const free = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return free === port ? await unusedPort(t) : free;
}

test('an endpoint that cannot be reached is followed by another', async (t) => {
  const [dead, alive] = [await unusedPort(t), await startTlsEcho(t)];
  const proxy = await start(t, tableOf([dead, alive]));
  for (let count = 0; count < 4; count += 1)
    assert.equal(nameOf(await handshake(t, proxy, 'p.test')), 'backend.test');
  assert.deepEqual([...proxy.worker.streams.countersOf(stream).failures], []);
});

test('without an endpoint that can be reached the connection is closed, not served here', async (t) => {
  for (const [ports, reason] of [
    [[], 'no-endpoint'],
    [[await unusedPort(t)], 'connect-failed'],
  ] as const) {
    const proxy = await start(t, tableOf(ports));
    await assert.rejects(handshake(t, proxy, 'p.test'));
    const counters = proxy.worker.streams.countersOf(stream);
    assert.deepEqual([...counters.failures], [[reason, 1]]);
    assert.equal(counters.active, 0);
    assert.equal(proxy.worker.streams.size, 0);
  }
});

test('a PROXY header goes in front, with the announced client if there is one', async (t) => {
  const hello = await captureHello({ servername: 'p.test' });
  const source = { address: '192.0.2.7', port: 50_000 };
  const destination = { address: '198.51.100.1', port: 443 };
  for (const proxyProtocol of ['v1', 'v2'] as const) {
    for (const isAnnounced of [false, true]) {
      const seen: RawClient[] = [];
      const proxy = await start(
        t,
        tableOf([await startUpstream(t, (client) => seen.push(client))], {
          'p.test': { upstream: 'tls', proxyProtocol },
        }),
        {
          proxyProtocol: { isOn: isAnnounced },
          forwarded: { trust: false, trustedCidrs: ['127.0.0.0/8'], appendFor: false },
        },
      );
      const client = await RawClient.open(t, proxy.tlsPort);
      if (isAnnounced) client.send(renderProxyV1(source, destination));
      client.send(hello);
      await turnUntil(() => seen[0]?.received.endsWith(hello.toString('latin1')) === true, 'the hello');
      const bytes = Buffer.from(seen[0]?.received ?? '', 'latin1');
      const reading = readProxyHeader(bytes);
      assert.ok(reading.kind === 'done' && reading.header.kind === 'ends');
      assert.equal(bytes.length, reading.length + hello.length);
      const own = { address: '127.0.0.1', port: client.socket.localPort };
      assert.deepEqual(reading.header.source, isAnnounced ? source : own);
      assert.deepEqual(
        reading.header.destination,
        isAnnounced ? destination : { address: '127.0.0.1', port: proxy.tlsPort },
      );
    }
  }
});

interface RawPair {
  readonly proxy: TestProxy;
  readonly client: RawClient;
  readonly upstream: RawClient;
  readonly hello: Buffer;
}

/** A passed-through connection whose ends are both in the hands of the test. */
async function startPair(t: TestContext): Promise<RawPair> {
  const hello = await captureHello({ servername: 'p.test' });
  const seen: RawClient[] = [];
  const proxy = await start(t, tableOf([await startUpstream(t, (each) => seen.push(each))]));
  const client = await RawClient.open(t, proxy.tlsPort);
  client.send(hello);
  await turnUntil(() => seen[0]?.received.length === hello.length, 'the hello upstream');
  const upstream = seen[0];
  assert.ok(upstream !== undefined);
  return { proxy, client, upstream, hello };
}

test('a half-close is passed on, and the other direction goes on to its end', async (t) => {
  const { proxy, client, upstream, hello } = await startPair(t);
  client.send('question');
  client.socket.end();
  assert.equal(await upstream.untilClosed(), `${hello.toString('latin1')}question`);
  upstream.send('answer');
  upstream.socket.end();
  assert.equal(await client.untilClosed(), 'answer');
  await turnUntil(() => proxy.worker.streams.size === 0, 'an end');
  assert.deepEqual([...proxy.worker.streams.countersOf(stream).failures], []);
});

test('an abort of either side ends the other', async (t) => {
  for (const aborts of ['client', 'upstream'] as const) {
    const pair = await startPair(t);
    const other = aborts === 'client' ? pair.upstream : pair.client;
    pair[aborts].socket.resetAndDestroy();
    await other.untilClosed();
    await turnUntil(() => pair.proxy.worker.streams.size === 0, 'an end');
  }
});

test('silence ends a connection, bytes keep it', async (t) => {
  const { proxy, client, upstream, hello } = await startPair(t);
  // The clock is the test's alone.
  proxy.worker.core.deadlines.stop();
  passTime(proxy, 3_000_000);
  client.send('x');
  await turnUntil(() => upstream.received.length === hello.length + 1, 'a byte');
  passTime(proxy, 4_000_000);
  assert.equal(proxy.worker.streams.size, 1, 'the byte came a quarter of an hour ago');
  passTime(proxy, 7_300_000);
  await client.untilClosed();
  await upstream.untilClosed();
  assert.deepEqual([...proxy.worker.streams.countersOf(stream).failures], [['idle', 1]]);
});

test('who does not read holds the other side back', async (t) => {
  const { proxy, client, upstream } = await startPair(t);
  const pattern = randomBytes(3 * 1_048_576);
  const size = 16 * pattern.length;
  const counters = proxy.worker.streams.countersOf(stream);
  let received = 0;
  client.socket.removeAllListeners('data');
  client.socket.on('data', (chunk: Buffer) => {
    // Compared piece by piece: a buffer that is read into again before it was written would show.
    const from = received % pattern.length;
    const end = Math.min(from + chunk.length, pattern.length);
    assert.ok(chunk.subarray(0, end - from).equals(pattern.subarray(from, end)), `byte ${received}`);
    received += chunk.length;
  });
  client.socket.pause();
  for (let sent = 0; sent < size; sent += pattern.length) upstream.send(pattern);
  let [before, stillFor] = [-1, 0];
  await turnUntil(() => {
    stillFor = counters.sentBytes === before ? stillFor + 1 : 0;
    before = counters.sentBytes;
    return before > 0 && stillFor > 200;
  }, 'a standstill');
  // What the kernel holds on loopback, and the proxy's own 64 KiB.
  assert.ok(counters.sentBytes < size / 2, `${counters.sentBytes} bytes were taken`);
  client.socket.resume();
  await turnUntil(() => received === size, 'all bytes');
});

test('a change of the table touches no open connection', async (t) => {
  const { proxy, client, upstream } = await startPair(t);
  const empty = makePatch({ hosts: {} }, 2);
  proxy.worker.apply({
    ...empty,
    hosts: { set: [], removed: ['p.test'] },
    upstreams: { set: [], removed: ['test/tls:80'] },
  });
  upstream.send('still here');
  await client.until((received) => received === 'still here');
  assert.equal(nameOf(await handshake(t, proxy, 'p.test')), 'default.test');
});

test('a drain waits for what is open, and the end of the grace period cuts it', async (t) => {
  const { proxy, client, upstream } = await startPair(t);
  let isDrained = false;
  const drained = proxy.worker.drain(60_000).then(() => {
    isDrained = true;
  });
  upstream.send('late');
  await client.until((received) => received === 'late');
  assert.equal(isDrained, false);
  client.socket.end();
  upstream.socket.end();
  await drained;
  const cut = await startPair(t);
  await cut.proxy.worker.drain(1);
  await cut.client.untilClosed();
});
