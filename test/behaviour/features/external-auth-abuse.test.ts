// Authentication servers that do not behave, and clients that make use of it: nothing opens, nothing waits for ever, others live.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { features } from '../../../src/features/index.ts';
import { fullPatch } from '../../../src/table/index.ts';
import {
  sampleIngress,
  samplePath,
  sampleRule,
  sampleService,
  sampleSlice,
  translateSample,
} from '../../../src/translate/sample-objects.fixture.ts';
import { okResponse, passTime, RawClient, startAnswering, startProxy, startUpstream } from '../harness.ts';
import { host, nginxPrefix, serve, type Served } from './annotated.ts';
import { reply, serveGuarded } from './auth-server.ts';

async function open(t: Parameters<typeof serve>[0], served: Served, text = ''): Promise<RawClient> {
  const client = await RawClient.open(t, served.proxy.port);
  client.send(text === '' ? `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n` : text);
  return client;
}

test('no answer is waited for in vain, and other routes live meanwhile', async (t) => {
  const silent: RawClient[] = [];
  const port = await startUpstream(t, (client) => silent.push(client));
  const objects = [sampleIngress({ rules: [sampleRule('b.test', ['/'])] }, { name: 'other', day: 2 })];
  const annotations = { 'auth-url': `http://127.0.0.1:${port}/`, 'proxy-read-timeout': '7' };
  const served = await serve(t, { annotations, objects });
  const client = await open(t, served);
  while (silent[0]?.received.includes('\r\n\r\n') !== true) await new Promise(setImmediate);
  assert.equal((await served.ask('/', '', 'GET', 'b.test')).status, 200);
  passTime(served.proxy, 6_000);
  assert.equal(client.received, '');
  passTime(served.proxy, 8_000);
  assert.match(await client.responses(1), /^HTTP\/1\.1 500/);
  assert.equal(served.requests.length, 1);
  await silent[0].untilClosed();
});

test('interim heads and single bytes give no more time', async (t) => {
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (client) => connections.push(client));
  const served = await serve(t, { annotations: { 'auth-url': `http://127.0.0.1:${port}/` } });
  const client = await open(t, served);
  while (connections[0]?.received.includes('\r\n\r\n') !== true) await new Promise(setImmediate);
  connections[0].send('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 2');
  passTime(served.proxy, 61_000);
  assert.match(await client.responses(1), /^HTTP\/1\.1 500/);
});

test('a server that is not there is 500', async (t) => {
  const served = await serve(t, { annotations: { 'auth-url': 'http://127.0.0.1:1/' } });
  assert.equal((await served.ask('/')).status, 500);
  const named = await serve(t, { annotations: { 'auth-url': 'http://no-such-host.invalid/' } });
  assert.equal((await named.ask('/')).status, 500);
  assert.equal(served.requests.length + named.requests.length, 0);
});

test('interim heads before an answer do not count', async (t) => {
  const served = await serveGuarded(t, {
    judgeBy: () => `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${reply(200)}`,
  });
  assert.equal((await served.ask('/')).status, 200);
});

test('answers that are none, too large, or upgrades are 500', async (t) => {
  const answers = [
    'HTTP/1.1 200\n\n',
    'HTTP/2 200 OK\r\n\r\n',
    'SSH-2.0-OpenSSH_9\r\n',
    'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n'.repeat(40),
    `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-User: ${'u'.repeat(20_000)}\r\n\r\n`,
  ];
  for (const answer of answers) {
    const served = await serveGuarded(t, {
      judgeBy: () => answer,
      annotations: { 'auth-response-headers': 'X-User' },
    });
    assert.equal((await served.ask('/')).status, 500, answer.slice(0, 60));
    assert.equal(served.requests.length, 0);
  }
});

test('a body is not waited for; one that ends soon leaves the connection usable, others do not', async (t) => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', true],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\nhello', false],
    ['HTTP/1.1 200 OK\r\n\r\nhello', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhello', false],
    ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', false],
  ];
  for (const [answer, isKept] of cases) {
    const connections: RawClient[] = [];
    const port = await startUpstream(t, (client) => {
      connections.push(client);
      const serveAll = async (): Promise<void> => {
        for (let count = 1; ; count += 1) {
          await client.until((text) => text.split('\r\n\r\n').length > count);
          client.send(answer);
        }
      };
      serveAll().catch(() => {});
    });
    const served = await serve(t, { annotations: { 'auth-url': `http://127.0.0.1:${port}/` } });
    for (let i = 0; i < 2; i += 1) assert.equal((await served.ask('/')).status, 200, answer);
    assert.equal(connections.length, isKept ? 1 : 2, answer);
  }
});

test('a body without end is cut off', async (t) => {
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (client) => {
    connections.push(client);
    client
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => client.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
        () => {},
      );
  });
  const served = await serve(t, { annotations: { 'auth-url': `http://127.0.0.1:${port}/` } });
  assert.equal((await served.ask('/')).status, 200);
  passTime(served.proxy, 5_000);
  await connections[0]?.untilClosed();
});

test('a connection that the server closed meanwhile costs one try, and the request nothing', async (t) => {
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (client) => {
    connections.push(client);
    const number = connections.length;
    const serveAll = async (): Promise<void> => {
      await client.until((text) => text.includes('\r\n\r\n'));
      client.send(reply(200));
      // The first ends without an answer when it is asked again.
      await client.until((text) => text.split('\r\n\r\n').length > 2);
      if (number === 1) client.socket.destroy();
      else client.send(reply(200));
    };
    serveAll().catch(() => {});
  });
  const served = await serve(t, { annotations: { 'auth-url': `http://127.0.0.1:${port}/` } });
  for (let i = 0; i < 3; i += 1) assert.equal((await served.ask('/')).status, 200);
  assert.equal(connections.length, 2);
});

