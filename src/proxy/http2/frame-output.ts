// FrameOutput: frames on their way into a socket, put together in pooled chunks. One write at a time: what comes while it is under way goes
// with the next one, so a client that takes nothing holds what is under way and one queue with a bound (`hasRoom`).
import type { Socket } from 'node:net';
import { BufferPool, type PooledBuffer } from '../buffer-pool.ts';

/** Two full DATA frames and a little more. */
const chunkBytes = 33_792;
/** Kept for all connections of the worker. */
const maxFreeChunks = 64;
/** Bodies wait in their streams while so much is queued. */
const roomBytes = 131_072;

const chunks = new BufferPool(chunkBytes, maxFreeChunks);

export class FrameOutput {
  readonly #socket: Socket;
  readonly #onSpace: () => void;
  #chunk: PooledBuffer | null = null;
  #at = 0;
  /** Filled, behind which `#chunk` follows. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #owners: PooledBuffer[] = [];
  #inFlight: PooledBuffer[] = [];
  #writes = 0;
  #isEnded = false;

  /** `onSpace`: a write has gone out. */
  constructor(socket: Socket, onSpace: () => void) {
    this.#socket = socket;
    this.#onSpace = onSpace;
  }

  /** What waits for the present write. */
  get queuedBytes(): number {
    return this.#pieceBytes + this.#at;
  }

  get hasRoom(): boolean {
    return this.queuedBytes < roomBytes && !this.#isEnded;
  }

  /** Where `reserve` has room. */
  get at(): number {
    return this.#at;
  }

  /** A buffer with room for `bytes`, of which a chunk must have as many, from `at` on. */
  reserve(bytes: number): Buffer {
    if (this.#chunk !== null && this.#at + bytes > chunkBytes) this.#seal(this.#chunk);
    this.#chunk ??= chunks.take();
    return this.#chunk.bytes;
  }

  /** What was reserved is filled up to `at`. */
  commit(at: number): void {
    this.#at = at;
  }

  #seal(chunk: PooledBuffer): void {
    this.#pieces.push(chunk.bytes.subarray(0, this.#at));
    this.#pieceBytes += this.#at;
    this.#owners.push(chunk);
    this.#chunk = null;
    this.#at = 0;
  }

  flush(): void {
    if (this.#writes === 0) this.#write();
  }

  #write(): void {
    if (this.queuedBytes === 0 || this.#isEnded) return;
    if (this.#chunk !== null) this.#seal(this.#chunk);
    const pieces = this.#pieces;
    const last = pieces.length - 1;
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (this.#inFlight.length === 0) {
      const emptied = this.#inFlight;
      this.#inFlight = this.#owners;
      this.#owners = emptied;
    } else {
      this.#inFlight.push(...this.#owners);
      this.#owners = [];
    }
    this.#writes += 1;
    if (last > 0) this.#socket.cork();
    for (let i = 0; i < last; i += 1) this.#socket.write(pieces[i] ?? '');
    this.#socket.write(pieces[last] ?? '', this.#onWritten);
    if (last > 0) this.#socket.uncork();
  }

  readonly #onWritten = (error?: Error | null): void => {
    this.#writes -= 1;
    if (this.#writes > 0) return;
    for (const owner of this.#inFlight) owner.release();
    this.#inFlight.length = 0;
    if (error === null || error === undefined) this.#onSpace();
  };

  /** What is queued goes out, and then the end. */
  end(): void {
    if (this.#isEnded) return;
    this.#write();
    this.#isEnded = true;
    this.#socket.end();
  }

  /** Nothing more goes out. */
  drop(): void {
    this.#isEnded = true;
    for (const owner of this.#owners) owner.release();
    this.#chunk?.release();
    this.#owners = [];
    this.#pieces = [];
    this.#pieceBytes = this.#at = 0;
    this.#chunk = null;
  }
}
