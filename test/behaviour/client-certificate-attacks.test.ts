// Ways around client certificates, tried: other names in the handshake than in the request, sessions of other hosts, connections from
// before a change. And that ordinary clients (curl) get through.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { ask, authority, client, handshake, root, start, stranger } from './client-hosts.ts';
import { RawClient } from './harness.ts';
import { makePatch, type TableSpec } from './table.ts';
import { makeAuthorityUnit, makeClientAuth, TestAuthority } from './test-authority.ts';

const other = new TestAuthority('other');
const versions = ['TLSv1.2', 'TLSv1.3'] as const;

/** a.test and same.test trust `root`, under two names; other.test trusts another authority; open.test asks for nothing. */
function guarded(): Partial<TableSpec> {
  const names = ['a.test', 'same.test', 'other.test', 'open.test'];
  return {
    hosts: Object.fromEntries(names.map((name) => [name, [{ upstream: 'web' }]])),
    tls: Object.fromEntries(names.map((name) => [name, null])),
    certificates: [],
    authorities: [
      authority,
      makeAuthorityUnit('test/same', root.pem),
      makeAuthorityUnit('test/other', other.pem),
    ],
    clientAuth: {
      'a.test': makeClientAuth('test/ca'),
      'same.test': makeClientAuth('test/same'),
      'other.test': makeClientAuth('test/other'),
    },
  };
}

/** Statuses of requests for several hosts, one after another on one connection. */
async function statusesOn(socket: TLSSocket, ...hosts: readonly string[]): Promise<number[]> {
  const raw = new RawClient(socket);
  const statuses: number[] = [];
  for (const [index, host] of hosts.entries())
    statuses.push(Number((await ask(raw, host, '', index + 1)).slice(0, 3)));
  return statuses;
}

test('a name in the handshake that asks for nothing opens no guarded host', async (t) => {
  const { proxy } = await start(t, {}, guarded());
  for (const servername of ['open.test', 'nobody.test', 'OPEN.test', '']) {
    const socket = await handshake(t, proxy, client, { servername });
    assert.deepEqual(await statusesOn(socket, 'a.test'), [421], servername);
  }
});

test('what was verified for one host holds for another under the same authority, and under no other', async (t) => {
  const { proxy } = await start(t, {}, guarded());
  const socket = await handshake(t, proxy, client);
  assert.deepEqual(
    await statusesOn(socket, 'a.test', 'A.test', 'same.test', 'other.test'),
    [200, 200, 200, 421],
  );
  const theirs = await handshake(t, proxy, other.issue('x'), { servername: 'other.test' });
  assert.deepEqual(await statusesOn(theirs, 'other.test', 'a.test'), [200, 421]);
  const shared = await handshake(t, proxy, client);
  assert.deepEqual(await statusesOn(shared, 'open.test', 'a.test'), [421, 200]);
});

test('subjects and depth are those of the request’s host, on one connection', async (t) => {
  const { proxy } = await start(
    t,
    {},
    {
      ...guarded(),
      clientAuth: {
        'a.test': makeClientAuth('test/ca'),
        'same.test': makeClientAuth('test/same', { subjectPattern: 'CN=admin' }),
        'open.test': makeClientAuth('test/ca', { mode: 'optional' }),
      },
    },
  );
  const known = await handshake(t, proxy, client);
  assert.deepEqual(await statusesOn(known, 'a.test', 'same.test', 'a.test'), [200, 403, 200]);
  const nobody = await handshake(t, proxy, null, { servername: 'open.test' });
  assert.deepEqual(await statusesOn(nobody, 'open.test', 'a.test'), [200, 400]);
});

async function sessionOf(
  t: TestContext,
  proxy: Parameters<typeof handshake>[1],
  options: ConnectionOptions,
): Promise<Buffer | undefined> {
  const socket = await handshake(t, proxy, client, options);
  let session = socket.getSession();
  // By TLS 1.3 tickets come behind the handshake: with the first answer at the latest.
  socket.on('session', (ticket) => {
    session = ticket;
  });
  await ask(socket, options.servername ?? 'a.test');
  return session;
}

