// An encoder written as RFC 7541 tells it, without regard to time: bits are text, the table is a list. Its caller chooses each
// representation, so that it writes whatever a peer may write. Only the code lengths and the static table are shared with what is tested; the examples of the RFC prove those.
import { codeBits, codes } from './huffman-code.ts';
import { staticEntryCount, staticFields } from './static-table.ts';

export type LiteralKind = 'inserted' | 'plain' | 'secret';

export interface Choice {
  /** Use an index for the whole field where there is one. */
  readonly usesIndex: boolean;
  /** Use an index for the name where there is one. */
  readonly usesNameIndex: boolean;
  readonly kind: LiteralKind;
  readonly usesHuffman: boolean;
}

const literalPrefixes: Readonly<Record<LiteralKind, string>> = {
  inserted: '01',
  plain: '0000',
  secret: '0001',
};

function bitsOf(value: number, count: number): string {
  return value.toString(2).padStart(count, '0');
}

/** RFC 7541 5.1, behind the bits that are there already. */
export function integerBits(prefix: string, value: number): string {
  const width = 8 - prefix.length;
  const most = 2 ** width - 1;
  if (value < most) return prefix + bitsOf(value, width);
  let bits = prefix + bitsOf(most, width);
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bits += `1${bitsOf(rest % 128, 7)}`;
  return bits + bitsOf(rest, 8);
}

export function huffmanBits(text: string): string {
  let bits = '';
  for (const char of text) {
    const symbol = char.charCodeAt(0);
    bits += bitsOf(codes[symbol] ?? 0, codeBits[symbol] ?? 0);
  }
  return bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
}

export function textBits(text: string, usesHuffman: boolean): string {
  if (!usesHuffman) {
    return integerBits('0', text.length) + Array.from(text, (char) => bitsOf(char.charCodeAt(0), 8)).join('');
  }
  const bits = huffmanBits(text);
  return integerBits('1', bits.length / 8) + bits;
}

export function packBits(bits: string): Buffer {
  const bytes = Buffer.alloc(bits.length / 8);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2);
  return bytes;
}

export class ReferenceEncoder {
  /** Newest first. */
  readonly table: (readonly [name: string, value: string])[] = [];
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get tableBytes(): number {
    return this.table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  }

  sizeUpdate(maxBytes: number): string {
    this.#maxBytes = maxBytes;
    this.#evict();
    return integerBits('001', maxBytes);
  }

  field(name: string, value: string, choice: Choice): string {
    const index = this.#indexOf(name, value);
    if (choice.usesIndex && index > 0) return integerBits('1', index);
    const nameIndex = choice.usesNameIndex ? this.#indexOf(name, null) : 0;
    let bits = integerBits(literalPrefixes[choice.kind], nameIndex);
    if (nameIndex === 0) bits += textBits(name, choice.usesHuffman);
    bits += textBits(value, choice.usesHuffman);
    if (choice.kind === 'inserted') {
      this.table.unshift([name, value]);
      this.#evict();
    }
    return bits;
  }

  #indexOf(name: string, value: string | null): number {
    for (let index = 1; index <= staticEntryCount; index += 1) {
      const isSame = staticFields[2 * index] === name;
      if (isSame && (value === null || staticFields[2 * index + 1] === value)) return index;
    }
    const age = this.table.findIndex((entry) => entry[0] === name && (value === null || entry[1] === value));
    return age < 0 ? 0 : staticEntryCount + 1 + age;
  }

  #evict(): void {
    while (this.tableBytes > this.#maxBytes) this.table.pop();
  }
}
