// Replays bytes through the codecs as a connection would: heads, bodies and what follows them, in pieces cut as told. The outcome is a list
// of events as text, with neighbouring body runs joined, so that outcomes of different cuts can be compared.
import { ChunkedDecoder } from '../../src/wire/http1/chunked.ts';
import type { Refusal } from '../../src/wire/http1/refusal.ts';
import { RequestHead, RequestHeadParser } from '../../src/wire/http1/request-head.ts';
import { ResponseHead, ResponseHeadParser } from '../../src/wire/http1/response-head.ts';
import { escapeText } from './case-file.ts';

export type Kind = 'request' | 'response' | 'chunked';

/** `eager`: the parser is asked after every piece. `patient`: only when `retryAt` is reached or an LF came. */
export type Asking = 'eager' | 'patient';

export interface ReplayOptions {
  readonly kind: Kind;
  readonly requestMethod: string;
  readonly number: (name: string, fallback: number) => number;
  readonly underscores: 'drop' | 'keep';
  readonly stripNames: readonly string[];
}

/** Options of a case: kind, method, underscores, strip, and every limit by its name. */
export function replayOptions(options: ReadonlyMap<string, string>): ReplayOptions {
  return {
    kind: (options.get('kind') ?? 'request') as Kind,
    requestMethod: options.get('method') ?? 'GET',
    number: (name, fallback) => Number(options.get(name) ?? fallback),
    underscores: options.get('underscores') === 'keep' ? 'keep' : 'drop',
    stripNames: options.get('strip')?.split(' ') ?? [],
  };
}

/** Bytes around the input that no codec may look at; those behind it would complete a head or a body. */
const before = Buffer.from('GET ', 'latin1');
const behind = Buffer.from('\r\n\r\n0\r\n\r\n', 'latin1');

/** What a codec asked to be called again with. */
interface Step {
  /** Bytes consumed; 0: more are needed. -1: stop. */
  readonly consumed: number;
  readonly retryAt: number;
}

export class Replay {
  readonly events: string[] = [];
  readonly #options: ReplayOptions;
  readonly #asking: Asking;
  readonly #requestParser: RequestHeadParser;
  readonly #responseParser: ResponseHeadParser;
  readonly #requestHead = new RequestHead();
  readonly #responseHead = new ResponseHead();
  readonly #decoder: ChunkedDecoder;
  #pending = Buffer.alloc(0);
  #phase: 'head' | 'length' | 'chunked' | 'close' | 'complete' | 'refused' = 'head';
  #remaining = 0;
  #body = '';
  #askAt = 0;

