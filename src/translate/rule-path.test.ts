// A rule's path is read here as the data plane reads it: compared with wire/, which translate/ may not import.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalRulePath as wireRulePath } from '../wire/http1/path.ts';
import { canonicalRulePath } from './rule-path.ts';

describe('canonicalRulePath', () => {
  it('gives what wire/ gives, for any text', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '//',
      'a',
      'B',
      '%',
      '%2f',
      '%41',
      '%7e',
      '%zz',
      '%25',
      '?',
      '#',
      '\\',
      ' ',
      'é',
      '\u0000',
      '|',
      '"',
      ';x',
      '~',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (path) => {
        assert.equal(canonicalRulePath(path), wireRulePath(path));
      }),
      { numRuns: 500 },
    );
  });

  it('gives what wire/ gives, for every character by itself', () => {
    for (let code = 0; code < 0x200; code += 1) {
      const path = `/x${String.fromCharCode(code)}y`;
      assert.equal(canonicalRulePath(path), wireRulePath(path), JSON.stringify(path));
    }
  });

  it('resolves dots and keeps slashes', () => {
    assert.equal(canonicalRulePath('/x/../app'), '/app');
    assert.equal(canonicalRulePath('/app/./'), '/app/');
    assert.equal(canonicalRulePath('/a//b'), '/a//b');
    assert.equal(canonicalRulePath(''), '/');
  });
});
