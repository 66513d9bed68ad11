// The wire format of protocol buffers, reading: tags, varints, lengths and skipping, within one buffer that is never copied
// and never read beyond a stated end.
import { isUtf8 } from 'node:buffer';
import type { Buffer } from 'node:buffer';
import { ProtobufError } from './protobuf-error.ts';

export type WireType = 'varint' | 'fixed64' | 'bytes' | 'groupStart' | 'groupEnd' | 'fixed32';

const wireTypes: readonly WireType[] = ['varint', 'fixed64', 'bytes', 'groupStart', 'groupEnd', 'fixed32'];

export interface Tag {
  readonly number: number;
  readonly wireType: WireType;
  /** Where the tag stands. */
  readonly at: number;
}

/** Part of the body: from `start`, up to and without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Ten bytes. */
const maxVarintBits = 70;

/** Reads a part of `bytes`, forwards. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #low = 0;
  #high = 0;

  constructor(bytes: Buffer, { start, end }: ByteRange) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  readTag(): Tag {
    const at = this.#at;
    this.#readVarint();
    const wireType = wireTypes[this.#low & 7];
    if (wireType === undefined) throw new ProtobufError(`unknown wire type ${this.#low & 7}`, at);
    // Bits 3 to 34, as Go takes them.
    const number = (this.#high << 29) | (this.#low >>> 3);
    if (number <= 0) throw new ProtobufError(`illegal field number ${number}`, at);
    return { number, wireType, at };
  }

  readBoolean(): boolean {
    this.#readVarint();
    return this.#low !== 0 || this.#high !== 0;
  }

  /** The lower 32 bits of a varint. */
  readInt32(): number {
    this.#readVarint();
    return this.#low | 0;
  }

  /** Beyond 2^53 the nearest number. */
  readInt64(): number {
    this.#readVarint();
    return (this.#high | 0) * 2 ** 32 + this.#low;
  }

  /** A length and as many bytes, which are left where they are. */
  readRange(): ByteRange {
    const at = this.#at;
    this.#readVarint();
    const length = this.#high * 2 ** 32 + this.#low;
    const left = this.#end - this.#at;
    if (length > left) throw new ProtobufError(`length ${length} with ${left} bytes left`, at);
    const start = this.#at;
    this.#at += length;
    return { start, end: this.#at };
  }

  /** Skips a field of any type; groups with everything in them, at any depth. */
  skip(tag: Tag): void {
    const open: number[] = [];
    let current = tag;
    for (;;) {
      if (current.wireType === 'groupStart') open.push(current.number);
      else if (current.wireType === 'groupEnd') {
        if (open.pop() !== current.number)
          throw new ProtobufError('end of a group that did not begin', current.at);
      } else this.#skipPlain(current.wireType);
      if (open.length === 0) return;
      current = this.readTag();
    }
  }

  #skipPlain(wireType: WireType): void {
    if (wireType === 'varint') this.#readVarint();
    else if (wireType === 'bytes') this.readRange();
    else this.#skipBytes(wireType === 'fixed64' ? 8 : 4);
  }

  #skipBytes(count: number): void {
    if (this.#end - this.#at < count) throw new ProtobufError('the message ends within a field', this.#at);
    this.#at += count;
  }

  /** 64 bits into `#low` and `#high`, both unsigned; bits beyond are cut off. */
  #readVarint(): void {
    const from = this.#at;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < maxVarintBits; shift += 7) {
      const byte = this.#readByte(from);
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      // The fifth byte has a part in both halves.
      if (shift > 31) high |= bits << (shift - 32);
      else if (shift > 24) high |= bits >>> (32 - shift);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new ProtobufError('varint of more than 10 bytes', from);
  }

  /** `from`: where what is being read began. */
  #readByte(from: number): number {
    if (this.#at >= this.#end) throw new ProtobufError('the message ends within a number', from);
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }
}

/** The text that a part of the body holds. */
export function readText(bytes: Buffer, { start, end }: ByteRange): string {
  if (!isUtf8(bytes.subarray(start, end))) throw new ProtobufError('text that is not UTF-8', start);
  return bytes.toString('utf8', start, end);
}
