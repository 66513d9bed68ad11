import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { certificateCovers, findHost, isIpLiteral, resolveTls } from './find-host.ts';
import { sampleCertificate, sampleHost, sampleTable } from './sample-table.fixture.ts';

const tls = (source: string) => ({ certificate: null, source });

const table = sampleTable([
  sampleHost('foo.bar.com', []),
  sampleHost('*.foo.com', []),
  sampleHost('*.2.3.4', []),
  sampleHost('', []),
]);

describe('findHost', () => {
  const cases: readonly [host: string, pattern: string][] = [
    ['foo.bar.com', 'foo.bar.com'],
    ['bar.foo.com', '*.foo.com'],
    ['baz.bar.foo.com', ''],
    ['foo.com', ''],
    ['.foo.com', ''],
    ['', ''],
    ['localhost', ''],
    ['x.2.3.4', '*.2.3.4'],
    ['1.2.3.4', ''],
    ['::ffff:1.2.3.4', ''],
    ['[::ffff:1.2.3.4]', ''],
  ];
  for (const [host, pattern] of cases) {
    it(`"${host}" is answered by "${pattern}"`, () => assert.equal(findHost(table, host)?.host, pattern));
  }

  it('prefers the exact host to the wildcard that covers it', () => {
    const both = sampleTable([sampleHost('*.foo.com', []), sampleHost('a.foo.com', [])]);
    assert.equal(findHost(both, 'a.foo.com')?.host, 'a.foo.com');
    assert.equal(findHost(both, 'b.foo.com')?.host, '*.foo.com');
  });

  it('answers null where no host takes the name and there is no catch-all', () => {
    assert.equal(findHost(sampleTable([sampleHost('a.com', [])]), 'b.com'), null);
  });
});

describe('resolveTls', () => {
  const hosts = sampleTable([
    sampleHost('plain.foo.com', []),
    sampleHost('own.foo.com', [], { tls: tls('own') }),
    sampleHost('*.foo.com', [], { tls: tls('wildcard') }),
    sampleHost('', [], { tls: tls('catch-all') }),
  ]);
  const cases: readonly [host: string, source: string | undefined][] = [
    ['own.foo.com', 'own'],
    ['plain.foo.com', 'wildcard'],
    ['other.foo.com', 'wildcard'],
    ['deep.other.foo.com', undefined],
    ['foo.com', undefined],
    ['', undefined],
    ['1.2.3.4', undefined],
  ];
  for (const [host, source] of cases) {
    it(`"${host}" has the TLS of ${source ?? 'nobody'}`, () =>
      assert.equal(resolveTls(hosts, host)?.source, source));
  }
});

describe('certificateCovers', () => {
  const certificate = sampleCertificate('a/b', ['foo.com', '*.foo.com', '*.2.3.4']);
  const cases: readonly [host: string, covered: boolean][] = [
    ['foo.com', true],
    ['a.foo.com', true],
    ['a.b.foo.com', false],
    ['bar.com', false],
    ['1.2.3.4', false],
    ['', false],
  ];
  for (const [host, covered] of cases) {
    it(`${covered ? 'covers' : 'does not cover'} "${host}"`, () =>
      assert.equal(certificateCovers(certificate, host), covered));
  }
});

describe('isIpLiteral', () => {
  for (const host of ['1.2.3.4', '255.255.255.255', '010.0.0.1', '::1', '[::1]', '[fe80::a]', 'fe80::a']) {
    it(`"${host}" is one`, () => assert.equal(isIpLiteral(host), true));
  }
  for (const host of ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', 'a1.2.3.4', '1.2.3.4.', 'foo1', '1..2.3']) {
    it(`"${host}" is none`, () => assert.equal(isIpLiteral(host), false));
  }
});
