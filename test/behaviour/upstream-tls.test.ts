// TLS to upstreams: who is asked for by which name, who is believed, what is shown, and that connections of different settings never mix.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { UpstreamTls } from '../../src/model/index.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import {
  RawClient,
  startAnswering,
  okResponse,
  passTime,
  startProxy,
  startUpstream,
  type TestProxy,
} from './harness.ts';
import { turnUntil } from './probe.ts';
import { makePatch, type TableSpec } from './table.ts';
import {
  answerAll,
  issueFor,
  issueIdentity,
  makeAuthority,
  makeClientTls,
  startTlsUpstream,
  tlsPolicy,
} from './tls-upstream.ts';

const authority = makeAuthority();
const ours = issueFor(authority, 'web.test.svc', 'api.test', '127.0.0.1');
const caPem = authority.certificatePem;
const trust = makeClientTls('test/trust', { caPem });
const trusted = { material: 'test/trust', verifies: true } as const;

function serverNameOf(socket: TLSSocket): string {
  return `sni ${String((socket as { servername?: string | false }).servername)}`;
}

/** `/N`: the route with the Nth settings. */
async function startWith(t: TestContext, port: number, ...tls: Partial<UpstreamTls>[]): Promise<TestProxy> {
  return await startProxy(t, tableOf(port, tls));
}

function tableOf(port: number, tls: readonly Partial<UpstreamTls>[]): TableSpec {
  const routes = tls.map((part, index) => ({
    path: `/${index}`,
    upstream: 'web',
    policies: { 'backend-protocol': 'https', ...tlsPolicy(part) },
  }));
  return { hosts: { 'a.test': routes }, upstreams: { web: [port] }, clientTls: [trust] };
}

