// What goes wrong upstream and on the way: attempts, time-outs, truncation, clients that leave. Time is moved by sweeping the
// deadlines with a later clock, so no test waits.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import {
  getRequest as get,
  okResponse,
  passTime,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
} from './harness.ts';

/** A port that refuses connections: it was bound a moment ago and is free again. */
async function refusedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('a refused endpoint is passed over for every method, and the log lists both', async (t) => {
  const good = await startAnswering(t, () => okResponse('ok'));
  const bad = await refusedPort();
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [bad, good] },
  });
  const client = await RawClient.open(t, proxy.port);
  for (let count = 1; count <= 4; count += 1) {
    client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n');
    await client.responses(count);
  }
  assert.equal(client.received.match(/200 OK/g)?.length, 4);
  const lines = await proxy.log();
  assert.ok(lines.some((line) => line['upstream_addr'] === `127.0.0.1:${bad}, 127.0.0.1:${good}`));
  assert.ok(lines.some((line) => line['upstream_status'] === '502, 200'));
});

test('all endpoints refuse: 502', async (t) => {
  const ports = [await refusedPort(), await refusedPort()];
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: ports },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  assert.match(await client.responses(1), /^HTTP\/1\.1 502 Bad Gateway\r\n/);
});

test('a pooled connection that died is replaced for GET and answered 502 for POST', async (t) => {
  let connections = 0;
  const port = await startUpstream(t, (upstream) => {
    connections += 1;
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(async () => {
        upstream.send(okResponse('one'));
        // The second request on this connection meets a reset instead of an answer.
        await upstream.until((text) => text.split('\r\n\r\n').length > 2);
        upstream.socket.resetAndDestroy();
      })
      .catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  await client.responses(1);
  client.send(get);
  await client.responses(2);
  assert.equal(connections, 2);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nx');
  const text = await client.responses(3);
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 502']);
  assert.equal(connections, 2);
});

test('a silent upstream is 504 after the read time-out, and its connection is not reused', async (t) => {
  const seen = Promise.withResolvers<RawClient>();
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => seen.resolve(upstream),
        () => {},
      );
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  const upstream = await seen.promise;
  passTime(proxy, 59_000);
  assert.equal(client.received, '');
  passTime(proxy, 61_000);
  assert.match(await client.responses(1), /^HTTP\/1\.1 504 Gateway Timeout\r\n/);
  await upstream.untilClosed();
});

test('a head that never ends is 408, a silent connection is just closed', async (t) => {
  const proxy = await startProxy(t, { hosts: {} });
  const slow = await RawClient.open(t, proxy.port);
  const silent = await RawClient.open(t, proxy.port);
  slow.send('GET / HTTP/1.1\r\nHost: a');
  // Two round trips on a third connection: by then the half head has been read.
  const other = await RawClient.open(t, proxy.port);
  for (let count = 1; count <= 2; count += 1) {
    other.send(get);
    await other.responses(count);
  }
  passTime(proxy, 61_000);
  assert.equal(await silent.untilClosed(), '');
  assert.match(
    await slow.until((text) => text.includes('408')),
    /^HTTP\/1\.1 408 Request Timeout\r\n[^]*Connection: close/,
  );
});

test('a response that breaks off is left incomplete: no last chunk, no padding', async (t) => {
  for (const head of ['Content-Length: 10\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n']) {
    const port = await startUpstream(t, (upstream) => {
      upstream
        .until((text) => text.includes('\r\n\r\n'))
        .then(() => {
          upstream.send(`HTTP/1.1 200 OK\r\n${head}`);
          upstream.socket.end();
        })
        .catch(() => {});
    });
    const proxy = await startProxy(t, {
      hosts: { 'a.test': [{ upstream: 'web' }] },
      upstreams: { web: [port] },
    });
    const client = await RawClient.open(t, proxy.port);
    client.send(get);
    const text = await client.untilClosed();
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    assert.ok(body === 'abc' || body === '3\r\nabc\r\n', text);
    const [line] = await proxy.log();
    assert.equal(line?.['reason'], 'upstream-truncated');
  }
});

test('bytes behind a complete response are never the next answer', async (t) => {
  const port = await startAnswering(t, (_request, index) =>
    index === 0
      ? `${okResponse('good')}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`
      : okResponse('fine'),
  );
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get + get);
  const text = await client.responses(2);
  assert.ok(!text.includes('poison'));
  assert.equal(proxy.worker.core.pool.counters.upstreamConnects, 2);
});

test('a client that leaves takes its upstream request with it, logged as 499', async (t) => {
  const seen = Promise.withResolvers<RawClient>();
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => seen.resolve(upstream),
        () => {},
      );
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  const upstream = await seen.promise;
  client.socket.destroy();
  await upstream.untilClosed();
  const [line] = await proxy.log();
  assert.equal(line?.['status'], 499);
  assert.equal(line?.['upstream_status'], '-');
});

test('a client that sends requests and reads no answers is not read from any more', async (t) => {
  const proxy = await startProxy(t, { hosts: {} }, { limits: { maxRequestsPerConnection: 1e9 } });
  const client = await RawClient.open(t, proxy.port);
  client.socket.pause();
  const batch = 'GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n'.repeat(2_000);
  let isBlocked = false;
  // The kernel's buffers fill in both directions, then the client cannot write any more.
  for (let round = 0; round < 2_000 && !isBlocked; round += 1) {
    if (!client.socket.write(batch)) {
      const drained = once(client.socket, 'drain').then(() => false);
      const settled = (async () => {
        for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
        return true;
      })();
      isBlocked = await Promise.race([drained, settled]);
    }
  }
  assert.ok(isBlocked);
  assert.ok(process.memoryUsage.rss() < 1_500_000_000);
});
