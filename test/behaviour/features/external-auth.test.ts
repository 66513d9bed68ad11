// External authentication through a worker: the question, the answers, and what the endpoint and the client get of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSlice } from '../../../src/translate/sample-objects.fixture.ts';
import { okResponse, startUpstream } from '../harness.ts';
import { configMap, fieldOf, serve, trusting } from './annotated.ts';
import { good, judge, reply, serveGuarded } from './auth-server.ts';

test('who is known comes in, others get the answer of the server', async (t) => {
  const served = await serveGuarded(t);
  assert.equal((await served.ask('/', good)).status, 200);
  assert.equal(served.requests.length, 1);
  const unknown = await served.ask('/');
  assert.equal(unknown.status, 401);
  assert.equal(fieldOf(unknown.head, 'WWW-Authenticate'), 'Bearer realm="shop"');
  assert.ok(unknown.body.includes('401 Authorization Required') || unknown.body.includes('401'));
  assert.equal((await served.ask('/', 'Authorization: poor\r\n')).status, 403);
  assert.equal(served.requests.length, 1);
});

test('anything but 2xx, 401 and 403 is 500', async (t) => {
  let status = 200;
  const served = await serveGuarded(t, { judgeBy: () => reply(status, 'Location: http://else.test/\r\n') });
  for (status of [204, 202, 299]) assert.equal((await served.ask('/')).status, 200, String(status));
  for (status of [301, 302, 304, 400, 404, 407, 500, 503])
    assert.equal((await served.ask('/')).status, 500, String(status));
  assert.equal(served.requests.length, 3);
});

test('the question has the fields of the client and what ingress-nginx tells', async (t) => {
  const served = await serveGuarded(t, { judgeBy: () => reply(200), target: '/check?a=1' }, trusting);
  const fields =
    'X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nFoo: bar\r\nX-Sent-From: me\r\nX_Sent_From: me\r\n' +
    'X-Original-URL: http://evil.test/\r\nX-Auth-Request-Redirect: /evil\r\nX-Request-ID: abc\r\n';
  await served.ask('/x/y?q=1', `${fields}Content-Length: 4\r\n\r\nbody`, 'POST');
  const [question = ''] = served.questions;
  assert.ok(question.startsWith('GET /check?a=1 HTTP/1.1\r\n'));
  const wanted = {
    Host: '127.0.0.1',
    'X-Original-URL': 'http://a.test/x/y?q=1',
    'X-Original-Method': 'POST',
    'X-Sent-From': 'nginx-ingress-controller',
    'X-Real-IP': '192.0.2.7',
    'X-Forwarded-For': '192.0.2.7',
    'X-Request-ID': 'abc',
    'X-Auth-Request-Redirect': '/x/y?q=1',
    Foo: 'bar',
  };
  for (const [name, value] of Object.entries(wanted)) {
    assert.equal(fieldOf(question, name), value, name);
    assert.equal(question.toLowerCase().split(`\r\n${name.toLowerCase()}:`).length, 2, name);
  }
  for (const name of [
    'Content-Length',
    'Transfer-Encoding',
    'X-Forwarded-Proto',
    'X-Original-URI',
    'X-Scheme',
  ])
    assert.equal(fieldOf(question, name), undefined, name);
  assert.equal(question.includes('evil'), false);
  assert.ok(served.requests[0]?.startsWith('POST /x/y?q=1 '));
});

test('a method of its own brings two further fields, a redirect replaces another', async (t) => {
  const annotations = { 'auth-method': 'POST', 'auth-request-redirect': 'http://a.test/back' };
  const served = await serveGuarded(t, { judgeBy: () => reply(200), annotations }, trusting);
  await served.ask('/x?q', 'X-Forwarded-Proto: https\r\n');
  const [question = ''] = served.questions;
  assert.ok(question.startsWith('POST /check HTTP/1.1\r\n'));
  assert.equal(fieldOf(question, 'X-Original-URI'), '/x?q');
  assert.equal(fieldOf(question, 'X-Scheme'), 'https');
  assert.equal(fieldOf(question, 'X-Auth-Request-Redirect'), 'http://a.test/back');
  assert.equal(fieldOf(question, 'Content-Length'), undefined);
});

