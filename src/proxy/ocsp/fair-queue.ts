// FairQueue: work that waits, taken in turn over its owners, and of each owner one piece at a time. Who brings much, or work that takes
// long, delays itself and nobody else.

export class FairQueue<Work> {
  /** By owner, whose turn is next first; none is empty. */
  readonly #waiting = new Map<string, Set<Work>>();
  /** Owners with work under way. */
  readonly #busy = new Set<string>();
  readonly #maxUnderWay: number;

  constructor(maxUnderWay: number) {
    this.#maxUnderWay = maxUnderWay;
  }

  add(owner: string, work: Work): void {
    const ofOwner = this.#waiting.get(owner);
    if (ofOwner === undefined) this.#waiting.set(owner, new Set([work]));
    else ofOwner.add(work);
  }

  /** It is not wanted any more; if it is under way, it goes on. */
  remove(owner: string, work: Work): void {
    const ofOwner = this.#waiting.get(owner);
    ofOwner?.delete(work);
    if (ofOwner?.size === 0) this.#waiting.delete(owner);
  }

  /** The next piece, which is under way until `finish`; null: none may begin now. */
  begin(): { readonly owner: string; readonly work: Work } | null {
    if (this.#busy.size >= this.#maxUnderWay) return null;
    // At most as many steps as owners are busy.
    for (const [owner, ofOwner] of this.#waiting) {
      if (this.#busy.has(owner)) continue;
      for (const work of ofOwner) {
        this.#busy.add(owner);
        // Behind the others.
        this.#waiting.delete(owner);
        ofOwner.delete(work);
        if (ofOwner.size > 0) this.#waiting.set(owner, ofOwner);
        return { owner, work };
      }
    }
    return null;
  }

  finish(owner: string): void {
    this.#busy.delete(owner);
  }

  /** Nothing waits any more. */
  clear(): void {
    this.#waiting.clear();
  }
}
