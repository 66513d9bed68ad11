// Which hashes are taken, and what is said of those that are not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeHash } from './password-hash.ts';

const bcryptOf = (cost: string, mark = '2y'): string => `$${mark}$${cost}$${'a'.repeat(53)}`;

const taken: Readonly<Record<string, readonly string[]>> = {
  bcrypt: [bcryptOf('04'), bcryptOf('10', '2a'), bcryptOf('16', '2b')],
  apr1: [`$apr1$salt$${'a'.repeat(22)}`, `$apr1$$${'a'.repeat(22)}`],
  'md5-crypt': [`$1$12345678$${'/'.repeat(22)}`],
  'sha256-crypt': [`$5$salt$${'a'.repeat(43)}`, `$5$rounds=1000$salt$${'a'.repeat(43)}`],
  'sha512-crypt': [`$6$salt$${'a'.repeat(86)}`, `$6$rounds=1000000$0123456789abcdef$${'.'.repeat(86)}`],
  sha1: [`{SHA}${'a'.repeat(27)}=`],
  'salted-sha1': [`{SSHA}${'a'.repeat(28)}`, `{SSHA}${'a'.repeat(30)}==`],
  plain: ['{PLAIN}x', '{PLAIN} with blanks and "quotes"'],
};

const refused: Readonly<Record<string, RegExp>> = {
  '': /no hash/,
  secret: /not|no hash/,
  '{PLAIN}': /empty password/,
  [`{PLAIN}${'x'.repeat(257)}`]: /more than 256 bytes/,
  abQ9KY: /no hash that is understood/,
  abQ9KYabcdefg: /DES crypt/,
  _J9abcdefghijklmnopq: /DES crypt/,
  [bcryptOf('03')]: /no whole bcrypt hash/,
  [bcryptOf('17')]: /bcrypt cost of 17, at most 16/,
  [bcryptOf('31')]: /bcrypt cost of 31/,
  [bcryptOf('10', '2x')]: /no whole bcrypt hash/,
  [`$5$salt$${'a'.repeat(86)}`]: /no whole SHA-crypt hash/,
  [`$6$salt$${'a'.repeat(43)}`]: /no whole SHA-crypt hash/,
  [`$6$rounds=999$salt$${'a'.repeat(86)}`]: /999 rounds/,
  [`$6$rounds=1000001$salt$${'a'.repeat(86)}`]: /1000001 rounds/,
  [`$6$rounds=999999999$salt$${'a'.repeat(86)}`]: /rounds/,
  [`$6$rounds=05000$salt$${'a'.repeat(86)}`]: /no whole SHA-crypt hash/,
  [`$1$123456789$${'a'.repeat(22)}`]: /understood/,
  [`$7$salt$${'a'.repeat(43)}`]: /understood/,
  [`{sha}${'a'.repeat(27)}=`]: /understood/,
  [`{SSHA}${'a'.repeat(27)}=`]: /understood/,
  '{MD5}abc': /understood/,
};

describe('hashes of passwords', () => {
  it('are taken by their marks', () => {
    for (const [scheme, hashes] of Object.entries(taken)) {
      for (const hash of hashes) assert.deepEqual(judgeHash(hash), { scheme }, hash);
    }
  });

  it('are refused with a reason that holds nothing of them', () => {
    for (const [hash, reason] of Object.entries(refused)) {
      const verdict = judgeHash(hash);
      assert.ok('reason' in verdict, hash);
      assert.match(verdict.reason, reason, hash);
      if (hash.length > 4) assert.equal(verdict.reason.includes(hash), false);
    }
  });
});
