// Every scheme against hashes that others made, and against what is near to them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HashScheme } from '../../model/index.ts';
import { hashVectors } from './hash-vectors.fixture.ts';
import { maxPasswordBytes, verifyHash } from './verify-hash.ts';

function schemeOf(hash: string): HashScheme {
  const schemes: readonly (readonly [string, HashScheme])[] = [
    ['$2', 'bcrypt'],
    ['$apr1$', 'apr1'],
    ['$1$', 'md5-crypt'],
    ['$5$', 'sha256-crypt'],
    ['$6$', 'sha512-crypt'],
    ['{SHA}', 'sha1'],
    ['{SSHA}', 'salted-sha1'],
    ['{PLAIN}', 'plain'],
  ];
  const found = schemes.find(([mark]) => hash.startsWith(mark));
  if (found === undefined) throw new Error(`no scheme for ${hash}`);
  return found[1];
}

function verify(hash: string, password: string | Uint8Array): boolean {
  return verifyHash({ scheme: schemeOf(hash), hash }, Buffer.from(password as string));
}

describe('hashes of passwords', () => {
  for (const { password, hashes } of hashVectors) {
    it(`knows ${JSON.stringify(password.slice(0, 16))} by every scheme`, () => {
      for (const hash of hashes) {
        assert.equal(verify(hash, password), true, hash);
        // In front, where also bcrypt looks.
        for (const wrong of ['', `y${password}`, password.slice(1)]) {
          assert.equal(verify(hash, wrong), false, `${hash} ${wrong}`);
        }
        const [last = ''] = hash.slice(-9);
        const changed = `${hash.slice(0, -9)}${last === 'A' ? 'B' : 'A'}${hash.slice(-8)}`;
        assert.equal(verify(changed, password), false, changed);
      }
    });
  }

  it('compares plain passwords as bytes', () => {
    const whole = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(whole, whole, (password, other) => {
        const hash = `{PLAIN}${Buffer.from(password).toString('latin1')}`;
        assert.equal(verify(hash, password), true);
        assert.equal(verify(hash, other), password === other);
      }),
    );
  });

  it('knows bytes that are no UTF-8, but not by bcrypt', () => {
    const bytes = Uint8Array.of(0x66, 0xfc, 0x72);
    // printf 'f\374r' | openssl passwd -apr1 -salt saltsalt -stdin
    assert.equal(verify('$apr1$saltsalt$6W6L60OeE4LQq.oibyQk0/', bytes), true);
    assert.equal(verify(hashVectors[0]?.hashes[0] ?? '', bytes), false);
  });

  it('looks at no password that is too long', () => {
    const long = 'x'.repeat(maxPasswordBytes + 1);
    assert.equal(verify(`{PLAIN}${long}`, long), false);
    assert.equal(verify(`{PLAIN}${long.slice(1)}`, long.slice(1)), true);
  });
});
