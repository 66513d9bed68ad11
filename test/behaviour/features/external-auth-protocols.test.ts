// External authentication whatever the client speaks: HTTP/2, WebSocket, gRPC; and servers that are asked over TLS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { type TestContext, test } from 'node:test';
import {
  sampleIngress,
  sampleRule,
  sampleService,
  sampleSlice,
} from '../../../src/translate/sample-objects.fixture.ts';
import { okResponse, RawClient, startAnswering, startUpstream } from '../harness.ts';
import { startTlsUpstream } from '../tls-upstream.ts';
import { makeSelfSigned } from '../self-signed.ts';
import { host, serve, type Served } from './annotated.ts';
import { good, judge, reply, serveGuarded } from './auth-server.ts';

function openHttp2(t: TestContext, served: Served): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${served.proxy.port}`);
  session.on('error', () => {});
  t.after(() => session.destroy());
  return session;
}

function ask(
  session: ClientHttp2Session,
  fields: Readonly<Record<string, string>>,
  body = '',
): ClientHttp2Stream {
  const stream = session.request({ ':authority': host, ':path': '/', ...fields }, { endStream: body === '' });
  stream.on('error', () => {});
  stream.resume();
  if (body !== '') stream.end(body);
  return stream;
}

async function fieldsOf(stream: ClientHttp2Stream): Promise<Readonly<Record<string, unknown>>> {
  const [fields] = (await once(stream, 'response')) as [Record<string, unknown>];
  return fields;
}

test('streams of one connection are judged each by itself', async (t) => {
  const served = await serveGuarded(t, { answer: () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' });
  const session = openHttp2(t, served);
  const streams = ['good', 'poor', 'none', 'good'].map((authorization) => ask(session, { authorization }));
  const answers = await Promise.all(streams.map(fieldsOf));
  assert.deepEqual(
    answers.map((fields) => fields[':status']),
    [200, 403, 401, 200],
  );
  assert.equal(answers[2]?.['www-authenticate'], 'Bearer realm="shop"');
  assert.equal(served.requests.length, 2);
});

test('a stream that is reset ends its question, and those beside it go on', async (t) => {
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (client) => connections.push(client));
  const served = await serve(t, { annotations: { 'auth-url': `http://127.0.0.1:${port}/` } });
  const session = openHttp2(t, served);
  const first = ask(session, { authorization: 'first' });
  const second = ask(session, { authorization: 'second' });
  const asking = (name: string): RawClient | undefined =>
    connections.find(({ received }) => received.includes(`authorization: ${name}\r\n`));
  while (asking('first') === undefined || asking('second') === undefined) await new Promise(setImmediate);
  first.close(constants.NGHTTP2_CANCEL);
  await asking('first')?.untilClosed();
  asking('second')?.send(reply(200));
  assert.equal((await fieldsOf(second))[':status'], 200);
});

test('gRPC: 401 is UNAUTHENTICATED, 403 PERMISSION_DENIED, and nobody is redirected', async (t) => {
  const served = await serveGuarded(t, { annotations: { 'auth-signin': 'http://auth/start' } });
  const session = openHttp2(t, served);
  const call = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };
  for (const [authorization, code] of [
    ['none', '16'],
    ['poor', '7'],
  ] as const) {
    const fields = await fieldsOf(ask(session, { ...call, authorization }, '\0\0\0\0\0'));
    assert.deepEqual([fields[':status'], fields['grpc-status']], [200, code]);
  }
  assert.equal(served.requests.length, 0);
});

