// ByteReader: numbers and length-prefixed vectors of TLS, in order. Reading past the end makes it fail for good instead of throwing,
// so that a parser asks once at its end.

const empty = new Uint8Array(0);

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  hasFailed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** Big-endian; 0 once failed. */
  number(size: 1 | 2): number {
    const bytes = this.#take(size);
    const high = bytes[0] ?? 0;
    return size === 1 ? high : high * 256 + (bytes[1] ?? 0);
  }

  /** The bytes behind a length of `lengthSize` bytes; empty once failed. */
  vector(lengthSize: 1 | 2): Uint8Array {
    return this.#take(this.number(lengthSize));
  }

  #take(count: number): Uint8Array {
    if (this.hasFailed || count > this.#bytes.length - this.#at) {
      this.hasFailed = true;
      return empty;
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
