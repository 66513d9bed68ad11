// Passwords beside an authentication server: who is asked first, what `satisfy` makes of both, and whose Authorization the endpoint gets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldOf } from './annotated.ts';
import { reply, serveGuarded } from './auth-server.ts';
import { asking, basic, passwordSecret } from './password-objects.ts';

const objects = [passwordSecret({ auth: 'anna:{PLAIN}open sesame' })];
const right = basic('anna', 'open sesame');
const wrong = basic('anna', 'wrong');
const known = 'Cookie: session=good\r\n';

/** By the cookie, since Authorization holds the password. */
function judgeBy(question: string): string {
  return question.includes('session=good')
    ? reply(200, 'Authorization: Bearer of-the-server\r\n')
    : reply(401);
}

test('any: a password is enough, and the server is asked about everybody else', async (t) => {
  const annotations = { ...asking, satisfy: 'any', 'auth-signin': 'http://auth.test/auth/start' };
  const served = await serveGuarded(t, { annotations, objects, judgeBy });
  assert.equal((await served.ask('/', right)).status, 200);
  assert.equal(served.questions.length, 0);
  assert.equal((await served.ask('/', known)).status, 200);
  const nobody = await served.ask('/?a=b&c=d');
  assert.equal(nobody.status, 302);
  assert.equal(
    fieldOf(nobody.head, 'Location'),
    'http://auth.test/auth/start?rd=http://a.test%2F%3Fa%3Db%26c%3Dd',
  );
  assert.equal((await served.ask('/', wrong)).status, 302);
  assert.equal(served.questions.length, 3);
});

test('all: the password first, then the server', async (t) => {
  const served = await serveGuarded(t, { annotations: asking, objects, judgeBy });
  for (const fields of [known, known + wrong]) {
    const answer = await served.ask('/', fields);
    assert.deepEqual([answer.status, fieldOf(answer.head, 'WWW-Authenticate')], [401, 'Basic realm=""']);
  }
  assert.equal(served.questions.length, 0);
  assert.equal((await served.ask('/', right)).status, 401);
  assert.equal((await served.ask('/', known + right)).status, 200);
  assert.deepEqual([served.questions.length, served.requests.length], [2, 1]);
});

test('the endpoint gets the Authorization of the server, never that of the client', async (t) => {
  const annotations = { ...asking, 'auth-response-headers': 'Authorization' };
  const served = await serveGuarded(t, { annotations, objects, judgeBy });
  assert.equal((await served.ask('/', known + right)).status, 200);
  assert.equal(fieldOf(served.requests[0] ?? '', 'Authorization'), 'Bearer of-the-server');
});

test('paths that nobody has to authenticate for ask for no password', async (t) => {
  const settings = { 'no-auth-locations': '/open' };
  const paths = ['/', '/open', '/opened'];
  const served = await serveGuarded(t, { annotations: asking, objects, judgeBy, settings, paths });
  assert.equal((await served.ask('/open/x')).status, 200);
  assert.equal((await served.ask('/opened')).status, 401);
  assert.equal((await served.ask('/')).status, 401);
});
