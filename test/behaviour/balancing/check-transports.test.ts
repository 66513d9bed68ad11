// Active checks over TLS and HTTP/2, and gRPC's health service: asked as requests are sent, judged by what comes back.
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { ServerCredentials } from '@grpc/grpc-js';
import { startAnswering, startUpstream } from '../harness.ts';
import { startEcho } from '../grpc-peers.ts';
import { startHttp2Upstream } from '../http2-upstream.ts';
import {
  issueFor,
  issueIdentity,
  makeAuthority,
  makeClientTls,
  startTlsUpstream,
  tlsPolicy,
} from '../tls-upstream.ts';
import { passUntil, startChecked } from './checked.ts';
import { refusedPort } from './numbered.ts';

const authority = makeAuthority();
const ours = issueFor(authority, 'web.test.svc', '127.0.0.1');
const trust = makeClientTls('test/trust', { caPem: authority.certificatePem });
const trusted = { material: 'test/trust', verifies: true } as const;

/** A table whose route to `web` says this of TLS. */
function tlsRoute(protocol: string, tls: Parameters<typeof tlsPolicy>[0], clientTls = [trust]) {
  const policies = { 'backend-protocol': protocol, ...tlsPolicy(tls) };
  return { hosts: { 'a.test': [{ upstream: 'web', policies }] }, clientTls };
}

test('http over TLS, as the route verifies: another authority, another name and plain text are not well', async (t) => {
  const asked: string[] = [];
  const serve = (client: Parameters<Parameters<typeof startTlsUpstream>[2]>[0]): void => {
    client
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        (text) => {
          asked.push(text);
          client.send('HTTP/1.1 204 Fine\r\n\r\n');
        },
        () => {},
      );
  };
  const good = await startTlsUpstream(t, ours, serve);
  const foreign = await startTlsUpstream(t, issueFor(makeAuthority(), 'web.test.svc'), serve);
  const misnamed = await startTlsUpstream(t, issueFor(authority, 'other.test.svc'), serve);
  const clear = await startUpstream(t, (client) => client.send('HTTP/1.1 400 No TLS\r\n\r\n'));
  const ports = [good.port, foreign.port, misnamed.port, clear];
  const { proxy, eligible } = await startChecked(
    t,
    ports,
    { kind: 'http', host: 'shop.test' },
    tlsRoute('https', trusted),
  );
  await passUntil(proxy, () => eligible().length === 1);
  assert.deepEqual(eligible(), [good.port]);
  assert.ok(asked.every((text) => text.startsWith('GET / HTTP/1.1\r\nHost: shop.test\r\n')));
});

test('the certificate and the name that requests show are shown by checks, too', async (t) => {
  const names: unknown[] = [];
  const identity = issueIdentity(authority, 'proxy');
  const upstream = await startTlsUpstream(
    t,
    { ...ours, ca: authority.certificatePem, requestCert: true, rejectUnauthorized: true },
    (client, socket) => {
      const { servername } = socket as { servername?: unknown };
      names.push([socket.getPeerCertificate().subject.CN, servername]);
      client.send('HTTP/1.1 200 OK\r\n\r\n');
    },
  );
  const own = makeClientTls('test/own', { caPem: authority.certificatePem, ...identity });
  const spec = tlsRoute('https', { material: 'test/own', verifies: true, sendsName: true }, [own]);
  const { proxy, eligible } = await startChecked(
    t,
    [upstream.port, await refusedPort()],
    { kind: 'http' },
    spec,
  );
  await passUntil(proxy, () => names.length > 0 && eligible().length === 1);
  assert.deepEqual(eligible(), [upstream.port]);
  assert.deepEqual(names[0], ['proxy', 'web.test.svc']);
});

test('tcp over TLS: the handshake must be good', async (t) => {
  const good = await startTlsUpstream(t, ours, () => {});
  const clear = await startUpstream(t, (client) => client.send('220 no TLS here\r\n'));
  const { proxy, eligible } = await startChecked(
    t,
    [good.port, clear],
    { kind: 'tcp' },
    tlsRoute('https', {}),
  );
  await passUntil(proxy, () => eligible().length === 1);
  assert.deepEqual(eligible(), [good.port]);
});

