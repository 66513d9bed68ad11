// PooledReader: the buffer that a stream's connection to its endpoint reads into. Small while little comes, since thousands of streams may
// be silent for long; large while reads fill it, for fewer and larger system calls. Bytes are handed on without copying: what the
// client does not take at once keeps the buffer, and the next read gets another.
import type { Socket } from 'node:net';
import { BufferPool, type PooledBuffer } from '../buffer-pool.ts';
import { writeSlice } from '../gathered-write.ts';

const smallBytes = 8_192;
const maxFreeSmall = 256;

/** Of all streams of a worker. */
export class ReaderPools {
  readonly small = new BufferPool(smallBytes, maxFreeSmall);
  readonly large: BufferPool;

  constructor(large: BufferPool) {
    this.large = large;
  }
}

export class PooledReader {
  readonly #pools: ReaderPools;
  #buffer: PooledBuffer;
  #isLarge = false;

  constructor(pools: ReaderPools) {
    this.#pools = pools;
    this.#buffer = pools.small.take();
  }

  /** What the next read fills. */
  get bytes(): Buffer {
    return this.#buffer.bytes;
  }

  /** The first `length` bytes were read, and go to the socket. */
  passOn(length: number, to: Socket): void {
    const { bytes } = this.#buffer;
    const isRetained = writeSlice(to, '', this.#buffer, bytes, 0, length);
    const wantsLarge = length === bytes.length || (this.#isLarge && length > smallBytes);
    if (!isRetained && wantsLarge === this.#isLarge) return;
    this.#buffer.release();
    this.#isLarge = wantsLarge;
    this.#buffer = (wantsLarge ? this.#pools.large : this.#pools.small).take();
  }

  /** Nothing is read any more. */
  release(): void {
    this.#buffer.release();
  }
}
