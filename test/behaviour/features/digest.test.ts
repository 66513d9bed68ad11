// Digest authentication through a worker, with a client that reads the challenge and answers it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fieldOf, type Served, serve } from './annotated.ts';
import { asking, passwordSecret } from './password-objects.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const annotations = { ...asking, 'auth-type': 'digest', 'auth-realm': 'The office' };
const users = passwordSecret({ auth: `anna:The office:${md5('anna:The office:open sesame')}\n` });

/** The field of a client that knows this password. */
function answer(nonce: string, target: string, password: string, count: number, method = 'GET'): string {
  const nc = count.toString(16).padStart(8, '0');
  const secret = md5(`anna:The office:${password}`);
  const response = md5(`${secret}:${nonce}:${nc}:0a4f:auth:${md5(`${method}:${target}`)}`);
  return `Authorization: Digest username="anna", realm="The office", nonce="${nonce}", uri="${target}", cnonce="0a4f", nc=${nc}, qop=auth, response="${response}", algorithm=MD5\r\n`;
}

async function nonceOf(served: Served): Promise<string> {
  const { status, head } = await served.ask('/');
  assert.equal(status, 401);
  const [, nonce = ''] = /nonce="([^"]+)"/.exec(fieldOf(head, 'WWW-Authenticate') ?? '') ?? [];
  return nonce;
}

test('a client that answers the challenge is let in, and each answer counts once', async (t) => {
  const served = await serve(t, { annotations, objects: [users] });
  const nonce = await nonceOf(served);
  assert.equal((await served.ask('/a?b=1', answer(nonce, '/a?b=1', 'open sesame', 1))).status, 200);
  assert.equal((await served.ask('/', answer(nonce, '/', 'open sesame', 2, 'POST'), 'POST')).status, 200);
  assert.equal(fieldOf(served.requests[0] ?? '', 'Authorization'), undefined);
  const again = await served.ask('/', answer(nonce, '/', 'open sesame', 2));
  assert.equal(again.status, 401);
  assert.match(fieldOf(again.head, 'WWW-Authenticate') ?? '', /^Digest realm="The office", .*, stale=true$/);
  assert.match(again.body, /401 Authorization Required/);
});

test('a wrong password, another target, another scheme: 401', async (t) => {
  const served = await serve(t, { annotations, objects: [users] });
  const nonce = await nonceOf(served);
  const wrong = [
    answer(nonce, '/', 'wrong', 1),
    answer(nonce, '/other', 'open sesame', 1),
    answer(nonce, '/', 'open sesame', 1, 'POST'),
    `Authorization: Basic ${btoa('anna:open sesame')}\r\n`,
    'Authorization: Digest\r\n',
  ];
  for (const fields of wrong) {
    const { status, head } = await served.ask('/', fields);
    assert.equal(status, 401, fields);
    assert.equal(fieldOf(head, 'WWW-Authenticate')?.includes('stale'), false);
  }
  assert.deepEqual(served.requests, []);
});

test('users of another realm cannot sign in, and a missing Secret denies', async (t) => {
  const elsewhere = await serve(t, {
    annotations: { ...annotations, 'auth-realm': 'shop' },
    objects: [users],
  });
  const nonce = await nonceOf(elsewhere);
  assert.equal((await elsewhere.ask('/', answer(nonce, '/', 'open sesame', 1))).status, 401);
  const missing = await serve(t, { annotations });
  assert.equal((await missing.ask('/')).status, 503);
});

test('keys of a Secret are users, REALM:HASH their values', async (t) => {
  const map = passwordSecret({ anna: `The office:${md5('anna:The office:open sesame')}` });
  const served = await serve(t, {
    annotations: { ...annotations, 'auth-secret-type': 'auth-map' },
    objects: [map],
  });
  const nonce = await nonceOf(served);
  assert.equal((await served.ask('/', answer(nonce, '/', 'open sesame', 1))).status, 200);
});
