// affinity: annotations to the cookie's attributes, and values that would break out of its line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CompileContext } from '../contract.ts';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { affinity } from './feature.ts';

function compile(texts: Readonly<Record<string, string>>, part: Partial<CompileContext> = {}) {
  const { context, issues } = sampleContext(part);
  return { policy: affinity.compile(parseValues(affinity, texts), context), issues };
}

const plain = {
  mode: 'balanced',
  name: 'INGRESSCOOKIE',
  path: '/shop',
  domain: '',
  expiresSeconds: -1,
  maxAgeSeconds: -1,
  sameSite: '',
  omitsNoneForOldBrowsers: false,
  alwaysSecure: false,
  changesOnFailure: false,
};

describe('affinity', () => {
  it('is off without the annotation, whatever else is set', () => {
    assert.equal(compile({ 'session-cookie-name': 'x', 'affinity-mode': 'persistent' }).policy, null);
    assert.equal(compile({ affinity: 'Cookie' }).policy, null);
  });

  it('has the defaults of ingress-nginx, and the path of the rule', () => {
    assert.deepEqual(compile({ affinity: 'cookie' }, { path: '/shop' }), { policy: plain, issues: [] });
  });

  it('takes every attribute', () => {
    const texts = {
      affinity: 'cookie',
      'affinity-mode': 'persistent',
      'session-cookie-name': 'SERVERID',
      'session-cookie-path': '/x',
      'session-cookie-domain': 'foo.bar',
      'session-cookie-expires': '172800',
      'session-cookie-max-age': '259200',
      'session-cookie-samesite': 'lax',
      'session-cookie-conditional-samesite-none': 'true',
      'session-cookie-secure': 'true',
      'session-cookie-change-on-failure': 'true',
    };
    assert.deepEqual(compile(texts).policy, {
      mode: 'persistent',
      name: 'SERVERID',
      path: '/x',
      domain: 'foo.bar',
      expiresSeconds: 172_800,
      maxAgeSeconds: 259_200,
      sameSite: 'Lax',
      omitsNoneForOldBrowsers: true,
      alwaysSecure: true,
      changesOnFailure: true,
    });
  });

  it('tells that a pattern, and a path that would end the attribute, is no path of a cookie', () => {
    for (const part of [
      { path: '/a/(.*)', pathKind: 'regex' },
      { path: '/a;Domain=b', pathKind: 'prefix' },
      { path: '/ä', pathKind: 'exact' },
    ] as const) {
      const { policy, issues } = compile({ affinity: 'cookie' }, part);
      assert.deepEqual(policy, { ...plain, path: '/' });
      assert.equal(issues.length, 1, part.path);
    }
    const named = compile(
      { affinity: 'cookie', 'session-cookie-path': '/a' },
      { path: '/a/(.*)', pathKind: 'regex' },
    );
    assert.deepEqual(named.issues, []);
  });

  it('refuses what would break out of the line', () => {
    const bad: readonly (readonly [string, readonly string[]])[] = [
      ['session-cookie-name', ['', 'a b', 'a;b', 'a=b', 'a/b', 'a\r\nb', 'ä', 'a'.repeat(257)]],
      ['session-cookie-path', ['', 'x', '/a;b', '/a b', '/a\nb', `/${'a'.repeat(1_024)}`]],
      ['session-cookie-domain', ['', 'a;b', 'a b', 'a/b', 'a\0']],
      ['session-cookie-max-age', ['', '-1', '1h', '99999999999']],
      ['session-cookie-samesite', ['', 'Nine', 'Lax;']],
      ['affinity-mode', ['Balanced', '']],
    ];
    for (const [key, texts] of bad)
      for (const text of texts) assert.ok('wanted' in parseKey(affinity, key, text), `${key}: ${text}`);
  });
});
