// LineSink: takes log lines on the hot path and writes them later, in batches, without ever blocking, throwing or killing
// the process. What the consumer does not take in time is dropped, line by line, and counted (a full pipe, EPIPE, ENOSPC).
// Several processes may write to one pipe: pieces end at a line end and are small enough for the kernel to write them whole.
import { write, writeSync } from 'node:fs';
import { type LogDescriptor, type LogDestination, openLogDescriptor } from './log-descriptor.ts';

/** PIPE_BUF of Linux: a write of at most this size to a pipe is not mixed with the writes of others (pipe(7)). */
const maxPieceBytes = 4096;
const newline = 10;
const minRetryMs = 1;
const maxRetryMs = 64;

export interface LineSinkLimits {
  /** Bytes held for a slow consumer; a line beyond is dropped. Default 1 MiB. */
  readonly maxBufferBytes?: number;
  /** Bytes that start a write before its time. 0: every line is written at once. Default 64 KiB. */
  readonly flushBytes?: number;
  /** Longest time that a line waits for company. Default 1000. */
  readonly flushMs?: number;
  /** Told once when writing begins to fail, and not again before it has worked. The consumer being slow is no failure. */
  readonly onError?: (error: Error) => void;
}

export type LineSinkOptions = LogDestination & LineSinkLimits;

interface Waiter {
  /** Settled when this many bytes have been written or dropped. */
  readonly mark: number;
  readonly settle: () => void;
}

/** A buffered writer of latin1 lines. Its timers do not keep the process alive: flush or close before leaving. */
export class LineSink {
  /** Lines lost since the start: the buffer was full, writing failed, or the sink was closed. */
  dropped = 0;
  readonly #destination: LogDestination;
  readonly #maxBufferBytes: number;
  readonly #flushBytes: number;
  readonly #flushMs: number;
  readonly #onError: (error: Error) => void;
  #descriptor: LogDescriptor;
  /** Lines not yet turned into bytes, joined: one conversion for many lines. */
  #lines = '';
  /** What is to be written next; the first may be the rest of one that was written in part. */
  readonly #chunks: Buffer[] = [];
  /** The chunk that the thread pool is writing. */
  #inFlight: Buffer | null = null;
  #acceptedBytes = 0;
  /** Written or dropped. */
  #settledBytes = 0;
  #isScheduled = false;
  #isTimed = false;
  /** The consumer takes nothing at the moment; a retry is on its way. */
  #isBlocked = false;
  /** The last write failed; the next one is tried after flushMs. */
  #isFailing = false;
  #isClosed = false;
  /** The last byte that was written is not a line end. */
  #isTorn = false;
  #retryMs = minRetryMs;
  #waiters: Waiter[] = [];
  /** Descriptors to close when the write in flight is over. */
  #retired: LogDescriptor[] = [];

  /** Throws if a path cannot be opened, with the system's code. */
  constructor(options: LineSinkOptions) {
    this.#destination = 'fd' in options ? { fd: options.fd } : { path: options.path };
    this.#maxBufferBytes = options.maxBufferBytes ?? 1024 * 1024;
    this.#flushBytes = options.flushBytes ?? 64 * 1024;
    this.#flushMs = options.flushMs ?? 1000;
    this.#onError = options.onError ?? ignore;
    this.#descriptor = openLogDescriptor(this.#destination);
  }

