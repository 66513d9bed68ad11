// FieldBlock: a field block that comes in several frames (RFC 9113 4.3), put together. The bound is its reader's.

const noBytes = Buffer.alloc(0);
const leastBytes = 4_096;

export class FieldBlock {
  /** Whose; 0: there is none. */
  stream = 0;
  endsStream = false;
  isOwnParent = false;
  /** CONTINUATION frames so far. */
  frames = 0;
  bytes: Buffer = noBytes;
  /** Of `bytes`, those that count. */
  length = 0;

  begin(stream: number, endsStream: boolean, isOwnParent: boolean): void {
    this.stream = stream;
    this.endsStream = endsStream;
    this.isOwnParent = isOwnParent;
    this.frames = 0;
    this.length = 0;
  }

  add(from: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(leastBytes, 2 * this.bytes.length, length));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    from.copy(this.bytes, this.length, start, end);
    this.length = length;
  }

  clear(): void {
    this.stream = 0;
    this.length = 0;
    this.bytes = noBytes;
  }
}
