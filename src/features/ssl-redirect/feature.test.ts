// The HTTPS redirect as ingress-nginx gives it: when, where to, and when not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CompileContext, LocalResponse, RequestView } from '../contract.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { sslRedirect } from './feature.ts';

function answer(
  annotations: Readonly<Record<string, string>>,
  request: Partial<RequestView>,
  route: Partial<CompileContext> = {},
): LocalResponse | null {
  const { context } = sampleContext(route);
  const policy = sslRedirect.compile(parseValues(sslRedirect, annotations), context);
  if (policy === null) return null;
  const hooks = sslRedirect.prepare?.(structuredClone(policy), {
    path: context.path,
    pathKind: context.pathKind,
  });
  return hooks?.admit?.(sampleRequest(request)) ?? null;
}

function location(...args: Parameters<typeof answer>): string | null {
  return answer(...args)?.location ?? null;
}

const tls = { hostHasTls: true };
const force = { 'force-ssl-redirect': 'true' };
const host = 'https://shop.example.com';

describe('ssl-redirect', () => {
  it('answers 308 by default where the host has TLS, and nowhere else', () => {
    assert.deepEqual(answer({}, { ...tls, path: '/a', query: '?b=1' }), {
      status: 308,
      reason: 'ssl-redirect',
      location: `${host}/a?b=1`,
    });
    assert.equal(answer({}, { hostHasTls: false }), null);
    assert.equal(answer({}, { ...tls, scheme: 'https' }), null);
  });

  it('cuts one slash at the end of the whole URL', () => {
    const cases = [
      ['/', '', ''],
      ['/foo/', '', '/foo'],
      ['/foo//', '', '/foo/'],
      ['/foo/', '?a=/', '/foo/?a='],
      ['/foo/', '?a=1', '/foo/?a=1'],
      ['/foo', '?', '/foo?'],
    ] as const;
    for (const [path, query, wanted] of cases) {
      assert.equal(location({}, { ...tls, path, query }), host + wanted);
      const kept = location({ 'preserve-trailing-slash': 'true' }, { ...tls, path, query });
      assert.equal(kept, host + path + query);
    }
  });

  it('is switched off by "false", and a bad value leaves the default', () => {
    assert.equal(answer({ 'ssl-redirect': 'false' }, tls), null);
    assert.equal(location({ 'ssl-redirect': 'no' }, tls), host);
    assert.ok('wanted' in parseKey(sslRedirect, 'ssl-redirect', 'no'));
  });

  it('is forced without TLS, and against ssl-redirect', () => {
    assert.equal(location(force, {}), host);
    assert.equal(location({ ...force, 'ssl-redirect': 'false' }, {}), host);
    assert.equal(answer(force, { scheme: 'https' }), null);
    assert.equal(answer({ 'force-ssl-redirect': 'yes' }, {}), null);
  });

  it('names the host of the request under a wildcard', () => {
    const route = { host: '*.example.com' };
    assert.equal(
      location({}, { ...tls, host: 'a.example.com', path: '/x' }, route),
      'https://a.example.com/x',
    );
  });

  it('redirects rules without host only by force, and never without a host', () => {
    const route = { host: '' };
    assert.equal(answer({}, { ...tls, host: 'any.example.org' }, route), null);
    assert.equal(location(force, { host: 'any.example.org' }, route), 'https://any.example.org');
    assert.equal(location(force, { host: '[2001:db8::1]', path: '/x' }, route), 'https://[2001:db8::1]/x');
    assert.equal(answer(force, { host: '' }, route), null);
  });

  it('exempts the ACME path of a rule, not of a request', () => {
    const path = '/.well-known/acme-challenge/token';
    assert.equal(answer({}, { ...tls, path }, { path: '/.well-known/acme-challenge' }), null);
    assert.equal(answer(force, { path }, { path }), null);
    assert.equal(location({}, { ...tls, path }), host + path);
  });

  it('has the status and the exempt paths of the settings', () => {
    const { context } = sampleContext();
    const statusOf = (values: ReadonlyMap<string, unknown>): number | undefined => {
      const policy = sslRedirect.compile(values, context);
      const hooks = policy === null ? {} : sslRedirect.prepare?.(policy, { path: '/', pathKind: 'prefix' });
      return hooks?.admit?.(sampleRequest(tls))?.status;
    };
    assert.equal(statusOf(new Map([['http-redirect-code', 301]])), 301);
    assert.equal(statusOf(new Map()), 308);
    assert.equal(statusOf(new Map([['no-tls-redirect-locations', ['/']]])), undefined);
    assert.equal(statusOf(new Map([['no-tls-redirect-locations', []]])), 308);
    const parse = (name: string, text: string): boolean => {
      const key = sslRedirect.settingKeys?.find((each) => each.setting === name);
      return key !== undefined && 'value' in key.parse(text);
    };
    assert.equal(parse('http-redirect-code', '302'), true);
    for (const text of ['303', '200', 'x']) assert.equal(parse('http-redirect-code', text), false, text);
    assert.equal(parse('no-tls-redirect-locations', '/a, /b'), true);
    assert.equal(parse('no-tls-redirect-locations', 'a'), false);
  });

  it('names the port of HTTPS where it shall', () => {
    const named = { 'use-port-in-redirects': 'true' };
    assert.equal(location(named, { ...tls, path: '/a/' }), `${host}:443/a`);
    assert.equal(location(named, { ...tls, ports: { own: '80', https: 8443 } }), `${host}:8443`);
    assert.equal(location({ 'use-port-in-redirects': 'yes' }, tls), host);
  });

  it('describes itself', () => {
    const { context } = sampleContext();
    const describePolicy = (texts: Readonly<Record<string, string>>): string =>
      sslRedirect.describe(sslRedirect.compile(parseValues(sslRedirect, texts), context));
    assert.equal(describePolicy({}), 'redirect to https when the host has TLS');
    assert.equal(
      describePolicy({ ...force, 'preserve-trailing-slash': '1' }),
      'redirect to https, trailing slash kept',
    );
  });
});
