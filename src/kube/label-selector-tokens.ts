// The tokens of a label selector: words, and the symbols `= == != ! ( ) , > <`. `in` and `notin` are words: only their place
// tells whether they are operators.
export interface SelectorToken {
  readonly kind: 'word' | 'symbol' | 'end';
  /** Empty at the end. */
  readonly text: string;
}

const end: SelectorToken = { kind: 'end', text: '' };
const symbols: ReadonlySet<string> = new Set(['=', '==', '!=', '!', '(', ')', ',', '>', '<']);
/** A NUL ends a token and is swallowed; where a token should begin it ends the text. So the server reads its own end mark. */
const wordPattern = /[^=!(),<> \t\r\n\0]+/y;
const blankPattern = /[ \t\r\n]*/y;

export class SelectorTokens {
  readonly #text: string;
  #at = 0;
  #next: SelectorToken;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  peek(): SelectorToken {
    return this.#next;
  }

  take(): SelectorToken {
    const token = this.#next;
    if (token.kind !== 'end') this.#next = this.#read();
    return token;
  }

  #read(): SelectorToken {
    blankPattern.lastIndex = this.#at;
    blankPattern.test(this.#text);
    this.#at = blankPattern.lastIndex;
    const char = this.#text.charAt(this.#at);
    if (char === '' || char === '\0') return end;
    if (symbols.has(char)) return this.#readSymbol(char);
    wordPattern.lastIndex = this.#at;
    const word = wordPattern.exec(this.#text)?.[0] ?? '';
    return this.#advance('word', word);
  }

  #readSymbol(first: string): SelectorToken {
    const pair = this.#text.slice(this.#at, this.#at + 2);
    return this.#advance('symbol', pair.length === 2 && symbols.has(pair) ? pair : first);
  }

  #advance(kind: SelectorToken['kind'], text: string): SelectorToken {
    this.#at += text.length;
    if (this.#text.charAt(this.#at) === '\0') this.#at += 1;
    return { kind, text };
  }
}
