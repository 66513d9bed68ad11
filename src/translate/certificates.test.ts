// Secrets to certificates: what is taken, what is refused and in which words. No message may hold a part of a key.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { describe, it } from 'node:test';
import { dnsNamesOf, parseCertificate, type CertificateResult } from './certificates.ts';

const folder = new URL('../../test/fixtures/certs/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

function parse(crt: string, key: string): CertificateResult {
  return parseCertificate('shop/tls', { crt: btoa(crt), key: btoa(key) });
}

describe('parseCertificate', () => {
  const good: [string, string, readonly string[]][] = [
    ['foo.crt', 'foo.key', ['foo.example.com']],
    ['foo.crt', 'foo-with-parameters.key', ['foo.example.com']],
    ['foo-renewed.crt', 'foo-renewed.key', ['foo.example.com', 'www.example.com']],
    ['wildcard.crt', 'wildcard.key', ['*.example.com', 'example.com']],
    ['rsa.crt', 'rsa.key', ['rsa.example.com']],
    ['chain.crt', 'chain.key', ['leaf.example.com']],
  ];
  for (const [crt, key, names] of good) {
    it(`takes ${crt} with ${key}`, () => {
      const result = parse(read(crt), read(key));
      assert.ok(result.ok);
      const { certificate } = result;
      assert.equal(certificate.id, 'shop/tls');
      assert.deepEqual(certificate.names, names);
      assert.match(certificate.fingerprint, /^[\da-f]{64}$/);
      assert.ok(certificate.notAfterMs > Date.UTC(2100, 0, 1));
      assert.equal(result.warning, null);
      assert.ok(createPrivateKey(certificate.keyPem));
      createSecureContext({ cert: certificate.chainPem, key: certificate.keyPem });
    });
  }

  it('keeps the whole chain, leaf first, and drops what is between the blocks', () => {
    const text = read('chain.crt').replaceAll('-----BEGIN', '# a comment\n-----BEGIN');
    const result = parse(text, read('chain.key'));
    assert.ok(result.ok);
    assert.equal(result.certificate.chainPem, read('chain.crt'));
  });

  it('falls back to the common name, with a warning', () => {
    const result = parse(read('common-name.crt'), read('common-name.key'));
    assert.ok(result.ok);
    assert.deepEqual(result.certificate.names, ['cn.example.com']);
    assert.match(result.warning ?? '', /subjectAltName.*"cn\.example\.com"/);
  });

  const bad: [string, string, string, RegExp][] = [
    ['an empty certificate', '', read('foo.key'), /^it has no "tls\.crt"$/],
    ['an empty key', read('foo.crt'), '', /^it has no "tls\.key"$/],
    ['text that is no certificate', 'hello', read('foo.key'), /^"tls\.crt" holds no certificate/],
    [
      'a damaged certificate',
      read('foo.crt').replace(/MII/, 'MIA'),
      read('foo.key'),
      /^certificate 1 in "tls\.crt" is not understood$/,
    ],
    [
      'a damaged second certificate',
      `${read('foo.crt')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      read('foo.key'),
      /^certificate 2 in/,
    ],
    ['text that is no key', read('foo.crt'), 'hello', /^"tls\.key" holds no private key/],
    [
      'a damaged key',
      read('foo.crt'),
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      /^the private key in "tls\.key" is not understood$/,
    ],
    [
      'an encrypted key',
      read('foo.crt'),
      read('foo-encrypted.key'),
      /is encrypted, wanted one without passphrase$/,
    ],
    [
      'a key of another certificate',
      read('foo.crt'),
      read('foo-renewed.key'),
      /does not belong to the first certificate/,
    ],
    ['a key of another kind', read('foo.crt'), read('rsa.key'), /does not belong to the first certificate/],
    ['a short RSA key', read('weak.crt'), read('weak.key'), /has 1024 bits, wanted 2048 to 4096$/],
    ['a huge RSA key', read('huge.crt'), read('huge.key'), /has 5120 bits, wanted 2048 to 4096$/],
  ];
  for (const [title, crt, key, message] of bad) {
    it(`refuses ${title}`, () => {
      const result = parse(crt, key);
      assert.ok(!result.ok);
      assert.match(result.message, message);
    });
  }

  it('refuses what is no base64 without throwing', () => {
    assert.equal(parseCertificate('shop/tls', { crt: '%%%', key: '\u0000' }).ok, false);
  });
});

describe('dnsNamesOf', () => {
  const rows: [string, readonly string[]][] = [
    ['DNS:a.com, DNS:*.B.com', ['a.com', '*.b.com']],
    ['IP Address:1.2.3.4, DNS:a.com, email:x@y', ['a.com']],
    ['DNS:"a.com, DNS:evil.com", DNS:b.com', ['b.com']],
    ['URI:"http://x\\", DNS:evil.com", DNS:b.com', ['b.com']],
    ['', []],
  ];
  for (const [text, names] of rows) {
    it(JSON.stringify(text), () => {
      assert.deepEqual(dnsNamesOf(text), names);
    });
  }
});