test('what the port of the Service says holds where no route says otherwise; checks follow the table', async (t) => {
  const { port } = await startTlsUpstream(t, ours, (client) => client.send('HTTP/1.1 200 OK\r\n\r\n'));
  const spec = { hosts: { 'a.test': [{ upstream: 'web' }] }, protocols: { web: 'https' } } as const;
  const { proxy, apply } = await startChecked(t, [port, await refusedPort()], { kind: 'http' }, spec);
  const ends = proxy.worker.core.pool.lookupSet('test/web:80')?.eligible.slice() ?? [];
  await passUntil(proxy, () => ends[1]?.isDown === true);
  assert.equal(ends[0]?.isDown, false);
  // In the clear it does not get on with a TLS server, by a route that comes later.
  const clear = { hosts: { 'a.test': [{ upstream: 'web', policies: { 'backend-protocol': 'http' } }] } };
  apply({ kind: 'http' }, clear);
  await passUntil(proxy, () => ends[0]?.isDown === true);
  apply({ kind: 'http' }, spec);
  await passUntil(proxy, () => ends[0]?.isDown === false);
});

test('a Secret that is missing says nothing about endpoints: nobody is asked', async (t) => {
  let connections = 0;
  const port = await startUpstream(t, () => {
    connections += 1;
  });
  const spec = tlsRoute('https', trusted, []);
  const { proxy, eligible, apply } = await startChecked(t, [port], { kind: 'tcp' }, spec);
  const { deadlines } = proxy.worker.core;
  for (let round = 1; round <= 5; round += 1) deadlines.sweep(deadlines.nowMs + 11_000);
  assert.deepEqual(eligible(), [port]);
  assert.equal(connections, 0);
  apply({ kind: 'tcp' }, { hosts: { 'a.test': [{ upstream: 'web' }] } });
  await passUntil(proxy, () => connections > 0);
});

test('http over HTTP/2, in the clear and over TLS', async (t) => {
  for (const [protocol, tls] of [
    ['h2c', {}],
    ['h2', ours],
  ] as const) {
    let status = 200;
    const asked: IncomingHttpHeaders[] = [];
    const { port } = await startHttp2Upstream(
      t,
      (stream, fields) => {
        asked.push(fields);
        stream.respond({ ':status': status });
        stream.end('a body that nobody reads');
      },
      tls,
    );
    const http1 = await startUpstream(t, (client) => client.send('HTTP/1.1 400 No\r\n\r\n'));
    const { proxy, eligible } = await startChecked(
      t,
      [port, http1],
      { kind: 'http', path: '/up', host: 'shop.test' },
      tlsRoute(protocol, {}),
    );
    await passUntil(proxy, () => eligible().length === 1);
    assert.deepEqual(eligible(), [port]);
    const { ':method': method, ':path': path, ':authority': authorityOf, ':scheme': scheme } = asked[0] ?? {};
    assert.deepEqual(
      [method, path, authorityOf, scheme],
      ['GET', '/up', 'shop.test', protocol === 'h2' ? 'https' : 'http'],
    );
    status = 503;
    // All fail: all are used.
    await passUntil(proxy, () => eligible().length === 2);
    assert.ok(proxy.worker.core.pool.lookupSet('test/web:80')?.eligible.every(({ isDown }) => isDown));
  }
});

/** A health service: what it answers to each request, whatever is in it. */
function answerHealth(stream: ServerHttp2Stream, message: readonly number[], code: string): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': code }));
  stream.end(Buffer.from(message));
}

