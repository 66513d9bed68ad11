// What the matcher accepts, refuses and finds, case by case; test/property/linear-regex.test.ts compares it with V8's.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileLinearRegex, maxRequestSteps, takenSteps } from './index.ts';
import type { LinearRegex } from './index.ts';
import { lastStepCount } from './machine.ts';

function compile(pattern: string, ignoreCase = false): LinearRegex {
  const result = compileLinearRegex(pattern, { ignoreCase });
  assert.ok(result.ok, result.ok ? '' : `${pattern}: ${result.message}`);
  return result.regex;
}

function captures(found: readonly number[] | null, text: string): (string | null)[] | null {
  if (found === null) return null;
  const groups: (string | null)[] = [];
  for (let slot = 0; slot < found.length; slot += 2) {
    const [start, end] = [found[slot] ?? -1, found[slot + 1] ?? -1];
    groups.push(start === -1 ? null : text.slice(start, end));
  }
  return groups;
}

/** Pattern, text, groups of `match` (null: no match). Expectations are PCRE's. */
const matches: readonly (readonly [string, string, (string | null)[] | null])[] = [
  ['/something(/|$)(.*)', '/something/new', ['/something/new', '/', 'new']],
  ['/something(/|$)(.*)', '/something', ['/something', '', '']],
  ['/something(/|$)(.*)', '/somethingelse', null],
  ['/id/[0-9]{3}$', '/id/123', ['/id/123']],
  ['/id/[0-9]{3}$', '/id/1234', null],
  ['/id/[0-9]+', '/id/12a', ['/id/12']],
  ['^/a', '/a', ['/a']],
  ['', 'x', ['']],
  ['a|ab', 'ab', ['a']],
  ['(a|ab)(c|bcd)(d*)', 'abcd', ['abcd', 'a', 'bcd', '']],
  ['(?:a|ab)(?:c|bcd)', 'abcd', ['abcd']],
  ['a*?b', 'aab', ['aab']],
  ['(a+?)(a*)', 'aaa', ['aaa', 'a', 'aa']],
  ['(a+)(a*)', 'aaa', ['aaa', 'aaa', '']],
  ['(a??)(a?)', 'a', ['a', '', 'a']],
  ['a{2,3}', 'aaaa', ['aaa']],
  ['a{2,3}?', 'aaaa', ['aa']],
  ['a{2}', 'a', null],
  ['a{0}b', 'b', ['b']],
  ['(a){0}b', 'b', ['b', null]],
  ['(x{0,2}){3}y', 'xxxxxy', ['xxxxxy', 'x']],
  ['x{,3y', 'x{,3y', ['x{,3y']],
  ['a{b', 'a{b', ['a{b']],
  ['a{1', 'a{1', ['a{1']],
  ['(|a)*', 'aa', ['', '']],
  ['(|a)+', 'aa', ['', '']],
  ['(a|)*', 'aab', ['aa', 'a']],
  ['(a*)*', 'b', ['', '']],
  ['(a*)+', 'b', ['', '']],
  ['(?:(a)|b)*', 'ab', ['ab', 'a']],
  ['(?<year>\\d{4})-(?P<month>\\d\\d)', '2024-05', ['2024-05', '2024', '05']],
  ['(?i)/FOO', '/foo', ['/foo']],
  ['[]a]+', ']a]', [']a]']],
  ['[^]a]+', 'bc]', ['bc']],
  ['[a-]+', 'a-b', ['a-']],
  ['[-a]+', '-a', ['-a']],
  ['[\\w.-]+', 'a_9.-/', ['a_9.-']],
  ['[[:alpha:][:digit:]]+', 'aZ0_', ['aZ0']],
  ['[[:^alpha:]]+', '0_a', ['0_']],
  ['[\\]\\\\]+', ']\\', [']\\']],
  ['[\\x41-\\x43]+', 'ABCD', ['ABC']],
  ['[^/]+/(\\S+)', 'a/b c', ['a/b', 'b']],
  ['\\x2Fa\\.b', '/a.b', ['/a.b']],
  ['\\/\\-', '/-', ['/-']],
  ['.', '\n', null],
  ['a$', 'a\n', null],
  ['foo\\b', 'foo/', ['foo']],
  ['foo\\b', 'foobar', null],
  ['foo\\B', 'foobar', ['foo']],
  ['foo\\b', 'foo', ['foo']],
  ['(?:^a|b)c', 'bc', ['bc']],
  ['a]}', 'a]}', ['a]}']],
  ['\\D\\W\\s', 'a- ', ['a- ']],
];

