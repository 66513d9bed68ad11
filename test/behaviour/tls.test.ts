// TLS at the listener: which certificate a name gets, resumption, rotation without cut connections, and 421 for a Host that
// does not belong on a connection.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { anyPort } from '../../src/proxy/listeners.ts';
import { okResponse, RawClient, startAnswering, startProxy, type TestProxy } from './harness.ts';
import { makeCertificate } from './self-signed.ts';
import { makePatch } from './table.ts';

const listen = { httpsPort: anyPort };

async function handshake(
  t: TestContext,
  proxy: TestProxy,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connect({ port: proxy.tlsPort, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function ask(client: RawClient, host: string, count: number): Promise<string> {
  client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return await client.responses(count);
}

async function startTwoHosts(t: TestContext): Promise<TestProxy> {
  const port = await startAnswering(t, () => okResponse('ok'));
  return await startProxy(
    t,
    {
      hosts: {
        'a.test': [{ upstream: 'web' }],
        '*.b.test': [{ upstream: 'web' }],
        'plain.test': [{ upstream: 'web' }],
      },
      upstreams: { web: [port] },
      certificates: [makeCertificate('test/a', ['a.test']), makeCertificate('test/b', ['*.b.test'])],
      tls: { 'a.test': 'test/a', '*.b.test': 'test/b' },
    },
    { listen },
  );
}

test('a name gets the certificate of its host, its wildcard, or the default', async (t) => {
  const proxy = await startTwoHosts(t);
  const nameOf = async (servername: string): Promise<string> => {
    const socket = await handshake(t, proxy, servername === '' ? {} : { servername });
    return String(socket.getPeerCertificate().subject.CN);
  };
  assert.equal(await nameOf('a.test'), 'a.test');
  assert.equal(await nameOf('A.TEST'), 'a.test');
  assert.equal(await nameOf('x.b.test'), '*.b.test');
  assert.equal(await nameOf('y.x.b.test'), 'default.test');
  assert.equal(await nameOf('plain.test'), 'default.test');
  assert.equal(await nameOf(''), 'default.test');
});

test('requests over TLS are forwarded as https, TLS 1.2 and 1.3', async (t) => {
  const proxy = await startTwoHosts(t);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await handshake(t, proxy, {
      servername: 'a.test',
      minVersion: version,
      maxVersion: version,
    });
    assert.equal(socket.getProtocol(), version);
    assert.match(await ask(new RawClient(socket), 'a.test', 1), /^HTTP\/1\.1 200 /);
  }
  await assert.rejects(
    handshake(t, proxy, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
  );
});

test('a Host that the certificate of the named host does not cover is 421 when its own policy differs', async (t) => {
  const proxy = await startTwoHosts(t);
  const client = new RawClient(await handshake(t, proxy, { servername: 'a.test' }));
  await ask(client, 'a.test', 1);
  await ask(client, 'x.b.test', 2);
  const text = await ask(client, 'plain.test', 3);
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 421', 'HTTP/1.1 421']);
  const wild = new RawClient(await handshake(t, proxy, { servername: 'x.b.test' }));
  assert.match(await ask(wild, 'y.b.test', 1), /^HTTP\/1\.1 200 /);
  const unnamed = new RawClient(await handshake(t, proxy));
  assert.match(await ask(unnamed, 'a.test', 1), /^HTTP\/1\.1 200 /);
});

test('a session ticket resumes on another worker with the same keys', async (t) => {
  const first = await startTwoHosts(t);
  const second = await startTwoHosts(t);
  const socket = await handshake(t, first, { servername: 'a.test', maxVersion: 'TLSv1.2' });
  const session = socket.getSession();
  assert.ok(session !== undefined);
  const resumed = await handshake(t, second, { servername: 'a.test', maxVersion: 'TLSv1.2', session });
  assert.equal(resumed.isSessionReused(), true);
});

test('a rotated certificate serves new handshakes and leaves open connections alone', async (t) => {
  const proxy = await startTwoHosts(t);
  const open = await handshake(t, proxy, { servername: 'a.test' });
  const client = new RawClient(open);
  await ask(client, 'a.test', 1);
  const before = open.getPeerCertificate().fingerprint256;
  const rotated = makeCertificate('test/a', ['a.test']);
  proxy.worker.apply({ ...makePatch({ hosts: {}, certificates: [rotated] }, 2) });
  const fresh = await handshake(t, proxy, { servername: 'a.test' });
  assert.notEqual(fresh.getPeerCertificate().fingerprint256, before);
  assert.match(await ask(client, 'a.test', 2), /200 OK[^]*200 OK/);
});
