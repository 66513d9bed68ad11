// TurnEnd: what is to be done once all sockets of this turn of the event loop have been read: what the streams of a connection have to say by
// then leaves in one write.

export interface TurnItem {
  onTurnEnd(): void;
}

export class TurnEnd {
  #items: TurnItem[] = [];
  readonly #run = (): void => {
    const items = this.#items;
    this.#items = [];
    for (const item of items) item.onTurnEnd();
  };

  /** Once a turn for each item: the caller remembers. An item catches what it throws. */
  add(item: TurnItem): void {
    if (this.#items.push(item) === 1) setImmediate(this.#run);
  }
}

/** One for the worker. */
export const turnEnd = new TurnEnd();
