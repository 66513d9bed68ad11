// What is remembered of the answers of authentication servers: by which key, how long, and for whom not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { AuthAnswer } from '../../../src/proxy/external-auth/auth-answer.ts';
import { AuthCache } from '../../../src/proxy/external-auth/auth-cache.ts';
import { RawClient } from '../harness.ts';
import { serve, trusting } from './annotated.ts';
import { good, judge, reply, serveGuarded } from './auth-server.ts';

const byAuthorization = { 'auth-cache-key': '$remote_user$http_authorization' };

test('an answer counts for requests of the same rule with the same key, and no others', async (t) => {
  const served = await serveGuarded(t, { annotations: byAuthorization, paths: ['/foo', '/bar'] });
  for (let i = 0; i < 3; i += 1) assert.equal((await served.ask('/foo', good)).status, 200);
  assert.equal(served.questions.length, 1);
  for (let i = 0; i < 2; i += 1) assert.equal((await served.ask('/foo')).status, 401);
  assert.equal(served.questions.length, 2);
  await served.ask('/bar', good);
  assert.equal(served.questions.length, 3);
  // 403 has no lifetime by default.
  for (let i = 0; i < 2; i += 1) await served.ask('/foo', 'Authorization: poor\r\n');
  assert.equal(served.questions.length, 5);
});

test('parts of a key do not run together', async (t) => {
  const annotations = { 'auth-cache-key': '$http_a$http_b', 'auth-cache-duration': '200 1h' };
  const served = await serveGuarded(t, { annotations, judgeBy: () => reply(200) });
  await served.ask('/', 'A: xy\r\nB: z\r\n');
  await served.ask('/', 'A: x\r\nB: yz\r\n');
  assert.equal(served.questions.length, 2);
});

test('nobody has an answer remembered for others by what servers read otherwise', async (t) => {
  // A server that takes the last of all cookies, arguments and fields.
  const judgeBy = (question: string): string => {
    const last = [...question.matchAll(/(?:session=|x.token: )(\w*)/gi)].at(-1)?.[1];
    return last === 'good' ? reply(200) : reply(401);
  };
  const cases: readonly (readonly [key: string, target: string, poison: string, victim: string])[] = [
    ['$cookie_session', '/', 'Cookie: a=1\r\nCookie: session=good\r\n', 'Cookie: a=1\r\n'],
    ['$cookie_session', '/', 'Cookie: session=; session=good\r\n', 'Cookie: session=\r\n'],
    ['$cookie_session', '/', 'Cookie: a=1, session=good\r\n', 'Cookie: a=1\r\n'],
    ['$http_x_token', '/', 'X-Token: bad\r\nX-Token: good\r\n', 'X-Token: bad\r\n'],
    ['$http_x_token', '/', 'X.Token: good\r\n', ''],
    ['$arg_session', '/?session=&session=good', '', ''],
  ];
  for (const [key, target, poison, victim] of cases) {
    const served = await serveGuarded(t, { annotations: { 'auth-cache-key': key }, judgeBy });
    assert.equal((await served.ask(target, poison)).status, 200, poison);
    assert.equal((await served.ask('/?session=', victim)).status, 401, poison);
    assert.equal((await served.ask('/', victim)).status, 401, poison);
  }
});

test('fields that the proxy keeps for itself tell clients apart in a key, too', async (t) => {
  const judgeBy = (question: string): string =>
    reply(/^x-forwarded-for: 192\.0\.2\.1\r$/im.test(question) ? 200 : 401);
  for (const key of ['$http_x_forwarded_for', '$http_x_real_ip']) {
    const served = await serveGuarded(t, { annotations: { 'auth-cache-key': key }, judgeBy }, trusting);
    assert.equal((await served.ask('/', 'X-Forwarded-For: 192.0.2.1\r\n')).status, 200, key);
    assert.equal((await served.ask('/', 'X-Forwarded-For: 192.0.2.2\r\n')).status, 401, key);
    assert.equal((await served.ask('/', 'X-Forwarded-For: 192.0.2.1\r\n')).status, 200, key);
    assert.equal(served.questions.length, 2, key);
  }
});

test('a question says what the client said, also of fields that no endpoint gets from it', async (t) => {
  const served = await serveGuarded(t, { target: '/$http_x_forwarded_for', judgeBy: () => reply(200) });
  await served.ask('/', 'X-Forwarded-For: 192.0.2.1\r\n');
  assert.match(served.questions[0] ?? '', /^GET \/192\.0\.2\.1 /);
});

test('a cookie is found in whatever line, and others do not count', async (t) => {
  const annotations = { 'auth-cache-key': '$cookie_session' };
  const served = await serveGuarded(t, { annotations, judgeBy: () => reply(200) });
  await served.ask('/', 'Cookie: a=1\r\nCookie: session=x; b=2\r\n');
  await served.ask('/', 'Cookie: session=x; c=3\r\n');
  assert.equal(served.questions.length, 1);
});

