// LineSplitter: bytes in pieces of any size to whole lines, as texts. A line is decoded when it is complete, so a character
// may be cut anywhere. Never holds more than one line of the allowed length and one piece.
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #onLine: (line: string) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(maxLineBytes: number, onLine: (line: string) => void) {
    this.#maxLineBytes = maxLineBytes;
    this.#onLine = onLine;
  }

  /** False: the line under way is too long, and nothing more may be pushed. */
  push(chunk: Buffer): boolean {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, from);
      const piece = end < 0 ? chunk.subarray(from) : chunk.subarray(from, end);
      if (this.#bytes + piece.length > this.#maxLineBytes) return false;
      this.#bytes += piece.length;
      if (end < 0) {
        if (piece.length > 0) this.#pieces.push(piece);
        return true;
      }
      this.#emit(piece);
      from = end + 1;
    }
  }

  /** True: the last line has no end. */
  get isWithinLine(): boolean {
    return this.#bytes > 0;
  }

  #emit(last: Buffer): void {
    const bytes = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#bytes = 0;
    if (bytes.length > 0) this.#onLine(bytes.toString('utf8'));
  }
}
