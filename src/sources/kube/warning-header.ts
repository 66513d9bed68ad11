// The Warning header (RFC 7234, 5.5) as the API server uses it: `299 - "text"`, several joined by commas. Linear time.
const warningPattern = /(?:^|,)\s*299 [^ ",]* "((?:[^"\\]|\\.)*)"/g;
/** Longest text that is passed on. */
const maxTextChars = 1_000;

/** The texts of a header's warnings. */
export function parseWarnings(header: string): string[] {
  return [...header.matchAll(warningPattern)].map((match) =>
    (match[1] ?? '').replace(/\\(.)/g, '$1').slice(0, maxTextChars),
  );
}

/** Tells each text once. Forgets the oldest when there are many: the texts are the server's. */
export class WarningLedger {
  readonly #told = new Set<string>();
  readonly #tell: (text: string) => void;
  readonly #maxTexts: number;

  constructor(tell: (text: string) => void, maxTexts = 200) {
    this.#tell = tell;
    this.#maxTexts = maxTexts;
  }

  take(header: string | undefined): void {
    if (header === undefined) return;
    for (const text of parseWarnings(header)) {
      if (this.#told.has(text)) continue;
      this.#told.add(text);
      for (const oldest of this.#told) {
        if (this.#told.size <= this.#maxTexts) break;
        this.#told.delete(oldest);
      }
      this.#tell(text);
    }
  }
}
