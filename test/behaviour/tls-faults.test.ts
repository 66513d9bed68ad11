// What TLS must survive: odd names, no TLS at all, handshakes that never end, certificates that are none (rules S4 to S10, V6).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ProxySettings } from '../../src/model/index.ts';
import { maxHandshakes } from '../../src/proxy/handshakes.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { type DeepPartial, RawClient, startProxy, type TestProxy } from './harness.ts';
import { turnUntil } from './probe.ts';
import { makeCertificate } from './self-signed.ts';
import { makePatch } from './table.ts';

async function start(t: TestContext, change: DeepPartial<ProxySettings> = {}): Promise<TestProxy> {
  return await startProxy(
    t,
    {
      hosts: { 'a.test': [{ status: 404 }] },
      certificates: [makeCertificate('test/a', ['a.test'])],
      tls: { 'a.test': 'test/a' },
    },
    { ...change, listen: { httpsPort: anyPort } },
  );
}

async function handshake(t: TestContext, proxy: TestProxy, servername: string): Promise<TLSSocket> {
  const socket = connectTls({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    servername,
    rejectUnauthorized: false,
  });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function commonName(t: TestContext, proxy: TestProxy, servername: string): Promise<string> {
  return String((await handshake(t, proxy, servername)).getPeerCertificate().subject.CN);
}

test('odd names get the certificate of what they mean, or the default one', async (t) => {
  const proxy = await start(t);
  for (const name of ['a.test', 'A.Test', 'a.test.', 'a.test:443'])
    assert.equal(await commonName(t, proxy, name), 'a.test', name);
  const odd = ['b.a.test', '*.test', 'a test', 'a_b.test', '..', 'x'.repeat(250), '__proto__', '-'];
  for (const name of odd) assert.equal(await commonName(t, proxy, name), 'default.test', name);
});

test('what is not TLS is counted and closed, and harms nobody', async (t) => {
  const proxy = await start(t);
  const inputs = [
    'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n',
    '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00',
    '\x16\x03\x01\xff\xff',
    '\x00'.repeat(300),
  ];
  for (const input of inputs) {
    const client = await RawClient.open(t, proxy.tlsPort);
    client.send(input);
    client.socket.end();
    await client.untilClosed();
  }
  await turnUntil(() => proxy.worker.core.counters.handshakesFailed === inputs.length, 'counted failures');
  assert.equal(await commonName(t, proxy, 'a.test'), 'a.test');
});

test('a handshake that does not end is cut off', async (t) => {
  const proxy = await start(t, { timeouts: { tlsHandshakeMs: 50 } });
  const client = await RawClient.open(t, proxy.tlsPort);
  await client.untilClosed();
  assert.equal(proxy.worker.core.counters.handshakesFailed, 1);
});

test('more unfinished handshakes than may be end the oldest, not the newest', {
  timeout: 8_000,
}, async (t) => {
  const proxy = await start(t, { limits: { maxConnectionsPerWorker: 10_000 } });
  const silent: RawClient[] = [];
  for (let count = 0; count < maxHandshakes; count += 1) silent.push(await RawClient.open(t, proxy.tlsPort));
  assert.equal(await commonName(t, proxy, 'a.test'), 'a.test');
  await silent[0]?.untilClosed();
  assert.equal(silent.filter(({ isClosed }) => isClosed).length, 1);
});

test('a drain does not wait for handshakes that do not end', { timeout: 60_000 }, async (t) => {
  const proxy = await start(t);
  const silent = await RawClient.open(t, proxy.tlsPort);
  await handshake(t, proxy, 'a.test').then((socket) => socket.destroy());
  await turnUntil(() => proxy.worker.core.counters.active === 0, 'no connection');
  await proxy.worker.drain(600_000);
  await silent.untilClosed();
});

test('a default certificate that is none leaves the previous one in service', async (t) => {
  const proxy = await start(t);
  const good = makeCertificate('test/good', ['good.test']);
  const patch = makePatch({ hosts: {}, certificates: [good] }, 2);
  proxy.worker.apply({ ...patch, defaultCertificate: 'test/good' });
  assert.equal(await commonName(t, proxy, 'b.test'), 'good.test');
  const bad = { ...good, chainPem: 'not a certificate', keyPem: 'not a key', fingerprint: 'bad' };
  proxy.worker.apply(makePatch({ hosts: {}, certificates: [bad] }, 3));
  assert.equal(await commonName(t, proxy, 'b.test'), 'good.test');
  const unnamed = connectTls({ port: proxy.tlsPort, host: '127.0.0.1', rejectUnauthorized: false });
  t.after(() => unnamed.destroy());
  await once(unnamed, 'secureConnect');
  assert.equal(unnamed.getPeerCertificate().subject.CN, 'good.test');
  assert.equal(await commonName(t, proxy, 'a.test'), 'a.test');
});

test('a certificate of a host that turns bad leaves the previous one in service, its removal the default', async (t) => {
  const proxy = await start(t);
  assert.equal(await commonName(t, proxy, 'a.test'), 'a.test');
  const bad = { ...makeCertificate('test/a', ['a.test']), keyPem: 'not a key', fingerprint: 'bad' };
  proxy.worker.apply(makePatch({ hosts: {}, certificates: [bad] }, 2));
  assert.equal(await commonName(t, proxy, 'a.test'), 'a.test');
  const none = makePatch({ hosts: {} }, 3);
  proxy.worker.apply({ ...none, certificates: { set: [], removed: ['test/a'] } });
  assert.equal(await commonName(t, proxy, 'a.test'), 'default.test');
});
