// BufferPool: buffers that go around in a worker. A connection reads into one; a write to a slow client may still hold it when the
// next read comes, so that read gets another, and this one comes back when the last write has gone out. Without it, every such
// read would allocate 64 KiB outside the heap and drive full garbage collections.

/** Free buffers kept; beyond, they are left to the collector. */
const maxFree = 64;

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
  readonly #size: number;
  readonly #free: PooledBuffer[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  take(): PooledBuffer {
    return this.#free.pop() ?? new PooledBuffer(this, this.#size);
  }

  give(buffer: PooledBuffer): void {
    if (this.#free.length < maxFree) this.#free.push(buffer);
  }
}
