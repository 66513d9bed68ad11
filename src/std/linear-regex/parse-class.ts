// Parses a bracketed class, `[a-z]`, `[^\d.]`, `[[:alpha:]_]`, by PCRE's rules: a `]` that comes first is a member.
import { addSet, byteSet, escapeSets, foldCase, negateSet, posixSets } from './byte-set.ts';
import type { Cursor } from './cursor.ts';
import { readByteEscape } from './cursor.ts';
import type { ByteSet } from './syntax.ts';
import { PatternError } from './syntax.ts';

const posixName = /\[:(\^?)([a-z]+):\]/y;

/** The cursor is behind the `[`, and afterwards behind the `]`. Case is folded before a negation, as in PCRE. */
export function parseClass(cursor: Cursor, ignoreCase: boolean): ByteSet {
  const openedAt = cursor.at - 1;
  const negated = cursor.take('^');
  const set = byteSet();
  for (let first = true; ; first = false) {
    if (cursor.done) throw new PatternError('the class "[" is not closed by "]"', openedAt);
    if (!first && cursor.take(']')) break;
    addMember(cursor, set);
  }
  if (ignoreCase) foldCase(set);
  return negated ? negateSet(set) : set;
}

function addMember(cursor: Cursor, set: ByteSet): void {
  const from = cursor.at;
  const low = readMember(cursor);
  const isRange = cursor.peek() === '-' && !isEndAfterHyphen(cursor);
  if (typeof low !== 'number') {
    if (isRange) throw new PatternError('a range "-" in a class cannot begin with a class', from);
    addSet(set, low);
    return;
  }
  if (!isRange) {
    set[low] = 1;
    return;
  }
  cursor.next();
  const high = readMember(cursor);
  if (typeof high !== 'number')
    throw new PatternError('a range "-" in a class cannot end with a class', from);
  if (high < low) {
    throw new PatternError(`the range "${cursor.text.slice(from, cursor.at)}" is out of order`, from);
  }
  set.fill(1, low, high + 1);
}

/** A hyphen just before the closing bracket is a member; at the end of the text the class is unclosed anyway. */
function isEndAfterHyphen(cursor: Cursor): boolean {
  const after = cursor.text.charAt(cursor.at + 1);
  return after === ']' || after === '';
}

/** One byte, or the set of `\d`, `[:alpha:]` and the like. */
function readMember(cursor: Cursor): number | ByteSet {
  const from = cursor.at;
  const posix = cursor.takeMatch(posixName);
  if (posix !== null) {
    const set = posixSets.get(posix[2] ?? '');
    if (set === undefined) throw new PatternError(`the class "${posix[0]}" is not known`, from);
    return posix[1] === '^' ? negateSet(set) : set;
  }
  const char = cursor.next();
  if (char === '[' && /[.=:]/.test(cursor.peek()))
    throw new PatternError(`"[${cursor.peek()}" in a class is not supported, write "\\["`, from);
  if (char !== '\\') return char.charCodeAt(0);
  const letter = cursor.next();
  if (letter === 'b') return 0x08;
  return escapeSets.get(letter) ?? readByteEscape(cursor, letter, from);
}
