// Challenges of ACME servers: answered for the tokens of the table and for nothing else, before redirects, in HTTP and in TLS.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { Challenge, TablePatch } from '../../src/model/index.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { okResponse, RawClient, startAnswering, startProxy, type TestProxy } from './harness.ts';
import { makeCertificate } from './self-signed.ts';
import { makePatch } from './table.ts';

const token = 'x'.repeat(43);
const keyAuthorization = `${token}.${'y'.repeat(43)}`;
const folder = '/.well-known/acme-challenge';
const http: Challenge = { id: `http-01/${token}`, kind: 'http-01', host: 'a.test', token, keyAuthorization };
const tls: Challenge = { ...http, id: 'tls-alpn-01/a.test', kind: 'tls-alpn-01' };
const none: TablePatch = makePatch({ hosts: {} }, 2);

async function start(t: TestContext): Promise<TestProxy> {
  const port = await startAnswering(t, () => okResponse('routed'));
  const policies = { 'ssl-redirect': { mode: 'always', preservesTrailingSlash: false } };
  return await startProxy(
    t,
    {
      hosts: {
        'a.test': [
          { path: '/plain', upstream: 'web' },
          { path: folder, upstream: 'web' },
          { policies, upstream: 'web' },
        ],
        'b.test': [{ upstream: 'web' }],
      },
      upstreams: { web: [port] },
      certificates: [makeCertificate('test/a', ['a.test'])],
      tls: { 'a.test': 'test/a' },
    },
    { listen: { httpsPort: anyPort } },
  );
}

async function ask(
  t: TestContext,
  proxy: TestProxy,
  method: string,
  host: string,
  path: string,
): Promise<string> {
  const client = await RawClient.open(t, proxy.port);
  client.send(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return await client.untilClosed();
}

test('HTTP-01: a known token of its host is answered before routes and redirects', async (t) => {
  const proxy = await start(t);
  const path = `${folder}/${token}`;
  assert.match(await ask(t, proxy, 'GET', 'a.test', path), /routed$/);
  proxy.worker.apply({ ...none, challenges: { set: [http], removed: [] } });
  const answer = await ask(t, proxy, 'GET', 'a.test', path);
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.ok(answer.endsWith(`\r\n\r\n${keyAuthorization}`));
  assert.match(await ask(t, proxy, 'HEAD', 'A.TEST:80', path), /content-length: 87\r\n[^]*\r\n\r\n$/i);
  assert.equal((await proxy.log()).at(-1)?.['reason'], 'acme-challenge');
});

test('HTTP-01: other tokens, hosts, methods and paths are routed', async (t) => {
  const proxy = await start(t);
  proxy.worker.apply({ ...none, challenges: { set: [http], removed: [] } });
  assert.match(await ask(t, proxy, 'GET', 'a.test', `${folder}/${'z'.repeat(43)}`), /routed$/);
  assert.match(await ask(t, proxy, 'GET', 'a.test', `${folder}/${token}/`), /routed$/);
  assert.match(await ask(t, proxy, 'POST', 'a.test', `${folder}/${token}`), /routed$/);
  assert.match(await ask(t, proxy, 'GET', 'b.test', `${folder}/${token}`), /routed$/);
  assert.match(await ask(t, proxy, 'GET', 'a.test', '/other'), /^HTTP\/1\.1 308 /);
  proxy.worker.apply({ ...none, challenges: { set: [], removed: [http.id] } });
  assert.match(await ask(t, proxy, 'GET', 'a.test', `${folder}/${token}`), /routed$/);
});

async function handshake(
  t: TestContext,
  proxy: TestProxy,
  servername: string,
  protocol: string,
): Promise<TLSSocket> {
  const socket = connect({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    servername,
    ALPNProtocols: [protocol],
    rejectUnauthorized: false,
  });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

test('TLS-ALPN-01: the protocol of ACME gets the certificate of the challenge, everybody else the one of the host', async (t) => {
  const proxy = await start(t);
  proxy.worker.apply({ ...none, challenges: { set: [tls], removed: [] } });
  const socket = await handshake(t, proxy, 'A.test', 'acme-tls/1');
  assert.equal(socket.alpnProtocol, 'acme-tls/1');
  const certificate = socket.getPeerX509Certificate();
  assert.equal(certificate?.subjectAltName, 'DNS:a.test');
  const digest = createHash('sha256').update(keyAuthorization).digest('hex');
  // The extension: its object identifier, critical, an OCTET STRING in an OCTET STRING.
  const extension = `06082b0601050507011f0101ff042204 20${digest}`.replace(' ', '');
  assert.ok(certificate?.raw.toString('hex').includes(extension));
  socket.resume();
  if (!socket.readableEnded) await once(socket, 'end');
  const visitor = await handshake(t, proxy, 'a.test', 'http/1.1');
  assert.equal(visitor.getPeerCertificate().subject.CN, 'a.test');
  const client = new RawClient(visitor);
  client.send('GET /plain HTTP/1.1\r\nHost: a.test\r\n\r\n');
  assert.match(await client.responses(1), /routed$/);
});

test('TLS-ALPN-01: without a challenge for the name the protocol is refused', async (t) => {
  const proxy = await start(t);
  proxy.worker.apply({ ...none, challenges: { set: [tls], removed: [] } });
  await assert.rejects(handshake(t, proxy, 'b.test', 'acme-tls/1'), /no application protocol/i);
});