test('sign-in: 401 becomes a redirect with what was asked for, 403 does not', async (t) => {
  const annotations = { 'auth-signin': 'http://$host/auth/start' };
  const judgeBy = (question: string): string =>
    question.includes('poor') ? reply(403) : reply(401, 'Set-Cookie: csrf=1\r\nWWW-Authenticate: x\r\n');
  const served = await serveGuarded(t, { judgeBy, annotations });
  const { status, head } = await served.ask('/?a=b&c=d');
  assert.equal(status, 302);
  assert.equal(fieldOf(head, 'Location'), 'http://a.test/auth/start?rd=http://a.test%2F%3Fa%3Db%26c%3Dd');
  assert.equal(fieldOf(head, 'Set-Cookie'), 'csrf=1');
  assert.equal(fieldOf(head, 'WWW-Authenticate'), undefined);
  assert.equal((await served.ask('/', 'Authorization: poor\r\n')).status, 403);
});

test('sign-in: the argument has another name, joins a query, or is there already', async (t) => {
  const cases = [
    [{ 'auth-signin-redirect-param': 'orig' }, 'http://s/in', 'http://s/in?orig=http://a.test%2Fx'],
    [{}, 'http://s/in?lang=de', 'http://s/in?lang=de&rd=http://a.test%2Fx'],
    [{}, 'http://s/in?rd=http://s/home', 'http://s/in?rd=http://s/home'],
    [{}, 'https://$host/in?rd=$escaped_request_uri', 'https://a.test/in?rd=%2Fx'],
    [{}, 'http://s/in/$http_foo?$cookie_c', 'http://s/in/b%20%22%23%3Cr?v%7C%FF&rd=http://a.test%2Fx'],
  ] as const;
  for (const [more, signIn, location] of cases) {
    const served = await serveGuarded(t, { annotations: { ...more, 'auth-signin': signIn } });
    const { head } = await served.ask('/x', 'Foo: b "#<r\r\nCookie: a=1; c=v|\xff\r\n');
    assert.equal(fieldOf(head, 'Location'), location);
  }
});

test('fields of the answer replace those of the client in every spelling, and are gone where there are none', async (t) => {
  const annotations = { 'auth-response-headers': 'X-User, Authorization,X-Groups' };
  const judgeBy = (): string => reply(200, 'x-user: alice\r\nX-Groups: a\r\nX-Groups: b\r\nX-Secret: s\r\n');
  const served = await serveGuarded(t, { judgeBy, annotations });
  await served.ask(
    '/',
    'X-User: root\r\nx-USER: admin\r\nX.User: dot\r\nAuthorization: mine\r\nFoo: bar\r\n',
  );
  const [request = ''] = served.requests;
  assert.deepEqual(request.match(/^x.user:.*$/gim), ['X-User: alice']);
  assert.deepEqual(request.match(/^x-groups:.*$/gim), ['X-Groups: a', 'X-Groups: b']);
  for (const text of ['Authorization', 'X-Secret', 'root', 'admin', 'mine'])
    assert.equal(request.includes(text), false, text);
  assert.ok(request.includes('Foo: bar\r\n'));
});

test('a client that is let in without being asked about has no such fields either', async (t) => {
  const annotations = {
    'auth-response-headers': 'X-User',
    satisfy: 'any',
    'allowlist-source-range': '127.0.0.0/8',
  };
  const served = await serveGuarded(t, { annotations });
  assert.equal((await served.ask('/', 'X-User: root\r\n')).status, 200);
  assert.equal(served.questions.length, 0);
  assert.equal(served.requests[0]?.includes('root'), false);
});

