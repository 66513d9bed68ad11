// A request's body, whole, within the limits of one request and of all requests together.
import type { IncomingMessage } from 'node:http';
import { ByteCollector } from '../../std/byte-collector.ts';

export type BodyResult =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'tooLarge' }
  /** All requests together hold as much as they may. */
  | { readonly kind: 'busy' }
  /** The client left before the end. */
  | { readonly kind: 'gone' };

/** Bytes that all requests hold. */
export class BodyBudget {
  readonly #maxBytes: number;
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#maxBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}

/** What the client announces, known before anything was read; null: nothing, or a body of unknown length. */
export function announcedBytes(request: IncomingMessage): number | null {
  const field = request.headers['content-length'];
  return field === undefined ? null : Number(field);
}

/** The caller gives the body's length back to the budget when it lets go of the bytes; of other results nothing is held. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
): Promise<BodyResult> {
  if ((announcedBytes(request) ?? 0) > maxBytes) return Promise.resolve({ kind: 'tooLarge' });
  return new Promise((resolve) => {
    const collected = new ByteCollector();
    const finish = (result: BodyResult): void => {
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      request.on('error', ignore);
      if (result.kind !== 'body') budget.giveBack(collected.length);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      if (collected.length + chunk.length > maxBytes) return finish({ kind: 'tooLarge' });
      if (!budget.take(chunk.length)) return finish({ kind: 'busy' });
      collected.add(chunk);
    };
    const onEnd = (): void => finish({ kind: 'body', bytes: collected.bytes() });
    const onGone = (): void => finish({ kind: 'gone' });
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

/**
 * Reads what is left of a refused request, for a while, and forgets it: a connection that is closed while its client still sends is
 * reset, and the client then never reads why it was refused.
 */
export function discardBody(request: IncomingMessage, maxBytes: number, maxMs: number): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let leftBytes = maxBytes;
    const finish = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', finish).off('close', finish).off('error', finish);
      request.on('error', ignore);
      request.pause();
      resolve();
    };
    const onData = (chunk: Buffer): void => {
      leftBytes -= chunk.length;
      if (leftBytes < 0) finish();
    };
    const timer = setTimeout(finish, maxMs);
    request.on('data', onData).on('end', finish).on('close', finish).on('error', finish);
    request.resume();
  });
}

function ignore(): void {}