test('auth-keepalive 0: each question has a connection of its own', async (t) => {
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (client) => {
    connections.push(client);
    client
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => client.send(reply(200)),
        () => {},
      );
  });
  const annotations = { 'auth-url': `http://127.0.0.1:${port}/`, 'auth-keepalive': '0' };
  const served = await serve(t, { annotations });
  for (let i = 0; i < 2; i += 1) assert.equal((await served.ask('/')).status, 200);
  assert.equal(connections.length, 2);
  assert.match(connections[0]?.received ?? '', /\r\nConnection: close\r\n/);
});

test('a client that leaves ends its question', async (t) => {
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (client) => connections.push(client));
  const served = await serve(t, { annotations: { 'auth-url': `http://127.0.0.1:${port}/` } });
  const client = await open(t, served);
  while (connections[0]?.received.includes('\r\n\r\n') !== true) await new Promise(setImmediate);
  client.socket.destroy();
  await connections[0].untilClosed();
  assert.equal(served.requests.length, 0);
  const [line] = await served.proxy.log();
  assert.equal(line?.['status'], 499);
});

test('one Ingress may have so many questions under way, and no more', async (t) => {
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (client) => connections.push(client));
  const served = await serve(t, { annotations: { 'auth-url': `http://127.0.0.1:${port}/` } });
  const clients: RawClient[] = [];
  for (let i = 0; i < 257; i += 1) clients.push(await open(t, served));
  const refused = await Promise.race(clients.map(async (client) => await client.responses(1)));
  assert.match(refused, /^HTTP\/1\.1 503/);
  for (const client of clients) client.socket.destroy();
  while (served.proxy.worker.core.counters.active > 0) await new Promise(setImmediate);
  const late = await open(t, served);
  while (!connections.some(({ isClosed, received }) => !isClosed && received !== ''))
    await new Promise(setImmediate);
  connections.find(({ isClosed }) => !isClosed)?.send(reply(200));
  assert.match(await late.responses(1), /^HTTP\/1\.1 200/);
});

test('a body waits for the answer and is not lost', async (t) => {
  const gate = Promise.withResolvers<void>();
  const endpoints: RawClient[] = [];
  const port = await startUpstream(t, (client) => {
    endpoints.push(client);
    client
      .until((text) => text.endsWith('end'))
      .then(
        () => client.send(okResponse('ok')),
        () => {},
      );
  });
  const served = await serveGuarded(t, {
    hasEndpoints: false,
    objects: [sampleSlice(['127.0.0.1'], { ports: [{ name: '', port, protocol: 'TCP' }] })],
    judgeBy: async () => {
      await gate.promise;
      return reply(200);
    },
  });
  const body = `${'b'.repeat(300_000)}end`;
  const head = `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n`;
  const client = await open(t, served, head + body);
  while (served.questions.length < 1) await new Promise(setImmediate);
  assert.equal(endpoints.length, 0);
  gate.resolve();
  assert.match(await client.responses(1), /^HTTP\/1\.1 200/);
  assert.ok(endpoints[0]?.received.endsWith(`\r\n\r\n${body}`));
});

test('the body of what is refused is not taken for a request', async (t) => {
  const served = await serveGuarded(t);
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: a.test\r\n\r\n';
  const answer = await served.ask('/', `Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`, 'POST');
  assert.equal(answer.status, 401);
  assert.equal(answer.body.includes('HTTP/1.1'), false);
  assert.equal(served.questions.length, 1);
  assert.equal(served.requests.length, 0);
});

test('a server that asks the proxy which asks it comes to an end', async (t) => {
  // The proxy itself is the server of its only rule: its port is known once it listens.
  const backend = await startAnswering(t, () => okResponse('ok'));
  const placeholder = await startProxy(t, { hosts: {} });
  const objects = (port: number) => [
    sampleIngress(
      { rules: [sampleRule(host, ['/'])] },
      { annotations: { [`${nginxPrefix}/auth-url`]: `http://127.0.0.1:${port}/` }, day: 1 },
    ),
    // What is asked for the proxy's own address is taken by this one.
    sampleIngress(
      { rules: [{ http: { paths: [samplePath('/')] } }] },
      { name: 'any', annotations: { [`${nginxPrefix}/auth-url`]: `http://127.0.0.1:${port}/` }, day: 2 },
    ),
    sampleService(),
    sampleSlice(['127.0.0.1'], { ports: [{ name: '', port: backend, protocol: 'TCP' }] }),
  ];
  const { table } = translateSample(objects(placeholder.port), { features });
  placeholder.worker.apply({ ...fullPatch(table), version: 2 });
  const client = await RawClient.open(t, placeholder.port);
  client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  assert.match(await client.responses(1), /^HTTP\/1\.1 500/);
  const lines = await placeholder.log();
  assert.deepEqual(
    lines.map(({ reason }) => reason),
    ['auth-loop', 'auth-status', 'auth-status', 'auth-status'],
  );
});

test('a connection that waits is not taken for an answer', async (t) => {
  const connections: RawClient[] = [];
  const port = await startUpstream(t, (client) => {
    connections.push(client);
    // A second answer that nobody asked for.
    client
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => client.send(reply(401) + reply(200)),
        () => {},
      );
  });
  const served = await serve(t, { annotations: { 'auth-url': `http://127.0.0.1:${port}/` } });
  for (let i = 0; i < 3; i += 1) assert.equal((await served.ask('/')).status, 401);
  assert.equal(connections.length, 3);
});
