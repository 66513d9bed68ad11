// The settings of TLS: protocols, ciphers and groups of the listener and of hosts, tickets, HSTS; changed without cutting connections.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { anyPort } from '../../src/proxy/listeners.ts';
import { getRequest, okResponse, RawClient, startAnswering, startProxy, type TestProxy } from './harness.ts';
import { makeCertificate } from './self-signed.ts';
import { makePatch, type TableSpec } from './table.ts';

const tls12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const aes128 = 'ECDHE-ECDSA-AES128-GCM-SHA256';
const aes256 = 'ECDHE-ECDSA-AES256-GCM-SHA384';
const chacha = 'ECDHE-ECDSA-CHACHA20-POLY1305';

async function handshake(
  t: TestContext,
  proxy: TestProxy,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connect({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    servername: 'a.test',
    rejectUnauthorized: false,
    ...options,
  });
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function start(
  t: TestContext,
  part: Partial<TableSpec> = {},
  fields = '',
): Promise<{ readonly proxy: TestProxy; readonly table: TableSpec }> {
  const port = await startAnswering(t, () => okResponse('ok', fields));
  const table: TableSpec = {
    hosts: { 'a.test': [{ upstream: 'web' }], 'b.test': [{ upstream: 'web' }], '': [{ status: 404 }] },
    upstreams: { web: [port] },
    certificates: [makeCertificate('test/a', ['a.test', 'b.test'])],
    tls: { 'a.test': 'test/a', 'b.test': 'test/a' },
    ...part,
  };
  return { proxy: await startProxy(t, table, { listen: { httpsPort: anyPort } }), table };
}

async function cipherOf(t: TestContext, proxy: TestProxy, options: ConnectionOptions): Promise<string> {
  return (await handshake(t, proxy, options)).getCipher().name;
}

test('protocols, ciphers and groups are those of the settings, with and without a known name', async (t) => {
  const { proxy } = await start(t, { tlsSettings: { ...tls12, ciphers: aes256, groups: 'secp384r1' } });
  for (const servername of ['a.test', 'unknown.test']) {
    const socket = await handshake(t, proxy, { servername });
    assert.equal(socket.getProtocol(), 'TLSv1.2');
    assert.equal(socket.getCipher().name, aes256);
    await assert.rejects(handshake(t, proxy, { servername, minVersion: 'TLSv1.3' }));
    await assert.rejects(handshake(t, proxy, { servername, ...tls12, ciphers: aes128 }));
    await assert.rejects(handshake(t, proxy, { servername, ecdhCurve: 'prime256v1' }));
  }
});

test('settings change from the next handshake on, open connections go on', async (t) => {
  const { proxy, table } = await start(t);
  const open = await handshake(t, proxy, tls12);
  const client = new RawClient(open);
  client.send(getRequest);
  await client.responses(1);
  proxy.worker.apply(makePatch({ ...table, tlsSettings: { minVersion: 'TLSv1.3' } }, 2));
  await assert.rejects(handshake(t, proxy, tls12));
  await assert.rejects(handshake(t, proxy, { ...tls12, servername: 'unknown.test' }));
  assert.equal((await handshake(t, proxy)).getProtocol(), 'TLSv1.3');
  client.send(getRequest);
  assert.match(await client.responses(2), /200 OK[^]*200 OK/);
});

test('settings that OpenSSL does not take leave those before in force', async (t) => {
  const { proxy, table } = await start(t, { tlsSettings: tls12 });
  proxy.worker.apply(makePatch({ ...table, tlsSettings: { groups: 'no-such-group' } }, 2));
  assert.equal((await handshake(t, proxy)).getProtocol(), 'TLSv1.2');
  await assert.rejects(handshake(t, proxy, { minVersion: 'TLSv1.3' }));
});

test('a host has ciphers of its own, its neighbours do not', async (t) => {
  const { proxy, table } = await start(t, { ownTls: { 'a.test': { ciphers: chacha } } });
  const offer = { ...tls12, ciphers: `${aes128}:${chacha}` };
  assert.equal(await cipherOf(t, proxy, offer), chacha);
  assert.equal(await cipherOf(t, proxy, { ...offer, servername: 'A.TEST' }), chacha);
  assert.equal(await cipherOf(t, proxy, { ...offer, servername: 'b.test' }), aes128);
  await assert.rejects(handshake(t, proxy, { ...tls12, ciphers: aes128 }));
  assert.equal((await handshake(t, proxy, { servername: 'a.test' })).getProtocol(), 'TLSv1.3');
  proxy.worker.apply(makePatch({ ...table, ownTls: { 'a.test': { ciphers: aes256 } } }, 2));
  assert.equal(await cipherOf(t, proxy, { ...offer, ciphers: `${chacha}:${aes256}` }), aes256);
  proxy.worker.apply(makePatch({ ...table, ownTls: {} }, 3));
  assert.equal(await cipherOf(t, proxy, offer), aes128);
});

test('the order of a host is its own or that of the client', async (t) => {
  const { proxy } = await start(t, { ownTls: { 'a.test': { prefersClientOrder: true } } });
  const offer = { ...tls12, ciphers: `${chacha}:${aes256}:${aes128}` };
  assert.equal(await cipherOf(t, proxy, offer), chacha);
  assert.equal(await cipherOf(t, proxy, { ...offer, servername: 'b.test' }), aes128);
});

test('a host with a policy of its own gets its rotated certificate', async (t) => {
  const { proxy, table } = await start(t, { ownTls: { 'a.test': { ciphers: chacha } } });
  const before = (await handshake(t, proxy)).getPeerCertificate().fingerprint256;
  const rotated = makeCertificate('test/a', ['a.test', 'b.test']);
  proxy.worker.apply(makePatch({ ...table, certificates: [rotated] }, 2));
  const after = (await handshake(t, proxy)).getPeerCertificate().fingerprint256;
  assert.notEqual(after, before);
  assert.equal(after.replaceAll(':', '').toLowerCase(), rotated.fingerprint);
});

test('without tickets no session is resumed', async (t) => {
  for (const ticketLifeSeconds of [600, 0]) {
    const { proxy } = await start(t, { tlsSettings: { ticketLifeSeconds } });
    const session = (await handshake(t, proxy, tls12)).getSession();
    const again = await handshake(t, proxy, session === undefined ? tls12 : { ...tls12, session });
    assert.equal(again.isSessionReused(), ticketLifeSeconds > 0);
  }
});

async function hstsOf(t: TestContext, proxy: TestProxy, host: string, path = '/'): Promise<string[]> {
  const client = new RawClient(await handshake(t, proxy));
  client.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const text = await client.responses(1);
  return text.match(/^strict-transport-security: .*$/gim) ?? [];
}

test('responses by TLS have HSTS once, instead of what the endpoint says; plain ones do not', async (t) => {
  const own = 'STRICT-Transport-security: max-age=1\r\nX: y\r\nStrict-Transport-Security: max-age=2\r\n';
  const line = 'Strict-Transport-Security: max-age=31536000; includeSubDomains';
  for (const fields of ['', own]) {
    const { proxy, table } = await start(t, {}, fields);
    assert.deepEqual(await hstsOf(t, proxy, 'a.test'), [line]);
    const plain = await RawClient.open(t, proxy.port);
    plain.send(getRequest);
    assert.equal((await plain.responses(1)).includes('max-age=31536000'), false);
    proxy.worker.apply(makePatch({ ...table, tlsSettings: { hsts: '' } }, 2));
    const theirs = await hstsOf(t, proxy, 'a.test');
    assert.equal(theirs.length, fields === '' ? 0 : 2);
    assert.match(theirs.join(), fields === '' ? /^$/ : /max-age=1.*max-age=2/);
  }
});

test('answers of the proxy itself by TLS have HSTS too', async (t) => {
  const { proxy } = await start(t, { hosts: { 'a.test': [{ status: 503 }] }, tls: {} });
  assert.equal((await hstsOf(t, proxy, 'a.test')).length, 1);
  assert.equal((await hstsOf(t, proxy, 'nobody.test')).length, 1);
});

test('handshakes for names of no host are refused as long as the settings say so', async (t) => {
  const { proxy } = await start(t);
  const settings = proxy.worker.core.table.table.tls;
  await handshake(t, proxy, { servername: 'unknown.test' });
  const refusing = { ...settings, refusesUnknownNames: true };
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 2), tls: refusing });
  await assert.rejects(handshake(t, proxy, { servername: 'unknown.test' }));
  await handshake(t, proxy, { servername: 'a.test' });
  await handshake(t, proxy, { servername: 'B.test' });
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 3), tls: settings });
  await handshake(t, proxy, { servername: 'unknown.test' });
});
