// One watch on its way to its client: a line of JSON for every frame, sent at once. What waits for a slow reader is bounded: beyond
// it the watch ends, and the client goes on from the last frame that it has. Frames of the start (`open` may give ten thousand
// at once) wait as references to objects that the store holds anyway, and do not count.
import type { ServerResponse } from 'node:http';
import type { WatchFrame, WatchResponse } from '../rest/api-request.ts';
import type { ApiLimits } from './limits.ts';
import { serialize } from './serialized.ts';
import type { WatchBudget } from './watch-budget.ts';

/** Bytes in one write; others get their turn before the next. */
const maxBatchCharacters = 64 * 1024;

type WatchLimits = Pick<ApiLimits, 'stallMs'>;

export class WatchStream {
  readonly #response: ServerResponse;
  readonly #limits: WatchLimits;
  readonly #budget: WatchBudget;
  readonly #onClose: () => void;
  /** Of the start, not yet rendered; from #firstIndex on. */
  #firstFrames: WatchFrame[] = [];
  #firstIndex = 0;
  /** Lines behind them; from #lineIndex on. */
  #lines: string[] = [];
  #lineIndex = 0;
  #waitingCharacters = 0;
  #isOpening = true;
  #isOver = false;
  #isScheduled = false;
  #isBlocked = false;
  #stallTimer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | null = null;

  /** The head is written; `onClose` is called once, when the connection or the watch has ended. */
  constructor(response: ServerResponse, limits: WatchLimits, budget: WatchBudget, onClose: () => void) {
    this.#response = response;
    this.#limits = limits;
    this.#budget = budget;
    this.#onClose = onClose;
    response.on('drain', () => this.#onDrain());
    response.once('close', () => this.#onGone());
  }

  start(watch: WatchResponse): void {
    const unsubscribe = watch.open({
      frame: (frame) => this.#take(frame),
      end: () => this.end(),
    });
    this.#isOpening = false;
    if (this.#isOver) unsubscribe();
    else this.#unsubscribe = unsubscribe;
    this.#schedule();
  }

  /** No further frames; those that wait are sent, and then the answer ends. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#schedule();
  }

  #take(frame: WatchFrame): boolean {
    if (this.#isOver) return false;
    if (this.#isOpening) {
      this.#firstFrames.push(frame);
      this.#budget.changeFirst(1);
      if (this.#budget.hasTooManyFirst) {
        this.#giveUp();
        return false;
      }
    } else {
      const line = renderFrame(frame);
      this.#lines.push(line);
      this.#changeWaiting(line.length);
      if (this.#budget.isTooMuch(this.#lines.length - this.#lineIndex, this.#waitingCharacters)) {
        this.#giveUp();
        return false;
      }
    }
    this.#schedule();
    return !this.#isBlocked;
  }

  #changeWaiting(characters: number): void {
    this.#waitingCharacters += characters;
    this.#budget.change(characters);
  }

  /** Nothing waits any more. */
  #forget(): void {
    this.#budget.changeFirst(this.#firstIndex - this.#firstFrames.length);
    this.#firstFrames = [];
    this.#firstIndex = 0;
    this.#lines = [];
    this.#lineIndex = 0;
    this.#changeWaiting(-this.#waitingCharacters);
  }

  /** Ends behind what was already handed to the connection: whole lines. */
  #giveUp(): void {
    this.#forget();
    this.end();
  }

  /** Frames of one turn go out together, at the end of the turn. */
  #schedule(): void {
    if (this.#isScheduled || this.#isBlocked || this.#isOpening) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#isBlocked || this.#response.destroyed) return;
    const batch = this.#nextBatch();
    if (batch !== '' && !this.#response.write(batch)) this.#block();
    if (this.#hasWaiting()) {
      if (this.#isBlocked) return;
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    } else if (this.#isOver && !this.#response.writableEnded) {
      this.#response.end();
      this.#block();
    }
  }

  #nextBatch(): string {
    let batch = '';
    while (this.#firstIndex < this.#firstFrames.length && batch.length < maxBatchCharacters) {
      const frame = this.#firstFrames[this.#firstIndex];
      this.#firstIndex += 1;
      this.#budget.changeFirst(-1);
      if (frame !== undefined) batch += renderFrame(frame);
    }
    if (this.#firstIndex < this.#firstFrames.length) return batch;
    this.#firstFrames = [];
    this.#firstIndex = 0;
    while (this.#lineIndex < this.#lines.length && batch.length < maxBatchCharacters) {
      const line = this.#lines[this.#lineIndex] ?? '';
      this.#lineIndex += 1;
      this.#changeWaiting(-line.length);
      batch += line;
    }
    if (this.#lineIndex === this.#lines.length) {
      this.#lines = [];
      this.#lineIndex = 0;
    }
    return batch;
  }

  #hasWaiting(): boolean {
    return this.#firstIndex < this.#firstFrames.length || this.#lineIndex < this.#lines.length;
  }

  /** A client that takes nothing for a while is cut off. */
  #block(): void {
    this.#isBlocked = true;
    clearTimeout(this.#stallTimer);
    this.#stallTimer = setTimeout(() => this.#response.destroy(), this.#limits.stallMs).unref();
  }

  #onDrain(): void {
    if (this.#response.writableEnded) return;
    clearTimeout(this.#stallTimer);
    this.#isBlocked = false;
    if (this.#hasWaiting() || this.#isOver) this.#schedule();
  }

  #onGone(): void {
    clearTimeout(this.#stallTimer);
    this.#isOver = true;
    this.#forget();
    this.#leave();
    this.#onClose();
  }

  #leave(): void {
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = null;
    unsubscribe?.();
  }
}

function renderFrame(frame: WatchFrame): string {
  return `{"type":"${frame.type}","object":${serialize(frame.object) ?? 'null'}}\n`;
}
