// ResetStreams: the streams that we reset last. What the client had under way for one of them is no error of its (RFC 9113 5.1).

/** More than a client has at the same time. */
const maxRemembered = 512;

export class ResetStreams {
  /** In the order in which they came. */
  readonly #ids = new Set<number>();

  add(id: number): void {
    this.#ids.add(id);
    if (this.#ids.size <= maxRemembered) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      break;
    }
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }
}
