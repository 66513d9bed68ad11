// RequestIds: 32 hex characters for requests that bring no usable X-Request-ID, and the identifiers of traces and spans. Random bytes are drawn in blocks, because one
// call to the generator per request would cost more than the request's routing.
import { randomFillSync } from 'node:crypto';

const idBytes = 16;
const spanIdBytes = 8;
const blockBytes = 8_192;

export class RequestIds {
  readonly #block = Buffer.alloc(blockBytes);
  #offset = blockBytes;

  next(): string {
    return this.#take(idBytes);
  }

  /** 16 hex characters. */
  nextSpan(): string {
    return this.#take(spanIdBytes);
  }

  #take(bytes: number): string {
    if (this.#offset + bytes > blockBytes) {
      randomFillSync(this.#block);
      this.#offset = 0;
    }
    const start = this.#offset;
    this.#offset = start + bytes;
    return this.#block.toString('hex', start, start + bytes);
  }
}
