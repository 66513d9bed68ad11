// Values to small numbers: equal data gets the same number, so that what two tables say of a request is compared without looking at it again.
import { createHash } from 'node:crypto';

/** Remembers digests, never the texts: some hold what nobody is to see. Grows with the tables, not with the requests. */
export class Fingerprints {
  readonly #numbers = new Map<string, number>();

  of(value: unknown): number {
    const digest = createHash('sha256').update(canonicalText(value)).digest('base64');
    const known = this.#numbers.get(digest);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(digest, number);
    return number;
  }
}

/** The same text for equal data, whatever the order of its keys; a member that is undefined is as one that is missing. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (value instanceof Map)
    return `map${canonicalText([...value].map(([key, member]) => [key, member]).sort(byText))}`;
  if (value instanceof Set) return `set${canonicalText([...value].sort(byText))}`;
  if (ArrayBuffer.isView(value)) {
    return `bytes:${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`);
    return `{${members.join(',')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function byText(a: unknown, b: unknown): number {
  return canonicalText(a) < canonicalText(b) ? -1 : 1;
}
