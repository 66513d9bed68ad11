// FieldBlockWriter: the field block of a response, straight from the field lines of HTTP/1.1 (RFC 9113 8.2): names in lower case, nothing that
// belongs to a connection, no object in between. The lines come from our own codec or from ourselves: their bytes are judged already.
// One serves all connections of a worker: a block is made and framed in one go.
import type { HpackEncoder } from '../hpack/index.ts';
import { connectionNames } from './connection-names.ts';
import { singletonNames } from './response-fields.ts';

/** Spellings of names that are remembered; upstreams use few. */
const maxSpellings = 1_024;
const longestSpelling = 64;
const firstBytes = 16_384;
const space = 0x20;
const tab = 0x09;

/** What a name means here. */
class NameRule {
  readonly lower: string;
  readonly isDropped: boolean;
  readonly isSingleton: boolean;
  /** The block that it was last seen in. */
  seenIn = 0;

  constructor(lower: string) {
    this.lower = lower;
    this.isDropped = connectionNames.has(lower) || lower === 'te';
    this.isSingleton = singletonNames.has(lower);
  }
}

export class FieldBlockWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  length = 0;
  #encoder: HpackEncoder | null = null;
  #block = 0;
  /** By lower-case name: of several fields of one name the first counts where there may be one. */
  readonly #rules = new Map<string, NameRule>();
  /** By the name as it was spelt. */
  readonly #spellings = new Map<string, NameRule>();

  /** What is written from here on must be sent on the encoder's connection, before anything else that it encodes. */
  begin(encoder: HpackEncoder): void {
    this.#encoder = encoder;
    this.#block += 1;
    this.length = 0;
    const at = encoder.begin(this.bytes, 0);
    if (at < 0) throw new Error('the buffer of field blocks is too small for anything');
    this.length = at;
  }

  /** `name`: in lower case. */
  addField(name: string, value: string): void {
    this.#add(name, value, 0, value.length);
  }

  /** Complete lines, `Name: value\r\n` each. */
  addLines(lines: string): void {
    let start = 0;
    while (start < lines.length) {
      const end = lines.indexOf('\r\n', start);
      if (end < 0) return;
      const nameEnd = lines.indexOf(':', start);
      if (nameEnd > start && nameEnd < end) this.#addLine(lines, start, nameEnd, end);
      start = end + 2;
    }
  }

  #addLine(lines: string, start: number, nameEnd: number, lineEnd: number): void {
    const rule = this.#ruleOf(lines.slice(start, nameEnd));
    if (rule.isDropped) return;
    if (rule.isSingleton) {
      if (rule.seenIn === this.#block) return;
      rule.seenIn = this.#block;
    }
    let valueStart = nameEnd + 1;
    let end = lineEnd;
    while (valueStart < end && isBlank(lines.charCodeAt(valueStart))) valueStart += 1;
    while (end > valueStart && isBlank(lines.charCodeAt(end - 1))) end -= 1;
    this.#add(rule.lower, lines, valueStart, end);
  }

  #add(name: string, value: string, start: number, end: number): void {
    const encoder = this.#encoder;
    if (encoder === null) throw new Error('a field without a block');
    let next = encoder.encodeString(this.bytes, this.length, name, value, start, end);
    while (next < 0) {
      const grown = Buffer.allocUnsafeSlow(2 * this.bytes.length + end - start);
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
      next = encoder.encodeString(this.bytes, this.length, name, value, start, end);
    }
    this.length = next;
  }

  #ruleOf(spelling: string): NameRule {
    const known = this.#spellings.get(spelling);
    if (known !== undefined) return known;
    const lower = spelling.toLowerCase();
    const rule = this.#rules.get(lower) ?? new NameRule(lower);
    if (this.#spellings.size < maxSpellings && spelling.length <= longestSpelling) {
      this.#rules.set(lower, rule);
      this.#spellings.set(spelling, rule);
    }
    return rule;
  }
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}
