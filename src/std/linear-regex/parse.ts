// Parses a pattern into its syntax tree: the subset of PCRE that a linear-time matcher can keep its word on. Everything
// else is refused with a sentence and an offset; nothing is silently read in another way than PCRE reads it.
import { anyBytes, escapeSets } from './byte-set.ts';
import { Cursor, readByteEscape } from './cursor.ts';
import { parseClass } from './parse-class.ts';
import type { PatternNode } from './syntax.ts';
import { PatternError } from './syntax.ts';

/** Capture slots are copied with every step of a thread, so their number is part of the cost of a match. */
export const maxGroups = 16;

const maxRepeat = 1_000;

export interface ParsedPattern {
  readonly root: PatternNode;
  readonly groupCount: number;
  /** The option, or the prefix `(?i)`. */
  readonly ignoreCase: boolean;
}

/** Throws PatternError. */
export function parsePattern(pattern: string, ignoreCase: boolean): ParsedPattern {
  const cursor = new Cursor(pattern);
  const folds = cursor.take('(?i)') || ignoreCase;
  const state: ParseState = { cursor, ignoreCase: folds, groupCount: 0, names: new Set() };
  const root = parseAlternation(state);
  if (!cursor.done) throw new PatternError('")" has no "(" before it', cursor.at);
  return { root, groupCount: state.groupCount, ignoreCase: folds };
}

interface ParseState {
  readonly cursor: Cursor;
  readonly ignoreCase: boolean;
  groupCount: number;
  readonly names: Set<string>;
}

function parseAlternation(state: ParseState): PatternNode {
  const items = [parseConcat(state)];
  while (state.cursor.take('|')) items.push(parseConcat(state));
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { kind: 'alternate', items };
}

function parseConcat(state: ParseState): PatternNode {
  const { cursor } = state;
  const items: PatternNode[] = [];
  while (!cursor.done && cursor.peek() !== '|' && cursor.peek() !== ')') items.push(parseRepeat(state));
  const [only] = items;
  if (only === undefined) return { kind: 'empty' };
  return items.length === 1 ? only : { kind: 'concat', items };
}

/** `{` that opens no count is a literal, as in PCRE; `{,n}` means different things to different versions of PCRE. */
const countedRepeat = /\{(\d{1,9})(,?)(\d{0,9})\}/y;
const countWithoutMinimum = /\{ *,[ \d]*\}/y;

function parseRepeat(state: ParseState): PatternNode {
  const { cursor } = state;
  const bodyAt = cursor.at;
  const body = parseAtom(state);
  const from = cursor.at;
  const bounds = readBounds(cursor);
  if (bounds === null) return body;
  if (body.kind === 'assert' && cursor.text.charAt(bodyAt) !== '(')
    throw new PatternError(`"${cursor.text.slice(bodyAt, from)}" cannot be repeated`, bodyAt);
  const greedy = !cursor.take('?');
  if (greedy && cursor.peek() === '+') {
    throw new PatternError(
      `possessive quantifiers ("${cursor.text.slice(from, cursor.at)}+") are not supported`,
      from,
    );
  }
  if (readBounds(cursor) !== null) {
    throw new PatternError(
      'a quantifier cannot follow a quantifier, put the inner part into "(?:" and ")"',
      from,
    );
  }
  return { kind: 'repeat', body, ...bounds, greedy };
}

function readBounds(cursor: Cursor): { min: number; max: number } | null {
  const from = cursor.at;
  if (cursor.take('*')) return { min: 0, max: Infinity };
  if (cursor.take('+')) return { min: 1, max: Infinity };
  if (cursor.take('?')) return { min: 0, max: 1 };
  const counted = cursor.takeMatch(countedRepeat);
  if (counted === null) {
    if (cursor.takeMatch(countWithoutMinimum) !== null)
      throw new PatternError('a repeat without a minimum is ambiguous, write "{0," or "\\{"', from);
    return null;
  }
  const min = Number(counted[1]);
  const hasMaximum = counted[3] !== '';
  if (hasMaximum && counted[2] === '') throw new PatternError('the count is too large', from);
  const max = hasMaximum ? Number(counted[3]) : counted[2] === ',' ? Infinity : min;
  if (min > maxRepeat || (max > maxRepeat && max !== Infinity))
    throw new PatternError(`the repeat "${counted[0]}" is over ${maxRepeat}`, from);
  if (max < min) throw new PatternError(`the repeat "${counted[0]}" is out of order`, from);
  return { min, max };
}

