// `pattern` of a schema: a regular expression in RE2's syntax, matched in time linear in the text. The text is Unicode, the
// matcher knows bytes: every character beyond ASCII is matched as one byte that no ASCII pattern can name.
import { compileLinearRegex, type LinearRegex, takenSteps } from '../../../std/linear-regex/index.ts';

/** Instructions of one pattern after counted repeats are expanded. */
const maxProgram = 5_000;
const standIn = '\xff';
const beyondAscii = /[^\x00-\x7f]/gu;
/** `\x80` to `\xff`, which would name the stand-in. */
const highByte = /\\x(?:[89a-fA-F][0-9a-fA-F]|\{)/;

export type PatternMatch = 'matches' | 'differs' | 'too costly';

export class ValuePattern {
  readonly text: string;
  #compiled: { readonly regex: LinearRegex } | { readonly problem: string } | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** Why the pattern cannot be used; null: it can. */
  get problem(): string | null {
    const compiled = this.#compile();
    return 'problem' in compiled ? compiled.problem : null;
  }

  /** Whether the pattern is found anywhere in the text, and how many steps that took, at most about `maxSteps`. */
  match(text: string, maxSteps: number): { readonly result: PatternMatch; readonly steps: number } {
    const compiled = this.#compile();
    if ('problem' in compiled) return { result: 'differs', steps: 0 };
    const found = compiled.regex.testWithin(text.replace(beyondAscii, standIn), maxSteps);
    const result = found === 'too-costly' ? 'too costly' : found ? 'matches' : 'differs';
    return { result, steps: takenSteps() };
  }

  #compile(): { readonly regex: LinearRegex } | { readonly problem: string } {
    this.#compiled ??= compilePattern(this.text);
    return this.#compiled;
  }
}

function compilePattern(text: string): { readonly regex: LinearRegex } | { readonly problem: string } {
  if (highByte.test(text)) return { problem: 'bytes beyond ASCII ("\\x80" and above) are not supported' };
  const options = { ignoreCase: text.startsWith('(?i)'), maxProgram };
  const plain = compileLinearRegex(text, options);
  if (!plain.ok) return { problem: `${plain.message} (at offset ${plain.at})` };
  const body = excludeLineFeeds(text.startsWith('(?i)') ? text.slice(4) : text);
  // Matching begins at the start of the text; what stands before the match is passed over by the pattern itself.
  const anywhere = compileLinearRegex(`[\\x00-\\xff]*?(?:${body})`, options);
  return anywhere.ok ? { regex: anywhere.regex } : { problem: anywhere.message };
}

/** `.` of RE2 is any character but a line feed. */
function excludeLineFeeds(pattern: string): string {
  let out = '';
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at);
    if (char === '\\') {
      out += pattern.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (inClass && pattern.startsWith('[:', at) && pattern.includes(':]', at + 2)) {
      const end = pattern.indexOf(':]', at + 2) + 2;
      out += pattern.slice(at, end);
      at = end - 1;
      continue;
    }
    if (inClass) inClass = char !== ']';
    else if (char === '[') {
      inClass = true;
      // A bracket that stands first in a class is a member of it.
      const first = /^\[\^?\]?/.exec(pattern.slice(at))?.[0] ?? '[';
      out += first;
      at += first.length - 1;
      continue;
    }
    out += char === '.' && !inClass ? '[^\\n]' : char;
  }
  return out;
}