async function ask(t: TestContext, proxy: TestProxy, path: string, client?: RawClient): Promise<string> {
  const asking = client ?? (await RawClient.open(t, proxy.port));
  asking.send(`GET ${path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
  return await asking.untilClosed();
}

test('backend-protocol HTTPS speaks TLS, by default without name and without verification', async (t) => {
  const { port } = await startTlsUpstream(t, ours, answerAll(serverNameOf));
  const proxy = await startWith(t, port, {});
  assert.match(await ask(t, proxy, '/0'), /^HTTP\/1\.1 200 [^]*sni false$/);
});

test('the name is sent when asked for: the Service, or the one that is set, and never an address', async (t) => {
  const { port } = await startTlsUpstream(t, ours, answerAll(serverNameOf));
  const proxy = await startWith(
    t,
    port,
    { sendsName: true },
    { sendsName: true, name: 'api.test' },
    { sendsName: true, name: '127.0.0.1' },
  );
  assert.match(await ask(t, proxy, '/0'), /sni web\.test\.svc$/);
  assert.match(await ask(t, proxy, '/1'), /sni api\.test$/);
  assert.match(await ask(t, proxy, '/2'), /sni false$/);
});

test('a certificate is believed by authority and name', async (t) => {
  const { port } = await startTlsUpstream(
    t,
    ours,
    answerAll(() => 'hello'),
  );
  const other = makeClientTls('test/other', { caPem: makeAuthority().certificatePem });
  const proxy = await startWith(
    t,
    port,
    trusted,
    { ...trusted, name: 'api.test' },
    { ...trusted, name: '127.0.0.1' },
    { ...trusted, name: 'evil.test' },
    { verifies: true },
    { verifies: true, material: 'test/other' },
    { material: 'test/other' },
  );
  const { worker } = proxy;
  worker.apply({
    ...makePatch({ hosts: {} }, 2),
    clientTls: { set: [other], removed: [] },
  });
  const statuses: string[] = [];
  for (let index = 0; index < 7; index += 1) statuses.push((await ask(t, proxy, `/${index}`)).slice(9, 12));
  assert.deepEqual(statuses, ['200', '200', '200', '502', '502', '502', '200']);
  const { reasons } = worker.core.recorder;
  assert.equal(reasons.get('upstream-tls'), 3);
  assert.equal(reasons.get('upstream-tls-name'), 1);
  assert.equal(reasons.get('upstream-tls-untrusted'), 2);
});

test('connections and sessions are reused, and not by other settings', async (t) => {
  const upstream = await startTlsUpstream(
    t,
    ours,
    answerAll((socket) => `resumed ${socket.isSessionReused()}`),
  );
  const proxy = await startWith(t, upstream.port, trusted, { ...trusted, name: 'api.test' });
  const { counters } = proxy.worker.core.pool;
  assert.match(await ask(t, proxy, '/0'), /resumed false$/);
  assert.match(await ask(t, proxy, '/0'), /resumed false$/);
  assert.deepEqual([upstream.sockets.length, counters.upstreamReuses], [1, 1]);
  assert.match(await ask(t, proxy, '/1'), /resumed false$/);
  assert.equal(upstream.sockets.length, 2);
  for (const socket of upstream.sockets) socket.destroy();
  await turnUntil(() => counters.upstreamIdle === 0, 'no idle connection');
  assert.match(await ask(t, proxy, '/0'), /resumed true$/);
});

test('the client certificate of the Secret is shown, a rotated one on new connections only', async (t) => {
  const asked = { ...ours, requestCert: true, ca: caPem };
  const { port } = await startTlsUpstream(
    t,
    asked,
    answerAll((socket) => socket.getPeerCertificate().serialNumber ?? 'none'),
  );
  const proxy = await startWith(t, port, { ...trusted, material: 'test/identity' });
  assert.match(await ask(t, proxy, '/0'), /^HTTP\/1\.1 503 /);
  const serials: string[] = [];
  for (let version = 2; version < 4; version += 1) {
    const shown = issueIdentity(authority, `client-${version}`);
    const identity = makeClientTls('test/identity', { caPem, ...shown });
    proxy.worker.apply({ ...makePatch({ hosts: {} }, version), clientTls: { set: [identity], removed: [] } });
    serials.push(/\r\n\r\n(.*)$/.exec(await ask(t, proxy, '/0'))?.[1] ?? '');
  }
  assert.match(serials[0] ?? '', /^[0-9A-F]{16,}$/);
  assert.notEqual(serials[0], serials[1]);
  // That of the version before is gone, not idle.
  await turnUntil(() => proxy.worker.core.pool.counters.upstreamConnections === 1, 'one connection');
});

test('an upstream that wants a certificate and gets none ends the connection by an alert: 502', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const strict = { ...ours, requestCert: true, rejectUnauthorized: true, ca: caPem, maxVersion };
    const { port } = await startTlsUpstream(
      t,
      strict,
      answerAll(() => 'hello'),
    );
    const proxy = await startWith(t, port, trusted);
    const answer = await ask(t, proxy, '/0');
    assert.match(answer, /^HTTP\/1\.1 502 /, maxVersion);
  }
});

test('a handshake ends with the connect time-out', async (t) => {
  let isAsked = false;
  const port = await startUpstream(t, () => {
    isAsked = true;
  });
  const proxy = await startWith(t, port, {});
  const client = await RawClient.open(t, proxy.port);
  client.send('GET /0 HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await turnUntil(() => isAsked, 'a connection');
  passTime(proxy, 6_000);
  assert.match(await client.responses(1), /^HTTP\/1\.1 504 /);
  assert.equal(proxy.worker.core.pool.counters.upstreamConnections, 0);
});

test('another endpoint is tried after a failed handshake, for any method', async (t) => {
  const plain = await startUpstream(t, (client) => client.send('220 mail.test ESMTP\r\n'));
  const { port } = await startTlsUpstream(
    t,
    ours,
    answerAll(() => 'secret'),
  );
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies: { 'backend-protocol': 'https' } }] },
    upstreams: { web: [plain, port] },
  });
  const client = await RawClient.open(t, proxy.port);
  for (let count = 1; count <= 2; count += 1) {
    client.send('PATCH / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    assert.match(await client.responses(count), /secret$/);
  }
});

test('the port of the Service says HTTPS, a route says otherwise, AUTO_HTTP asks the client', async (t) => {
  const secret = await startTlsUpstream(
    t,
    ours,
    answerAll(() => 'secret'),
  );
  const plain = await startAnswering(t, () => okResponse('plain'));
  const auto = { 'backend-protocol': 'auto' };
  const proxy = await startProxy(
    t,
    {
      hosts: {
        'a.test': [
          { path: '/port', upstream: 'secret' },
          { path: '/plain', upstream: 'plain', policies: { 'backend-protocol': 'http' } },
          { path: '/auto', upstream: 'plain', policies: auto },
          { path: '/secure', upstream: 'secret', policies: auto },
        ],
      },
      upstreams: { secret: [secret.port], plain: [plain] },
      protocols: { secret: 'https', plain: 'https' },
    },
    { listen: { httpsPort: anyPort } },
  );
  assert.match(await ask(t, proxy, '/port'), /secret$/);
  assert.match(await ask(t, proxy, '/plain'), /plain$/);
  assert.match(await ask(t, proxy, '/auto'), /plain$/);
  const socket = connect({ port: proxy.tlsPort, host: '127.0.0.1', rejectUnauthorized: false });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  assert.match(await ask(t, proxy, '/secure', new RawClient(socket)), /secret$/);
});

test('bodies and tunnels go through TLS both ways', async (t) => {
  const size = 1_000_000;
  const { port } = await startTlsUpstream(t, ours, (client) => {
    const serve = async (): Promise<void> => {
      const text = await client.until((received) => received.includes('\r\n\r\n'));
      if (text.includes('websocket')) {
        client.send('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
        await client.until((received) => received.endsWith('ping'));
        client.send('pong');
        return;
      }
      const bodyAt = text.indexOf('\r\n\r\n') + 4;
      const whole = await client.until((received) => received.length >= bodyAt + size);
      client.send(
        `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n${whole.slice(bodyAt)}`,
      );
    };
    serve().catch(() => {});
  });
  const proxy = await startWith(t, port, {});
  const body = 'abcdefghij'.repeat(size / 10);
  const client = await RawClient.open(t, proxy.port);
  client.send(`POST /0 HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${size}\r\n\r\n${body}`);
  assert.ok((await client.responses(1)).endsWith(`\r\n\r\n${body}`));
  const tunnel = await RawClient.open(t, proxy.port);
  tunnel.send('GET /0 HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  await tunnel.until((text) => text.endsWith('\r\n\r\n'));
  tunnel.send('ping');
  await tunnel.until((text) => text.endsWith('pong'));
});

test('ciphers that do not exist: 503 instead of others', async (t) => {
  const { port, sockets } = await startTlsUpstream(
    t,
    ours,
    answerAll(() => 'hello'),
  );
  const proxy = await startWith(
    t,
    port,
    { ciphers: 'NO-SUCH-SUITE' },
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
  );
  assert.match(await ask(t, proxy, '/0'), /^HTTP\/1\.1 503 /);
  assert.match(await ask(t, proxy, '/1'), /^HTTP\/1\.1 200 /);
  const [socket] = sockets;
  assert.deepEqual(
    [sockets.length, socket?.getProtocol(), socket?.getCipher().name],
    [1, 'TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  );
});
