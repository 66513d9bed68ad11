// A reading position in a pattern, and the escapes that mean the same inside and outside a class.
import { PatternError } from './syntax.ts';

export class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, or empty at the end. */
  peek(): string {
    return this.text.charAt(this.at);
  }

  /** Reads one character; empty at the end. */
  next(): string {
    const char = this.text.charAt(this.at);
    this.at += 1;
    return char;
  }

  /** Reads `word` if it is what comes next. */
  take(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** Reads what the sticky expression matches here, or null. */
  takeMatch(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.text);
    if (match !== null) this.at += match[0].length;
    return match;
  }
}

const controlEscapes: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['f', 0x0c],
  ['r', 0x0d],
  ['a', 0x07],
  ['e', 0x1b],
]);

const hexByte = /[0-9A-Fa-f]{2}/y;

/**
 * The byte that an escape stands for; the cursor is behind the backslash and the letter. `letter` is that letter, `from`
 * the offset of the backslash.
 */
export function readByteEscape(cursor: Cursor, letter: string, from: number): number {
  if (letter === '') throw new PatternError('the pattern ends with a lone "\\"', from);
  const control = controlEscapes.get(letter);
  if (control !== undefined) return control;
  if (letter === 'x') {
    const digits = cursor.takeMatch(hexByte);
    if (digits === null)
      throw new PatternError('"\\x" is not followed by two hexadecimal digits, as in "\\x2F"', from);
    return Number.parseInt(digits[0], 16);
  }
  if (/[A-Za-z0-9]/.test(letter)) throw new PatternError(`the escape "\\${letter}" is not supported`, from);
  return letter.charCodeAt(0);
}
