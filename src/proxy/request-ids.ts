// RequestIds: 32 hex characters for requests that bring no usable X-Request-ID. Random bytes are drawn in blocks, because one
// call to the generator per request would cost more than the request's routing.
import { randomFillSync } from 'node:crypto';

const idBytes = 16;
const blockBytes = 8_192;

export class RequestIds {
  readonly #block = Buffer.alloc(blockBytes);
  #offset = blockBytes;

  next(): string {
    if (this.#offset >= blockBytes) {
      randomFillSync(this.#block);
      this.#offset = 0;
    }
    const start = this.#offset;
    this.#offset = start + idBytes;
    return this.#block.toString('hex', start, start + idBytes);
  }
}
