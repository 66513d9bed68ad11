// HMAC-SHA-256 (RFC 2104) of short texts, out of two one-shot hashes over buffers that are there already: about half the time of `createHmac`, which
// matters because every request of somebody who has signed in pays for one.
import { hash } from 'node:crypto';

const blockBytes = 64;
const sumBytes = 32;
/** Longer texts make a buffer of their own. */
const scratchBytes = 1_024;

export class KeyedSum {
  readonly #inner = Buffer.alloc(blockBytes + scratchBytes);
  readonly #outer = Buffer.alloc(blockBytes + sumBytes);

  /** `key`: up to a block. */
  constructor(key: Uint8Array) {
    if (key.length > blockBytes) throw new RangeError(`a key of at most ${blockBytes} bytes is wanted`);
    for (let i = 0; i < blockBytes; i += 1) {
      this.#inner[i] = (key[i] ?? 0) ^ 0x36;
      this.#outer[i] = (key[i] ?? 0) ^ 0x5c;
    }
  }

  /** Of a latin1 text; as latin1, a character for each of 32 bytes. */
  of(text: string): string {
    hash('sha256', this.#fill(text), 'buffer').copy(this.#outer, blockBytes);
    return hash('sha256', this.#outer, 'buffer').toString('latin1');
  }

  #fill(text: string): Buffer {
    if (text.length > scratchBytes) {
      return Buffer.concat([this.#inner.subarray(0, blockBytes), Buffer.from(text, 'latin1')]);
    }
    const length = this.#inner.write(text, blockBytes, 'latin1');
    return this.#inner.subarray(0, blockBytes + length);
  }
}