  /** Takes one line with its line end, latin1. Never throws; a line that finds no room is dropped and counted. */
  append(line: string): void {
    if (this.#isClosed || this.#acceptedBytes - this.#settledBytes + line.length > this.#maxBufferBytes) {
      this.dropped += 1;
      return;
    }
    this.#lines += line;
    this.#acceptedBytes += line.length;
    if (this.#lines.length >= this.#flushBytes && !this.#isFailing) this.#schedule();
    else if (!this.#isTimed) this.#startTimer();
  }

  /**
   * Writes what has been taken so far. Resolves when all of it is written or dropped, or when the consumer has taken nothing
   * for `flushMs`; never rejects.
   */
  flush(): Promise<void> {
    this.#pump();
    if (this.#acceptedBytes === this.#settledBytes) return Promise.resolve();
    return new Promise((resolve) => this.#awaitMark(this.#acceptedBytes, resolve));
  }

  /** Writes what can be written without waiting, before it returns: for a process that is about to end. */
  flushNow(): void {
    this.#seal();
    if (this.#descriptor.mode === 'direct' || this.#descriptor.isFile) this.#writeDirectly();
    else this.#pump();
  }

  /** Opens the path anew, after the file was renamed away. If that fails, the old file stays in use. */
  reopen(): void {
    if (this.#isClosed || 'fd' in this.#destination) return;
    const old = this.#descriptor;
    try {
      this.#descriptor = openLogDescriptor(this.#destination);
    } catch (error) {
      this.#onError(asError(error));
      return;
    }
    this.#isFailing = false;
    this.#isTorn = false;
    this.#retire(old);
  }

  /** Flushes, then closes what the sink itself opened; lines that could not be written by then are dropped and counted. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.flush();
    this.#dropAll();
    this.#retire(this.#descriptor);
  }

  #retire(descriptor: LogDescriptor): void {
    if (this.#inFlight === null) descriptor.close();
    else this.#retired.push(descriptor);
  }

  /** After the events at hand, so that the request that filled the buffer does not pay for the write. */
  #schedule(): void {
    if (this.#isScheduled) return;
    if (this.#flushBytes === 0) {
      this.flushNow();
      return;
    }
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  #startTimer(): void {
    this.#isTimed = true;
    setTimeout(() => {
      this.#isTimed = false;
      this.#pump();
    }, this.#flushMs).unref();
  }

  /** Turns the waiting lines into bytes. Also where the consumer is slow: strings may keep the requests alive that they came from. */
  #seal(): void {
    if (this.#lines === '') return;
    if (this.#isTorn && this.#chunks.length === 0 && this.#inFlight === null) {
      // What was written of the last line stands there without an end, and its rest was dropped: do not glue the next one to it.
      this.#lines = `\n${this.#lines}`;
      this.#acceptedBytes += 1;
    }
    this.#chunks.push(Buffer.from(this.#lines, 'latin1'));
    this.#lines = '';
  }

  #pump(): void {
    this.#seal();
    if (this.#isBlocked) return;
    if (this.#descriptor.mode === 'direct') this.#writeDirectly();
    else this.#writeOnThread();
  }

  #writeDirectly(): void {
    const { fd } = this.#descriptor;
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      let offset = 0;
      try {
        while (offset < chunk.length) {
          const size = this.#descriptor.isFile ? chunk.length - offset : pieceBytes(chunk, offset);
          offset += this.#countWritten(chunk, offset, writeSync(fd, chunk, offset, size));
        }
      } catch (error) {
        this.#chunks[0] = chunk.subarray(offset);
        this.#failWrite(asError(error));
        return;
      }
      this.#chunks.shift();
    }
  }

  #writeOnThread(): void {
    if (this.#inFlight !== null) return;
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return;
    const size = this.#descriptor.isFile ? chunk.length : pieceBytes(chunk, 0);
    this.#inFlight = chunk;
    write(this.#descriptor.fd, chunk, 0, size, null, (error, written) => {
      this.#inFlight = null;
      for (const descriptor of this.#retired.splice(0)) descriptor.close();
      const done = error === null ? this.#countWritten(chunk, 0, written) : 0;
      if (done < chunk.length) this.#chunks.unshift(chunk.subarray(done));
      if (error !== null) this.#failWrite(error);
      else if (this.#isClosed && this.#waiters.length === 0) this.#dropAll();
      else this.#writeOnThread();
    });
  }

  #countWritten(chunk: Buffer, offset: number, written: number): number {
    if (written > 0) {
      this.#isTorn = chunk[offset + written - 1] !== newline;
      this.#isFailing = false;
      this.#retryMs = minRetryMs;
      this.#settle(written);
    }
    return written;
  }

  #failWrite(error: NodeJS.ErrnoException): void {
    if (error.code === 'EAGAIN' || error.code === 'EINTR') {
      this.#retryLater();
      return;
    }
    const isNew = !this.#isFailing;
    this.#isFailing = true;
    this.#dropAll();
    if (isNew) this.#onError(error);
  }

  #retryLater(): void {
    if (this.#isBlocked) return;
    this.#isBlocked = true;
    setTimeout(() => {
      this.#isBlocked = false;
      this.#pump();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
  }

  #dropAll(): void {
    this.#seal();
    // A line end at the very front ends a line that was written in part, and is none of its own.
    if (this.#isTorn && this.#chunks[0]?.[0] === newline) this.dropped -= 1;
    for (const chunk of this.#chunks.splice(0)) {
      this.dropped += countLines(chunk);
      this.#settle(chunk.length);
    }
  }

  #settle(bytes: number): void {
    this.#settledBytes += bytes;
    if (this.#waiters.length === 0) return;
    const settled = this.#waiters.filter((waiter) => waiter.mark <= this.#settledBytes);
    this.#waiters = this.#waiters.filter((waiter) => waiter.mark > this.#settledBytes);
    for (const waiter of settled) waiter.settle();
  }

  /** Calls `resolve` once, when `mark` is reached or nothing has moved for flushMs. */
  #awaitMark(mark: number, resolve: () => void): void {
    let seenBytes = this.#settledBytes;
    const patience = setInterval(() => {
      if (this.#settledBytes === seenBytes) waiter.settle();
      seenBytes = this.#settledBytes;
    }, this.#flushMs);
    const waiter: Waiter = {
      mark,
      settle: () => {
        clearInterval(patience);
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve();
      },
    };
    this.#waiters.push(waiter);
  }
}

/** How much to write from `start`: whole lines up to PIPE_BUF, or one line where it alone is longer. */
function pieceBytes(chunk: Buffer, start: number): number {
  if (chunk.length - start <= maxPieceBytes) return chunk.length - start;
  const last = chunk.lastIndexOf(newline, start + maxPieceBytes - 1);
  if (last >= start) return last + 1 - start;
  const next = chunk.indexOf(newline, start + maxPieceBytes);
  return (next < 0 ? chunk.length : next + 1) - start;
}

function countLines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) count += 1;
  return count;
}

function asError(error: unknown): NodeJS.ErrnoException {
  return error instanceof Error ? error : new Error(String(error));
}

function ignore(): void {}
