// WatchBudget: what waits for the readers of all watches together. One slow reader may have much waiting; a thousand of them may not, and
// then those go first that have more than a little: who reads is not hurt by those who do not.
import type { ApiLimits } from './limits.ts';

type BudgetLimits = Pick<
  ApiLimits,
  'maxWatchBytes' | 'maxWatchFrames' | 'maxAllWatchBytes' | 'maxAllFirstFrames'
>;

/** What every watch may have waiting, whatever the others have. */
const ownCharacters = 128 * 1024;

export class WatchBudget {
  readonly #limits: BudgetLimits;
  #characters = 0;
  #firstFrames = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  /** Beyond those of the start. */
  get characters(): number {
    return this.#characters;
  }

  get firstFrames(): number {
    return this.#firstFrames;
  }

  /** What waits has become more or less. */
  change(characters: number): void {
    this.#characters += characters;
  }

  changeFirst(frames: number): void {
    this.#firstFrames += frames;
  }

  /** Whether a watch has more waiting than it may. */
  isTooMuch(frames: number, characters: number): boolean {
    const { maxWatchFrames, maxWatchBytes, maxAllWatchBytes } = this.#limits;
    if (frames > maxWatchFrames || characters > maxWatchBytes) return true;
    return characters > ownCharacters && this.#characters > maxAllWatchBytes;
  }

  get hasTooManyFirst(): boolean {
    return this.#firstFrames > this.#limits.maxAllFirstFrames;
  }
}
