import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalRulePath } from '../../std/uri-path/index.ts';
import { canonicalPath } from './path.ts';

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
    // The greedy reading is that of what is sent: of the text as written it would be /public/admin, and hide where it leads.
    ['/public%2fb/../public/x/..%2f..%2fadmin', '/public/x/..%2F..%2Fadmin greedy /admin'],
    ['/;%5ca/../..;', 'refused path-above-root'],
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

  it('is what canonicalRulePath makes of the same text', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const result = canonicalPath(path);
        if ('path' in result) assert.equal(canonicalRulePath(path), result.path);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is what canonicalRulePath makes of every character that a request may hold', () => {
    for (let code = 0; code < 256; code += 1) {
      const char = String.fromCharCode(code);
      for (const path of [`/a${char}`, `/${char}b/.${char}`, `/x/..${char}/a`]) {
        const result = canonicalPath(path);
        if ('path' in result) assert.equal(canonicalRulePath(path), result.path, JSON.stringify(path));
      }
    }
  });
});
