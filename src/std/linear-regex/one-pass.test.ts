// Which programs go in one pass, and that those find what the machine finds, group by group, however a match is cut short.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileLinearRegex } from './index.ts';
import { runProgram } from './machine.ts';
import { compileOnePass } from './one-pass.ts';
import { parsePattern } from './parse.ts';
import { compileProgram, type Program } from './program.ts';

function programOf(pattern: string): Program {
  const { root, groupCount, ignoreCase } = parsePattern(pattern, true);
  return compileProgram(root, groupCount, ignoreCase);
}

/** What the machine finds when it may not use a table. */
function byThreads(program: Program, text: string): readonly number[] | null {
  program.onePass = null;
  return runProgram(program, text, false, true);
}

function startsWithPrefix({ prefixLength, x, y }: Program, text: string): boolean {
  return Array.from({ length: prefixLength }, (_, at) => text.charCodeAt(at)).every(
    (code, at) => code === x[at] || (y[at] !== 0 && code === y[at]),
  );
}

describe('programs in one pass', () => {
  it('are those of usual paths', () => {
    const usual = ['/shop(/|$)(.*)', '/(.*)', '/api/v[0-9]+/(.*)', '/foo$', '/x/([^/]+)/y(/.*)?$'];
    for (const pattern of usual) assert.notEqual(compileOnePass(programOf(pattern)), null, pattern);
  });

  it('are not those with choices, word boundaries or many states', () => {
    const others = ['/a/?(.*)', '/(.*)/x', '/(a|ab)c', '/a*a', '/foo\\b.*', `/x[a-z]{60}`];
    for (const pattern of others) assert.equal(compileOnePass(programOf(pattern)), null, pattern);
  });

  it('find what threads find', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '/',
      '[ab]',
      '[^/]',
      '.',
      'a?',
      '[^/]+',
      '[^/]*?',
      '.*',
      '(?:/|$)',
      '$',
    );
    const group = fc.constantFrom(
      (text: string) => text,
      (text: string) => `(${text})`,
      (text: string) => `(${text})?`,
    );
    const part = fc.tuple(piece, group).map(([text, wrap]) => wrap(text));
    const source = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => `/${parts.join('')}`);
    const text = fc.string({ unit: fc.constantFrom('a', 'B', 'b', '/', '\u0101'), maxLength: 8 });
    let walked = 0;
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 1, maxLength: 6 }), (pattern, texts) => {
        const program = programOf(pattern);
        const onePass = compileOnePass(program);
        if (onePass === null) return;
        walked += 1;
        for (const each of texts.map((rest) => `/${rest}`)) {
          if (!startsWithPrefix(program, each)) continue;
          const wanted = byThreads(program, each);
          assert.deepEqual(onePass.match(each, program.prefixLength), wanted, `${pattern} on ${each}`);
          assert.equal(onePass.test(each, program.prefixLength), wanted !== null);
        }
      }),
      { numRuns: 3_000 },
    );
    assert.ok(walked > 300, `${walked} of the patterns went in one pass`);
  });

  it('cost a match as many steps as characters', () => {
    const compiled = compileLinearRegex('/(.*)', { ignoreCase: true });
    assert.ok(compiled.ok);
    const text = `/${'a'.repeat(1_000)}`;
    assert.deepEqual(compiled.regex.matchWithin(text, 10_000), [0, 1_001, 1, 1_001]);
    assert.equal(compiled.regex.matchWithin(text, 100), 'too-costly');
  });
});