/** Pattern, the part of the message that names the cause, offset. */
const refusals: readonly (readonly [string, string, number])[] = [
  ['a(?=b)', 'lookahead', 1],
  ['a(?!b)', 'lookahead', 1],
  ['(?<=a)b', 'lookbehind', 0],
  ['(?<!a)b', 'lookbehind', 0],
  ['(a)\\1', 'backreferences', 3],
  ['(?<n>a)\\k<n>', 'backreferences', 7],
  ['(?P<n>a)(?P=n)', 'backreference', 8],
  ['a*+', 'possessive', 1],
  ['a{2}+', 'possessive', 1],
  ['(?>a)', 'atomic', 0],
  ['(?(1)a|b)', 'condition', 0],
  ['(?R)', 'recursion', 0],
  ['(?1)', 'recursion', 0],
  ['(?-1)', 'recursion', 0],
  ['a\\Kb', 'match start', 1],
  ['\\p{L}', 'Unicode', 0],
  ['a(?i)b', 'flags', 1],
  ['(?s)a', 'flags', 0],
  ['(?i:a)', 'flags', 0],
  ['(?|a)', 'branch reset', 0],
  ['(?#x)', 'comment', 0],
  ['(*FAIL)', 'verb', 0],
  ["(?'n'a)", 'group opening', 0],
  ['(?', 'group opening', 0],
  ['(?<n>a)(?<n>b)', 'used twice', 7],
  ['(a', 'not closed', 0],
  ['a)', 'no "("', 1],
  ['[a', 'not closed', 0],
  ['[]', 'not closed', 0],
  ['[z-a]', 'out of order', 1],
  ['[a-\\d]', 'cannot end', 1],
  ['[\\d-a]', 'cannot begin', 1],
  ['[[:nope:]]', 'not known', 1],
  ['[[.a.]]', 'not supported', 1],
  ['*a', 'nothing before', 0],
  ['a|*', 'nothing before', 2],
  ['a**', 'quantifier', 1],
  ['a{2}{3}', 'quantifier', 1],
  ['^*', 'cannot be repeated', 0],
  ['a\\b+', 'cannot be repeated', 1],
  ['a{3,2}', 'out of order', 1],
  ['a{1001}', 'over 1000', 1],
  ['a{,3}', 'without a minimum', 1],
  ['a\\', 'lone', 1],
  ['\\xg', 'hexadecimal', 0],
  ['\\0', 'octal', 0],
  ['\\q', 'not supported', 0],
  ['\\Aa', 'not supported', 0],
  ['é', 'ASCII', 0],
  ['a\0', 'ASCII', 1],
  ['a'.repeat(1_025), 'bytes', 1_024],
  ['(a{100}){100}', 'too large', 0],
  ['((((((a{9}){9}){9}){9}){9}){9})', 'too large', 0],
  [`${'('.repeat(9)}(?:)${'{1000})'.repeat(9)}`, 'too large', 0],
  ['(a)'.repeat(17), 'capturing groups', 48],
];

