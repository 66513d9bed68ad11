// The table of outcomes: sane in itself, and every kind can be brought about, answers as it says, and names itself in the access log.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { anyPort } from '../../src/proxy/listeners.ts';
import { errorKindOf, isIdempotent, outcomes, type ProxyErrorKind } from '../../src/proxy/outcome.ts';
import { startHttp2Upstream } from './http2-upstream.ts';
import { getRequest as get, RawClient, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { turnUntil, turns } from './probe.ts';
import { makeCertificate } from './self-signed.ts';
import { issueFor, makeAuthority, startTlsUpstream, tlsPolicy } from './tls-upstream.ts';

/** One request's world: a proxy, a client, and an upstream that does what the scenario says when its request head has come. */
interface World {
  readonly t: TestContext;
  readonly proxy: TestProxy;
  readonly client: RawClient;
  readonly asked: Promise<RawClient>;
  /** A stream has come to the HTTP/2 upstream that never answers. */
  readonly hung: Promise<void>;
  readonly passTime: (ms: number) => void;
}

type Scenario = (world: World) => Promise<unknown> | undefined;

const post = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\n';

/** To an endpoint of HTTP/2 that takes none. */
const websocket = 'GET /hanging HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n';

/** Runs `act` when the proxy opens its next connection, before it is established. */
function onConnecting({ t, proxy }: World, act: (socket: Socket) => void): void {
  const listener = (message: unknown): void => {
    unsubscribe('net.client.socket', listener);
    const { socket } = message as { socket: Socket };
    process.nextTick(() => act(socket));
  };
  subscribe('net.client.socket', listener);
  t.after(() => unsubscribe('net.client.socket', listener));
  assert.equal(proxy.worker.core.pool.counters.upstreamConnects, 0);
}

const scenarios: Readonly<Record<ProxyErrorKind, Scenario>> = {
  'downstream-closed': async ({ client, asked }) => {
    client.send(get);
    await asked;
    client.socket.destroy();
  },
  'head-timeout': async ({ client, proxy, passTime }) => {
    client.send('GET / HTT');
    await turnUntil(() => proxy.worker.core.counters.active > 0, 'a connection');
    await turns(10);
    passTime(61_000);
  },
  'body-timeout': async ({ client, asked, passTime }) => {
    client.send(post);
    await asked;
    passTime(61_000);
  },
  'send-stall': async ({ client, asked, passTime, proxy }) => {
    client.socket.pause();
    client.send(get);
    const upstream = await asked;
    upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 40000000\r\n\r\n');
    await fillUp(upstream);
    passTime(61_000);
    assert.equal(proxy.worker.core.counters.active, 0);
  },
  'body-too-large': ({ client }) => {
    client.send('POST /small HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\n');
    return undefined;
  },
  'ambiguous-path': ({ client }) => {
    client.send('GET /small/..%2fx HTTP/1.1\r\nHost: a.test\r\n\r\n');
    return undefined;
  },
  'rewritten-path-invalid': ({ client }) => {
    client.send('GET /rewrite HTTP/1.1\r\nHost: a.test\r\n\r\n');
    return undefined;
  },
  misdirected: async ({ t, proxy }) => {
    const socket = connectTls({
      port: proxy.tlsPort,
      host: '127.0.0.1',
      servername: 'tls.test',
      rejectUnauthorized: false,
    });
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    socket.write(get);
    await once(socket, 'data');
  },
  'no-endpoint': ({ client }) => {
    client.send('GET /none HTTP/1.1\r\nHost: a.test\r\n\r\n');
    return undefined;
  },
  overload: (world) => {
    onConnecting(world, (socket) => socket.destroy(systemError('EMFILE')));
    world.client.send(get);
    return undefined;
  },
  'connect-refused': ({ client }) => {
    client.send('GET /refused HTTP/1.1\r\nHost: a.test\r\n\r\n');
    return undefined;
  },
  'connect-failed': (world) => {
    onConnecting(world, (socket) => socket.destroy(systemError('EHOSTUNREACH')));
    world.client.send(get);
    return undefined;
  },
  'connect-timeout': (world) => {
    onConnecting(world, () => world.passTime(6_000));
    world.client.send(get);
    return undefined;
  },
  'upstream-refused': ({ client }) => {
    client.send(get.replace('/', '/refusing'));
    return undefined;
  },
  'grpc-deadline': async ({ client, passTime, hung }) => {
    client.send(
      'POST /hanging HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/grpc\r\nGrpc-Timeout: 2S\r\nContent-Length: 0\r\n\r\n',
    );
    await hung;
    passTime(3_000);
  },
  'grpc-web-body': ({ client }) => {
    client.send(
      'POST /hanging HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/grpc-web-text\r\nContent-Length: 4\r\n\r\n????',
    );
    return undefined;
  },
  'upstream-tls': ({ client }) => {
    client.send(get.replace('/', '/tls'));
    return undefined;
  },
  'upstream-tls-alert': ({ client, proxy }) => {
    const { pool } = proxy.worker.core;
    const open = pool.open.bind(pool);
    pool.open = (...args) => {
      const connection = open(...args);
      connection.socket.once('secureConnect', () => {
        connection.socket.destroy(systemError('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'));
      });
      return connection;
    };
    client.send(get.replace('/', '/alert'));
    return undefined;
  },
  'upstream-tls-secret': ({ client }) => {
    client.send(get.replace('/', '/secret'));
    return undefined;
  },
  'upstream-reset': async ({ client, asked }) => {
    client.send(get.replace('GET', 'PATCH'));
    (await asked).socket.resetAndDestroy();
  },
  'upstream-send-timeout': async ({ client, asked, passTime, proxy }) => {
    client.send('POST /large HTTP/1.1\r\nHost: a.test\r\nContent-Length: 40000000\r\n\r\n');
    (await asked).socket.pause();
    await fillUp(client);
    passTime(61_000);
    assert.equal(proxy.worker.core.pool.counters.upstreamConnections, 0);
  },
  'upstream-read-timeout': async ({ client, asked, passTime }) => {
    client.send(get);
    await asked;
    passTime(61_000);
  },
  'upstream-response-malformed': async ({ client, asked }) => {
    client.send(get);
    (await asked).send('220 mail.test ESMTP\r\n');
  },
  'upstream-head-too-large': async ({ client, asked }) => {
    client.send('GET /brief HTTP/1.1\r\nHost: a.test\r\n\r\n');
    (await asked).send(`HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ${'x'.repeat(1_000)}\r\n\r\n`);
  },
  'upstream-truncated': async ({ client, asked }) => {
    client.send(get);
    const upstream = await asked;
    upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    upstream.socket.end();
  },
  'upgrade-unexpected': async ({ client, asked }) => {
    client.send(get);
    (await asked).send('HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  },
  'upgrade-unsupported': ({ client }) => {
    client.send(`${websocket}Sec-WebSocket-Key: ${'a'.repeat(22)}==\r\n\r\n`);
    return undefined;
  },
  'websocket-key': ({ client }) => {
    client.send(`${websocket}Sec-WebSocket-Key: short\r\n\r\n`);
    return undefined;
  },
  'length-required': ({ client }) => {
    const head = 'POST /fastcgi HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n';
    client.send(`${head}1\r\nx\r\n0\r\n\r\n`);
    return undefined;
  },
  internal: ({ client, proxy }) => {
    proxy.worker.core.requestIds.next = () => {
      throw new Error('a defect');
    };
    client.send(get);
    return undefined;
  },
};

/** Statuses of answers that are not the outcome's: gRPC has its own. */
const answeredStatus: Partial<Record<ProxyErrorKind, number>> = { 'grpc-deadline': 200 };

/** Statuses in the log that are not the outcome's: nothing was sent, or an answer had begun. */
const loggedStatus: Partial<Record<ProxyErrorKind, number>> = {
  'send-stall': 200,
  'upstream-truncated': 200,
};

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Sends until the kernel takes no more, because the proxy does not read on. */
async function fillUp(side: RawClient): Promise<void> {
  const piece = Buffer.alloc(65_536, 'x');
  for (let quietTurns = 0; quietTurns < 100; quietTurns += 1) {
    if (side.socket.writableLength === 0) quietTurns = 0;
    if (side.socket.writableLength < piece.length) side.socket.write(piece);
    await new Promise(setImmediate);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function makeWorld(t: TestContext): Promise<World> {
  const asked = Promise.withResolvers<RawClient>();
  const port = await startUpstream(t, (upstream) => {
    upstream
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => asked.resolve(upstream),
        () => {},
      );
  });
  // Answers a ClientHello in its own language.
  const plain = await startUpstream(t, (upstream) => upstream.send('220 mail.test ESMTP\r\n'));
  const alerting = await startTlsUpstream(t, issueFor(makeAuthority(), 'alert.test'), () => {});
  const refusing = await startHttp2Upstream(t, (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
  const hung = Promise.withResolvers<void>();
  const hanging = await startHttp2Upstream(t, () => hung.resolve());
  const https = { 'backend-protocol': 'https' };
  const rewrite = { target: '/x/../y' };
  const proxy = await startProxy(
    t,
    {
      hosts: {
        'a.test': [
          { path: '/brief', upstream: 'web', policies: { buffering: { maxResponseHeadBytes: 512 } } },
          { path: '/small', upstream: 'web', policies: { 'body-size': { maxBodyBytes: 3 } } },
          { path: '/large', upstream: 'web', policies: { 'body-size': { maxBodyBytes: 0 } } },
          {
            path: '/fastcgi',
            upstream: 'web',
            policies: { 'backend-protocol': { fastCgi: { index: '', params: [] } } },
          },
          { path: '/none', upstream: 'none' },
          { path: '/refused', upstream: 'refused' },
          { path: '/tls', upstream: 'plain', policies: https },
          { path: '/hanging', upstream: 'hanging', policies: { 'backend-protocol': 'h2c' } },
          { path: '/refusing', upstream: 'refusing', policies: { 'backend-protocol': 'h2c' } },
          { path: '/alert', upstream: 'alerting', policies: https },
          {
            path: '/secret',
            upstream: 'plain',
            policies: { ...https, ...tlsPolicy({ material: 'test/no' }) },
          },
          { path: '/rewrite', upstream: 'web', policies: { rewrite } },
          { upstream: 'web' },
        ],
        'tls.test': [{ upstream: 'web' }],
      },
      upstreams: {
        web: [port],
        none: [],
        refused: [await freePort()],
        plain: [plain],
        alerting: [alerting.port],
        refusing: [refusing.port],
        hanging: [hanging.port],
      },
      certificates: [makeCertificate('test/tls', ['tls.test'])],
      tls: { 'tls.test': 'test/tls', 'a.test': null },
    },
    { listen: { httpsPort: anyPort } },
  );
  const passTime = (ms: number): void => proxy.worker.core.deadlines.sweep(performance.now() + ms);
  const client = await RawClient.open(t, proxy.port);
  return { t, proxy, client, asked: asked.promise, hung: hung.promise, passTime };
}

describe('every outcome comes about, is answered as the table says and names itself', () => {
  for (const [kind, outcome] of Object.entries(outcomes)) {
    test(kind, { timeout: 10_000 }, async (t) => {
      const world = await makeWorld(t);
      const { proxy, client } = world;
      await scenarios[kind as ProxyErrorKind](world);
      await turnUntil(() => proxy.worker.core.recorder.reasons.get(kind) === 1, 'a counted reason');
      const [line] = await proxy.log();
      assert.deepEqual(
        [line?.['reason'], line?.['status']],
        [kind, loggedStatus[kind as ProxyErrorKind] ?? outcome.status],
      );
      const isAnswered = loggedStatus[kind as ProxyErrorKind] === undefined && outcome.side !== 'downstream';
      if (!isAnswered) return;
      assert.match(
        await client.responses(1),
        new RegExp(`^HTTP/1\\.1 ${answeredStatus[kind as ProxyErrorKind] ?? outcome.status} `),
      );
      // A body that was not read to its end closes the connection, too.
      const closes = outcome.closes || kind === 'upstream-send-timeout';
      assert.equal(/\r\nConnection: close\r\n/.test(client.received), closes);
    });
  }
});

test('the table is sane', () => {
  for (const [kind, { status, side, retry, closes, level }] of Object.entries(outcomes)) {
    const range = { downstream: /^(0|4\d\d)$/, upstream: /^50[234]$/, internal: /^500$/ }[side];
    assert.match(String(status), range, kind);
    // Only what went wrong upstream, before an answer, may be tried again; a client's fault never is.
    if (retry !== 'never') assert.equal(side, 'upstream', kind);
    if (side === 'internal') assert.ok(closes && level === 'error', kind);
    if (side === 'downstream') assert.equal(level, 'debug', `${kind}: what clients do is no warning`);
  }
});

test('system errors become kinds, by whether the connection was there', () => {
  const cases: readonly (readonly [code: string | undefined, isConnected: boolean, kind: ProxyErrorKind])[] =
    [
      ['ECONNREFUSED', false, 'connect-refused'],
      ['ETIMEDOUT', false, 'connect-timeout'],
      ['EHOSTUNREACH', false, 'connect-failed'],
      [undefined, false, 'connect-failed'],
      ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', true, 'upstream-tls-alert'],
      ['EMFILE', false, 'overload'],
      ['EADDRNOTAVAIL', false, 'overload'],
      ['ECONNRESET', true, 'upstream-reset'],
      ['EPIPE', true, 'upstream-reset'],
      ['ETIMEDOUT', true, 'upstream-reset'],
    ];
  for (const [code, isConnected, kind] of cases)
    assert.equal(errorKindOf(code, isConnected), kind, String(code));
  for (const code of ['ECONNRESET', 'CERT_HAS_EXPIRED', undefined])
    assert.equal(errorKindOf(code, false, true), 'upstream-tls', 'in the handshake of TLS');
});

test('methods that may be repeated', () => {
  const safe = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'];
  const unsafe = ['POST', 'PATCH', 'LOCK', 'CONNECT', 'get', 'PROPPATCH', ''];
  assert.deepEqual([...safe, ...unsafe].filter(isIdempotent), safe);
});
