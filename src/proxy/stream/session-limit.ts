// SessionLimit: the bound on UDP sessions of a worker, over all its UDP services. A datagram costs its sender nothing, and its address may
// be made up: so one more session ends the longest silent one of the service that has most, and a flood ends its own first.

/** A UDP service. */
export interface SessionHolder {
  readonly sessionCount: number;
  /** Ends the session that was silent for longest. Called while there is one. */
  endOldest(): void;
}

export class SessionLimit {
  readonly #maxSessions: number;
  readonly #holders = new Set<SessionHolder>();

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  join(holder: SessionHolder): void {
    this.#holders.add(holder);
  }

  leave(holder: SessionHolder): void {
    this.#holders.delete(holder);
  }

  /** To be called before a session is added: makes room for it. */
  makeRoom(): void {
    let total = 0;
    let largest: SessionHolder | null = null;
    for (const holder of this.#holders) {
      total += holder.sessionCount;
      if (holder.sessionCount > (largest?.sessionCount ?? 0)) largest = holder;
    }
    if (total >= this.#maxSessions) largest?.endOldest();
  }
}
