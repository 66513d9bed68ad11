// EventRecorder: writes Events through the API, one after another, from a bounded queue. Nobody waits for it; what cannot be
// written is tried again a few times and then dropped, and counted.
import { refKey } from '../../model/index.ts';
import { type ApiClient, expectOk } from '../../sources/kube/api-client.ts';
import type { ControllerLog } from '../problem-log.ts';
import {
  createEvent,
  eventMessage,
  eventNamespace,
  type EventTarget,
  type EventText,
  eventTime,
} from './event-object.ts';
import { maxRemembered, RecentMap, SpamFilter } from './spam-filter.ts';

export interface EventRecorderOptions {
  readonly client: ApiClient;
  /** Asked before each write: what waits when leadership ends is dropped. */
  readonly isLeading: () => boolean;
  /** Of this replica, for `reportingInstance`. */
  readonly identity: string;
  readonly log: ControllerLog;
  readonly nowMs?: () => number;
  readonly monotonicMs?: () => number;
  readonly schedule?: (run: () => void, afterMs: number) => () => void;
  readonly maxWaiting?: number;
}

export interface EventCounts {
  readonly written: number;
  /** Not written: too many of one object, too many waiting, or not leading. */
  readonly dropped: number;
  readonly failed: number;
}

interface Waiting {
  readonly target: EventTarget;
  readonly text: EventText;
  tries: number;
}

/** An Event that was written, for its repeats. */
interface Written {
  readonly namespace: string;
  readonly name: string;
  count: number;
}

const maxTries = 4;
const firstRetryMs = 500;
const callTimeoutMs = 10_000;

export class EventRecorder {
  readonly #options: Required<EventRecorderOptions>;
  readonly #filter = new SpamFilter();
  readonly #known = new RecentMap<Written>(maxRemembered);
  readonly #queue: Waiting[] = [];
  #running: Promise<void> | null = null;
  #sequence = 0;
  #written = 0;
  #dropped = 0;
  #failed = 0;
  #isStopped = false;

  constructor(options: EventRecorderOptions) {
    this.#options = {
      nowMs: Date.now,
      monotonicMs: () => performance.now(),
      schedule: (run, afterMs) => {
        const timer = setTimeout(run, afterMs).unref();
        return () => clearTimeout(timer);
      },
      maxWaiting: 1_000,
      ...options,
    };
  }

  /** Queues an Event. Never throws, never waits. */
  record(target: EventTarget, { type, reason, message }: EventText): void {
    const { isLeading, monotonicMs, maxWaiting } = this.#options;
    if (this.#isStopped || !isLeading()) return;
    const text = this.#filter.admit(target, { type, reason, message: eventMessage(message) }, monotonicMs());
    if (text === null) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push({ target, text: { ...text, message: eventMessage(text.message) }, tries: 0 });
    if (this.#queue.length > maxWaiting) {
      this.#queue.shift();
      this.#dropped += 1;
    }
    this.#running ??= this.#drain();
  }

  counts(): EventCounts {
    return { written: this.#written, dropped: this.#dropped, failed: this.#failed };
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Nothing is written after this. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#dropped += this.#queue.length;
    this.#queue.length = 0;
    await this.idle();
  }

  async #drain(): Promise<void> {
    for (let waiting = this.#queue.shift(); waiting !== undefined; waiting = this.#queue.shift()) {
      if (!this.#options.isLeading()) {
        this.#dropped += 1;
        continue;
      }
      await this.#take(waiting);
    }
    this.#running = null;
  }

  async #take(waiting: Waiting): Promise<void> {
    waiting.tries += 1;
    try {
      await this.#write(waiting);
      this.#written += 1;
    } catch (error) {
      if (waiting.tries < maxTries && !this.#isStopped && !isFinal(error)) {
        this.#queue.unshift(waiting);
        const { schedule } = this.#options;
        await new Promise<void>((resolve) => schedule(resolve, firstRetryMs * 2 ** (waiting.tries - 1)));
        return;
      }
      this.#failed += 1;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.warn({}, `cannot write an Event of ${refKey(waiting.target.ref)}: ${reason}`);
    }
  }

  /** A repeat counts its Event up; an Event that is gone meanwhile is written anew. */
  async #write({ target, text }: Waiting): Promise<void> {
    const { client, nowMs, identity } = this.#options;
    const key = [target.uid, refKey(target.ref), text.type, text.reason, text.message].join('\0');
    const known = this.#known.get(key);
    if (known !== undefined) {
      const reply = await client.call({
        method: 'PATCH',
        path: `/api/v1/namespaces/${known.namespace}/events/${known.name}`,
        contentType: 'application/merge-patch+json',
        body: { count: known.count + 1, lastTimestamp: eventTime(nowMs()), message: text.message },
        timeoutMs: callTimeoutMs,
      });
      if (reply.status !== 404) {
        expectOk(reply);
        known.count += 1;
        return;
      }
    }
    const namespace = eventNamespace(target.ref);
    this.#sequence += 1;
    const event = createEvent(target, text, nowMs(), this.#sequence, identity);
    expectOk(
      await client.call({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/events`,
        body: event,
        timeoutMs: callTimeoutMs,
      }),
    );
    const { name } = event['metadata'] as { readonly name: string };
    this.#known.set(key, { namespace, name, count: 1 });
  }
}

/** A refusal that another try would get too: the namespace is being deleted, the Event is not valid, it is not permitted. */
function isFinal(error: unknown): boolean {
  const status = (error as { readonly status?: unknown }).status;
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 409 && status !== 429;
}
