// One line on a terminal that says how far the reading of a long file has come.
import type { RequestFile } from './request-list/index.ts';

const everyMs = 500;

export class Progress {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #startMs: number;
  #shownMs: number;
  #isShown = false;

  /** `write` null: nobody watches. */
  constructor(write: ((text: string) => void) | null, now: () => number) {
    this.#write = write ?? (() => {});
    this.#now = now;
    this.#startMs = now();
    this.#shownMs = write === null ? Number.POSITIVE_INFINITY : this.#startMs;
  }

  /** Now and then. */
  tell(file: Pick<RequestFile, 'sizeBytes' | 'readBytes'>, requests: number, differ: number): void {
    const nowMs = this.#now();
    if (nowMs - this.#shownMs < everyMs) return;
    this.#shownMs = nowMs;
    this.#isShown = true;
    const done = file.sizeBytes === 0 ? '' : `${Math.floor((file.readBytes() / file.sizeBytes) * 100)} %, `;
    const perSecond = Math.round(requests / ((nowMs - this.#startMs) / 1000));
    this.#write(`\r${done}${requests} requests, ${differ} differ, ${perSecond} a second\u001b[K`);
  }

  clear(): void {
    if (this.#isShown) this.#write('\r\u001b[K');
    this.#isShown = false;
  }
}