test('no session carries a certificate to another connection', async (t) => {
  const { proxy } = await start(t, {}, guarded());
  for (const maxVersion of versions) {
    const session = await sessionOf(t, proxy, { servername: 'open.test', maxVersion });
    assert.ok(session !== undefined);
    const again = await handshake(t, proxy, null, { servername: 'open.test', maxVersion, session });
    assert.equal(again.isSessionReused(), true, 'sessions are resumed where nothing is asked for');
    for (const servername of ['a.test', 'same.test', 'other.test', 'open.test']) {
      const session = await sessionOf(t, proxy, { servername, maxVersion });
      const stolen = session === undefined ? {} : { session };
      const socket = await handshake(t, proxy, null, { servername: 'a.test', maxVersion, ...stolen });
      assert.equal(socket.isSessionReused(), false, servername);
      assert.deepEqual(await statusesOn(socket, 'a.test'), [400], `${servername} ${maxVersion}`);
    }
  }
});

test('another authority counts on open connections at once, another handshake passes again', async (t) => {
  const { proxy, table } = await start(t, {}, guarded());
  const open = new RawClient(await handshake(t, proxy, client));
  await ask(open);
  const renewed = makeAuthorityUnit('test/ca', other.pem);
  proxy.worker.apply(makePatch({ ...table, authorities: [renewed] }, 2));
  assert.match(await ask(open, 'a.test', '', 2), /^421 [^]*\r\nConnection: close\r\n/);
  await open.untilClosed();
  assert.deepEqual(await statusesOn(await handshake(t, proxy, client), 'a.test'), [400]);
  assert.deepEqual(await statusesOn(await handshake(t, proxy, other.issue('x')), 'a.test'), [200]);
});

test('a host that begins to ask refuses connections from before; one that stops lets them go on', async (t) => {
  const { proxy, table } = await start(t, {}, guarded());
  const before = new RawClient(await handshake(t, proxy, null, { servername: 'open.test' }));
  assert.match(await ask(before, 'open.test'), /^200 /);
  const after = new RawClient(await handshake(t, proxy, client));
  assert.match(await ask(after), /^200 /);
  const clientAuth = { 'open.test': makeClientAuth('test/ca') };
  proxy.worker.apply(makePatch({ ...table, clientAuth }, 2));
  assert.match(await ask(before, 'open.test', '', 2), /^421 /);
  assert.match(await ask(after, 'a.test', '', 2), /^200 /);
});

test('a certificate that expires while its connection is open opens nothing any more', async (t) => {
  const { proxy } = await start(t);
  const open = new RawClient(await handshake(t, proxy, client));
  assert.match(await ask(open), /^200 /);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * 86_400_000 });
  assert.match(await ask(open, 'a.test', '', 2), /^400 /);
});

test('a certificate of the host’s own authority in another’s name is no authority', async (t) => {
  const { proxy } = await start(t);
  const forger = new TestAuthority('root');
  for (const identity of [forger.issue('client'), stranger.issue('client')]) {
    assert.deepEqual(await statusesOn(await handshake(t, proxy, identity), 'a.test'), [400]);
    const chained = { ...identity, cert: identity.cert + root.pem };
    assert.deepEqual(await statusesOn(await handshake(t, proxy, chained), 'a.test'), [400]);
  }
});

test('a certificate too large to tell endpoints of is refused', async (t) => {
  const { proxy } = await start(t, { mode: 'optional-no-ca' });
  const large = stranger.issue('x'.repeat(9_000));
  assert.deepEqual(await statusesOn(await handshake(t, proxy, large), 'a.test'), [400]);
});

test('curl passes with its certificate, and not without', async (t) => {
  const { proxy } = await start(t);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-curl-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'crt'), client.cert);
  writeFileSync(join(folder, 'key'), client.key);
  const url = `https://a.test:${proxy.tlsPort}/`;
  const common = [
    '-sk',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '--resolve',
    `a.test:${proxy.tlsPort}:127.0.0.1`,
  ];
  const shown = ['--cert', join(folder, 'crt'), '--key', join(folder, 'key')];
  const run = promisify(execFile);
  assert.equal((await run('curl', [...common, ...shown, url])).stdout, '200');
  assert.equal((await run('curl', [...common, url])).stdout, '400');
});
