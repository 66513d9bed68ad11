// Stapled handshakes, and the question over HTTP with its bounds.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { askResponder, isPrivateAddress } from '../../../src/proxy/ocsp/ask-responder.ts';
import { anyPort } from '../../../src/proxy/listeners.ts';
import { startProxy, type TestProxy } from '../harness.ts';
import { makeAuthorityUnit, makeClientAuth, TestAuthority } from '../test-authority.ts';
import { makeUnit, startResponder } from './responder.ts';

const anywhere = { allowsPrivate: true };

async function stapleOf(t: TestContext, proxy: TestProxy, servername: string): Promise<string | null> {
  const socket = connect({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    servername,
    requestOCSP: true,
    rejectUnauthorized: false,
  });
  t.after(() => socket.destroy());
  // Said before the handshake is done, and with null where there is none.
  const [[response]] = await Promise.all([once(socket, 'OCSPResponse'), once(socket, 'secureConnect')]);
  return response === null || (response as Buffer).length === 0 ? null : String(response);
}

test('an answer is stapled to handshakes with its certificate, by every server, and to no others', async (t) => {
  const root = new TestAuthority('root');
  const [a, b] = [makeUnit('test/a', root, root.issue('a')), makeUnit('test/b', root, root.issue('b'))];
  const proxy = await startProxy(
    t,
    {
      hosts: { 'a.test': [{ status: 200 }], 'b.test': [{ status: 200 }], 'mtls.test': [{ status: 200 }] },
      certificates: [a, b],
      tls: { 'a.test': 'test/a', 'b.test': 'test/b', 'mtls.test': 'test/a' },
      authorities: [makeAuthorityUnit('test/ca', root.pem)],
      clientAuth: { 'mtls.test': makeClientAuth('test/ca') },
    },
    { listen: { httpsPort: anyPort } },
  );
  assert.equal(await stapleOf(t, proxy, 'a.test'), null);
  assert.equal(await stapleOf(t, proxy, 'mtls.test'), null);
  proxy.worker.setStaples([{ fingerprint: a.fingerprint, der: Buffer.from('staple') }]);
  assert.equal(await stapleOf(t, proxy, 'a.test'), 'staple');
  assert.equal(await stapleOf(t, proxy, 'mtls.test'), 'staple');
  assert.equal(await stapleOf(t, proxy, 'b.test'), null);
  assert.equal(await stapleOf(t, proxy, 'nobody.test'), null);
  proxy.worker.setStaples([{ fingerprint: a.fingerprint, der: null }]);
  assert.equal(await stapleOf(t, proxy, 'a.test'), null);
});

test('the question is posted, the body of a 200 answer comes back', async (t) => {
  const responder = await startResponder(t, (question) =>
    Promise.resolve({ body: Buffer.concat([question, question]) }),
  );
  const answer = await askResponder(new URL(responder.url), Buffer.from('ab'), anywhere);
  assert.equal(String(answer), 'abab');
});

test('no private address is asked, by number or by name', async (t) => {
  const responder = await startResponder(t, () => Promise.resolve({ body: Buffer.from('x') }));
  const { port } = new URL(responder.url);
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '10.0.0.1']) {
    const url = new URL(`http://${host}:${port}/`);
    await assert.rejects(askResponder(url, Buffer.from('x'), { allowsPrivate: false }), /private/, host);
  }
  assert.equal(responder.count(), 0);
  const open = ['192.0.2.1', '8.8.8.8', '2a00::1', '2606:4700::1111'].map(isPrivateAddress);
  assert.deepEqual(open, [false, false, false, false]);
  const closed = [
    '169.254.169.254',
    '100.64.0.1',
    'fd00::1',
    'fe80::1',
    '::ffff:10.0.0.1',
    '2002:7f00:1::',
    '64:ff9b::a00:1',
    'x',
  ];
  for (const address of closed) assert.equal(isPrivateAddress(address), true, address);
});

test('redirects, errors and answers without end are refused', async (t) => {
  const big = await startResponder(t, () => Promise.resolve({ body: Buffer.alloc(70_000) }));
  const elsewhere = await startResponder(t, () =>
    Promise.resolve({ status: 302, body: Buffer.alloc(0), location: big.url }),
  );
  const ask = (url: string) => askResponder(new URL(url), Buffer.from('x'), anywhere);
  await assert.rejects(ask(elsewhere.url), /status 302/);
  assert.equal(big.count(), 0);
  await assert.rejects(ask(big.url), /more than 65536 bytes/);
  await assert.rejects(ask('http://127.0.0.1:1/'), /ECONNREFUSED/);
});
