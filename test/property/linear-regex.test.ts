// The linear matcher finds what V8's engine finds, with the same captures, on patterns that both read in the same way; and it
// takes or refuses any text at all without throwing, in a bounded number of steps.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileLinearRegex } from '../../src/std/linear-regex/index.ts';
import { lastStepCount } from '../../src/std/linear-regex/machine.ts';

/** A generated piece: its text, whether it can match nothing, and whether it holds a capturing group. */
interface Piece {
  readonly source: string;
  readonly nullable: boolean;
  readonly captures: boolean;
}

const atom: fc.Arbitrary<Piece> = fc
  .constantFrom(
    'a',
    'b',
    'c',
    '/',
    '.',
    '[ab]',
    '[^a]',
    '[b-c/]',
    '\\w',
    '\\W',
    '\\d',
    '\\.',
    '\\x61',
    '[\\w/]',
    '-',
    '1',
  )
  .map((source) => ({ source, nullable: false, captures: false }));

const assertion: fc.Arbitrary<Piece> = fc
  .constantFrom('^', '$', '\\b', '\\B', '(?:)')
  .map((source) => ({ source, nullable: true, captures: false }));

const quantifier = fc
  .tuple(fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '{1,3}', '{0}'), fc.constantFrom('', '?'))
  .map(([count, lazy]) => ({
    source: count + lazy,
    optional: /^(?:[*?]|\{0)/.test(count),
    isLoop: count !== '?',
  }));

/**
 * V8 forgets captures at each iteration and skips empty iterations, PCRE does neither: only a body that cannot be empty is
 * repeated, and one with captures at most once.
 */
function repeat(body: Piece, times: { source: string; optional: boolean; isLoop: boolean }): Piece {
  if (body.nullable || (body.captures && times.isLoop)) return body;
  return { source: `(?:${body.source})${times.source}`, nullable: times.optional, captures: body.captures };
}

const { pattern } = fc.letrec<{ pattern: Piece }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    atom,
    assertion,
    fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => ({
      source: left.source + right.source,
      nullable: left.nullable && right.nullable,
      captures: left.captures || right.captures,
    })),
    fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => ({
      source: `(?:${left.source}|${right.source})`,
      nullable: left.nullable || right.nullable,
      captures: left.captures || right.captures,
    })),
    tie('pattern').map(({ source, nullable }) => ({ source: `(${source})`, nullable, captures: true })),
    fc.tuple(tie('pattern'), quantifier).map(([body, times]) => repeat(body, times)),
  ),
}));

const subject = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', 'A', '/', '1', '-', '.', '_'),
  maxLength: 12,
});

/** V8's answer in our shape: anchored by the sticky flag, anywhere without it. */
function matchNatively(source: string, flags: string, text: string): number[] | null {
  const found = new RegExp(source, `${flags}d`).exec(text);
  return found === null ? null : [...(found.indices ?? [])].flatMap((pair) => pair ?? [-1, -1]);
}

describe('linear regex against V8', () => {
  it('finds the same groups at the start and anywhere, in either case', () => {
    fc.assert(
      fc.property(pattern, subject, fc.boolean(), ({ source }, text, ignoreCase) => {
        const compiled = compileLinearRegex(source, { ignoreCase, maxProgram: 4_000 });
        // The generator can pass the bounds on groups and size, but nothing else.
        if (!compiled.ok) {
          assert.match(compiled.message, /capturing groups|too large|bytes/);
          return;
        }
        const { regex } = compiled;
        const flags = ignoreCase ? 'i' : '';
        const anchored = matchNatively(source, `${flags}y`, text);
        const found = regex.match(text);
        assert.deepEqual(found && [...found], anchored, `match ${source}`);
        assert.equal(regex.test(text), anchored !== null, `test ${source}`);
        const sought = regex.search(text);
        assert.deepEqual(sought && [...sought], matchNatively(source, flags, text), `search ${source}`);
      }),
      { numRuns: 4_000 },
    );
  });
});

describe('linear regex on anything', () => {
  const metacharacters = fc.string({
    unit: fc.constantFrom(...'ab/1.*+?|()[]{}^$\\,:=!<>-iPdwsbKxn&#'.split('')),
    maxLength: 24,
  });

  it('compiles or refuses with an offset inside the pattern', () => {
    fc.assert(
      fc.property(metacharacters, (source) => {
        const compiled = compileLinearRegex(source, { ignoreCase: false });
        if (compiled.ok) return;
        assert.ok(compiled.at >= 0 && compiled.at <= source.length, `${compiled.at} in ${source}`);
        assert.match(compiled.message, /[^.]$/);
      }),
      { numRuns: 4_000 },
    );
  });

  it('visits no instruction twice at one position', () => {
    fc.assert(
      fc.property(metacharacters, subject, (source, text) => {
        const maxProgram = 200;
        const compiled = compileLinearRegex(source, { ignoreCase: true, maxProgram });
        if (!compiled.ok) return;
        compiled.regex.search(text.repeat(4));
        const positions = 4 * text.length + 1;
        assert.ok(lastStepCount() <= positions * maxProgram, `${lastStepCount()} steps`);
      }),
      { numRuns: 2_000 },
    );
  });
});
