// A request's body, whole, within the bound of one body and of all that are held at once.
import type { IncomingMessage } from 'node:http';
import { ByteCollector } from '../../std/byte-collector.ts';

export type BodyResult =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'tooLarge' | 'busy' | 'gone' };

/** Bytes of all bodies that are being read. */
export class BodyBudget {
  readonly maxBodyBytes: number;
  readonly #maxHeldBytes: number;
  #heldBytes = 0;

  constructor(maxBodyBytes: number, maxHeldBytes: number) {
    this.maxBodyBytes = maxBodyBytes;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** `busy`: others hold as much as all may. The caller judges the body at once and lets go of it. */
  read(request: IncomingMessage): Promise<BodyResult> {
    if (Number(request.headers['content-length'] ?? 0) > this.maxBodyBytes)
      return Promise.resolve({ kind: 'tooLarge' });
    return new Promise((resolve) => {
      const collected = new ByteCollector();
      const finish = (result: BodyResult): void => {
        request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
        request.on('error', () => undefined);
        this.#heldBytes -= collected.length;
        resolve(result);
      };
      const onData = (chunk: Buffer): void => {
        if (collected.length + chunk.length > this.maxBodyBytes) return finish({ kind: 'tooLarge' });
        if (this.#heldBytes + chunk.length > this.#maxHeldBytes) return finish({ kind: 'busy' });
        collected.add(chunk);
        this.#heldBytes += chunk.length;
      };
      const onEnd = (): void => finish({ kind: 'body', bytes: collected.bytes() });
      const onGone = (): void => finish({ kind: 'gone' });
      request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
    });
  }
}
