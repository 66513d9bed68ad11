// A whole sign-in: the example's authentication server, an application, and a browser's way between them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createLoginApp } from '../../../examples/apps/login.ts';
import {
  sampleIngress,
  sampleRule,
  sampleService,
  sampleSlice,
} from '../../../src/translate/sample-objects.fixture.ts';
import { fieldOf, serve } from './annotated.ts';

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('a client signs in, comes back with a cookie, and is who the server says', async (t) => {
  const port = await listen(t, createLoginApp());
  const annotations = {
    'auth-url': `http://127.0.0.1:${port}/check`,
    'auth-signin': 'http://$http_host/start',
    'auth-response-headers': 'X-Auth-Request-User',
  };
  const objects = [
    sampleIngress({ rules: [sampleRule('a.test', ['/start'], 'login')] }, { name: 'login', day: 2 }),
    sampleService('login'),
    sampleSlice(['127.0.0.1'], { service: 'login', ports: [{ name: '', port, protocol: 'TCP' }] }),
  ];
  const served = await serve(t, { annotations, objects });
  const sent = await served.ask('/orders?id=7');
  assert.equal(sent.status, 302);
  const location = fieldOf(sent.head, 'Location') ?? '';
  assert.equal(location, 'http://a.test/start?rd=http://a.test%2Forders%3Fid%3D7');
  const signedIn = await served.ask(location.slice('http://a.test'.length));
  assert.equal(signedIn.status, 302);
  const cookie = (fieldOf(signedIn.head, 'Set-Cookie') ?? '').split(';')[0];
  const back = await served.ask('/orders?id=7', `Cookie: ${cookie}\r\nX-Auth-Request-User: root\r\n`);
  assert.equal(back.status, 200);
  assert.deepEqual(served.requests.at(-1)?.match(/^x-auth-request-user: .*$/gim), [
    'X-Auth-Request-User: alice',
  ]);
  assert.equal((await served.ask('/orders', 'Cookie: session=mallory\r\n')).status, 302);
  assert.equal(served.requests.length, 1);
});
