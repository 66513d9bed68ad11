// Our own annotations, served for real: fields, answers, redirects and refusals, and in which order they act.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { okResponse } from '../harness.ts';
import { fieldOf, serve } from './annotated.ts';

const own = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [`sallyport.dev/${name}`, text]));

test('request fields reach the endpoint, and what the client says under their names does not', async (t) => {
  const annotations = own({
    'request-headers-set': 'X-Tenant: blue\nX-Seen-By: $remote_addr $host $request_id',
    'request-headers-add': 'X-Extra: 1',
    'request-headers-remove': 'X-Secret',
  });
  const served = await serve(t, { annotations });
  await served.ask(
    '/',
    'x-tenant: red\r\nX-Extra: 0\r\nX-Secret: 1\r\nX-Request-ID: abcdef0123456789abcdef0123456789\r\n',
  );
  const [head = ''] = served.requests;
  assert.equal(fieldOf(head, 'x-tenant'), 'blue');
  assert.equal(fieldOf(head, 'x-seen-by'), '127.0.0.1 a.test abcdef0123456789abcdef0123456789');
  assert.equal(fieldOf(head, 'x-secret'), undefined);
  assert.deepEqual(head.match(/^X-Extra: .$/gm), ['X-Extra: 0', 'X-Extra: 1']);
});

test('response fields are on answers of endpoints and of ours', async (t) => {
  const annotations = own({
    'response-headers-set': 'X-A: ours\nX-Method: $request_method',
    'response-headers-remove': 'X-Powered-By, Server',
    'security-headers': 'true',
    'frame-options': 'DENY',
    'deny-paths': '/no',
  });
  const served = await serve(t, {
    annotations,
    answer: () =>
      okResponse('ok', 'X-Powered-By: x\r\nServer: inner\r\nX-A: theirs\r\nReferrer-Policy: origin\r\n'),
  });
  const good = await served.ask('/');
  assert.equal(good.status, 200);
  assert.equal(fieldOf(good.head, 'x-a'), 'ours');
  assert.equal(fieldOf(good.head, 'x-powered-by'), undefined);
  assert.equal(fieldOf(good.head, 'server'), undefined);
  assert.equal(fieldOf(good.head, 'referrer-policy'), 'origin');
  assert.equal(fieldOf(good.head, 'x-frame-options'), 'DENY');
  const refused = await served.ask('/no/x', '', 'DELETE');
  assert.equal(refused.status, 403);
  assert.equal(fieldOf(refused.head, 'x-method'), 'DELETE');
  assert.equal(fieldOf(refused.head, 'x-content-type-options'), 'nosniff');
});

test('return answers with the text of the owner, and with its length alone to HEAD', async (t) => {
  const annotations = own({ return: '418 short and stout', 'return-type': 'text/html' });
  const served = await serve(t, { annotations, hasEndpoints: false });
  const answer = await served.ask('/any?x');
  assert.deepEqual([answer.status, answer.body], [418, 'short and stout']);
  assert.equal(fieldOf(answer.head, 'content-type'), 'text/html');
  const head = await served.ask('/', '', 'HEAD');
  assert.deepEqual([head.status, head.body, fieldOf(head.head, 'content-length')], [418, '', '15']);
  const moved = await serve(t, { annotations: own({ return: '308 https://$host$request_uri' }) });
  assert.equal(fieldOf((await moved.ask('/x%20y?z=1')).head, 'location'), 'https://a.test/x%20y?z=1');
});

test('a refusal goes before a redirect, a redirect of one path before that of all, and preflights before both', async (t) => {
  const annotations = {
    ...own({
      'redirect-map': '/old /new\n/secret /x',
      'deny-paths': '/secret',
      'allow-methods': 'GET',
      return: '404',
    }),
    'permanent-redirect': 'https://elsewhere.test/',
    'enable-cors': 'true',
  };
  const served = await serve(t, { annotations });
  assert.equal((await served.ask('/secret')).status, 403);
  assert.equal((await served.ask('/%73ecret/x')).status, 403);
  assert.equal((await served.ask('/x%2F..%2Fsecret')).status, 403);
  assert.equal(fieldOf((await served.ask('/old?q')).head, 'location'), 'http://a.test/new?q');
  assert.equal(fieldOf((await served.ask('/other')).head, 'location'), 'https://elsewhere.test/');
  const put = await served.ask('/', '', 'PUT');
  assert.deepEqual([put.status, put.head.match(/^Allow: .*$/gim)], [405, ['Allow: GET, HEAD']]);
  assert.equal((await served.ask('/', 'Origin: https://b.test\r\n', 'OPTIONS')).status, 204);
  assert.equal(served.requests.length, 0);
});

test('user agents and referers are refused, a second line included', async (t) => {
  const annotations = own({ 'deny-user-agents': 'bot\n^$', 'deny-referers': '^https?://spam\\.' });
  const served = await serve(t, { annotations });
  const statusOf = async (fields: string): Promise<number> => (await served.ask('/', fields)).status;
  assert.equal(await statusOf('User-Agent: Fine\r\n'), 200);
  assert.equal(await statusOf('User-Agent: Some-BOT/2\r\n'), 403);
  assert.equal(await statusOf('User-Agent: Fine\r\nUser-Agent: bot\r\n'), 403);
  assert.equal(await statusOf(''), 403);
  assert.equal(await statusOf('User-Agent: Fine\r\nReferer: http://SPAM.test/\r\n'), 403);
});

test('a list that cannot be read denies, a field that may not be set rejects', async (t) => {
  for (const [name, text] of [
    ['deny-paths', 'admin'],
    ['deny-user-agents', '(?=bot)'],
    ['allow-methods', 'get'],
    ['return', '301 //evil.test'],
    ['request-headers-set', 'Host: evil'],
    ['response-headers-set', 'Set-Cookie: a=b'],
    ['redirect-map', '/a //evil.test'],
  ] as const) {
    const served = await serve(t, { annotations: own({ [name]: text }) });
    assert.equal((await served.ask('/')).status, 503, name);
    assert.ok(
      served.problems.some(({ severity, message }) => severity === 'error' && message.includes(name)),
    );
  }
});

test('enable-access-log leaves the requests of its paths out of the log', async (t) => {
  const off = await serve(t, { annotations: { 'enable-access-log': 'false' } });
  assert.equal((await off.ask('/off')).status, 200);
  await off.ask('/', '', 'GET', 'other.test');
  assert.deepEqual(
    (await off.proxy.log()).map((line) => line['host'] ?? line['vhost']),
    ['other.test'],
  );
});
