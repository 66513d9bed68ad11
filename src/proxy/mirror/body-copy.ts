// BodyCopy: the body of one copy, put together as it comes. What it holds is what the bounds are told, also where it comes byte by byte.
import { ByteCollector } from '../../std/byte-collector.ts';
import type { BodyReader } from '../request-body.ts';
import type { MirrorPlace } from './mirror-desk.ts';

/** Of one body. */
export const maxBodyBytes = 1_048_576;

export class BodyCopy implements BodyReader {
  readonly #place: Pick<MirrorPlace, 'hold' | 'drop'>;
  readonly #send: (content: string) => void;
  #content = new ByteCollector();
  #isOver = false;

  /** `send`: gets the whole body as latin1. */
  constructor(place: Pick<MirrorPlace, 'hold' | 'drop'>, send: (content: string) => void) {
    this.#place = place;
    this.#send = send;
  }

  read(piece: Buffer, isLast: boolean): void {
    if (this.#isOver) return;
    const content = this.#content;
    if (content.length + piece.length > maxBodyBytes) return this.abandon();
    const before = content.capacity;
    content.add(piece);
    if (!this.#place.hold(content.capacity - before)) return this.abandon();
    if (!isLast) return;
    this.#isOver = true;
    this.#send(content.bytes().toString('latin1'));
    this.#content = new ByteCollector();
  }

  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#content = new ByteCollector();
    this.#place.drop();
  }
}
