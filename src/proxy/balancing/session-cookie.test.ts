// The cookie's line, and what is believed of the cookies that come back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CookieAffinity } from '../../model/index.ts';
import { SessionCookie } from './session-cookie.ts';
import { SessionTokens } from './session-tokens.ts';

const plain: CookieAffinity = {
  mode: 'balanced',
  name: 'SID',
  path: '/',
  domain: '',
  expiresSeconds: -1,
  maxAgeSeconds: -1,
  sameSite: '',
  omitsNoneForOldBrowsers: false,
  alwaysSecure: false,
  changesOnFailure: false,
};
const key = '0123456789abcdef0123456789abcdef';

function request(fields = '', scheme = 'http', userAgent = '') {
  return { scheme, head: { fields, userAgent } };
}

function render(part: Partial<CookieAffinity>, of = request()): string {
  return new SessionCookie({ ...plain, ...part }).renderField(key, 'beef', of, Date.UTC(2030, 0, 1));
}

describe('the line', () => {
  it('has the plain attributes, and Secure by HTTPS', () => {
    assert.equal(render({}), `Set-Cookie: SID=${key}|beef; Path=/; HttpOnly\r\n`);
    assert.equal(
      render({}, request('', 'https')),
      `Set-Cookie: SID=${key}|beef; Path=/; Secure; HttpOnly\r\n`,
    );
  });

  it('has every attribute in the order of ingress-nginx', () => {
    const all = { path: '/a', domain: 'x.y', expiresSeconds: 172_800, maxAgeSeconds: 60, alwaysSecure: true };
    assert.equal(
      render({ ...all, sameSite: 'None' }),
      `Set-Cookie: SID=${key}|beef; Expires=Thu, 03 Jan 2030 00:00:00 GMT; Max-Age=60; Domain=x.y; Path=/a; Secure; HttpOnly; SameSite=None\r\n`,
    );
  });

  it('spares old browsers SameSite=None, and nothing else', () => {
    const old = [
      'Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/66.0.3359.139 Safari/537.36',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15',
      'Mozilla/5.0 (iPad; CPU OS 12_4 like Mac OS X) AppleWebKit/605.1.15',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 Version/12.1 Safari/605.1.15',
    ];
    const today = [
      '',
      'Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/537.36 Chrome/90.0.0.0 Safari/537.36',
    ];
    const conditional = { sameSite: 'None', omitsNoneForOldBrowsers: true } as const;
    for (const agent of old) {
      assert.doesNotMatch(render(conditional, request('', 'https', agent)), /SameSite/, agent);
      assert.match(render({ sameSite: 'None' }, request('', 'https', agent)), /SameSite=None/, agent);
      assert.match(render({ ...conditional, sameSite: 'Lax' }, request('', 'https', agent)), /SameSite=Lax/);
    }
    for (const agent of today)
      assert.match(render(conditional, request('', 'https', agent)), /SameSite=None/, agent);
  });
});

describe('what comes back', () => {
  const read = (fields: string) => new SessionCookie(plain).readKey(request(fields), 'beef');

  it('is believed where it has the form and the backend of ours', () => {
    assert.equal(read(`Cookie: a=b; SID=${key}|beef\r\n`), key);
    assert.equal(read(`Cookie: SID=${key}|dead\r\nCookie: SID=${key}|beef\r\n`), key);
  });

  it('is thrown away otherwise', () => {
    for (const value of [
      '',
      'x',
      key,
      `${key}|`,
      `${key}|dead`,
      `|beef`,
      `${key}0|beef`,
      `${key.toUpperCase()}|beef`,
    ])
      assert.equal(read(`Cookie: SID=${value}\r\n`), null, value);
    assert.equal(read(`Cookie: sid=${key}|beef\r\n`), null);
  });
});

describe('tokens', () => {
  const endpoints = ['10.0.0.1:80', '10.0.0.2:80'].map((label) => ({ label }));
  const make = (seal: string, id = 'a/b:80') => {
    const tokens = new SessionTokens<{ readonly label: string }>(seal, id);
    tokens.setEndpoints(endpoints);
    return tokens;
  };

  it('lead back to their endpoint, in every process that knows the seal, and tell no address', () => {
    const [first] = endpoints;
    assert.ok(first);
    const token = make('uid').tokenOf(first);
    assert.match(token ?? '', /^[0-9a-f]{32}$/);
    assert.equal(make('uid').endpointOf(token ?? ''), first);
    assert.notEqual(make('other').tokenOf(first), token);
    assert.notEqual(make('uid', 'a/c:80').mark, make('uid').mark);
  });

  it('lead nowhere when the endpoint is gone', () => {
    const [first, second] = endpoints;
    assert.ok(first && second);
    const tokens = make('uid');
    const token = tokens.tokenOf(first) ?? '';
    tokens.setEndpoints([second]);
    assert.equal(tokens.endpointOf(token), undefined);
    assert.ok(tokens.tokenOf(second));
    for (const forged of ['', '0'.repeat(32), '__proto__'])
      assert.equal(tokens.endpointOf(forged), undefined);
  });
});
