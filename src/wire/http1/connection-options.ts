// The members of a `Connection` field (RFC 9110 7.6.1, rules B1 to B3): what it says of the connection, and which fields it names.
import { equalsIgnoringCase, lowerAscii, tokenFold } from './bytes.ts';

/** More members than this are refused: each named field costs a walk over the head. */
const maxMembers = 32;

/** Collects one or more `Connection` lines of one head. */
export class ConnectionOptions {
  close = false;
  keepAlive = false;
  upgrade = false;
  /** A member is no token, a framing field or Host is named (B3), or there are too many. */
  invalid = false;
  /** Lower-case names of the fields that go with this connection, beyond `close`, `keep-alive` and `upgrade`. */
  named: string[] = [];
  #members = 0;

  reset(): void {
    this.close = false;
    this.keepAlive = false;
    this.upgrade = false;
    this.invalid = false;
    if (this.named.length > 0) this.named = [];
    this.#members = 0;
  }

  /** Adds the value `text[start, end)`. */
  add(text: string, start: number, end: number): void {
    // Fast path: the values that nearly all messages have.
    if (equalsIgnoringCase(text, start, end, 'keep-alive')) this.keepAlive = true;
    else if (equalsIgnoringCase(text, start, end, 'close')) this.close = true;
    else for (const member of text.slice(start, end).split(',')) this.#addMember(trimBlanks(member));
  }

  #addMember(member: string): void {
    if (member === '') return;
    this.#members += 1;
    if (this.#members > maxMembers || !isToken(member)) {
      this.invalid = true;
      return;
    }
    const name = lowerAscii(member);
    if (name === 'close') this.close = true;
    else if (name === 'keep-alive') this.keepAlive = true;
    else if (name === 'upgrade') this.upgrade = true;
    else if (name === 'content-length' || name === 'transfer-encoding' || name === 'host')
      this.invalid = true;
    else this.named.push(name);
  }
}

/** One or more token characters (RFC 9110 5.6.2). */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if ((tokenFold[text.charCodeAt(i)] ?? 0) === 0) return false;
  return text !== '';
}

/** Without SP and HTAB at the ends; `trim` would also take other white space (rule P12). */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && (text[start] === ' ' || text[start] === '\t')) start += 1;
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return text.slice(start, end);
}
