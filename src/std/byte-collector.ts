// ByteCollector: bytes that come in pieces, put together in one growing buffer. A list of the pieces would cost a hundred bytes for
// each of them, so that a sender of pieces of one byte makes a body of a megabyte weigh a hundred.
import { Buffer } from 'node:buffer';

const firstCapacity = 4096;

export class ByteCollector {
  #bytes = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that are held. */
  get capacity(): number {
    return this.#bytes.length;
  }

  add(piece: Uint8Array): void {
    const wanted = this.#length + piece.length;
    if (wanted > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length, firstCapacity));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = wanted;
  }

  /** What has come so far; not to be read any more after a further `add`. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
