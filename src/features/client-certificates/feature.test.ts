// auth-tls-*: values, and that none which lessens protection goes through. What hosts make of them: translate/host-client-auth.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { clientCertificates } from './feature.ts';

const isTaken = (name: string, text: string): boolean => 'value' in parseKey(clientCertificates, name, text);

describe('auth-tls-*', () => {
  it('takes good values', () => {
    const read = (name: string, text: string): unknown => parseKey(clientCertificates, name, text);
    assert.deepEqual(read('auth-tls-secret', 'shop/authorities'), { value: 'shop/authorities' });
    assert.deepEqual(read('auth-tls-verify-client', 'on'), { value: 'required' });
    assert.deepEqual(read('auth-tls-verify-client', 'optional_no_ca'), { value: 'optional-no-ca' });
    assert.deepEqual(read('auth-tls-verify-depth', '2'), { value: 2 });
    assert.deepEqual(read('auth-tls-match-cn', 'CN=(a|b|authtls)'), { value: 'CN=(a|b|authtls)' });
    assert.ok(isTaken('auth-tls-error-page', 'https://example.com/error?why=cert'));
    assert.ok(isTaken('auth-tls-error-page', '/certificates'));
    assert.ok(isTaken('auth-tls-pass-certificate-to-upstream', 'true'));
  });

  const bad: Readonly<Record<string, readonly string[]>> = {
    'auth-tls-secret': ['', 'authorities', '/a', 'a/', 'a/b/c', 'A/b', '../x', 'shop/authorities\n'],
    'auth-tls-verify-client': ['', 'On', 'true', 'optional no ca', 'on\0'],
    'auth-tls-verify-depth': ['', '-1', '101', '1.5', 'one'],
    'auth-tls-error-page': [
      '',
      '@named',
      'ftp://a/b',
      '//other.example.com',
      '/a/../b',
      '/a b',
      'https://a/\r\nX: y',
    ],
    'auth-tls-pass-certificate-to-upstream': ['', 'on', 'yes'],
    'auth-tls-match-cn': ['', 'CN=', 'cn=a', 'a', 'O=x', 'CN=(?=a)', 'CN=(a)\\1', 'CN=[', 'CN=a\r\n'],
  };
  for (const [name, texts] of Object.entries(bad)) {
    it(`${name} refuses what is no whole good value`, () => {
      for (const text of texts) assert.ok(!isTaken(name, text), JSON.stringify(text));
    });
  }

  it('denies where a value is lost that says who may come', () => {
    const fates = new Map(clientCertificates.keys.map(({ name, onInvalid }) => [name, onInvalid]));
    assert.equal(fates.get('auth-tls-secret'), 'deny');
    assert.equal(fates.get('auth-tls-match-cn'), 'deny');
    // Absent is the strictest: a certificate is required, one deep.
    assert.equal(fates.get('auth-tls-verify-client'), 'default');
    assert.equal(fates.get('auth-tls-verify-depth'), 'default');
  });

  it('takes no pattern that costs more than a line should', () => {
    assert.ok(!isTaken('auth-tls-match-cn', `CN=${'(a|b)'.repeat(50_000)}`));
    assert.ok(isTaken('auth-tls-match-cn', 'CN=(a+)+b'), 'matched in linear time, so it may be');
  });

  it('is of hosts: no route has a policy of it', () => {
    const values = parseValues(clientCertificates, { 'auth-tls-secret': 'shop/authorities' });
    assert.equal(clientCertificates.compile(values, sampleContext().context), null);
    for (const { scope } of clientCertificates.keys) assert.equal(scope, 'host');
  });
});
