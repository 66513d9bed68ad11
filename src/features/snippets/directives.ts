// Reads directives of nginx out of a snippet: enough to tell their owner what replaces them. Bounded and forgiving; what it cannot read, it
// says so. Nothing here is ever executed.

export interface Directive {
  readonly name: string;
  /** Without quotes and escapes. Of `if`: the condition, without its parentheses. */
  readonly args: readonly string[];
  /** Null: it has no block. */
  readonly block: readonly Directive[] | null;
}

export interface Snippet {
  readonly directives: readonly Directive[];
  /** False: it is too long, too deep or broken, and what follows was not read. */
  readonly isWhole: boolean;
}

const maxLength = 32_768;
const maxDirectives = 200;
const maxDepth = 6;
const maxTokens = 5_000;

/** Blanks and comments, a quoted text, one of the marks, or a word. In a word `${name}` is no block. */
const tokenPattern =
  /[\s]+|#[^\n]*|"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'|([{};])|((?:\\[^]|\$\{\w*\}|[^\s{};"'\\])(?:\\[^]|\$\{\w*\}|[^\s{};\\])*)/y;

interface Token {
  readonly text: string;
  readonly isMark: boolean;
}

export function readSnippet(text: string): Snippet {
  const { tokens, isWhole } = readTokens(text.slice(0, maxLength));
  const reader = new Reader(tokens);
  const directives = reader.readBlock(0);
  return { directives, isWhole: isWhole && reader.isWhole && text.length <= maxLength };
}

function readTokens(text: string): { tokens: Token[]; isWhole: boolean } {
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null || tokens.length === maxTokens) return { tokens, isWhole: false };
    const [, double, single, mark, word] = match;
    if (mark !== undefined) tokens.push({ text: mark, isMark: true });
    else if (word !== undefined) tokens.push({ text: word, isMark: false });
    else if (double !== undefined || single !== undefined)
      tokens.push({ text: (double ?? single ?? '').replaceAll(/\\(["'\\])/g, '$1'), isMark: false });
  }
  return { tokens, isWhole: true };
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #count = 0;
  isWhole = true;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  readBlock(depth: number): Directive[] {
    const directives: Directive[] = [];
    while (this.#at < this.#tokens.length) {
      const first = this.#next();
      if (first.isMark && first.text === '}') {
        if (depth === 0) this.isWhole = false;
        return directives;
      }
      if (first.isMark && first.text === ';') continue;
      const directive = this.#readDirective(first, depth);
      if (directive === null) return directives;
      directives.push(directive);
    }
    if (depth > 0) this.isWhole = false;
    return directives;
  }

  /** Null: reading ends here. */
  #readDirective(first: Token, depth: number): Directive | null {
    this.#count += 1;
    if (first.isMark || this.#count > maxDirectives || depth > maxDepth) return this.#stop();
    const args: string[] = [];
    const isCondition = first.text === 'if';
    while (this.#at < this.#tokens.length) {
      const token = this.#next();
      if (!token.isMark) args.push(token.text);
      else if (token.text === ';') return { name: first.text.toLowerCase(), args, block: null };
      else if (token.text === '{') {
        const block = this.readBlock(depth + 1);
        return { name: first.text.toLowerCase(), args: isCondition ? openCondition(args) : args, block };
      } else return this.#stop();
    }
    // Without its end: as people write the last one.
    this.isWhole = false;
    return { name: first.text.toLowerCase(), args, block: null };
  }

  #next(): Token {
    const token = this.#tokens[this.#at] ?? { text: '}', isMark: true };
    this.#at += 1;
    return token;
  }

  #stop(): null {
    this.isWhole = false;
    this.#at = this.#tokens.length;
    return null;
  }
}

/** `(` and `)` around all arguments go. */
function openCondition(args: readonly string[]): string[] {
  const opened = args.map((arg, index) => (index === 0 ? arg.replace(/^\(/, '') : arg));
  const last = opened.length - 1;
  return opened
    .map((arg, index) => (index === last ? arg.replace(/\)$/, '') : arg))
    .filter((arg) => arg !== '');
}
