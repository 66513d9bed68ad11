// LeftoverBody: reads away the body of an answer whose head has said all, so that the connection can be asked again. Not for long, and
// not much of it.
import type { ChunkedDecoder } from '../../wire/http1/chunked.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';
import type { Deadlines, Timed } from '../deadlines.ts';
import { makeChunkedDecoder } from '../request-body.ts';
import type { UpstreamConnection } from '../upstream-connection.ts';
import type { AuthCore } from './auth-core.ts';
import { PlainUser } from './plain-user.ts';

const maxBytes = 65_536;
const maxTrailerBytes = 8_192;
const timeoutMs = 1_000;

export class LeftoverBody extends PlainUser implements Timed {
  deadlineMs: number;
  readonly #deadlines: Deadlines;
  readonly #reportBug: AuthCore['reportBug'];
  readonly #link: UpstreamConnection;
  readonly #keptMs: number;
  /** Null: counted. */
  readonly #decoder: ChunkedDecoder | null;
  #remaining: number;
  #taken = 0;

  /** `rest`: what came behind the head. `keptMs`: as `release` takes it. */
  static readAway(
    core: AuthCore,
    link: UpstreamConnection,
    head: ResponseHead,
    rest: Buffer,
    keptMs: number,
  ): void {
    const { framing, contentLength } = head;
    const length = framing === 'none' ? 0 : contentLength;
    if (framing === 'close' || length > maxBytes) link.destroy();
    else if (framing !== 'chunked' && rest.length === length) link.release(true, keptMs, performance.now());
    else new LeftoverBody(core, link, framing === 'chunked' ? null : length, keptMs).#take(rest);
  }

  /** `length` null: in chunks. */
  private constructor(core: AuthCore, link: UpstreamConnection, length: number | null, keptMs: number) {
    super();
    this.#deadlines = core.deadlines;
    this.#reportBug = core.reportBug;
    this.#link = link;
    this.#keptMs = keptMs;
    this.#decoder = length === null ? makeChunkedDecoder(maxTrailerBytes) : null;
    this.#remaining = length ?? 0;
    this.deadlineMs = core.deadlines.after(timeoutMs);
    core.deadlines.add(this);
    link.user = this;
  }

  onUpstreamConnect(): void {}

  onUpstreamData(buffer: Buffer, length: number): void {
    this.#take(buffer.subarray(0, length));
  }

  onUpstreamEnd(): void {
    this.#end(false);
  }

  onUpstreamError(): void {
    this.#end(false);
  }

  onUpstreamBug(error: unknown): void {
    this.#reportBug(error);
    this.#end(false);
  }

  onDeadline(): void {
    this.#end(false);
  }

  #take(bytes: Buffer): void {
    this.#taken += bytes.length;
    if (this.#taken > maxBytes) return this.#end(false);
    const decoder = this.#decoder;
    if (decoder === null) {
      this.#remaining -= bytes.length;
      if (this.#remaining <= 0) this.#end(this.#remaining === 0);
      return;
    }
    let at = 0;
    while (at < bytes.length && !decoder.done) {
      at = decoder.next(bytes, at, bytes.length);
      if (at < 0) return this.#end(false);
    }
    if (decoder.done) this.#end(at === bytes.length);
  }

  #end(isClean: boolean): void {
    this.#deadlines.remove(this);
    if (isClean) this.#link.release(true, this.#keptMs, performance.now());
    else this.#link.destroy();
  }
}
