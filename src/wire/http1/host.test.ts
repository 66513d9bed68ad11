import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalizeHost } from './host.ts';

describe('normalizeHost', () => {
  const good: readonly (readonly [text: string, wanted: string])[] = [
    ['shop.test', 'shop.test'],
    ['Shop.TEST', 'shop.test'],
    ['shop.test.', 'shop.test'],
    ['shop.test:8080', 'shop.test'],
    ['SHOP.test.:65535', 'shop.test'],
    ['a', 'a'],
    ['a_b-c.d', 'a_b-c.d'],
    ['192.0.2.1:1', '192.0.2.1'],
    ['[::1]', '[::1]'],
    ['[2001:DB8::A]:443', '[2001:db8::a]'],
    ['[::ffff:192.0.2.1]', '[::ffff:192.0.2.1]'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ];
  for (const [text, wanted] of good) {
    it(`takes "${text}"`, () => assert.equal(normalizeHost(text), wanted));
  }

  const bad = [
    ...[
      '',
      '.',
      '..',
      '.a',
      'a..b',
      'a..',
      ':80',
      'a:',
      'a:0',
      'a:080',
      'a:65536',
      'a:123456',
      'a:-1',
      'a:8 ',
      'a:80:80',
    ],
    ...[
      'a b',
      ' a',
      'a\t',
      'a/b',
      'a?b',
      'a#b',
      'a\\b',
      'a@b',
      'a,b',
      'a%41',
      'a<b',
      'a"b',
      'a\u00e9',
      'a\u0161',
      'a*',
    ],
    ...[
      '::1',
      '[]',
      '[::1',
      '::1]',
      '[::1]80',
      '[::1]:',
      '[::1]:0',
      '[192.0.2.1]',
      '[fe80::1%eth0]',
      '[g::]',
      '[[::1]]',
    ],
    ...['*.test', 'x'.repeat(256)],
  ];
  for (const text of bad) {
    it(`refuses "${text}"`, () => assert.equal(normalizeHost(text), null));
  }

  it('returns a normalised name as it is', () => {
    const name = 'shop.example.com';
    assert.equal(normalizeHost(name), name);
    assert.equal(normalizeHost(normalizeHost('A.b.:1') ?? ''), 'a.b');
  });
});
