// ReceiveWindow: what the client may still send on all streams together, given back as the bytes are taken (RFC 9113 6.9). It cannot be smaller
// than what the protocol begins with.
import { defaultWindowBytes } from '../../wire/http2/frame-types.ts';

export class ReceiveWindow {
  readonly #size: number;
  #leftBytes: number;
  /** Taken, and not told to the client yet. */
  #takenBytes = 0;

  constructor(bytes: number) {
    this.#size = Math.max(bytes, defaultWindowBytes);
    this.#leftBytes = this.#size;
  }

  /** False: more came than may. */
  receive(bytes: number): boolean {
    this.#leftBytes -= bytes;
    return this.#leftBytes >= 0;
  }

  /** Returns what the client is to be told; 0: nothing yet. Half a window at a time: few frames, and no client waits for want of one. */
  giveBack(bytes: number): number {
    this.#takenBytes += bytes;
    if (2 * this.#takenBytes < this.#size) return 0;
    const increment = this.#takenBytes;
    this.#leftBytes += increment;
    this.#takenBytes = 0;
    return increment;
  }
}
