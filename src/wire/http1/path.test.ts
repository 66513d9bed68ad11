import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalPath, canonicalRulePath, hasValidEscapes } from './path.ts';

function read(raw: string): string {
  const result = canonicalPath(raw);
  if ('status' in result) return `refused ${result.reason}`;
  return result.greedy === '' ? result.path : `${result.path} greedy ${result.greedy}`;
}

/** RFC 3986 5.2.4, as its text says it, step by step over an input and an output buffer. */
function removeDotSegmentsByTheBook(path: string): string {
  let input = path;
  let output = '';
  while (input !== '') {
    if (input.startsWith('/./')) input = input.slice(2);
    else if (input === '/.') input = '/';
    else if (input.startsWith('/../') || input === '/..') {
      input = input === '/..' ? '/' : input.slice(3);
      output = output.slice(0, Math.max(0, output.lastIndexOf('/')));
    } else {
      const next = input.indexOf('/', 1);
      const end = next === -1 ? input.length : next;
      output += input.slice(0, end);
      input = input.slice(end);
    }
  }
  return output;
}

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

describe('canonicalPath', () => {
  const cases: readonly (readonly [raw: string, wanted: string])[] = [
    ['/', '/'],
    ['/plain/path.html', '/plain/path.html'],
    ['/a/../b', '/b'],
    ['/a/..', '/'],
    ['/a/%2e%2e', '/'],
    ['/%7Euser', '/~user'],
    ['/a%2fb', '/a%2Fb greedy /a/b'],
    ['/a%2f%2e%2e%2fb', '/a%2F..%2Fb greedy /b'],
    ['/a//b/', '/a//b/ greedy /a/b/'],
    ['//', '// greedy /'],
    ['/a/..;p=1/b', '/a/..;p=1/b greedy /b'],
    ['/%252e%252e/', '/%252e%252e/'],
    ['/..', 'refused path-above-root'],
    ['/a/../..', 'refused path-above-root'],
    ['//..', 'refused path-above-root'],
    ['/..;/a', 'refused path-above-root'],
    ['/%2e%2e%2fa', 'refused path-above-root'],
    ['/a\\b', 'refused path-backslash'],
    ['/a%5cb', '/a%5Cb greedy /a/b'],
    ['/%', 'refused target-escape'],
    ['/%2', 'refused target-escape'],
    ['/%g0', 'refused target-escape'],
    ['/%00', 'refused path-nul'],
    ['/a b', 'refused target-byte'],
    ['/a?b', 'refused target-byte'],
    ['/a#b', 'refused target-byte'],
    ['/\xe9', 'refused target-byte'],
    ['/\u0100', 'refused target-byte'],
    ['', 'refused target-form'],
    ['a', 'refused target-form'],
  ];
  for (const [raw, wanted] of cases) {
    it(`reads "${raw}" as ${wanted}`, () => assert.equal(read(raw), wanted));
  }

  it('returns a plain path as it is', () => {
    const raw = '/products/category/shoes.html';
    const result = canonicalPath(raw);
    assert.ok('path' in result);
    assert.equal(result.path, raw);
    assert.equal(result.greedy, '');
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(anyPath, (raw) => {
        const first = canonicalPath(raw);
        if ('status' in first) return;
        const again = canonicalPath(first.path);
        assert.equal('path' in again && again.path, first.path);
        // No second round makes more of the greedy reading.
        if (first.greedy !== '') assert.equal(read(first.greedy), first.greedy);
      }),
      { numRuns: 2_000 },
    );
  });

  it('removes dot segments as RFC 3986 5.2.4 does, and leaves none', () => {
    const plain = fc.array(fc.constantFrom('/', '.', '..', '/.', '/..', 'a', 'b'), { maxLength: 12 });
    fc.assert(
      fc.property(
        plain.map((parts) => `/${parts.join('')}`),
        (raw) => {
          const result = canonicalPath(raw);
          if ('status' in result) return;
          assert.equal(result.path, removeDotSegmentsByTheBook(raw));
          for (const reading of [result.path, result.greedy]) {
            assert.ok(!reading.split('/').some((segment) => segment === '.' || segment === '..'));
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('takes time in proportion to the length', () => {
    const long = `/${'a/../'.repeat(1_600)}%2f${'..;/a/'.repeat(2)}`;
    const started = process.hrtime.bigint();
    for (let i = 0; i < 20; i += 1) canonicalPath(long);
    // 10 ms for 1 KiB is the bound of the rules; this is 160 KiB.
    assert.ok(Number(process.hrtime.bigint() - started) < 1.6e9);
  });
});

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

  it('agrees with canonicalPath where a request may have the path', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const result = canonicalPath(path);
        if ('path' in result) assert.equal(canonicalRulePath(path), result.path);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('hasValidEscapes', () => {
  it('wants two hex digits behind each percent sign', () => {
    for (const good of ['', 'a', '%20', 'x%Afy%00']) assert.equal(hasValidEscapes(good), true, good);
    for (const bad of ['%', '%2', '%2g', '%%20', '100%', '%20%x0', '%\u0132\u0130'])
      assert.equal(hasValidEscapes(bad), false, bad);
  });
});
