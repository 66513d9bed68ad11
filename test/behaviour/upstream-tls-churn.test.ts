// Settings of upstream TLS that come and go: what was made of them is bounded, and what is in use is not cut.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { maxTransports } from '../../src/proxy/transport/transports.ts';
import { RawClient, startProxy, type TestProxy } from './harness.ts';
import { turnUntil } from './probe.ts';
import { answerAll, issueFor, makeAuthority, startTlsUpstream, tlsPolicy } from './tls-upstream.ts';

const ours = issueFor(makeAuthority(), 'web.test');
const surplus = 3;

/** `/N`: the route with the Nth settings, more of them than are kept. */
async function startWithMany(t: TestContext, port: number): Promise<TestProxy> {
  const routes = Array.from({ length: maxTransports + surplus }, (_, index) => ({
    path: `/${index}`,
    upstream: 'web',
    policies: { 'backend-protocol': 'https', ...tlsPolicy({ name: `name-${index}.test` }) },
  }));
  return await startProxy(t, { hosts: { 'a.test': routes }, upstreams: { web: [port] } });
}

async function ask(t: TestContext, proxy: TestProxy, index: number): Promise<void> {
  const client = await RawClient.open(t, proxy.port);
  client.send(`GET /${index} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 200 /);
}

test('an upstream keeps what was made of the settings that were used last', async (t) => {
  const upstream = await startTlsUpstream(
    t,
    ours,
    answerAll(() => 'hello'),
  );
  const proxy = await startWithMany(t, upstream.port);
  const { counters } = proxy.worker.core.pool;
  for (let index = 0; index < maxTransports; index += 1) await ask(t, proxy, index);
  // Used again, so the one after it is the one that goes.
  await ask(t, proxy, 0);
  assert.equal(counters.upstreamReuses, 1);
  await ask(t, proxy, maxTransports);
  await turnUntil(() => counters.upstreamConnections === maxTransports, 'one connection less');
  await ask(t, proxy, 0);
  assert.equal(counters.upstreamReuses, 2);
  const before = upstream.sockets.length;
  await ask(t, proxy, 1);
  assert.equal(upstream.sockets.length, before + 1, 'what was forgotten is made again');
  await ask(t, proxy, 1);
  assert.equal(upstream.sockets.length, before + 1, 'and kept');
});

test('a request under way is not cut when its settings are forgotten', async (t) => {
  const held: RawClient[] = [];
  const answer = answerAll(() => 'hello');
  const { port } = await startTlsUpstream(t, ours, (client, socket) => {
    if (held.length === 0) held.push(client);
    else answer(client, socket);
  });
  const proxy = await startWithMany(t, port);
  const waiting = await RawClient.open(t, proxy.port);
  waiting.send('GET /0 HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await turnUntil(() => held.length === 1, 'the request');
  for (let index = 1; index < maxTransports + surplus; index += 1) await ask(t, proxy, index);
  held[0]?.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate');
  assert.match(await waiting.responses(1), /late$/);
  await turnUntil(
    () => proxy.worker.core.pool.counters.upstreamConnections === maxTransports,
    'its connection is not kept',
  );
});
