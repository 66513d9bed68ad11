// Fields of requests and responses that annotations change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { okResponse } from '../harness.ts';
import { configMap, fieldOf, serve, trusting } from './annotated.ts';

test('upstream-vhost changes Host and nothing else', async (t) => {
  const served = await serve(t, { annotations: { 'upstream-vhost': 'inner.example:8080' } });
  await served.ask('/');
  assert.equal(fieldOf(served.requests[0] ?? '', 'host'), 'inner.example:8080');
  assert.equal(fieldOf(served.requests[0] ?? '', 'x-forwarded-host'), 'a.test');
});

test('an upstream-vhost that could end the line or is a variable refuses the object', async (t) => {
  for (const text of ['a\r\nX: y', '$host', 'a b', 'http://a']) {
    const served = await serve(t, { annotations: { 'upstream-vhost': text } });
    assert.equal((await served.ask('/')).status, 503, text);
  }
});

test('connection-proxy-header is what the endpoint gets', async (t) => {
  for (const text of ['keep-alive', 'close']) {
    const served = await serve(t, { annotations: { 'connection-proxy-header': text } });
    assert.equal((await served.ask('/')).status, 200);
    assert.equal(fieldOf(served.requests[0] ?? '', 'connection'), text);
  }
  const bad = await serve(t, { annotations: { 'connection-proxy-header': 'upgrade' } });
  assert.equal((await bad.ask('/')).status, 503);
});

test('x-forwarded-prefix goes with a rewrite, and never what the client said', async (t) => {
  const said = 'X-Forwarded-Prefix: /client\r\n';
  const seen = async (
    annotations: Readonly<Record<string, string>>,
    path = '/',
  ): Promise<string | undefined> => {
    const served = await serve(t, { annotations, paths: [path] });
    await served.ask('/pre/x', said);
    return fieldOf(served.requests[0] ?? '', 'x-forwarded-prefix');
  };
  assert.equal(await seen({ 'x-forwarded-prefix': '/test/value', 'rewrite-target': '/foo' }), '/test/value');
  assert.equal(await seen({ 'x-forwarded-prefix': '/test/value' }), undefined);
  assert.equal(await seen({ 'x-forwarded-prefix': '', 'rewrite-target': '/foo' }), undefined);
  const captures = { 'x-forwarded-prefix': '/p$1', 'rewrite-target': '/$2', 'use-regex': 'true' };
  assert.equal(await seen(captures, '/(pre)/(.*)'), '/ppre');
});

test('cookies and Location of the endpoint are changed, and what the proxy says is not', async (t) => {
  const fields =
    'Location: http://inner:8080/x?y\r\nSet-Cookie: a=1; Path=/one/x; Domain=.Inner.local; Secure\r\n' +
    'Set-Cookie: path=/one; HttpOnly\r\nset-cookie: b=2; domain=other.local; path=/two\r\n';
  const served = await serve(t, {
    annotations: {
      'proxy-redirect-from': 'http://inner:8080/',
      'proxy-redirect-to': 'https://a.test/',
      'proxy-cookie-domain': 'inner.local a.test',
      'proxy-cookie-path': '/one/ /',
    },
    answer: () => okResponse('ok', fields),
  });
  const { head } = await served.ask('/');
  assert.equal(fieldOf(head, 'location'), 'https://a.test/x?y');
  const cookies = head.split('\r\n').filter((line) => /^set-cookie:/i.test(line));
  assert.deepEqual(cookies, [
    'Set-Cookie: a=1; Path=/x; Domain=a.test; Secure',
    'Set-Cookie: path=/one; HttpOnly',
    'set-cookie: b=2; domain=other.local; path=/two',
  ]);
});

test('half a pair and "off" change nothing, and a bad value says so', async (t) => {
  const fields = 'Location: http://inner/x\r\nSet-Cookie: a=1; Path=/one\r\n';
  const annotations = { 'proxy-redirect-from': 'http://inner/', 'proxy-cookie-path': '/one /;Secure' };
  const served = await serve(t, { annotations, answer: () => okResponse('ok', fields) });
  const { head } = await served.ask('/');
  assert.equal(fieldOf(head, 'location'), 'http://inner/x');
  assert.equal(fieldOf(head, 'set-cookie'), 'a=1; Path=/one');
  assert.ok(served.problems.some(({ code }) => code === 'AnnotationInvalid'));
});

test('custom-headers are on every answer, and without their ConfigMap nobody is served', async (t) => {
  const annotations = { 'custom-headers': 'shop/fields', 'denylist-source-range': '192.0.2.0/24' };
  const settings = { 'global-allowed-response-headers': 'My-Custom-Header' };
  const objects = [configMap('fields', { 'My-Custom-Header': '42' })];
  const served = await serve(
    t,
    { annotations, settings, objects, answer: () => okResponse('ok', 'My-Custom-Header: 1\r\n') },
    trusting,
  );
  const admitted = await served.ask('/');
  assert.deepEqual([admitted.status, fieldOf(admitted.head, 'my-custom-header')], [200, '42']);
  assert.equal(admitted.head.match(/my-custom-header/gi)?.length, 1);
  const refused = await served.ask('/', 'X-Forwarded-For: 192.0.2.1\r\n');
  assert.deepEqual([refused.status, fieldOf(refused.head, 'my-custom-header')], [403, '42']);
  const missing = await serve(t, { annotations, settings });
  const answer = await missing.ask('/');
  assert.equal(answer.status, 503);
  assert.match(answer.body, /503 Service Temporarily Unavailable/);
});
