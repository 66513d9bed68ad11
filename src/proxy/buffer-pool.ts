// BufferPool: buffers that go around in a worker. A connection reads into one; a write to a slow client may still hold it when the
// next read comes, so that read gets another, and this one comes back when the last write has gone out. Without it, every such
// read would allocate outside the heap and drive full garbage collections.

export class PooledBuffer {
  readonly bytes: Buffer;
  /** To be passed as the callback of every write that was lent this buffer. */
  readonly onWritten: () => void;
  readonly #pool: BufferPool;
  #lentCount = 0;
  #isReleased = false;

  constructor(pool: BufferPool, size: number) {
    this.#pool = pool;
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.onWritten = () => {
      this.#lentCount -= 1;
      this.#giveBackIfUnused();
    };
  }

  /** A write holds the bytes from here until it calls `onWritten`. */
  lend(): void {
    this.#lentCount += 1;
  }

  /** The owner is done with it. */
  release(): void {
    this.#isReleased = true;
    this.#giveBackIfUnused();
  }

  #giveBackIfUnused(): void {
    if (!this.#isReleased || this.#lentCount > 0) return;
    this.#isReleased = false;
    this.#pool.give(this);
  }
}

export class BufferPool {
  readonly #bytes: number;
  readonly #maxFree: number;
  readonly #free: PooledBuffer[] = [];

  /** Buffers of `bytes` each; of those that come back, `maxFree` are kept and the others left to the collector. */
  constructor(bytes: number, maxFree: number) {
    this.#bytes = bytes;
    this.#maxFree = maxFree;
  }

  take(): PooledBuffer {
    return this.#free.pop() ?? new PooledBuffer(this, this.#bytes);
  }

  give(buffer: PooledBuffer): void {
    if (this.#free.length < this.#maxFree) this.#free.push(buffer);
  }
}
