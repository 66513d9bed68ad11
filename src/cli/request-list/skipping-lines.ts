// SkippingLines: bytes in pieces of any size to lines, as latin1. A line that is longer than allowed is left out as it passes, so that
// no more than one line of the allowed length is ever held.
const lineEnd = 0x0a;

export interface LineTaker {
  readonly onLine: (text: string) => void;
  readonly onTooLong: () => void;
}

export class SkippingLines {
  readonly #maxBytes: number;
  readonly #taker: LineTaker;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isSkipping = false;

  constructor(maxBytes: number, taker: LineTaker) {
    this.#maxBytes = maxBytes;
    this.#taker = taker;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(lineEnd, from);
      if (end < 0) break;
      this.#take(chunk.subarray(from, end));
      this.#finish();
      from = end + 1;
    }
    if (from < chunk.length) this.#take(chunk.subarray(from));
  }

  /** The last line may have no end. */
  end(): void {
    if (this.#isSkipping || this.#heldBytes > 0) this.#finish();
  }

  #take(piece: Buffer): void {
    if (this.#isSkipping) return;
    if (this.#heldBytes + piece.length > this.#maxBytes) {
      this.#isSkipping = true;
      this.#held = [];
      this.#heldBytes = 0;
      return;
    }
    this.#held.push(piece);
    this.#heldBytes += piece.length;
  }

  #finish(): void {
    const [first] = this.#held;
    if (this.#isSkipping) this.#taker.onTooLong();
    else if (this.#held.length === 1 && first !== undefined) this.#taker.onLine(first.toString('latin1'));
    else this.#taker.onLine(Buffer.concat(this.#held).toString('latin1'));
    this.#held = [];
    this.#heldBytes = 0;
    this.#isSkipping = false;
  }
}
