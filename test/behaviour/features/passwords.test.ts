// Basic authentication through a worker: who gets 401 and who is let in, what goes before it, what endpoints see of it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { sampleIngress, sampleRule, sampleSlice } from '../../../src/translate/sample-objects.fixture.ts';
import { okResponse, RawClient, startUpstream } from '../harness.ts';
import { fieldOf, host, nginxPrefix, serve, trusting } from './annotated.ts';
import { asking, basic, bcrypt4, passwordSecret } from './password-objects.ts';

const users = passwordSecret({ auth: `anna:${bcrypt4}\nbert:{PLAIN}swordfish` });
const right = basic('anna', 'open sesame');

test('without a password, and with a wrong one, the answer is 401', async (t) => {
  const annotations = { ...asking, 'auth-realm': 'The office' };
  const served = await serve(t, { annotations, objects: [users] });
  const wrong = [
    '',
    basic('anna', 'wrong'),
    basic('bert', 'open sesame'),
    basic('carl', 'open sesame'),
    basic('anna', ''),
  ];
  for (const fields of [...wrong, 'Authorization: Bearer x\r\n', 'Authorization: Basic !\r\n']) {
    const answer = await served.ask('/', fields);
    assert.equal(answer.status, 401, fields);
    assert.match(answer.head, /^HTTP\/1\.1 401 Unauthorized\r\n/);
    assert.equal(fieldOf(answer.head, 'WWW-Authenticate'), 'Basic realm="The office"');
    assert.match(answer.body, /<title>401 Authorization Required<\/title>/);
  }
  assert.deepEqual(served.requests, []);
});

test('with the right one the endpoint answers, and does not see it', async (t) => {
  const served = await serve(t, { annotations: asking, objects: [users] });
  assert.equal((await served.ask('/', right)).status, 200);
  assert.equal((await served.ask('/', basic('bert', 'swordfish'))).status, 200);
  assert.equal(served.requests.length, 2);
  for (const request of served.requests) assert.equal(fieldOf(request, 'Authorization'), undefined);
  assert.deepEqual(
    (await served.proxy.log()).map(({ status, remote_user }) => [status, remote_user]),
    [
      [200, 'anna'],
      [200, 'bert'],
    ],
  );
});

test('a costly hash is looked at once for the same credentials', async (t) => {
  const served = await serve(t, { annotations: asking, objects: [users] });
  for (let i = 0; i < 3; i += 1) assert.equal((await served.ask('/', right)).status, 200);
  assert.equal(served.proxy.worker.passwords.queue.counters.checked, 1);
  await served.ask('/', basic('anna', 'wrong'));
  // An unknown user costs a hash too, or could be told from a known one; of which scheme, the name decides.
  for (const name of ['carl', 'dora', 'emil', 'fred', 'gina', 'hugo', 'ines', 'jens']) {
    assert.equal((await served.ask('/', basic(name, 'open sesame'))).status, 401);
  }
  assert.ok(served.proxy.worker.passwords.queue.counters.checked > 2);
});

test('users may be keys of the Secret', async (t) => {
  const annotations = { ...asking, 'auth-secret-type': 'auth-map' };
  const served = await serve(t, { annotations, objects: [passwordSecret({ anna: bcrypt4 })] });
  assert.equal((await served.ask('/')).status, 401);
  assert.equal((await served.ask('/', right)).status, 200);
  // Without a realm there is an empty one.
  assert.equal(fieldOf((await served.ask('/')).head, 'WWW-Authenticate'), 'Basic realm=""');
});

test('a Secret without a usable hash lets nobody in, and harms no other host', async (t) => {
  const other = sampleIngress({ rules: [sampleRule('b.test', ['/'])] }, { name: 'other', day: 2 });
  const objects = [passwordSecret({ auth: 'foo:' }), other];
  const served = await serve(t, { annotations: asking, objects });
  for (const fields of ['', basic('foo', ''), basic('foo', 'bar')]) {
    assert.equal((await served.ask('/', fields)).status, 401);
  }
  assert.equal((await served.ask('/', '', 'GET', 'b.test')).status, 200);
});

test('without a Secret the answer is 503, for whatever is asked', async (t) => {
  const annotations = { ...asking, 'enable-cors': 'true', 'permanent-redirect': 'https://else.test' };
  const served = await serve(t, { annotations, tls: true });
  const answer = await served.ask('/', right);
  assert.equal(answer.status, 503);
  assert.match(answer.body, /503 Service Temporarily Unavailable/);
  const preflight = 'Origin: https://shop.test\r\nAccess-Control-Request-Method: PUT\r\n';
  assert.equal((await served.ask('/', preflight, 'OPTIONS')).status, 503);
  assert.ok(
    served.problems.some(({ code, message }) => code === 'SecretNotFound' && message.includes('shop/users')),
  );
});

test('a realm that is "off" turns nothing off', async (t) => {
  const served = await serve(t, { annotations: { ...asking, 'auth-realm': 'off' }, objects: [users] });
  assert.equal((await served.ask('/')).status, 401);
});

test('HEAD, and a request whose body is not taken for the next one', async (t) => {
  const served = await serve(t, { annotations: asking, objects: [users] });
  const head = await served.ask('/', '', 'HEAD');
  assert.deepEqual([head.status, head.body], [401, '']);
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: a.test\r\n\r\n';
  for (const fields of ['', basic('anna', 'wrong')]) {
    const length = `Content-Length: ${smuggled.length}\r\n`;
    const answer = await served.ask('/', `${fields}${length}\r\n${smuggled}`, 'POST');
    assert.equal(answer.status, 401);
    assert.equal(answer.body.includes('HTTP/1.1'), false);
  }
  assert.deepEqual(served.requests, []);
});