describe('linear regex', () => {
  for (const [pattern, text, wanted] of matches) {
    it(`matches ${JSON.stringify(pattern)} on ${JSON.stringify(text)}`, () => {
      const regex = compile(pattern);
      assert.deepEqual(captures(regex.match(text), text), wanted);
      assert.equal(regex.test(text), wanted !== null);
    });
  }

  for (const [pattern, part, at] of refusals) {
    it(`refuses ${JSON.stringify(pattern.slice(0, 40))}`, () => {
      const result = compileLinearRegex(pattern, { ignoreCase: false });
      assert.ok(!result.ok, 'accepted');
      assert.ok(result.message.includes(part), result.message);
      assert.equal(result.at, at);
    });
  }

  it('folds ASCII case in literals, ranges and negated classes', () => {
    assert.ok(compile('/FoO[a-c]', true).test('/fOoB'));
    assert.ok(!compile('[^a]', true).test('A'));
    assert.ok(!compile('\\xe9', true).test('\xc9'));
  });

  it('searches for the leftmost match', () => {
    assert.deepEqual(captures(compile('(b+)c?').search('aabbcbbb'), 'aabbcbbb'), ['bbc', 'bb']);
    assert.equal(compile('^b').search('ab'), null);
    assert.equal(compile('x').search('abc'), null);
    assert.deepEqual([...(compile('$').search('abc') ?? [])], [3, 3]);
    assert.deepEqual([...(compile('b*').search('abb') ?? [])], [0, 0]);
  });

  it('counts groups', () => {
    assert.equal(compile('(a)(?:b)(?<c>c)').groupCount, 2);
  });

  it('keeps captures apart when regexes of different size alternate', () => {
    const small = compile('(a)');
    const large = compile('(a{50})(b)(c)(d)?');
    const text = `${'a'.repeat(50)}bc`;
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual(captures(small.match('a'), 'a'), ['a', 'a']);
      assert.deepEqual(captures(large.match(text), text), [text, 'a'.repeat(50), 'b', 'c', null]);
    }
  });
});

describe('linear regex: work', () => {
  const nasty = [
    '^(a+)+$',
    '(a|a)*b',
    '(.*)(.*)(.*)x',
    '(a*)*c',
    '(?:a?){30}a{30}$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(|a)+b',
  ];
  for (const pattern of nasty) {
    it(`visits at most positions × instructions for ${pattern}`, () => {
      const regex = compile(pattern);
      const stepsAt = (length: number): number => {
        const text = `${'a'.repeat(length)}!`;
        assert.equal(regex.match(text), null);
        return lastStepCount();
      };
      const [once, twice] = [stepsAt(1_000), stepsAt(2_000)];
      assert.ok(twice <= 2.1 * once, `${once} steps, then ${twice} for twice the text`);
      // No pattern above has more than 100 instructions.
      assert.ok(once <= 100 * 1_002, `${once} steps`);
    });
  }

  it('starts no thread when the literal prefix differs', () => {
    assert.equal(compile('/api/(.*)').match('/apx/1'), null);
    assert.equal(lastStepCount(), 0);
  });
});

describe('a bound of steps', () => {
  const costly = `/${'.*a'.repeat(240)}!`;
  const path = `/${'a'.repeat(8_190)}`;

  it('ends a match that would hold up everybody, and says so', () => {
    const regex = compile(costly);
    assert.equal(regex.testWithin(path, maxRequestSteps), 'too-costly');
    assert.equal(regex.matchWithin(path, maxRequestSteps), 'too-costly');
    assert.ok(takenSteps() < maxRequestSteps + 1_000);
  });

  it('changes nothing for a match within it', () => {
    const regex = compile('/foo(/|$)(.*)');
    assert.equal(regex.testWithin('/foo/x', maxRequestSteps), true);
    assert.equal(regex.testWithin('/fo', maxRequestSteps), false);
    assert.deepEqual(regex.matchWithin('/foo/x', maxRequestSteps), regex.match('/foo/x'));
    assert.notEqual(regex.matchWithin(`/foo/${'a'.repeat(8_000)}`, maxRequestSteps), 'too-costly');
    assert.equal(regex.matchWithin('/fo', maxRequestSteps), null);
  });
});
