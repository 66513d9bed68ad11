// StreamInput: what a client sends on a stream behind its head: how much it may send, what waits until somebody takes it, and its end. Windows
// are given back when the bytes are taken. Streams without a body have none.
import { errorCodes } from '../../wire/http2/frame-types.ts';
import type { StreamEvents } from './codec.ts';

/** What the input asks of its session. */
export interface InputHost {
  /** Bytes of the connection's window are free again. */
  giveBack(bytes: number): void;
  /** So are these of a stream. */
  giveBackToStream(stream: number, bytes: number): void;
  /** There is something to deliver, once the present read is parsed. */
  touch(input: StreamInput): void;
}

/** Pieces below are put together with what else comes in the same read; larger ones are handed on as they are. */
const copyBytes = 4_096;
const noBytes = Buffer.alloc(0);

export class StreamInput {
  readonly #stream: number;
  readonly #host: InputHost;
  readonly #windowSize: number;
  /** What the client may still send. */
  #windowBytes: number;
  /** Taken, and not told to the client yet. */
  #takenBytes = 0;
  #held: Buffer = noBytes;
  #heldBytes = 0;
  #isPaused = false;
  #isTouched = false;
  #events: StreamEvents | null = null;
  #trailers: readonly string[] | null = null;
  /** Content so far, and what there must be in the end; -1: not told. */
  #contentBytes = 0;
  #announcedBytes = -1;
  #hasEnded = false;
  #isOver = false;

  /** `slackBytes`: what the client may send above its window, because it cannot know that it is smaller yet. */
  constructor(stream: number, host: InputHost, windowSize: number, slackBytes: number) {
    this.#stream = stream;
    this.#host = host;
    this.#windowSize = windowSize;
    this.#windowBytes = windowSize + slackBytes;
  }

  /** The client has sent its last. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Who gets what came, and what comes. */
  start(events: StreamEvents): void {
    this.#events = events;
    this.#touchIfAny();
  }

  // ── what comes ──

  /** A DATA frame. Returns the error code of the stream; 0: none. */
  beginFrame(contentBytes: number, paddingBytes: number): number {
    if (this.#hasEnded) return errorCodes.streamClosed;
    this.#windowBytes -= contentBytes + paddingBytes;
    if (this.#windowBytes < 0) return errorCodes.flowControl;
    this.#contentBytes += contentBytes;
    if (this.#announcedBytes >= 0 && this.#contentBytes > this.#announcedBytes) return errorCodes.protocol;
    if (paddingBytes > 0) this.#take(paddingBytes);
    return 0;
  }

  add(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length === 0) return;
    if (length >= copyBytes && this.#events !== null && !this.#isPaused) {
      this.deliver();
      // Taking the first may have brought a pause.
      if (!this.#isPaused && !this.#isOver) {
        this.#take(length);
        this.#events.onData(bytes.subarray(start, end));
        return;
      }
    }
    if (this.#isOver) {
      this.#host.giveBack(length);
      return;
    }
    this.#hold(bytes, start, end);
    this.#touchIfAny();
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    const length = this.#heldBytes + end - start;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafe(this.#heldBytes === 0 ? length : 2 * length);
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    bytes.copy(this.#held, this.#heldBytes, start, end);
    this.#heldBytes = length;
  }

  /** `trailers`: null without. Returns the error code of the stream; 0: none. */
  end(trailers: readonly string[] | null): number {
    if (this.#hasEnded) return errorCodes.streamClosed;
    this.#hasEnded = true;
    if (this.#announcedBytes >= 0 && this.#contentBytes !== this.#announcedBytes) return errorCodes.protocol;
    this.#trailers = trailers;
    this.#touchIfAny();
    return 0;
  }

  /** The length that the head told. False: what came already says another. */
  expectBytes(length: number): boolean {
    this.#announcedBytes = length;
    return this.#hasEnded ? this.#contentBytes === length : this.#contentBytes <= length;
  }

  // ── who takes it ──

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#touchIfAny();
  }

  #touchIfAny(): void {
    if (this.#isTouched || this.#events === null || this.#isOver) return;
    if (this.#heldBytes === 0 && !this.#hasEnded) return;
    this.#isTouched = true;
    this.#host.touch(this);
  }

  /** Hands out what waits, unless it must wait on. */
  deliver(): void {
    this.#isTouched = false;
    const events = this.#events;
    if (events === null || this.#isPaused || this.#isOver) return;
    if (this.#heldBytes > 0) {
      const piece = this.#held.subarray(0, this.#heldBytes);
      this.#held = noBytes;
      this.#heldBytes = 0;
      this.#take(piece.length);
      events.onData(piece);
    }
    if (!this.#hasEnded || this.#isPaused || this.#isBroken()) return;
    this.#isOver = true;
    if (this.#trailers !== null) events.onTrailers(this.#trailers);
    events.onEnd();
  }

  /** Handing out a piece may have ended the stream. */
  #isBroken(): boolean {
    return this.#isOver;
  }

  /** Half a window at a time: few frames, and the client never waits for want of one. */
  #take(bytes: number): void {
    this.#host.giveBack(bytes);
    if (this.#hasEnded) return;
    this.#takenBytes += bytes;
    if (2 * this.#takenBytes < this.#windowSize) return;
    this.#windowBytes += this.#takenBytes;
    this.#host.giveBackToStream(this.#stream, this.#takenBytes);
    this.#takenBytes = 0;
  }

  /** The stream is closed: what waits is thrown away. */
  drop(): void {
    if (this.#heldBytes > 0) this.#host.giveBack(this.#heldBytes);
    this.#isOver = true;
    this.#held = noBytes;
    this.#heldBytes = 0;
  }
}
