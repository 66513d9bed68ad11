// ssl-ciphers: lists by the names that are known; nobody makes the TLS of a host weaker.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { sslCiphers } from './feature.ts';
import { parseGroupList, parseTlsVersions } from './tls-lists.ts';

const good = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';

describe('ssl-ciphers', () => {
  it('takes names in their order, each once, with or without those of TLS 1.3', () => {
    assert.deepEqual(parseKey(sslCiphers, 'ssl-ciphers', good), { value: good });
    assert.deepEqual(parseKey(sslCiphers, 'ssl-ciphers', `${good}:ECDHE-RSA-AES128-GCM-SHA256`), {
      value: good,
    });
    assert.deepEqual(parseKey(sslCiphers, 'ssl-ciphers', ` ${good} : TLS_AES_128_GCM_SHA256`), {
      value: `${good}:TLS_AES_128_GCM_SHA256`,
    });
  });

  it('refuses a list with a member that is weak or no name', () => {
    const bad = [
      'AES128-SHA',
      'DES-CBC3-SHA',
      'NULL',
      'aNULL',
      '!aNULL',
      'HIGH',
      'ALL',
      'DEFAULT',
      '@SECLEVEL=0',
      '',
    ];
    for (const member of bad)
      for (const text of [member, `${good}:${member}`])
        assert.ok('wanted' in parseKey(sslCiphers, 'ssl-ciphers', text), text);
    assert.ok('wanted' in parseKey(sslCiphers, 'ssl-ciphers', `${good}\r\n`));
  });

  it('tells of a list without end in few words', () => {
    const told = parseKey(sslCiphers, 'ssl-ciphers', `${'x'.repeat(1_000)}:`.repeat(1_000));
    assert.ok('wanted' in told && told.wanted.length < 400);
  });

  it('is of hosts, not of routes, and no bad value changes what is offered', () => {
    assert.equal(
      sslCiphers.compile(parseValues(sslCiphers, { 'ssl-ciphers': good }), sampleContext().context),
      null,
    );
    for (const { scope, onInvalid } of sslCiphers.keys)
      assert.deepEqual([scope, onInvalid], ['host', 'default']);
    for (const text of ['on', '', 'true\n'])
      assert.ok('wanted' in parseKey(sslCiphers, 'ssl-prefer-server-ciphers', text), JSON.stringify(text));
  });
});

describe('lists of TLS in settings', () => {
  it('groups: in any usual spelling, `auto` is none', () => {
    assert.deepEqual(parseGroupList('x25519:P-256:secp256r1'), { value: 'X25519:prime256v1' });
    assert.deepEqual(parseGroupList('auto'), { value: '' });
    for (const text of ['', 'auto:x25519', 'secp192r1', 'x25519\n'])
      assert.ok('wanted' in parseGroupList(text), text);
  });

  it('versions: 1.2, 1.3 or both', () => {
    assert.deepEqual(parseTlsVersions('TLSv1.3 TLSv1.2'), {
      value: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
    });
    assert.deepEqual(parseTlsVersions('TLSv1.3'), {
      value: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' },
    });
    for (const text of ['', ' ', 'TLSv1.1 TLSv1.2', 'SSLv3', 'tlsv1.2', 'TLSv1.2\r\n'])
      assert.ok('wanted' in parseTlsVersions(text), JSON.stringify(text));
  });
});