const upgrade =
  `GET /chat HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

test('WebSocket: the upgrade waits for the answer, and early bytes are not lost', async (t) => {
  const gate = Promise.withResolvers<void>();
  const endpoints: RawClient[] = [];
  const port = await startUpstream(t, (client) => {
    endpoints.push(client);
    client
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () =>
          client.send(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
              'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello',
          ),
        () => {},
      );
  });
  const served = await serveGuarded(t, {
    hasEndpoints: false,
    objects: [sampleSlice(['127.0.0.1'], { ports: [{ name: '', port, protocol: 'TCP' }] })],
    judgeBy: async (question) => {
      await gate.promise;
      return judge(question);
    },
  });
  const client = await RawClient.open(t, served.proxy.port);
  client.send(`${upgrade}${good}\r\nearly`);
  while (served.questions.length < 1) await new Promise(setImmediate);
  assert.equal(/^(?:connection|upgrade):/im.test(served.questions[0] ?? ''), false);
  assert.equal(endpoints.length, 0);
  gate.resolve();
  assert.match(await client.until((text) => text.endsWith('hello')), /^HTTP\/1\.1 101 /);
  await endpoints[0]?.until((text) => text.endsWith('\r\n\r\nearly'));
  const other = await RawClient.open(t, served.proxy.port);
  other.send(`${upgrade}\r\n`);
  assert.match(await other.responses(1), /^HTTP\/1\.1 401 /);
  assert.equal(endpoints.length, 1);
});

test('a server over TLS is verified, unless that is turned off', async (t) => {
  const { chainPem, keyPem } = makeSelfSigned(['auth.test']);
  const questions: RawClient[] = [];
  const { port } = await startTlsUpstream(t, { cert: chainPem, key: keyPem }, (client) => {
    questions.push(client);
    client
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => client.send(reply(200)),
        () => {},
      );
  });
  const annotations = { 'auth-url': `https://127.0.0.1:${port}/check` };
  const verified = await serve(t, { annotations });
  assert.equal((await verified.ask('/')).status, 500);
  assert.deepEqual([questions.length, verified.requests.length], [0, 0]);
  const [line] = await verified.proxy.log();
  assert.equal(line?.['reason'], 'auth-upstream-tls');
  const trusting = await serve(t, {
    annotations: { ...annotations, 'sallyport.dev/auth-url-verify': 'false' },
  });
  assert.equal((await trusting.ask('/')).status, 200);
  assert.match(questions[0]?.received ?? '', /^GET \/check HTTP\/1\.1\r\nHost: 127\.0\.0\.1\r\n/);
});

test('a rule with a wildcard asks the host of the request', async (t) => {
  const served = await serveGuarded(t);
  const wildcard = await serve(t, {
    annotations: { 'auth-url': `http://$host:${served.authPort}/check` },
    ruleHost: '*.localhost',
  });
  assert.equal((await wildcard.ask('/', good, 'GET', 'shop.localhost')).status, 200);
  assert.equal((await wildcard.ask('/', '', 'GET', 'shop.localhost')).status, 401);
  assert.ok(served.questions.every((question) => question.includes('\r\nHost: shop.localhost\r\n')));
});

test('a Service is asked by its name in the cluster, without DNS, and without it nobody comes in', async (t) => {
  const questions: string[] = [];
  const port = await startAnswering(t, (question) => {
    questions.push(question);
    return judge(question);
  });
  const objects = [
    sampleService('login'),
    sampleSlice(['127.0.0.1'], { service: 'login', ports: [{ name: '', port, protocol: 'TCP' }] }),
  ];
  for (const name of ['login.shop.svc', 'login.shop.svc.cluster.local']) {
    const annotations = { 'auth-url': `http://${name}/check` };
    const served = await serve(t, { annotations, objects });
    assert.equal((await served.ask('/', good)).status, 200);
    assert.equal((await served.ask('/')).status, 401);
    assert.ok(questions.at(-1)?.includes(`\r\nHost: ${name}\r\n`));
  }
  const without = await serve(t, { annotations: { 'auth-url': 'http://login.shop.svc/check' } });
  assert.equal((await without.ask('/', good)).status, 500);
  assert.deepEqual(without.problems, []);
});

test('questions that fail eject no endpoint of a Service that serves others', async (t) => {
  const health = { maxFailures: 1, maxEjectedPercent: 100 };
  const annotations = { 'auth-url': 'http://app.shop.svc/check' };
  const answer = (request: string): string =>
    request.startsWith('GET /check') ? 'SSH-2.0-OpenSSH_9\r\n' : okResponse('ok');
  const objects = [sampleIngress({ rules: [sampleRule('b.test', ['/'])] }, { name: 'other', day: 2 })];
  const served = await serve(t, { annotations, answer, objects }, { health });
  for (let i = 0; i < 3; i += 1) assert.equal((await served.ask('/')).status, 500);
  assert.equal((await served.ask('/', '', 'GET', 'b.test')).status, 200);
  assert.deepEqual(served.proxy.worker.core.pool.health, { ejections: 0, ejected: 0 });
});
