// The timed states of a connection (rule V12): which deadline rules when, that none outlives its state, and that every end is a
// gentle one. Time is moved by sweeping the deadlines with a later clock.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { anyPort } from '../../src/proxy/listeners.ts';
import {
  getRequest as get,
  okResponse,
  passTime,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
  type TestProxy,
} from './harness.ts';
import { turnUntil } from './probe.ts';

/** A proxy with one upstream, whose first connection is handed out once its request head has come. */
async function startOne(
  t: TestContext,
  httpsPort = 0,
): Promise<{ proxy: TestProxy; upstream: Promise<RawClient> }> {
  const seen = Promise.withResolvers<RawClient>();
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => seen.resolve(upstream),
        () => {},
      );
  });
  const proxy = await startProxy(
    t,
    {
      hosts: { 'a.test': [{ path: '/gone', status: 404 }, { upstream: 'web' }] },
      upstreams: { web: [port] },
    },
    { listen: { httpsPort } },
  );
  return { proxy, upstream: seen.promise };
}

test('a 408 knows nothing of the request before it', async (t) => {
  const { proxy } = await startOne(t);
  const client = await RawClient.open(t, proxy.port);
  client.send('HEAD /gone HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await client.until((text) => text.includes('\r\n\r\n'));
  const before = client.received.length;
  client.send('GET /slow HTTP/1.1\r\n');
  const other = await RawClient.open(t, proxy.port);
  other.send('GET /gone HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await other.responses(1);
  passTime(proxy, 61_000);
  const answer = (await client.untilClosed()).slice(before);
  assert.match(answer, /^HTTP\/1\.1 408 [^]*\r\n\r\n<html>/);
  const line = (await proxy.log()).find((each) => each['status'] === 408);
  assert.equal(line?.['reason'], 'head-timeout');
  assert.ok(!JSON.stringify(line).includes('/gone'), JSON.stringify(line));
});

test('an answer that began before the end of the body may go on after it', async (t) => {
  const { proxy, upstream } = await startOne(t);
  const client = await RawClient.open(t, proxy.port);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 6\r\n\r\nabc');
  const server = await upstream;
  server.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123');
  await client.until((text) => text.endsWith('123'));
  client.send('def');
  await server.until((text) => text.endsWith('abcdef'));
  passTime(proxy, 45_000);
  server.send('4');
  await client.until((text) => text.endsWith('1234'));
  passTime(proxy, 100_000);
  server.send('56');
  await client.until((text) => text.endsWith('123456'));
  const [line] = await proxy.log();
  assert.equal(line?.['reason'], '');
});

test('an interim response during the body does not switch the read time-out off', async (t) => {
  const { proxy, upstream } = await startOne(t);
  const client = await RawClient.open(t, proxy.port);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 6\r\n\r\nabc');
  const server = await upstream;
  server.send('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n');
  await client.until((text) => text.includes('103'));
  client.send('def');
  await server.until((text) => text.endsWith('abcdef'));
  passTime(proxy, 59_000);
  passTime(proxy, 61_500);
  assert.match(await client.until((text) => /HTTP\/1\.1 [45]/.test(text)), /HTTP\/1\.1 504 /);
  const [line] = await proxy.log();
  assert.equal(line?.['reason'], 'upstream-read-timeout');
});

test('a body that stops while the answer runs is a body time-out, not a stalled reader', async (t) => {
  const { proxy, upstream } = await startOne(t);
  const client = await RawClient.open(t, proxy.port);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 6\r\n\r\nabc');
  const server = await upstream;
  server.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123');
  await client.until((text) => text.endsWith('123'));
  passTime(proxy, 45_000);
  await client.untilClosed();
  const [line] = await proxy.log();
  assert.equal(line?.['reason'], 'body-timeout');
});

test('a closing TLS connection lingers no longer than a plain one', async (t) => {
  const { proxy } = await startOne(t, anyPort);
  const socket = connectTls({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    allowHalfOpen: true,
  } as ConnectionOptions);
  t.after(() => socket.destroy());
  const client = new RawClient(socket);
  await once(socket, 'secureConnect');
  client.send('GET /gone HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
  await client.untilClosed();
  passTime(proxy, 3_000);
  assert.equal(proxy.worker.core.counters.active, 0);
});

test('a connection that becomes idle while the worker drains gets a moment, not its keep-alive time', async (t) => {
  const { proxy, upstream } = await startOne(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  const server = await upstream;
  server.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123');
  await client.until((text) => text.endsWith('123'));
  const drained = proxy.worker.drain(600_000);
  server.send('456');
  await client.until((text) => text.endsWith('123456'));
  passTime(proxy, 500);
  assert.equal(proxy.worker.core.counters.active, 1);
  passTime(proxy, 2_000);
  assert.equal(proxy.worker.core.counters.active, 0);
  await drained;
});

test('a request that arrives on an idle connection of a draining worker is answered with close', async (t) => {
  const port = await startAnswering(t, () => okResponse('ok'));
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(get);
  await client.responses(1);
  const drained = proxy.worker.drain(600_000);
  client.send(get);
  assert.match(await client.untilClosed(), /200 OK[^]*200 OK[^]*Connection: close\r\n[^]*ok$/);
  client.socket.end();
  await drained;
});

test('what follows a body that is thrown away does not count as body', async (t) => {
  const { proxy } = await startOne(t);
  const client = await RawClient.open(t, proxy.port);
  const next = `GET /gone HTTP/1.1\r\nHost: a.test\r\nX: ${'x'.repeat(200)}\r\n\r\n`;
  client.send('POST /gone HTTP/1.1\r\nHost: a.test\r\nContent-Length: 65500\r\n\r\n');
  client.send('x'.repeat(40_000));
  await client.responses(1);
  client.send('x'.repeat(25_500) + next.repeat(20));
  const text = await client.responses(21);
  assert.ok(!text.includes('Connection: close'));
});

test('a body that is to be thrown away and does not come ends the connection gently', async (t) => {
  const { proxy } = await startOne(t);
  const client = await RawClient.open(t, proxy.port);
  client.send('POST /gone HTTP/1.1\r\nHost: a.test\r\nContent-Length: 20\r\n\r\n0123456789');
  await client.responses(1);
  const errors: Error[] = [];
  client.socket.on('error', (error) => errors.push(error));
  passTime(proxy, 1_500);
  await client.untilClosed();
  // Half-closed and still read: bytes that were on their way do not draw a reset, which could eat the answer.
  client.send('0123456789');
  await turnUntil(() => client.socket.writableLength === 0, 'a written rest');
  assert.equal(proxy.worker.core.counters.active, 1);
  client.socket.end();
  await turnUntil(() => proxy.worker.core.counters.active === 0, 'an ended connection');
  assert.deepEqual(errors, []);
});

test('a broken answer without length ends in a reset for HTTP/1.0, which has no other sign', async (t) => {
  const { proxy, upstream } = await startOne(t);
  const client = await RawClient.open(t, proxy.port);
  const failed = once(client.socket, 'error');
  client.send('GET / HTTP/1.0\r\nHost: a.test\r\n\r\n');
  const server = await upstream;
  server.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
  await client.until((text) => text.endsWith('abc'));
  server.socket.resetAndDestroy();
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNRESET');
});
