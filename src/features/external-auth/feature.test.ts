// external-auth: its grammar, its policy, and every way in which it must deny or stay out.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { externalAuth } from './feature.ts';
import { expandUrl } from './expand.ts';
import { parseLifetimes } from './lifetimes.ts';
import type { ExternalAuthPolicy } from './policy.ts';
import { parseTemplate } from '../request-template.ts';

type Context = Parameters<typeof sampleContext>[0];

function compile(texts: Readonly<Record<string, string>>, part: Context = {}): ExternalAuthPolicy | null {
  const { context } = sampleContext(part);
  // The feature's own compile made it.
  return externalAuth.compile(parseValues(externalAuth, texts), context) as ExternalAuthPolicy | null;
}

function serverOf(url: string, part: Context = {}): string {
  const policy = compile({ 'auth-url': url }, part);
  if (policy === null) return 'none';
  if ('fault' in policy) return 'fault';
  const { scheme, host, port } = policy.auth.server;
  return `${scheme} ${host} ${port}`;
}

describe('external-auth', () => {
  it('does nothing where nobody asks for it', () => {
    assert.equal(compile({}), null);
    assert.equal(compile({ 'auth-signin': 'http://a/', 'auth-cache-key': 'x' }), null);
  });

  it('finds the server', () => {
    assert.equal(serverOf('http://auth.example.com/check'), 'http auth.example.com 80');
    assert.equal(serverOf('https://Auth.Example.com.:8443?x=1'), 'https auth.example.com 8443');
    assert.equal(serverOf('https://$host/auth'), 'https shop.example.com 443');
    assert.equal(
      serverOf('https://auth.$namespace.svc.cluster.local/'),
      'https auth.shop.svc.cluster.local 443',
    );
    assert.equal(serverOf('https://auth.$host/', { host: 'a.test' }), 'https auth.a.test 443');
    assert.equal(serverOf('http://$host/', { host: '*.a.test' }), 'http null 80');
    assert.equal(serverOf('http://10.0.0.7/'), 'http 10.0.0.7 80');
  });

  it('denies servers that clients would choose, or that nobody may ask', () => {
    assert.equal(serverOf('http://$host/', { host: '' }), 'fault');
    assert.equal(serverOf('http://auth.$host/', { host: '*.a.test' }), 'fault');
    for (const host of [
      '$http_host',
      '$arg_h',
      '$hostile',
      'a$host$x',
      '169.254.169.254',
      '0.0.0.0',
      '127.1',
      '224.0.0.1',
      'a:99999',
      'a:0',
    ])
      assert.equal(serverOf(`http://${host}/`), 'fault', host);
    for (const host of ['127.0.0.1', 'localhost', 'x.localhost']) {
      assert.equal(serverOf(`http://${host}/`, { allowsLoopback: false }), 'fault', host);
      assert.notEqual(serverOf(`http://${host}/`), 'fault', host);
    }
    // The proxy's own admin pages: what a name resolves to is not known.
    assert.equal(serverOf('http://auth.test:9090/', { adminPorts: [9_090] }), 'fault');
    assert.notEqual(serverOf('http://auth.test:9091/', { adminPorts: [9_090] }), 'fault');
  });

  it('reports each fault at its key, once', () => {
    const { context, issues } = sampleContext();
    externalAuth.compile(parseValues(externalAuth, { 'auth-url': 'http://a/$x' }), context);
    assert.deepEqual(
      issues.map(({ severity, key }) => [severity, key]),
      [['error', 'nginx.ingress.kubernetes.io/auth-url']],
    );
  });

  it('leaves out fields that the proxy says itself, and tells', () => {
    const { context, issues } = sampleContext();
    const texts = { 'auth-url': 'http://a/', 'auth-response-headers': 'X-User,X-Real-IP, X-Forwarded-For' };
    const policy = externalAuth.compile(parseValues(externalAuth, texts), context) as ExternalAuthPolicy;
    assert.deepEqual('auth' in policy ? policy.auth.responseFields : null, ['X-User']);
    assert.deepEqual(
      issues.map(({ severity }) => severity),
      ['warning', 'warning'],
    );
  });

  it('takes all of the settings or all of the annotations', () => {
    const global = {
      'global-auth-url': 'http://g/',
      'global-auth-signin': 'http://g/in',
      'global-auth-method': 'POST',
    };
    const values = (texts: Readonly<Record<string, string>>): ReadonlyMap<string, unknown> =>
      new Map([...Object.entries(global), ...parseValues(externalAuth, texts)]);
    const { context } = sampleContext();
    const own = externalAuth.compile(values({ 'auth-url': 'http://o/' }), context) as ExternalAuthPolicy;
    assert.ok('auth' in own);
    assert.deepEqual([own.auth.server.host, own.auth.signIn, own.auth.method], ['o', null, '']);
    const all = externalAuth.compile(values({}), context) as ExternalAuthPolicy;
    assert.ok('auth' in all);
    assert.deepEqual([all.auth.server.host, all.auth.method], ['g', 'POST']);
    assert.equal(externalAuth.compile(values({ 'enable-global-auth': 'false' }), context), null);
  });

  it('is plain data', () => {
    const policy = compile({
      'auth-url': 'http://a/$uri',
      'auth-cache-key': '$cookie_a',
      'auth-keepalive': '3',
    });
    assert.deepEqual(structuredClone(policy), policy);
    assert.equal(JSON.stringify(policy).includes('undefined'), false);
  });

  it('reads durations', () => {
    assert.deepEqual(parseLifetimes('200 202 401 5m'), {
      value: [{ statuses: [200, 202, 401], durationMs: 300_000 }],
    });
    assert.deepEqual(parseLifetimes('1h,  404 30s, 500 10ms'), {
      value: [
        { statuses: [], durationMs: 3_600_000 },
        { statuses: [404], durationMs: 30_000 },
        { statuses: [500], durationMs: 10 },
      ],
    });
    for (const text of [
      '200',
      '5',
      '5 m',
      '200 5m,',
      'any 5m',
      '600 5m',
      '20 5m',
      '-5m',
      '5m 200',
      '200 5M5',
      '5m\n',
    ])
      assert.ok('wanted' in parseLifetimes(text), text);
  });

  it('expands to what stays in its place', () => {
    const parsed = parseTemplate('/c?u=$request_uri&x=$http_x', {});
    assert.ok('template' in parsed);
    const request = sampleRequest({ path: '/a%20b', query: '?q=1', field: () => 'a b\t"<>#\x80é' });
    assert.equal(expandUrl(parsed.template, request), '/c?u=/a%20b?q=1&x=a%20b%09%22%3C%3E%23%80%E9');
  });

  it('knows no variables beyond its list, in any spelling', () => {
    for (const text of [
      '$request_body',
      '$1',
      '$',
      '${host',
      '$ssl_client_cert',
      '$__proto__',
      '$constructor',
      '$http_',
    ])
      assert.ok('unknown' in parseTemplate(text, { namespace: 'shop' }), text);
    assert.ok('unknown' in parseTemplate('$uri'.repeat(65), {}));
  });

  it('refuses values with line ends', () => {
    for (const { name } of externalAuth.keys)
      for (const text of ['a\r\nb', 'a\nb', 'a\0'])
        assert.ok('wanted' in parseKey(externalAuth, name, text), `${name} ${JSON.stringify(text)}`);
  });
});