test('cookies of the answer reach the client on the usual statuses, or on all', async (t) => {
  const judgeBy = (): string => reply(200, 'Set-Cookie: alma=armud\r\nSet-Cookie: b=2\r\n');
  let status = 200;
  const answer = (): string => okResponse('ok').replace('200 OK', `${status} Any`);
  const usual = await serveGuarded(t, { judgeBy, answer });
  const always = await serveGuarded(t, {
    judgeBy,
    answer,
    annotations: { 'auth-always-set-cookie': 'true' },
  });
  for (status of [200, 201, 206, 302, 308, 404, 503]) {
    const lines = (head: string): string[] => head.match(/^set-cookie: .*$/gim) ?? [];
    const all = ['Set-Cookie: alma=armud', 'Set-Cookie: b=2'];
    assert.deepEqual(lines((await usual.ask('/')).head), status < 400 ? all : [], String(status));
    assert.deepEqual(lines((await always.ask('/')).head), all, String(status));
  }
});

test('satisfy: any of the checks is enough, and 401 goes before 403', async (t) => {
  const ranges = { 'allowlist-source-range': '192.0.2.0/24', 'auth-signin': 'http://auth/auth/start' };
  const any = await serveGuarded(t, { annotations: { ...ranges, satisfy: 'any' } }, trusting);
  assert.equal((await any.ask('/', 'X-Forwarded-For: 192.0.2.1\r\n')).status, 200);
  assert.equal((await any.ask('/', good)).status, 200);
  const refused = await any.ask('/?a=b&c=d');
  assert.equal(refused.status, 302);
  assert.equal(
    fieldOf(refused.head, 'Location'),
    'http://auth/auth/start?rd=http://a.test%2F%3Fa%3Db%26c%3Dd',
  );
  const all = await serveGuarded(t, { annotations: ranges }, trusting);
  assert.equal((await all.ask('/', good)).status, 403);
  assert.equal(all.questions.length, 0);
  assert.equal((await all.ask('/', `X-Forwarded-For: 192.0.2.1\r\n${good}`)).status, 200);
});

test('redirects, preflights and the want of endpoints go before', async (t) => {
  const redirected = await serveGuarded(t, { tls: true });
  assert.equal((await redirected.ask('/')).status, 308);
  const cors = await serveGuarded(t, { annotations: { 'enable-cors': 'true' } });
  assert.equal((await cors.ask('/', 'Origin: http://b.test\r\n', 'OPTIONS')).status, 204);
  assert.equal(
    fieldOf((await cors.ask('/', 'Origin: http://b.test\r\n')).head, 'Access-Control-Allow-Origin'),
    '*',
  );
  const empty = await serveGuarded(t, { hasEndpoints: false });
  assert.equal((await empty.ask('/')).status, 503);
  assert.equal(redirected.questions.length + empty.questions.length, 0);
});

test('a global server is asked for all rules but those that have their own, want none, or are for everybody', async (t) => {
  const served = await serveGuarded(t);
  const settings = {
    'global-auth-url': `http://127.0.0.1:${served.authPort}/global`,
    'global-auth-signin': 'http://auth/start',
    'no-auth-locations': '/open,/health/',
  };
  const global = await serve(t, { settings, paths: ['/', '/open/a', '/opened', '/health'] });
  assert.equal((await global.ask('/')).status, 302);
  assert.equal((await global.ask('/', good)).status, 200);
  assert.equal((await global.ask('/opened')).status, 302);
  for (const path of ['/open/a', '/health']) assert.equal((await global.ask(path)).status, 200, path);
  const off = await serve(t, { settings, annotations: { 'enable-global-auth': 'false' } });
  assert.equal((await off.ask('/')).status, 200);
  const before = served.questions.length;
  const own = await serve(t, {
    settings,
    annotations: { 'auth-url': `http://127.0.0.1:${served.authPort}/own` },
  });
  assert.equal((await own.ask('/')).status, 401);
  assert.ok(served.questions[before]?.startsWith('GET /own '));
});

