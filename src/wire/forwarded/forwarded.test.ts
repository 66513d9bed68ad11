import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clientAddress, compileTrust, normalizeIp } from './index.ts';

describe('normalizeIp', () => {
  const good: readonly (readonly [text: string, wanted: string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::192.0.2.1', '::c000:201'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ];
  for (const [text, wanted] of good) {
    it(`writes "${text}" as "${wanted}"`, () => assert.equal(normalizeIp(text), wanted));
  }

  const bad = [
    ...[
      '',
      ' ',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.04',
      '1.2.3.4 ',
      '0x1.2.3.4',
      '1.2.3.-4',
      '1..3.4',
    ],
    ...[
      'fe80::1%eth0',
      ':1::',
      '1:::2',
      '::1::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7:8::',
      '12345::',
      'g::',
    ],
    ...[
      '1.2.3.4::',
      '::1.2.3.4:5',
      '[::1]',
      '::ffff:1.2.3',
      ':',
      '1:2:3:4:5:6:7:1.2.3.4',
      'localhost',
      '١.2.3.4',
    ],
  ];
  for (const text of bad) {
    it(`refuses "${text}"`, () => assert.equal(normalizeIp(text), null));
  }

  it('takes what node:net takes, but zone identifiers', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ maxLength: 24, unit: fc.constantFrom('0', '1', 'f', ':', '::', '.', '255') }),
    );
    fc.assert(
      fc.property(text, (address) => {
        const normal = normalizeIp(address);
        assert.equal(normal !== null, isIP(address) !== 0);
        if (normal !== null) assert.equal(normalizeIp(normal), normal);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('compileTrust', () => {
  it('compares networks in binary', () => {
    const isTrusted = compileTrust(['10.0.0.0/8', '192.0.2.7', '2001:db8::/33', '172.16.0.0/12']);
    for (const ip of [
      '10.0.0.0',
      '10.255.255.255',
      '192.0.2.7',
      '2001:db8:7fff::1',
      '172.31.0.1',
      '::ffff:10.1.2.3',
    ]) {
      assert.equal(isTrusted(ip), true, ip);
    }
    for (const ip of [
      '11.0.0.0',
      '9.255.255.255',
      '192.0.2.8',
      '2001:db8:8000::',
      '172.32.0.0',
      '::10.1.2.3',
      '10.0.0',
      '',
    ]) {
      assert.equal(isTrusted(ip), false, ip);
    }
  });

  it('takes the whole range of an address family, and mapped networks', () => {
    assert.equal(compileTrust(['0.0.0.0/0'])('203.0.113.9'), true);
    assert.equal(compileTrust(['0.0.0.0/0'])('2001:db8::1'), false);
    assert.equal(compileTrust(['::/0'])('203.0.113.9'), true);
    assert.equal(compileTrust(['::ffff:10.0.0.0/104'])('10.9.9.9'), true);
    assert.equal(compileTrust([])('10.0.0.1'), false);
  });

  it('ignores bits behind the prefix', () => {
    assert.equal(compileTrust(['10.1.2.3/8'])('10.9.9.9'), true);
  });

  it('throws for what is no network', () => {
    for (const cidr of [
      '',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0/8',
      '::/129',
      '10.0.0.0/-1',
      '10.0.0.0/08',
      'x',
    ]) {
      assert.throws(() => compileTrust([cidr]), TypeError, cidr);
    }
  });
});

describe('clientAddress', () => {
  const isTrusted = compileTrust(['10.0.0.0/8', '::1']);
  const cases: readonly (readonly [name: string, peer: string, forwardedFor: string, wanted: string])[] = [
    ['an untrusted peer', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['a trusted peer', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['no field', '10.0.0.1', '', '10.0.0.1'],
    ['the rightmost untrusted entry', '10.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['only trusted entries', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['an invalid entry ends the search', '10.0.0.1', '203.0.113.9, unknown, 10.0.0.2', '10.0.0.2'],
    ['an empty entry ends the search', '10.0.0.1', '203.0.113.9,, 10.0.0.2', '10.0.0.2'],
    ['an invalid last entry', '10.0.0.1', '203.0.113.9, <b>', '10.0.0.1'],
    ['a mapped address', '10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['a mapped trusted address', '10.0.0.1', '203.0.113.9, ::ffff:10.0.0.2', '203.0.113.9'],
    ['a port', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['an IPv6 address with a port', '::1', '[2001:DB8::1]:4711', '2001:db8::1'],
    ['blanks and tabs', '10.0.0.1', '\t 203.0.113.9 \t,10.0.0.2', '203.0.113.9'],
    ['a zone identifier', '10.0.0.1', 'fe80::1%eth0', '10.0.0.1'],
  ];
  for (const [name, peer, forwardedFor, wanted] of cases) {
    it(name, () => assert.equal(clientAddress(peer, forwardedFor, isTrusted), wanted));
  }
});
