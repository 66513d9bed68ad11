// SpanExporter: the spans of a worker on their way to the collector, by OTLP over HTTP with JSON. Rendered when a request is over, kept in
// a bounded queue, and sent in batches, one at a time; no request waits for any of it.
import { defaultTracingSettings, type Collector, type TracingSettings } from '../../model/index.ts';
import type { Logger } from '../../observe/logger.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';
import type { Timed } from '../deadlines.ts';
import type { Exchange } from '../exchange.ts';
import { AuthCall } from '../external-auth/auth-call.ts';
import type { AuthCore } from '../external-auth/auth-core.ts';
import type { ProxyErrorKind } from '../outcome.ts';
import { compileTemplate, type Reader } from '../text-template.ts';
import { renderExport, renderSpan } from './render-span.ts';
import type { RequestSpan } from './request-span.ts';

const connectTimeoutMs = 5_000;
const answerTimeoutMs = 10_000;
/** Of one batch: what a collector does not take until then is given up. */
const maxTries = 5;
const maxPauseMs = 60_000;
/** A connection that had ended while it waited would cost the batch. */
const oneUse = { maxIdle: 0, maxRequests: 1, idleMs: 0 };
/** When the worker ends. */
const flushMs = 5_000;
/** What may be sent again, by the specification of OTLP. */
const retryStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export interface SpanCounters {
  exported: number;
  /** The collector refused them, or could not be reached. */
  failed: number;
  /** The queue was full. */
  dropped: number;
}

export class SpanExporter implements Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly counters: SpanCounters = { exported: 0, failed: 0, dropped: 0 };
  readonly #core: AuthCore;
  readonly #logger: Logger;
  #settings: TracingSettings = defaultTracingSettings;
  #nameOf: Reader | null = null;
  /** Rendered, the oldest first. */
  #queue: string[] = [];
  #call: AuthCall | null = null;
  /** Of the oldest batch, in a row. */
  #failures = 0;
  /** Called when nothing is left to send, or it cannot be sent. */
  #onIdle: (() => void) | null = null;

  constructor(core: AuthCore, logger: Logger) {
    this.#core = core;
    this.#logger = logger;
  }

  /** From now on. */
  follow(settings: TracingSettings): void {
    this.#settings = settings;
    this.#nameOf = settings.operationName === null ? null : compileTemplate(settings.operationName);
    if (settings.collector === null) this.#drop(this.#queue.splice(0).length);
    this.#failures = 0;
    // Perhaps another collector: it need not wait as long as the one that failed.
    if (this.#queue.length > 0 && this.#call === null) this.#sendAfter(settings.delayMs);
  }

  /** A request is over. */
  record(exchange: Exchange, span: RequestSpan, durationMs: number): void {
    const { collector, maxQueued, maxBatch } = this.#settings;
    if (collector === null) return;
    if (this.#queue.length >= maxQueued) return this.#drop(1);
    const name = span.policy.operationName || (this.#nameOf?.(exchange) ?? '');
    this.#queue.push(renderSpan(exchange, span, name, Date.now(), durationMs));
    if (this.#call !== null) return;
    if (this.#queue.length >= maxBatch && this.#failures === 0) this.#send(collector);
    else if (this.deadlineMs === Number.POSITIVE_INFINITY) this.#sendAfter(this.#settings.delayMs);
  }

  onDeadline(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#core.deadlines.remove(this);
    const { collector } = this.#settings;
    if (collector !== null && this.#call === null && this.#queue.length > 0) this.#send(collector);
  }

  /** Sends what there is; resolves when it is gone, cannot be sent, or took too long. */
  async flush(): Promise<void> {
    if (this.#call === null && this.#queue.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      timer = setTimeout(resolve, flushMs);
      this.onDeadline();
      if (this.#call === null) resolve();
    });
    clearTimeout(timer);
    this.#onIdle = null;
  }

  close(): void {
    this.#call?.cancel();
    this.#call = null;
    this.#queue = [];
    this.#core.deadlines.remove(this);
  }

  #sendAfter(ms: number): void {
    this.deadlineMs = this.#core.deadlines.after(ms);
    this.#core.deadlines.add(this);
  }

  #send({ host, port }: Collector): void {
    const batch = this.#queue.splice(0, this.#settings.maxBatch);
    const content = renderExport(this.#settings.serviceName, batch);
    const name = host.includes(':') ? `[${host}]` : host;
    const text =
      `POST /v1/traces HTTP/1.1\r\nHost: ${name}:${port}\r\nContent-Type: application/json\r\nUser-Agent: sallyport\r\n` +
      `Connection: close\r\nContent-Length: ${content.length}\r\n\r\n${content}`;
    const server = {
      scheme: 'http',
      host,
      port,
      service: null,
      verifies: true,
      allowsLoopback: true,
    } as const;
    const live = this.#core.servers.join(server, host);
    if (live === null) return this.#end(batch, 'overload');
    const question = { text, method: 'POST', connectTimeoutMs, answerTimeoutMs, keepAlive: oneUse };
    const call = new AuthCall(this.#core, live, question, (result) => this.#end(batch, result));
    this.#call = call;
    call.start();
  }

  #end(batch: readonly string[], result: ResponseHead | ProxyErrorKind): void {
    this.#call = null;
    const error = errorOf(result);
    if (error === null) {
      this.counters.exported += batch.length;
      if (this.#failures > 0) this.#logger.info({}, 'spans are exported again');
      this.#failures = 0;
    } else {
      this.#fail(batch, error, mayRetry(result));
    }
    this.#goOn(error !== null);
  }

  #fail(batch: readonly string[], error: string, mayAgain: boolean): void {
    const { collector, maxQueued } = this.#settings;
    if (this.#failures === 0) {
      const name = `${collector?.host}:${collector?.port}`;
      this.#logger.warn({ collector: name, error }, 'spans cannot be exported by OTLP over HTTP');
    }
    this.#failures += 1;
    if (!mayAgain || collector === null || this.#failures % maxTries === 0) {
      this.counters.failed += batch.length;
      return;
    }
    const room = Math.max(maxQueued - this.#queue.length, 0);
    this.#drop(Math.max(batch.length - room, 0));
    this.#queue = [...batch.slice(0, room), ...this.#queue];
  }

  #goOn(hasFailed: boolean): void {
    const { collector, maxBatch, delayMs } = this.#settings;
    const isFlushing = this.#onIdle !== null;
    if (collector === null || this.#queue.length === 0 || (isFlushing && hasFailed)) this.#onIdle?.();
    else if (isFlushing || (!hasFailed && this.#queue.length >= maxBatch)) this.#send(collector);
    else this.#sendAfter(pauseMs(delayMs, this.#failures));
  }

  #drop(count: number): void {
    this.counters.dropped += count;
  }
}

/** Twice as long after each failure, to a bound that the operator may exceed. */
function pauseMs(delayMs: number, failures: number): number {
  return Math.max(delayMs, Math.min(delayMs * 2 ** Math.min(failures, 16), maxPauseMs));
}

/** Null: they are there. */
function errorOf(result: ResponseHead | ProxyErrorKind): string | null {
  if (typeof result === 'string') return result;
  return result.status >= 200 && result.status < 300 ? null : `status ${result.status}`;
}

function mayRetry(result: ResponseHead | ProxyErrorKind): boolean {
  return typeof result === 'string' || retryStatuses.has(result.status);
}
