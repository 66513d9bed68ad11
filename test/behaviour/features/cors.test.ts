// Cross-origin requests: which origins get the fields, on which answers, and what becomes of OPTIONS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { okResponse } from '../harness.ts';
import { type Annotated, type Answer, fieldOf, serve, type Served } from './annotated.ts';

const on = { 'enable-cors': 'true' };
const allow = 'Access-Control-Allow-Origin';

async function serveFor(t: TestContext, origins: string, part: Annotated = {}): Promise<Served> {
  return await serve(t, {
    ...part,
    annotations: { ...on, 'cors-allow-origin': origins, ...part.annotations },
  });
}

async function ask(served: Served, origin: string, method = 'GET'): Promise<Answer> {
  return await served.ask('/', origin === '' ? '' : `Origin: ${origin}\r\n`, method);
}

test('by default every origin may, and OPTIONS is answered here', async (t) => {
  const served = await serve(t, { annotations: on });
  const { head, status } = await ask(served, '');
  assert.equal(status, 200);
  assert.equal(fieldOf(head, allow), '*');
  assert.equal(fieldOf(head, 'Access-Control-Allow-Credentials'), 'true');
  assert.equal(fieldOf(head, 'Access-Control-Allow-Methods'), 'GET, PUT, POST, DELETE, PATCH, OPTIONS');
  assert.match(fieldOf(head, 'Access-Control-Allow-Headers') ?? '', /^DNT,Keep-Alive,.*,Authorization$/);
  assert.equal(fieldOf(head, 'Access-Control-Max-Age'), '1728000');
  assert.equal(fieldOf(head, 'Access-Control-Expose-Headers'), undefined);
  const preflight = await ask(served, '', 'OPTIONS');
  assert.equal(preflight.status, 204);
  assert.equal(preflight.body, '');
  assert.equal(fieldOf(preflight.head, 'content-length'), undefined);
  assert.equal(fieldOf(preflight.head, allow), '*');
  assert.equal(served.requests.length, 1);
});

test('every value can be set', async (t) => {
  const served = await serve(t, {
    annotations: {
      ...on,
      'cors-allow-methods': 'PUT, GET',
      'cors-allow-headers': 'X-One, X-Two',
      'cors-allow-credentials': 'false',
      'cors-expose-headers': '*',
      'cors-max-age': '200',
    },
  });
  const { head } = await ask(served, '');
  assert.equal(fieldOf(head, 'Access-Control-Allow-Methods'), 'PUT, GET');
  assert.equal(fieldOf(head, 'Access-Control-Allow-Headers'), 'X-One, X-Two');
  assert.equal(fieldOf(head, 'Access-Control-Allow-Credentials'), undefined);
  assert.equal(fieldOf(head, 'Access-Control-Expose-Headers'), '*');
  assert.equal(fieldOf(head, 'Access-Control-Max-Age'), '200');
});

test('origins are compared as a whole, by scheme, label and port', async (t) => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['http://origin.cors.com:8080', 'http://origin.cors.com:8080', true],
    ['https://foo.bar.com', 'https://fooxbar.com', false],
    ['https://foo.bar.com', 'HTTPS://FOO.bar.com', true],
    ['http://*.origin.cors.com', 'http://bar.foo.origin.cors.com', false],
    ['http://*.origin.cors.com', 'http://bar-foo.origin.cors.com', true],
    ['http://*.origin.cors.com', 'http://origin.cors.com', false],
    ['http://*.origin.cors.com:8080', 'http://a.origin.cors.com', false],
    ['http://*.origin.cors.com', 'http://a.origin.cors.com:8080', false],
    ['http://origin.com', 'http://origin.com.evil.example', false],
    ['http://origin.com', 'evil://xhttp://origin.com', false],
    ['tauri://localhost:3000', 'tauri://localhost:3000', true],
    ['null', 'null', true],
    ['origin.com', 'http://origin.com', false],
    [' http://a.com , ,http://b.com,', 'http://b.com', true],
    [' http://a.com , ,http://b.com,', 'http://c.com', false],
  ];
  for (const [list, origin, isAllowed] of cases) {
    const served = await serveFor(t, list);
    const { head } = await ask(served, origin);
    assert.equal(fieldOf(head, allow), isAllowed ? origin : undefined, `${list} and ${origin}`);
    assert.equal((await ask(served, origin, 'OPTIONS')).status, isAllowed ? 204 : 200);
  }
});

test('a star among others and a blank value let all in; a value that is no list lets nobody in', async (t) => {
  for (const list of ['*, foo.bar.com', '   ']) {
    assert.equal(fieldOf((await ask(await serveFor(t, list), 'http://x.com')).head, allow), '*');
  }
  const served = await serveFor(t, 'http://a.com/path');
  assert.equal(fieldOf((await ask(served, 'http://x.com')).head, allow), undefined);
  assert.ok(
    served.problems.some(({ code, severity }) => code === 'AnnotationInvalid' && severity === 'error'),
  );
});

test("the endpoint's own fields are replaced for listed origins and pass for others", async (t) => {
  const own =
    'access-control-allow-origin: http://own.com\r\nAccess-Control-Allow-Origin: http://twice.com\r\n';
  const served = await serveFor(t, 'http://a.com', { answer: () => okResponse('ok', own) });
  const listed = await ask(served, 'http://a.com');
  assert.equal(listed.head.match(/access-control-allow-origin/gi)?.length, 1);
  assert.equal(fieldOf(listed.head, allow), 'http://a.com');
  assert.equal(fieldOf((await ask(served, 'http://b.com')).head, allow), 'http://own.com');
});

test('answers of the proxy have the fields, and a preflight goes before all that refuses', async (t) => {
  const annotations = { ...on, 'denylist-source-range': '127.0.0.1' };
  const denied = await serve(t, { annotations });
  const answer = await ask(denied, '');
  assert.equal(answer.status, 403);
  assert.equal(fieldOf(answer.head, allow), '*');
  assert.equal((await ask(denied, '', 'OPTIONS')).status, 204);
  const secure = await serve(t, { annotations: on, tls: true, hasEndpoints: false });
  assert.equal((await ask(secure, '', 'OPTIONS')).status, 204);
  const moved = await ask(
    await serve(t, { annotations: { ...on, 'permanent-redirect': 'http://b.com' } }),
    '',
  );
  assert.equal(moved.status, 301);
  assert.equal(fieldOf(moved.head, allow), '*');
});

test('a preflight over HTTP/2 is answered without a body, too', async (t) => {
  const served = await serve(t, { annotations: on });
  const session = connect(`http://127.0.0.1:${served.proxy.port}`);
  t.after(() => session.destroy());
  const stream = session.request({
    ':method': 'OPTIONS',
    ':path': '/',
    ':authority': 'a.test',
    origin: 'http://b.com',
  });
  stream.resume();
  const [[fields]] = await Promise.all([once(stream, 'response'), once(stream, 'end')]);
  assert.equal(fields[':status'], 204);
  assert.equal(fields['access-control-allow-origin'], '*');
  assert.equal(fields['content-length'], undefined);
  assert.equal(served.requests.length, 0);
});