test('remembered answers count on while the server is gone, others are 500', async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(request.headers.authorization === 'good' ? 200 : 401).end('body');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const annotations = {
    'auth-url': `http://127.0.0.1:${port}/`,
    'auth-cache-key': 'foo',
    'auth-cache-duration': '200 201 401 30m',
  };
  const served = await serve(t, { annotations, paths: ['/foo', '/bar'] });
  assert.equal((await served.ask('/foo', good)).status, 200);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  assert.equal((await served.ask('/foo', good)).status, 200);
  assert.equal((await served.ask('/bar', good)).status, 500);
});

test('what the answer hands on is remembered with it', async (t) => {
  const annotations = { ...byAuthorization, 'auth-response-headers': 'X-User' };
  const served = await serveGuarded(t, { annotations, judgeBy: () => reply(200, 'X-User: alice\r\n') });
  for (let i = 0; i < 2; i += 1) await served.ask('/', `X-User: root\r\n${good}`);
  assert.equal(served.questions.length, 1);
  assert.deepEqual(
    served.requests.map((request) => /X-User: (.*)\r/.exec(request)?.[1]),
    ['alice', 'alice'],
  );
});

test('answers that are for one request only are not remembered', async (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ['Set-Cookie: session=alice\r\n', 2],
    ['Cache-Control: private\r\n', 2],
    ['Cache-Control: x, no-store\r\n', 2],
    ['Cache-Control: max-age=0\r\n', 2],
    ['Expires: 0\r\n', 2],
    ['Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\n', 2],
    ['Vary: *\r\n', 2],
    ['Vary: Accept-Encoding, X-Tenant\r\n', 2],
    ['Vary: Accept-Encoding, Authorization\r\n', 1],
    ['Cache-Control: max-age=60\r\n', 1],
    ['Cache-Control: public\r\n', 1],
  ];
  for (const [fields, questions] of cases) {
    const served = await serveGuarded(t, { annotations: byAuthorization, judgeBy: () => reply(200, fields) });
    for (let i = 0; i < 2; i += 1) assert.equal((await served.ask('/', good)).status, 200);
    assert.equal(served.questions.length, questions, fields);
  }
});

test('requests with one key wait for one answer, unless it is for one of them only', async (t) => {
  for (const [fields, questions] of [
    ['', 1],
    ['Set-Cookie: session=1\r\n', 5],
  ] as const) {
    const gate = Promise.withResolvers<void>();
    const served = await serveGuarded(t, {
      annotations: byAuthorization,
      judgeBy: async () => {
        await gate.promise;
        return reply(200, fields);
      },
    });
    const clients: RawClient[] = [];
    for (let i = 0; i < 5; i += 1) {
      const client = await RawClient.open(t, served.proxy.port);
      client.send(`GET /?${i} HTTP/1.1\r\nHost: a.test\r\n${good}\r\n`);
      clients.push(client);
    }
    while (served.proxy.worker.core.counters.active < 5 || served.questions.length < 1)
      await new Promise(setImmediate);
    // All five have come to the check: a sixth on a connection of its own comes behind them.
    gate.resolve();
    for (const client of clients) assert.match(await client.responses(1), /^HTTP\/1\.1 200/);
    assert.ok(
      served.questions.length <= questions && served.questions.length >= 1,
      String(served.questions.length),
    );
    if (questions === 5) assert.equal(served.questions.length, 5);
  }
});

test('who asked first may leave: the others get the answer', async (t) => {
  const gate = Promise.withResolvers<void>();
  const served = await serveGuarded(t, {
    annotations: byAuthorization,
    judgeBy: async (question) => {
      await gate.promise;
      return judge(question);
    },
  });
  const first = await RawClient.open(t, served.proxy.port);
  first.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${good}\r\n`);
  while (served.questions.length < 1) await new Promise(setImmediate);
  const second = await RawClient.open(t, served.proxy.port);
  second.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${good}\r\n`);
  while (served.proxy.worker.core.counters.active < 2) await new Promise(setImmediate);
  first.socket.destroy();
  while (served.proxy.worker.core.counters.active > 1) await new Promise(setImmediate);
  gate.resolve();
  assert.match(await second.responses(1), /^HTTP\/1\.1 200/);
});

function answerOf(fields: string, lifetimeMs: number): AuthAnswer {
  return { status: 200, fields, cookies: '', challenge: '', isShareable: true, lifetimeMs };
}

test('the cache is bounded in number and bytes, and forgets in time', () => {
  const cache = new AuthCache({ maxEntries: 3, maxBytes: 3_000 });
  for (const key of ['a', 'b', 'c']) cache.set(key, answerOf('', 1_000), 0);
  assert.ok(cache.get('a', 999) !== null);
  cache.set('d', answerOf('', 1_000), 0);
  // The one asked for longest ago.
  assert.equal(cache.get('b', 0), null);
  assert.equal(cache.size, 3);
  assert.equal(cache.get('a', 1_000), null);
  assert.equal(cache.size, 2);
  cache.set('e', answerOf('x'.repeat(2_500), 1_000), 0);
  assert.equal(cache.size, 1);
  assert.ok(cache.bytes <= 3_000);
  cache.set('f', answerOf('x'.repeat(9_000), 1_000), 0);
  assert.deepEqual([cache.size, cache.bytes], [0, 0]);
  cache.set('g', answerOf('', 0), 0);
  assert.equal(cache.size, 0);
});