test('the default of no-auth-locations lets challenges of other issuers through', async (t) => {
  const served = await serveGuarded(t, { paths: ['/', '/.well-known/acme-challenge/x'] });
  assert.equal((await served.ask('/.well-known/acme-challenge/x')).status, 200);
  assert.equal((await served.ask('/.well-known/acme-challenge/y')).status, 401);
});

test('what cannot be carried out is denied: values, variables and hosts', async (t) => {
  const server = 'http://127.0.0.1:1';
  const cases: readonly Readonly<Record<string, string>>[] = [
    { 'auth-url': 'https://invalid..auth.url' },
    { 'auth-url': '' },
    { 'auth-url': 'auth.example.com/check' },
    { 'auth-url': 'ftp://auth.example.com/' },
    { 'auth-url': `${server}/$request_body` },
    { 'auth-url': 'http://$http_x/' },
    { 'auth-url': 'http://$cookie_a.example.com/' },
    { 'auth-url': 'http://169.254.169.254/latest' },
    { 'auth-url': 'http://0.0.0.0/' },
    { 'auth-url': 'http://127.1/' },
    { 'auth-url': `${server}/`, 'auth-method': 'BREW' },
    { 'auth-url': `${server}/`, 'auth-signin': 'http://a/$nothing' },
    { 'auth-url': `${server}/`, 'auth-cache-key': '$nothing' },
    { 'auth-url': `${server}/`, 'auth-cache-duration': '200 5x' },
    { 'auth-url': `${server}/`, 'auth-cache-duration': '200 5m; deny all' },
    { 'auth-url': `${server}/`, 'auth-request-redirect': '$host; return 200' },
    { 'auth-url': `${server}/`, 'auth-always-set-cookie': 'maybe' },
    { 'auth-url': `${server}/`, 'auth-response-headers': 'X-User;X' },
    { 'auth-url': `${server}/`, 'auth-response-headers': 'Content-Length' },
    { 'auth-url': `${server}/`, 'auth-response-headers': 'transfer_encoding' },
    { 'auth-url': `${server}/`, 'auth-snippet': 'return 200;' },
  ];
  for (const annotations of cases) {
    const served = await serve(t, { annotations });
    assert.equal((await served.ask('/', good)).status, 503, JSON.stringify(annotations));
    assert.ok(
      served.problems.some(({ severity }) => severity === 'error'),
      JSON.stringify(annotations),
    );
    assert.equal(served.requests.length, 0);
  }
});

test('settings that cannot be carried out deny, too', async (t) => {
  const cases: readonly Readonly<Record<string, string>>[] = [
    { 'global-auth-url': 'not a url' },
    { 'global-auth-url': 'http://127.0.0.1:1/', 'global-auth-response-headers': 'a b' },
  ];
  for (const settings of cases) {
    const served = await serve(t, { settings });
    assert.equal((await served.ask('/', good)).status, 503, JSON.stringify(settings));
  }
});

test('where hosts are listed, no other is asked', async (t) => {
  const settings = { 'auth-url-hosts': 'auth.example.com, *.svc.cluster.local, 127.0.0.2' };
  const served = await serveGuarded(t, { settings });
  assert.equal((await served.ask('/', good)).status, 503);
  assert.match(served.problems.map(({ message }) => message).join(), /"127\.0\.0\.1".*auth-url-hosts/);
  const listed = await serveGuarded(t, { settings: { 'auth-url-hosts': '127.0.0.1' } });
  assert.equal((await listed.ask('/', good)).status, 200);
});