test('grpc: SERVING is well, in the clear and over TLS; the service is named', async (t) => {
  for (const [protocol, tls] of [
    ['http', {}],
    ['h2c', {}],
    ['https', ours],
    ['h2', ours],
  ] as const) {
    let status = 1;
    const asked: [IncomingHttpHeaders, string][] = [];
    const { port } = await startHttp2Upstream(
      t,
      (stream, fields) => {
        const pieces: Buffer[] = [];
        stream.on('data', (bytes: Buffer) => pieces.push(bytes));
        stream.on('end', () => {
          asked.push([fields, Buffer.concat(pieces).toString('latin1')]);
          answerHealth(stream, [0, 0, 0, 0, 2, 8, status], '0');
        });
      },
      tls,
    );
    const check = { kind: 'grpc', grpcService: 'shop.Cart' } as const;
    const { proxy, eligible } = await startChecked(
      t,
      [port, await refusedPort()],
      check,
      tlsRoute(protocol, {}),
    );
    await passUntil(proxy, () => eligible().length === 1);
    assert.deepEqual(eligible(), [port], protocol);
    const [fields, body] = asked[0] ?? [{}, ''];
    assert.equal(fields[':path'], '/grpc.health.v1.Health/Check');
    assert.deepEqual(
      [fields[':method'], fields['content-type'], fields['te'], fields['grpc-timeout']],
      ['POST', 'application/grpc', 'trailers', '86400000m'],
    );
    assert.equal(body, '\0\0\0\0\x0b\n\tshop.Cart');
    status = 2;
    const [endpoint] = proxy.worker.core.pool.lookupSet('test/web:80')?.eligible ?? [];
    await passUntil(proxy, () => endpoint?.isDown === true);
    assert.equal(proxy.worker.core.pool.counters.upstreamConnects, 0);
  }
});

test('grpc: a server of others (@grpc/grpc-js) is well, in the clear and over TLS', async (t) => {
  const identity = { private_key: Buffer.from(ours.key), cert_chain: Buffer.from(ours.cert) };
  for (const [protocol, credentials] of [
    ['h2c', ServerCredentials.createInsecure()],
    ['h2', ServerCredentials.createSsl(null, [identity])],
  ] as const) {
    const { port } = await startEcho(t, credentials);
    const { proxy } = await startChecked(t, [port], { kind: 'grpc' }, tlsRoute(protocol, trusted));
    const [endpoint] = proxy.worker.core.pool.lookupSet('test/web:80')?.eligible ?? [];
    assert.ok(endpoint);
    // As if it had failed: only good answers help it up.
    endpoint.isDown = true;
    await passUntil(proxy, () => !endpoint.isDown);
  }
});

test('grpc: everything else is not well', async (t) => {
  const frame = (...message: number[]) => [0, 0, 0, 0, message.length, ...message];
  const bad: readonly ((stream: ServerHttp2Stream) => void)[] = [
    (stream) => answerHealth(stream, frame(), '0'),
    (stream) => answerHealth(stream, frame(8, 3), '0'),
    (stream) => answerHealth(stream, frame(8, 1), '12'),
    (stream) => answerHealth(stream, [1, ...frame(8, 1).slice(1)], '0'),
    (stream) => answerHealth(stream, [...frame(8, 1), ...frame(8, 1)], '0'),
    (stream) =>
      answerHealth(
        stream,
        Array.from({ length: 5_000 }, () => 0),
        '0',
      ),
    (stream) =>
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' },
        { endStream: true },
      ),
    (stream) => stream.respond({ ':status': 200, 'content-type': 'text/html' }, { endStream: true }),
    (stream) => stream.respond({ ':status': 404 }, { endStream: true }),
    (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end(Buffer.from(frame(8, 1)));
    },
    (stream) => stream.close(2),
    (stream) => stream.session?.destroy(),
  ];
  const ports = await Promise.all(
    bad.map(async (answer) => (await startHttp2Upstream(t, (stream) => answer(stream))).port),
  );
  const http1 = await startAnswering(t, () => 'HTTP/1.1 200 OK\r\n\r\n');
  const { port: good } = await startHttp2Upstream(t, (stream) => answerHealth(stream, frame(8, 1), '0'));
  const { proxy, eligible } = await startChecked(t, [...ports, http1, good], { kind: 'grpc' });
  await passUntil(proxy, () => eligible().length === 1);
  assert.deepEqual(eligible(), [good]);
});

test('grpc: an endpoint that takes the question and says nothing is not well', async (t) => {
  const { port } = await startHttp2Upstream(t, () => {});
  const { proxy } = await startChecked(t, [port], { kind: 'grpc', timeoutMs: 2_000 });
  const [endpoint] = proxy.worker.core.pool.lookupSet('test/web:80')?.eligible ?? [];
  await passUntil(proxy, () => endpoint?.isDown === true);
});
