// gRPC end to end, with a client and a server that others wrote: all kinds of calls, metadata, statuses, cancellation, health, in the clear and over TLS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type Client, credentials, Metadata, ServerCredentials, status } from '@grpc/grpc-js';
import { anyPort } from '../../src/proxy/listeners.ts';
import {
  type Call,
  callUnary,
  echo,
  type EchoServer,
  health,
  openClient,
  serving,
  startEcho,
} from './grpc-peers.ts';
import { passTime, startProxy, type TestProxy } from './harness.ts';
import { turnUntil } from './probe.ts';
import { issueFor, makeAuthority, makeClientTls, tlsPolicy } from './tls-upstream.ts';

const grpc = { 'backend-protocol': 'h2c', 'body-size': { maxBodyBytes: 0 } };

interface World {
  readonly proxy: TestProxy;
  readonly echoes: EchoServer;
  readonly client: Client;
}

async function startWorld(t: TestContext): Promise<World> {
  const echoes = await startEcho(t);
  const proxy = await startProxy(t, {
    hosts: {
      'a.test': [
        { path: '/test.Echo', upstream: 'echo', policies: grpc },
        { path: '/grpc.health.v1.Health', upstream: 'echo', policies: grpc },
        { path: '/test.Gone', upstream: 'gone', policies: grpc },
        { path: '/test.Refused', upstream: 'refused', policies: grpc },
        { path: '/test.Small', upstream: 'echo', policies: { ...grpc, 'body-size': { maxBodyBytes: 10 } } },
        { path: '/test.Denied', status: 403 },
      ],
    },
    upstreams: { echo: [echoes.port], gone: [], refused: [1] },
  });
  return { proxy, echoes, client: openClient(t, proxy.port) };
}

test('long streams need not be busy: silence of both sides for the time-out of reading ends them, and nothing less', async (t) => {
  const { client, proxy } = await startWorld(t);
  const open = ({ path, requestSerialize, responseDeserialize }: Call) =>
    client.makeBidiStreamRequest<Buffer, Buffer>(path, requestSerialize, responseDeserialize);
  const chat = open(echo.chat);
  const say = async (word: string): Promise<void> => {
    chat.write(Buffer.from(word));
    assert.equal(String((await once(chat, 'data'))[0]), word);
  };
  await say('one');
  passTime(proxy, 45_000);
  await say('two');
  passTime(proxy, 100_000);
  await say('three');
  const failed = once(chat, 'error');
  passTime(proxy, 161_000);
  assert.equal(((await failed)[0] as { code?: number }).code, status.INTERNAL);
});

test('a client may take its time with an upload, message by message', async (t) => {
  const { client, proxy, echoes } = await startWorld(t);
  const { path, requestSerialize, responseDeserialize } = echo.upload;
  const answered = Promise.withResolvers<string>();
  const upload = client.makeClientStreamRequest<Buffer, Buffer>(
    path,
    requestSerialize,
    responseDeserialize,
    (error, value) => (error === null ? answered.resolve(String(value)) : answered.reject(error)),
  );
  for (const [index, word] of ['a', 'b', 'c'].entries()) {
    upload.write(Buffer.from(word));
    await turnUntil(() => echoes.uploaded() === index + 1, 'a message');
    passTime(proxy, 45_000 * (index + 1));
  }
  upload.end();
  assert.equal(await answered.promise, 'abc');
});

test('unary calls carry messages, metadata of text and bytes, and trailing metadata', async (t) => {
  const { client } = await startWorld(t);
  const metadata = new Metadata();
  metadata.add('x-own', 'one');
  metadata.add('x-own', 'two');
  metadata.add('x-bytes-bin', Buffer.from([0, 255, 13, 10]));
  const message = Buffer.from('hello');
  const { code, answer, head, trailer } = await callUnary(client, echo.unary, message, metadata);
  assert.deepEqual([code, answer], [status.OK, message]);
  assert.equal(head?.get('x-own').join(', '), 'one, two');
  assert.deepEqual(head?.get('x-bytes-bin'), [Buffer.from([0, 255, 13, 10])]);
  assert.deepEqual(trailer.get('x-trailer'), ['last']);
});

test('messages of megabytes arrive whole', async (t) => {
  const { client } = await startWorld(t);
  const message = Buffer.alloc(3_000_000, 'abcdefg');
  const { code, answer } = await callUnary(client, echo.unary, message);
  assert.equal(code, status.OK);
  assert.ok(answer.equals(message));
});

test('streams of the client, of the server and of both', async (t) => {
  const { client } = await startWorld(t);
  const { requestSerialize: write, responseDeserialize: read } = echo.chat;
  const uploaded = await new Promise<Buffer | undefined>((resolve, reject) => {
    const upload = client.makeClientStreamRequest<Buffer, Buffer>(
      echo.upload.path,
      write,
      read,
      (error, value) => (error === null ? resolve(value) : reject(error)),
    );
    for (const piece of ['a', 'b', 'c']) upload.write(Buffer.from(piece));
    upload.end();
  });
  assert.equal(String(uploaded), 'abc');
  const got: string[] = [];
  const download = client.makeServerStreamRequest<Buffer, Buffer>(
    echo.download.path,
    write,
    read,
    Buffer.from('n'),
  );
  for await (const piece of download) got.push(String(piece));
  assert.deepEqual(got, ['n0', 'n1', 'n2', 'n3', 'n4']);
  const chat = client.makeBidiStreamRequest<Buffer, Buffer>(echo.chat.path, write, read);
  // Each answer comes before the next message is sent: nothing is held back on the way.
  for (const piece of ['x', 'y', 'z']) {
    chat.write(Buffer.from(piece));
    const [answer] = (await once(chat, 'data')) as [Buffer];
    assert.equal(String(answer), piece);
  }
  const ended = once(chat, 'status');
  chat.end();
  chat.resume();
  assert.equal(((await ended) as [{ code: number }])[0].code, status.OK);
});