test('variables of the URL are put in as bytes', async (t) => {
  const target = '/check/$request_method?uri=$request_uri&h=$http_foo&a=$arg_q&u=$remote_user&n=$namespace';
  const served = await serveGuarded(t, { judgeBy: () => reply(200), target });
  const user = `Authorization: Basic ${Buffer.from('al ice:pw').toString('base64')}\r\n`;
  await served.ask('/x?q=1', `Foo: a b#$host\r\n${user}`);
  assert.ok(
    served.questions[0]?.startsWith(
      'GET /check/GET?uri=/x?q=1&h=a%20b%23$host&a=1&u=al%20ice&n=shop HTTP/1.1\r\n',
    ),
    String(served.questions[0]),
  );
});

test('the answers are logged with their reason', async (t) => {
  const served = await serveGuarded(t, {
    judgeBy: (question) => (question.includes('broken') ? reply(418) : judge(question)),
  });
  await served.ask('/');
  await served.ask('/', 'Foo: broken\r\n');
  const lines = await served.proxy.log();
  assert.deepEqual(
    lines.map(({ status, reason }) => [status, reason]),
    [
      [401, 'auth-refused'],
      [500, 'auth-status'],
    ],
  );
});

test('a client does not say behind the body what only the server may say', async (t) => {
  let kept = '';
  const port = await startUpstream(t, (client) => {
    client
      .until((text) => text.includes('\r\n0\r\n') && text.endsWith('\r\n\r\n'))
      .then(
        (text) => {
          kept = text;
          client.send(okResponse('ok'));
        },
        () => {},
      );
  });
  const served = await serveGuarded(t, {
    hasEndpoints: false,
    annotations: { 'auth-response-headers': 'X-User' },
    judgeBy: () => reply(200),
    objects: [sampleSlice(['127.0.0.1'], { ports: [{ name: '', port, protocol: 'TCP' }] })],
  });
  const trailers = '0\r\nX-User: root\r\nx_user: root\r\nX-Sum: 1\r\n\r\n';
  const { status } = await served.ask(
    '/',
    `Transfer-Encoding: chunked\r\nTrailer: X-User, X-Sum\r\nTE: trailers\r\n\r\n2\r\nhi\r\n${trailers}`,
    'POST',
  );
  assert.equal(status, 200);
  assert.match(kept, /\r\nX-Sum: 1\r\n/);
  assert.equal(kept.includes('root'), false);
});

test('fields of a ConfigMap join the question, in place of those of the same names', async (t) => {
  const data = {
    'X-Tenant': 'shop $http_foo',
    'X-Original-Method': '',
    'X-Sent-From': 'us',
    Cookie: 'a=$arg_q',
  };
  const served = await serveGuarded(t, {
    annotations: { 'auth-proxy-set-headers': 'shop/fields' },
    objects: [configMap('fields', data)],
    judgeBy: () => reply(200),
  });
  assert.equal(
    (await served.ask('/?q=1', 'Foo: bar\r\nX_Tenant: x\r\nx-tenant: other\r\nCookie: c=2\r\n')).status,
    200,
  );
  const [question = ''] = served.questions;
  assert.deepEqual(question.match(/^(?:x.tenant|x.sent.from|cookie|x-original-method):.*$/gim), [
    'X-Tenant: shop bar',
    'X-Sent-From: us',
    'Cookie: a=1',
  ]);
});

test('a ConfigMap that is missing, of others, or frames messages denies', async (t) => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['shop/none', {}],
    ['fields', {}],
    ['other/fields', {}],
    ['shop/fields', { 'Content-Length': '5' }],
    ['shop/fields', { Host: 'evil' }],
    ['shop/fields', { 'A b': 'x' }],
    ['shop/fields', { A: 'x\r\nB: y' }],
    ['shop/fields', { A: '$nothing' }],
  ];
  for (const [name, data] of cases) {
    const served = await serveGuarded(t, {
      annotations: { 'auth-proxy-set-headers': name },
      objects: [configMap('fields', data), configMap('fields', data, 'other')],
    });
    assert.equal((await served.ask('/', good)).status, 503, `${name} ${JSON.stringify(data)}`);
    assert.ok(served.problems.some(({ message }) => message.includes('auth-proxy-set-headers')));
  }
});
