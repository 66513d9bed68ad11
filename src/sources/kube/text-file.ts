// TextFile: a small text that may live in a file and change there: tokens and certificates that a kubelet rotates. Read again
// when the file changes; while it cannot be read, the last good text stays.
import { readFileSync, statSync } from 'node:fs';
import { CredentialError } from './cluster-connection.ts';

export interface TextFile {
  /** @throws {CredentialError} if it was never readable. */
  read: () => string;
  /** Reads again even if the file does not look changed. @throws {CredentialError} */
  reread: () => string;
}

/** Larger files are no tokens or certificates. */
const maxTextBytes = 4 * 1024 * 1024;

export function fixedText(text: string): TextFile {
  return { read: () => text, reread: () => text };
}

export class ChangingTextFile implements TextFile {
  readonly #path: string;
  /** What the text is, for messages. */
  readonly #what: string;
  #text: string | null;
  #stamp = '';

  /** `fallback` serves while the file was never readable; empty: none. */
  constructor(path: string, what: string, fallback = '') {
    this.#path = path;
    this.#what = what;
    this.#text = fallback === '' ? null : fallback;
  }

  read(): string {
    return this.#load(false);
  }

  reread(): string {
    return this.#load(true);
  }

  #load(always: boolean): string {
    try {
      const { size, mtimeMs, ctimeMs, ino, dev } = statSync(this.#path);
      const stamp = `${size} ${mtimeMs} ${ctimeMs} ${ino} ${dev}`;
      if (!always && stamp === this.#stamp && this.#text !== null) return this.#text;
      if (size > maxTextBytes) {
        throw new CredentialError(`it has ${size} bytes, at most ${maxTextBytes} are read`);
      }
      const text = readFileSync(this.#path, 'utf8').trim();
      if (text === '') throw new CredentialError('it is empty');
      this.#text = text;
      this.#stamp = stamp;
    } catch (error) {
      if (this.#text === null) {
        throw new CredentialError(
          `cannot read the ${this.#what} from ${JSON.stringify(this.#path)}: ${reasonOf(error)}`,
        );
      }
    }
    return this.#text;
  }
}

/** The system's code says enough; its message repeats the path. */
function reasonOf(error: unknown): string {
  if (error instanceof CredentialError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unreadable';
}
