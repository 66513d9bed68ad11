// Client certificates over HTTP/2, where clients share a connection among the hosts that a server's certificate covers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { client, handshake, root, start } from './client-hosts.ts';
import { makePatch } from './table.ts';
import { makeAuthorityUnit, makeClientAuth, TestAuthority } from './test-authority.ts';

async function open(t: TestContext, proxy: Parameters<typeof handshake>[1]): Promise<ClientHttp2Session> {
  const socket = await handshake(t, proxy, client, { ALPNProtocols: ['h2'] });
  assert.equal(socket.alpnProtocol, 'h2');
  const session = connect('https://a.test', { createConnection: () => socket });
  session.on('error', () => {});
  t.after(() => session.destroy());
  return session;
}

async function statusOf(session: ClientHttp2Session, authority: string): Promise<number> {
  const stream = session.request({
    ':authority': authority,
    ':path': '/',
    'ssl-client-subject-dn': 'CN=root',
  });
  stream.resume();
  const [headers] = (await once(stream, 'response')) as [{ readonly ':status'?: number }];
  return headers[':status'] ?? 0;
}

test('each stream is judged by its own host', async (t) => {
  const { proxy, seen } = await start(
    t,
    {},
    {
      hosts: {
        'a.test': [{ upstream: 'web' }],
        'b.test': [{ upstream: 'web' }],
        'open.test': [{ upstream: 'web' }],
      },
      authorities: [
        makeAuthorityUnit('test/ca', root.pem),
        makeAuthorityUnit('test/b', new TestAuthority('b').pem),
      ],
      clientAuth: { 'a.test': makeClientAuth('test/ca'), 'b.test': makeClientAuth('test/b') },
    },
  );
  const session = await open(t, proxy);
  assert.equal(await statusOf(session, 'a.test'), 200);
  assert.equal(seen().get('ssl-client-subject-dn'), 'CN=client,O=Shop\\, \\"Inc\\"');
  assert.equal(await statusOf(session, 'open.test'), 421);
  assert.equal(await statusOf(session, 'b.test'), 421);
});

test('another authority ends the connection with its answer', async (t) => {
  const { proxy, table } = await start(t);
  const session = await open(t, proxy);
  assert.equal(await statusOf(session, 'a.test'), 200);
  const renewed = makeAuthorityUnit('test/ca', root.pem, root.revoke());
  proxy.worker.apply(makePatch({ ...table, authorities: [renewed] }, 2));
  const leaving = once(session, 'goaway');
  assert.equal(await statusOf(session, 'a.test'), 421);
  await leaving;
  assert.equal(await statusOf(await open(t, proxy), 'a.test'), 200);
});