  constructor(options: ReplayOptions, asking: Asking) {
    const { number } = options;
    this.#options = options;
    this.#asking = asking;
    this.#requestParser = new RequestHeadParser({
      maxRequestLineBytes: number('maxRequestLineBytes', 8_396),
      maxFieldLineBytes: number('maxFieldLineBytes', 8_192),
      maxFieldsBytes: number('maxFieldsBytes', 32_768),
      maxFields: number('maxFields', 100),
      maxNameBytes: number('maxNameBytes', 256),
      underscores: options.underscores,
      stripNames: options.stripNames,
    });
    this.#responseParser = new ResponseHeadParser({
      maxHeadBytes: number('maxHeadBytes', 32_768),
      maxFields: number('maxFields', 200),
    });
    this.#decoder = new ChunkedDecoder({
      maxLineBytes: number('maxLineBytes', 1_024),
      maxOverheadBytes: number('maxOverheadBytes', 16_384),
      maxTrailerBytes: number('maxTrailerBytes', 8_192),
      maxTrailerFields: number('maxTrailerFields', 32),
    });
    if (options.kind === 'chunked') this.#phase = 'chunked';
  }

  /** Takes one piece. */
  feed(piece: Buffer): void {
    const size = this.#pending.length + piece.length;
    const mayAsk = this.#asking === 'eager' || size >= this.#askAt || piece.includes(0x0a);
    this.#pending = Buffer.concat([this.#pending, piece]);
    if (!mayAsk) return;
    const buffer = Buffer.concat([before, this.#pending, behind]);
    const end = buffer.length - behind.length;
    let at = before.length;
    for (;;) {
      const { consumed, retryAt } = this.#step(buffer, at, end);
      if (consumed <= 0) {
        this.#askAt = retryAt;
        break;
      }
      at += consumed;
    }
    this.#pending = Buffer.from(buffer.subarray(at, end));
    // A socket may use its memory again: nobody may still look at it.
    buffer.fill('!');
  }

  /** Tells that no more comes, and returns all events, one a line. */
  finish(): string {
    this.#flushBody();
    const left = this.#pending.length;
    if (this.#phase === 'close') this.events.push('end');
    else if (this.#phase === 'complete' && left > 0) this.events.push(`surplus ${left}`);
    else if (this.#phase === 'head' && left > 0) this.events.push('incomplete head');
    else if (this.#phase === 'length' || this.#phase === 'chunked') this.events.push('incomplete body');
    return this.events.join('\n');
  }

  #step(buffer: Buffer, at: number, end: number): Step {
    if (this.#phase === 'refused' || this.#phase === 'complete') return { consumed: -1, retryAt: 0 };
    if (this.#phase === 'head') {
      return this.#options.kind === 'request'
        ? this.#stepRequest(buffer, at, end)
        : this.#stepResponse(buffer, at, end);
    }
    if (at >= end) return { consumed: 0, retryAt: 0 };
    if (this.#phase === 'chunked') return this.#stepChunked(buffer, at, end);
    const taken = this.#phase === 'close' ? end - at : Math.min(end - at, this.#remaining);
    this.#body += buffer.toString('latin1', at, at + taken);
    this.#remaining -= taken;
    if (this.#phase === 'length' && this.#remaining === 0) this.#endMessage('');
    return { consumed: taken, retryAt: 0 };
  }

  #stepRequest(buffer: Buffer, at: number, end: number): Step {
    const parser = this.#requestParser;
    const consumed = parser.parse(buffer, at, end, this.#requestHead);
    if (consumed < 0) return this.#refuse(parser.refusal);
    if (consumed === 0) return { consumed, retryAt: parser.retryAt };
    this.events.push(...describeRequest(this.#requestHead));
    this.#startBody(
      this.#requestHead.contentLength < 0 ? 'chunked' : 'length',
      this.#requestHead.contentLength,
    );
    return { consumed, retryAt: 0 };
  }

  #stepResponse(buffer: Buffer, at: number, end: number): Step {
    const parser = this.#responseParser;
    const head = this.#responseHead;
    const consumed = parser.parse(buffer, at, end, head, this.#options.requestMethod);
    if (consumed < 0) return this.#refuse(parser.refusal);
    if (consumed === 0) return { consumed, retryAt: parser.retryAt };
    this.events.push(...describeResponse(head));
    if (!head.isInterim) {
      if (head.framing === 'none') this.#startBody('length', 0);
      else this.#startBody(head.framing, head.contentLength);
    }
    return { consumed, retryAt: 0 };
  }

  #stepChunked(buffer: Buffer, at: number, end: number): Step {
    const decoder = this.#decoder;
    const position = decoder.next(buffer, at, end);
    if (position < 0) return this.#refuse(decoder.refusal);
    this.#body += buffer.toString('latin1', decoder.dataStart, decoder.dataEnd);
    if (decoder.done) this.#endMessage(decoder.trailers);
    return { consumed: position - at, retryAt: 0 };
  }

  #startBody(phase: 'length' | 'chunked' | 'close', length: number): void {
    this.#phase = phase;
    this.#remaining = length;
    if (phase === 'chunked') this.#decoder.reset();
    if (phase === 'length' && length === 0) this.#endMessage('');
  }

  #endMessage(trailers: string): void {
    this.#flushBody();
    if (trailers !== '') this.events.push(`trailers ${escapeText(trailers)}`);
    this.events.push('end');
    this.#phase = this.#options.kind === 'request' ? 'head' : 'complete';
  }

  #flushBody(): void {
    if (this.#body !== '') this.events.push(`body ${escapeText(this.#body)}`);
    this.#body = '';
  }

  #refuse(refusal: Refusal | null): Step {
    this.#flushBody();
    this.events.push(`refused ${refusal?.reason} ${refusal?.status} ${refusal?.rule}`);
    this.#phase = 'refused';
    return { consumed: -1, retryAt: 0 };
  }
}

/** First line method, path and query; then every field of the head that does not have its default value. */
function describeRequest(head: RequestHead): string[] {
  const plain = new RequestHead();
  const skipped = new Set(['method', 'path', 'query', 'target']);
  return [`request ${head.method} ${head.path}${head.query}`, ...describeDifferences(head, plain, skipped)];
}

function describeResponse(head: ResponseHead): string[] {
  const plain = new ResponseHead();
  const skipped = new Set(['status', 'reason']);
  return [`response ${head.status} ${escapeText(head.reason)}`, ...describeDifferences(head, plain, skipped)];
}

function describeDifferences<T extends object>(head: T, plain: T, skipped: ReadonlySet<string>): string[] {
  const defaults = new Map<string, unknown>(Object.entries(plain));
  return Object.entries(head)
    .filter(([key, value]) => !skipped.has(key) && value !== defaults.get(key))
    .map(([key, value]) => `  ${key} ${escapeText(String(value))}`);
}

/** Replays the input cut at the given offsets. */
export function replay(
  input: Buffer,
  cuts: readonly number[],
  options: ReplayOptions,
  asking: Asking,
): string {
  const run = new Replay(options, asking);
  let from = 0;
  for (const cut of [...cuts, input.length]) {
    run.feed(input.subarray(from, cut));
    from = cut;
  }
  return run.finish();
}