function parseAtom(state: ParseState): PatternNode {
  const { cursor } = state;
  const from = cursor.at;
  const char = cursor.next();
  switch (char) {
    case '.':
      return { kind: 'set', set: anyBytes };
    case '^':
      return { kind: 'assert', assertion: 'start' };
    case '$':
      return { kind: 'assert', assertion: 'end' };
    case '[':
      return { kind: 'set', set: parseClass(cursor, state.ignoreCase) };
    case '(':
      return parseGroup(state, from);
    case '\\':
      return parseEscape(cursor, from);
    case '*':
    case '+':
    case '?':
      throw new PatternError(`"${char}" has nothing before it to repeat`, from);
    default:
      return { kind: 'char', code: char.charCodeAt(0) };
  }
}

function parseEscape(cursor: Cursor, from: number): PatternNode {
  const letter = cursor.next();
  if (letter === 'b') return { kind: 'assert', assertion: 'wordBoundary' };
  if (letter === 'B') return { kind: 'assert', assertion: 'notWordBoundary' };
  const set = escapeSets.get(letter);
  if (set !== undefined) return { kind: 'set', set };
  const refusal = refusedEscape(letter);
  if (refusal !== null) throw new PatternError(`${refusal} ("\\${letter}") are not supported`, from);
  return { kind: 'char', code: readByteEscape(cursor, letter, from) };
}

function refusedEscape(letter: string): string | null {
  if (letter === '0') return 'octal escapes';
  if (/[1-9gk]/.test(letter)) return 'backreferences';
  if (/[pPX]/.test(letter)) return 'Unicode properties';
  if (letter === 'K') return 'resets of the match start';
  return null;
}

const groupName = /\(\?P?<([A-Za-z_][A-Za-z0-9_]{0,31})>/y;

/** What begins with `(?` or `(*` and is refused, the longer openings first. */
const refusedGroups: readonly (readonly [string, string])[] = [
  ['(?<=', 'lookbehind'],
  ['(?<!', 'lookbehind'],
  ['(?=', 'lookahead'],
  ['(?!', 'lookahead'],
  ['(?>', 'an atomic group'],
  ['(?|', 'a branch reset'],
  ['(?(', 'a condition'],
  ['(?#', 'a comment'],
  ['(?R', 'recursion'],
  ['(?&', 'recursion'],
  ['(?P>', 'recursion'],
  ['(?P=', 'a backreference'],
  ['(*', 'a verb'],
];

function parseGroup(state: ParseState, from: number): PatternNode {
  const { cursor } = state;
  const isCapture = !cursor.take('?:');
  if (isCapture) openCapture(state, from);
  const index = state.groupCount;
  const body = parseAlternation(state);
  if (!cursor.take(')')) throw new PatternError('"(" is not closed by ")"', from);
  return isCapture ? { kind: 'group', index, body } : body;
}

/** Reads the name, if there is one, and counts the group. */
function openCapture(state: ParseState, from: number): void {
  const { cursor } = state;
  cursor.at = from;
  const named = cursor.takeMatch(groupName);
  if (named === null) refuseGroup(cursor, from);
  const name = named?.[1];
  if (name !== undefined && state.names.has(name))
    throw new PatternError(`the group name "${name}" is used twice`, from);
  if (name !== undefined) state.names.add(name);
  if (named === null) cursor.next();
  state.groupCount += 1;
  if (state.groupCount > maxGroups)
    throw new PatternError(
      `more than ${maxGroups} capturing groups, use "(?:" where no capture is needed`,
      from,
    );
}

function refuseGroup(cursor: Cursor, from: number): void {
  const refused = refusedGroups.find(([opening]) => cursor.text.startsWith(opening, from));
  if (refused !== undefined) throw new PatternError(`${refused[1]} ("${refused[0]}") is not supported`, from);
  if (/^\(\?[-+0-9]/.test(cursor.text.slice(from, from + 3)) && /^\(\?[-+]?\d/.test(cursor.text.slice(from)))
    throw new PatternError('recursion is not supported', from);
  if (/^\(\?[a-zA-Z^-]+[:)]/.test(cursor.text.slice(from))) {
    throw new PatternError('flags are supported only as "(?i)" at the very start of the pattern', from);
  }
  if (cursor.text.startsWith('(?', from))
    throw new PatternError(`the group opening "${cursor.text.slice(from, from + 3)}" is not supported`, from);
}
