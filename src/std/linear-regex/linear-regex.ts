// Regular expressions whose time is linear in the text. V8's own engine backtracks: a tenant's `^(a+)+$` would stall a worker
// (http-hardening.md, G2). Patterns are a subset of PCRE; texts are request paths in latin1 or ASCII.
import { lastStepCount, runProgram } from './machine.ts';
import { parsePattern } from './parse.ts';
import type { Program } from './program.ts';
import { compileProgram } from './program.ts';
import { countInstructions, PatternError } from './syntax.ts';

/** Longest pattern. */
export const maxPatternBytes = 1_024;

/**
 * With this many instructions the worst pattern takes about a tenth of a second for 8 KiB; a usual one has under 100. Who matches
 * text of strangers on an event loop bounds the steps too.
 */
const defaultMaxProgram = 1_000;

/**
 * Steps that all matching for one request may take: about 3 ms, 5 ms on a slow core (measured, 40,000 to 75,000 steps in a
 * millisecond). A usual pattern takes some 5 for each character.
 */
export const maxRequestSteps = 250_000;

export interface LinearRegexOptions {
  /** ASCII letters match in both cases. */
  readonly ignoreCase: boolean;
  /** Most instructions after counted repeats are expanded. */
  readonly maxProgram?: number;
}

/** `at`: offset in the pattern of what `message` speaks of. */
export type LinearRegexResult =
  | { readonly ok: true; readonly regex: LinearRegex }
  | { readonly ok: false; readonly message: string; readonly at: number };

/** Compiles a pattern; never throws. The message is a phrase without the pattern, for the caller to put into its sentence. */
export function compileLinearRegex(pattern: string, options: LinearRegexOptions): LinearRegexResult {
  if (pattern.length > maxPatternBytes) {
    return {
      ok: false,
      message: `the pattern has ${pattern.length} bytes, at most ${maxPatternBytes} are allowed`,
      at: maxPatternBytes,
    };
  }
  const foreignAt = pattern.search(/[^\x01-\x7f]/);
  if (foreignAt !== -1) {
    return {
      ok: false,
      message: 'only ASCII characters are allowed, write others as "\\xNN"',
      at: foreignAt,
    };
  }
  try {
    const { root, groupCount, ignoreCase } = parsePattern(pattern, options.ignoreCase);
    const maxProgram = options.maxProgram ?? defaultMaxProgram;
    // One more for the final instruction.
    if (countInstructions(root) + 1 > maxProgram) {
      const message = `the pattern is too large once its counted repeats are expanded (over ${maxProgram} steps)`;
      return { ok: false, message, at: 0 };
    }
    const program = compileProgram(root, groupCount, ignoreCase);
    return { ok: true, regex: new LinearRegex(pattern, groupCount, program) };
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, message: error.message, at: error.at };
    throw error;
  }
}

/**
 * A compiled pattern. Priorities are Perl's (leftmost, then the alternative written first). Where this differs from PCRE:
 * `$` is the very end of the text, never before a last line feed; a repeat keeps a group's last non-empty iteration; code
 * units above 0xFF match nothing.
 */
export class LinearRegex {
  readonly pattern: string;
  /** Capturing groups, the whole match not counted. */
  readonly groupCount: number;
  readonly #program: Program;

  constructor(pattern: string, groupCount: number, program: Program) {
    this.pattern = pattern;
    this.groupCount = groupCount;
    this.#program = program;
  }

  /**
   * Matches at the start of the text (to its end only if the pattern says `$`). Flat `[start0, end0, start1, end1, …]`, group 0
   * being the whole match, -1 for groups that took no part; null without a match. Time: text length × pattern.
   */
  match(text: string): readonly number[] | null {
    return runProgram(this.#program, text, false, true);
  }

  /** The leftmost match anywhere in the text, in the shape of `match`. */
  search(text: string): readonly number[] | null {
    return runProgram(this.#program, text, true, true);
  }

  /** Whether `match` would find one; cheaper, because no captures are kept. */
  test(text: string): boolean {
    return runProgram(this.#program, text, false, false) !== null;
  }

  /** As `test`, within a number of steps, of which `takenSteps` tells how many it took. */
  testWithin(text: string, maxSteps: number): boolean | 'too-costly' {
    const found = runProgram(this.#program, text, false, false, maxSteps);
    return lastStepCount() > maxSteps ? 'too-costly' : found !== null;
  }

  /** Whether `search` would find one, within a number of steps. */
  searchWithin(text: string, maxSteps: number): boolean | 'too-costly' {
    const found = runProgram(this.#program, text, true, false, maxSteps);
    return lastStepCount() > maxSteps ? 'too-costly' : found !== null;
  }

  /** As `match`, within a number of steps. One that carries captures counts for more, by their number. */
  matchWithin(text: string, maxSteps: number): readonly number[] | null | 'too-costly' {
    const affordable = maxSteps / (1 + this.groupCount / 3);
    const found = runProgram(this.#program, text, false, true, affordable);
    return lastStepCount() > affordable ? 'too-costly' : found;
  }
}

/** Steps of the last match of any pattern. */
export function takenSteps(): number {
  return lastStepCount();
}
