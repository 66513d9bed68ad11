import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalRulePath } from './rule-path.ts';

const piece = fc.constantFrom(
  ...[
    '/',
    '//',
    '.',
    '..',
    '/.',
    '/..',
    '/../',
    'a',
    'B',
    '~',
    '%2e',
    '%2E%2e',
    '%2f',
    '%5C',
    '%7e',
    '%41',
    '%25',
    '%c3%a9',
  ],
  ...[';', '..;x', '.;', '%3b', '%20', '%zz', '%', '\\', ' ', '%00', '?', '#', '\xe9', '%252e', '...'],
);
const anyPath = fc.array(piece, { maxLength: 10 }).map((parts) => `/${parts.join('')}`);

describe('canonicalRulePath', () => {
  const cases: readonly (readonly [rulePath: string, wanted: string])[] = [
    ['', '/'],
    ['/', '/'],
    ['/foo/', '/foo/'],
    ['/foo%2Fbar', '/foo%2Fbar'],
    ['/foo%2fbar', '/foo%2Fbar'],
    ['/%66oo/%7E', '/foo/~'],
    ['/a b', '/a%20b'],
    ['/caf\u00e9', '/caf%C3%A9'],
    ['/a?b#c\\d', '/a%3Fb%23c%5Cd'],
    ['/100%', '/100%25'],
    ['/%zz', '/%25zz'],
    ['/%00', '/%00'],
    ['/a/../../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/a/./', '/a/'],
    ['/a/..', '/'],
    ['/a//b', '/a//b'],
    ['/\u0000', '/%00'],
    ['/a|"b', '/a|"b'],
    ['foo', '/foo'],
    ['/foo(/|$)(.*)', '/foo(/|$)(.*)'],
  ];
  for (const [rulePath, wanted] of cases) {
    it(`writes "${rulePath}" as "${wanted}"`, () => assert.equal(canonicalRulePath(rulePath), wanted));
  }

  it('is idempotent for any text', () => {
    fc.assert(
      fc.property(fc.oneof(anyPath, fc.string({ unit: 'grapheme' })), (rulePath) => {
        const once = canonicalRulePath(rulePath);
        assert.equal(canonicalRulePath(once), once);
        assert.ok(once.startsWith('/'));
      }),
      { numRuns: 2_000 },
    );
  });
});
