// UnreadBody: the rest of a request body that was answered without being read. A small rest is thrown away, so that the connection can
// serve on; its bytes are never the start of a request (rule Q3).
import type { RequestBody } from './request-body.ts';

const maxBytes = 65_536;

export class UnreadBody {
  readonly #body: RequestBody;
  #discarded = 0;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  get isComplete(): boolean {
    return this.#body.isComplete;
  }

  /** Takes what belongs to the body and returns the position behind it, or -1: it is malformed or too large. */
  discard(chunk: Buffer): number {
    const end = this.#body.receive(chunk, 0);
    if (end < 0) return -1;
    this.#discarded += end;
    return this.#discarded > maxBytes ? -1 : end;
  }
}
