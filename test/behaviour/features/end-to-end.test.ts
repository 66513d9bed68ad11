// Lines of the end-to-end suite of ingress-nginx that need a wire, with its own values: forwarded fields, cookies of sessions, hashes, the
// access log. Those that the table alone decides are in test/golden/end-to-end; end-to-end.yaml says where each line is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, fieldOf, serve } from './annotated.ts';

/** The ConfigMap of the controller, which believes this machine. */
const believing = (key: string): Readonly<Record<string, string>> => ({
  [key]: 'true',
  'proxy-real-ip-cidr': '127.0.0.0/8',
});

const said = 'X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: myproto\r\nX-Forwarded-Port: 1234\r\n';

test('a trusted forwarder is taken at its word: address, scheme, port and host', async (t) => {
  const served = await serve(t, {
    settings: believing('use-forwarded-headers'),
    ruleHost: '',
  });
  await served.ask('/', `${said}X-Forwarded-Host: myhost\r\n`);
  await served.ask('/', `${said}X-Forwarded-Host: myhost.com, another.host,example.net\r\n`);
  const [one = '', several = ''] = served.requests;
  assert.equal(fieldOf(one, 'x-forwarded-for'), '1.2.3.4');
  assert.equal(fieldOf(one, 'x-forwarded-proto'), 'myproto');
  assert.equal(fieldOf(one, 'x-forwarded-scheme'), 'myproto');
  assert.equal(fieldOf(one, 'x-scheme'), 'myproto');
  assert.equal(fieldOf(one, 'x-forwarded-port'), '1234');
  assert.equal(fieldOf(one, 'x-forwarded-host'), 'myhost');
  assert.equal(fieldOf(several, 'x-forwarded-host'), 'myhost.com');
});

test('without trust the endpoint is told what is seen, and what was said by other names', async (t) => {
  const served = await serve(t, { settings: { 'use-forwarded-headers': 'false' } });
  await served.ask('/', `${said}X-Forwarded-Host: myhost\r\n`);
  const [seen = ''] = served.requests;
  assert.equal(fieldOf(seen, 'x-forwarded-host'), 'a.test');
  assert.equal(fieldOf(seen, 'x-forwarded-proto'), 'http');
  assert.equal(fieldOf(seen, 'x-forwarded-port'), String(served.proxy.port));
  assert.equal(fieldOf(seen, 'x-original-forwarded-for'), '1.2.3.4');
  assert.equal(fieldOf(seen, 'x-original-forwarded-host'), 'myhost');
});

test('enable-real-ip takes the address and nothing else', async (t) => {
  const served = await serve(t, { settings: believing('enable-real-ip') });
  await served.ask('/', `${said}X-Forwarded-Host: myhost\r\n`);
  const [seen = ''] = served.requests;
  assert.equal(fieldOf(seen, 'x-forwarded-for'), '1.2.3.4');
  assert.equal(fieldOf(seen, 'x-forwarded-host'), 'a.test');
  assert.equal(fieldOf(seen, 'x-forwarded-proto'), 'http');
  assert.equal(fieldOf(seen, 'x-forwarded-port'), String(served.proxy.port));
});

test('the cookie of a session has the path of its rule, and the attributes that are asked for', async (t) => {
  const annotations = {
    affinity: 'cookie',
    'session-cookie-name': 'SERVERID',
    'session-cookie-expires': '172800',
    'session-cookie-max-age': '259200',
    'session-cookie-domain': 'foo.bar',
  };
  const served = await serve(t, { annotations, paths: ['/something', '/somewhereelse'] });
  for (const path of ['/something', '/somewhereelse']) {
    const askedMs = Date.now();
    const { status, head } = await served.ask(path);
    assert.equal(status, 200);
    const cookie = fieldOf(head, 'set-cookie') ?? '';
    assert.match(cookie, /^SERVERID=/);
    const attributes = new Set(cookie.split('; '));
    for (const attribute of [`Path=${path}`, 'Max-Age=259200', 'Domain=foo.bar', 'HttpOnly'])
      assert.ok(attributes.has(attribute), `${attribute} in ${cookie}`);
    const expires = /Expires=([^;]+)/.exec(cookie)?.[1] ?? '';
    const earliest = askedMs - 1_000 + 172_800_000;
    assert.ok(Date.parse(expires) >= earliest && Date.parse(expires) <= Date.now() + 172_800_000, cookie);
    assert.ok(!attributes.has('Secure'), cookie);
  }
});

test('a cookie of a session has no domain and no age unless they are asked for, and comes with a pattern for a path', async (t) => {
  const annotations = {
    affinity: 'cookie',
    'session-cookie-name': 'SERVERID',
    'session-cookie-path': '/foo/bar',
    'use-regex': 'true',
  };
  const served = await serve(t, { annotations, paths: ['/foo/.*'] });
  const cookie = fieldOf((await served.ask('/foo/bar')).head, 'set-cookie') ?? '';
  assert.match(cookie, /^SERVERID=[^;]+; Path=\/foo\/bar; HttpOnly$/);
});

test('Secure goes with HTTPS, and everywhere where it is asked for', async (t) => {
  const trusted = { settings: believing('use-forwarded-headers') };
  const cookieOf = async (secure: string | null, fields: string): Promise<string> => {
    const annotations = { affinity: 'cookie', ...(secure !== null && { 'session-cookie-secure': secure }) };
    const served = await serve(t, { ...trusted, annotations });
    return fieldOf((await served.ask('/', fields)).head, 'set-cookie') ?? '';
  };
  const https = 'X-Forwarded-Proto: https\r\n';
  assert.match(await cookieOf('true', ''), /; Secure/);
  assert.match(await cookieOf('false', https), /; Secure/);
  assert.match(await cookieOf(null, https), /; Secure/);
  assert.doesNotMatch(await cookieOf('false', ''), /Secure/);
  assert.doesNotMatch(await cookieOf(null, ''), /Secure/);
});

test('a field out of a ConfigMap is sent as it is written', async (t) => {
  const served = await serve(t, {
    annotations: { 'custom-headers': 'shop/fields' },
    settings: { 'global-allowed-response-headers': 'My-Custom-Header' },
    objects: [configMap('fields', { 'My-Custom-Header': '$remote_addr' })],
  });
  const { status, head } = await served.ask('/');
  assert.deepEqual([status, fieldOf(head, 'my-custom-header')], [200, '$remote_addr']);
});

test('an Ingress whose log is off is served, and leaves no line', async (t) => {
  const served = await serve(t, {
    annotations: { 'enable-access-log': 'false' },
    paths: ['/silent'],
  });
  assert.equal((await served.ask('/silent')).status, 200);
  assert.equal((await served.ask('/elsewhere')).status, 404);
  const lines = await served.proxy.log();
  assert.deepEqual(
    lines.map((line) => line['status']),
    [404],
  );
});