test('a body waits for the hash and arrives whole', async (t) => {
  let received = '';
  const port = await startUpstream(t, (client) => {
    void client
      .until((text) => text.endsWith('abcdef'))
      .then((text) => {
        received = text;
        client.send(okResponse('ok'));
      });
  });
  const slice = sampleSlice(['127.0.0.1'], { ports: [{ name: '', port, protocol: 'TCP' }] });
  const served = await serve(t, { annotations: asking, objects: [users, slice], hasEndpoints: false });
  const client = await RawClient.open(t, served.proxy.port);
  client.send(`POST / HTTP/1.1\r\nHost: a.test\r\n${right}Content-Length: 6\r\n\r\nab`);
  client.send('cdef');
  assert.match(await client.responses(1), /^HTTP\/1\.1 200 /);
  assert.match(received, /^POST \/ [^]*\r\nContent-Length: 6\r\n\r\nabcdef$/);
});

test('a client that leaves while its password is looked at harms nobody', async (t) => {
  const served = await serve(t, { annotations: asking, objects: [users] });
  for (let i = 0; i < 8; i += 1) {
    const client = await RawClient.open(t, served.proxy.port);
    client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${basic('anna', `wrong${i}`)}\r\n`);
    client.socket.destroy();
  }
  assert.equal((await served.ask('/', right)).status, 200);
  assert.equal(served.proxy.worker.core.counters.bugs, 0);
});

test('redirects and preflights go before, and answers for scripts say so', async (t) => {
  const annotations = { ...asking, 'enable-cors': 'true' };
  const served = await serve(t, { annotations, objects: [users] });
  const origin = 'Origin: https://shop.test\r\n';
  const preflight = await served.ask('/', `${origin}Access-Control-Request-Method: PUT\r\n`, 'OPTIONS');
  assert.equal(preflight.status, 204);
  const refused = await served.ask('/', origin);
  assert.deepEqual([refused.status, fieldOf(refused.head, 'Access-Control-Allow-Origin')], [401, '*']);
  const secure = await serve(t, { annotations: asking, objects: [users], tls: true });
  assert.equal((await secure.ask('/')).status, 308);
  const empty = await serve(t, { annotations: asking, objects: [users], hasEndpoints: false });
  assert.equal((await empty.ask('/')).status, 503);
});

test('satisfy: an address or a password is enough, or both are wanted', async (t) => {
  const lists = { ...asking, 'allowlist-source-range': '18.0.0.0/8' };
  const inside = 'X-Forwarded-For: 18.0.0.1\r\n';
  const outside = 'X-Forwarded-For: 19.0.0.1\r\n';
  const statuses = async (satisfy: string): Promise<number[]> => {
    const served = await serve(t, { annotations: { ...lists, satisfy }, objects: [users] }, trusting);
    const asked = [inside + right, inside, outside + right, outside];
    return await Promise.all(asked.map(async (fields) => (await served.ask('/', fields)).status));
  };
  assert.deepEqual(await statuses('any'), [200, 200, 200, 401]);
  assert.deepEqual(await statuses('all'), [200, 401, 403, 403]);
});

test('satisfy: any does not pass a password on that nobody looked at', async (t) => {
  const annotations = { ...asking, 'allowlist-source-range': '127.0.0.0/8', satisfy: 'any' };
  const served = await serve(t, { annotations, objects: [users] });
  assert.equal((await served.ask('/', basic('anna', 'wrong'))).status, 200);
  assert.equal(fieldOf(served.requests[0] ?? '', 'Authorization'), undefined);
});

test('WebSocket', async (t) => {
  const answer = () =>
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';
  const served = await serve(t, { annotations: asking, objects: [users], answer });
  const upgrade =
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  const ask = async (fields: string): Promise<string> => {
    const client = await RawClient.open(t, served.proxy.port);
    client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${upgrade}${fields}\r\n`);
    const text = await client.until((received) => received.includes('\r\n\r\n'));
    return text.slice(9, 12);
  };
  assert.equal(await ask(''), '401');
  assert.equal(await ask(right), '101');
});

test('HTTP/2, and gRPC', async (t) => {
  const served = await serve(t, { annotations: asking, objects: [users], answer: () => okResponse('ok') });
  const session = connect(`http://127.0.0.1:${served.proxy.port}`);
  t.after(() => session.destroy());
  const ask = async (fields: Readonly<Record<string, string>>) => {
    const stream = session.request({ ':authority': host, ':path': '/', ...fields });
    const [answer] = (await once(stream, 'response')) as [Readonly<Record<string, string | number>>];
    stream.resume();
    await once(stream, 'end');
    return answer;
  };
  const authorization = right.slice('Authorization: '.length).trim();
  const refused = await ask({});
  assert.deepEqual([refused[':status'], refused['www-authenticate']], [401, 'Basic realm=""']);
  assert.equal((await ask({ authorization }))[':status'], 200);
  const call = await ask({ ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' });
  assert.deepEqual([call[':status'], call['grpc-status']], [200, '16']);
});

test('only the paths of its own Ingress ask', async (t) => {
  const annotations = { [`${nginxPrefix}/auth-type`]: 'basic', [`${nginxPrefix}/auth-secret`]: 'users' };
  const ingress = sampleIngress(
    { rules: [sampleRule(host, ['/own'])] },
    { name: 'own', day: 2, annotations },
  );
  const served = await serve(t, { objects: [users, ingress] });
  assert.equal((await served.ask('/own')).status, 401);
  assert.equal((await served.ask('/')).status, 200);
});