test('the status of the server is the status of the client', async (t) => {
  const { client } = await startWorld(t);
  const { code, details } = await callUnary(client, echo.fail, Buffer.from('why'));
  assert.deepEqual([code, details], [status.FAILED_PRECONDITION, 'no: why']);
  const unknown: Call = { ...echo.unary, path: '/test.Echo/Nothing' };
  assert.equal((await callUnary(client, unknown, Buffer.from('x'))).code, status.UNIMPLEMENTED);
});

test("the proxy's own errors are statuses of gRPC", async (t) => {
  const { client, proxy } = await startWorld(t);
  const codeOf = async (path: string): Promise<readonly [number, string]> => {
    const { code, details } = await callUnary(client, { ...echo.unary, path }, Buffer.alloc(50));
    return [code, details];
  };
  assert.deepEqual(await codeOf('/nowhere.At/All'), [status.UNIMPLEMENTED, 'no-route']);
  assert.deepEqual(await codeOf('/test.Gone/Call'), [status.UNAVAILABLE, 'no-endpoint']);
  assert.deepEqual(await codeOf('/test.Refused/Call'), [status.UNAVAILABLE, 'connect-refused']);
  assert.deepEqual(await codeOf('/test.Denied/Call'), [status.PERMISSION_DENIED, 'test-status']);
  assert.deepEqual((await codeOf('/test.Small/Call'))[0], status.RESOURCE_EXHAUSTED);
  // The log tells what happened, not what the client was told in its own tongue.
  const statuses = (await proxy.log()).map((line) => line['status']);
  assert.deepEqual(statuses, [404, 503, 502, 403, 413]);
});

/** A call whose first message has come and whose end has not. */
async function startHanging(t: TestContext) {
  const { client, echoes } = await startWorld(t);
  const { path, requestSerialize: write, responseDeserialize: read } = echo.hang;
  const hanging = client.makeServerStreamRequest<Buffer, Buffer>(path, write, read, Buffer.from('x'));
  hanging.on('error', () => {});
  await once(hanging, 'data');
  return { hanging, echoes };
}

test('a client that cancels is a client that the server hears of', async (t) => {
  const { hanging, echoes } = await startHanging(t);
  hanging.cancel();
  await echoes.cancelled;
});

test('a server that goes away in the middle of a call ends it with an error', async (t) => {
  const { hanging, echoes } = await startHanging(t);
  const ended = new Promise<number>((resolve) => hanging.on('status', ({ code }) => resolve(code)));
  echoes.server.forceShutdown();
  assert.notEqual(await ended, status.OK);
});

test('the health service answers through the proxy, checked and watched', async (t) => {
  const { client } = await startWorld(t);
  assert.deepEqual((await callUnary(client, health.check, Buffer.alloc(0))).answer, serving);
  const { requestSerialize: write, responseDeserialize: read } = health.watch;
  const watch = client.makeServerStreamRequest<Buffer, Buffer>(
    health.watch.path,
    write,
    read,
    Buffer.alloc(0),
  );
  watch.on('error', () => {});
  const [answer] = (await once(watch, 'data')) as [Buffer];
  assert.deepEqual(answer, serving);
  watch.cancel();
});

test('a server that has gone is unavailable', async (t) => {
  const { client, echoes, proxy } = await startWorld(t);
  assert.equal((await callUnary(client, echo.unary, Buffer.from('1'))).code, status.OK);
  await new Promise<void>((resolve) => echoes.server.tryShutdown(() => resolve()));
  await turnUntil(() => proxy.worker.core.pool.counters.upstreamConnections === 0, 'no session');
  assert.equal((await callUnary(client, echo.unary, Buffer.from('2'))).code, status.UNAVAILABLE);
});

test('over TLS on both sides, with verification', async (t) => {
  const authority = makeAuthority();
  const ca = Buffer.from(authority.certificatePem);
  const upstream = issueFor(authority, 'echo.test.svc');
  const serverCredentials = ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(upstream.key), cert_chain: Buffer.from(upstream.cert) },
  ]);
  const echoes = await startEcho(t, serverCredentials);
  const own = issueFor(authority, 'a.test');
  const fingerprint = '00'.repeat(32);
  const proxy = await startProxy(
    t,
    {
      hosts: {
        'a.test': [
          {
            upstream: 'echo',
            policies: {
              'backend-protocol': 'h2',
              ...tlsPolicy({ material: 'test/trust', verifies: true, sendsName: true }),
            },
          },
        ],
      },
      upstreams: { echo: [echoes.port] },
      clientTls: [makeClientTls('test/trust', { caPem: authority.certificatePem })],
      certificates: [
        {
          id: 'test/a',
          names: ['a.test'],
          chainPem: own.cert,
          keyPem: own.key,
          fingerprint,
          notAfterMs: Date.now() + 1e9,
        },
      ],
      tls: { 'a.test': 'test/a' },
    },
    { listen: { httpsPort: anyPort } },
  );
  const client = openClient(t, proxy.tlsPort, credentials.createSsl(ca), {
    'grpc.ssl_target_name_override': 'a.test',
  });
  const message = Buffer.from('secret');
  const { code, answer } = await callUnary(client, echo.unary, message);
  assert.deepEqual([code, answer], [status.OK, message]);
});
