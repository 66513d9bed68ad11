// NamedPoll: one object, asked for by name every minute or so, and soon after a poke. What is known stays while the server is
// away or does not allow it; only its word that the object does not exist removes it.
import { type ObjectKey, splitObjectKey } from '../../model/index.ts';
import { ApiUnavailableError } from './api-client.ts';
import { HeldObjects, isRawObject, readMeta } from './held-objects.ts';
import type { MirrorParts } from './mirror.ts';
import type { SourceLog } from './source-log.ts';
import { collectionPath, type WatchedResource } from './watched-resources.ts';

export interface NamedPollOptions {
  readonly resource: WatchedResource;
  readonly key: ObjectKey;
  readonly parts: MirrorParts;
  readonly log: SourceLog;
  /** How many objects are read by name; the more, the rarer each. */
  readonly peers: () => number;
}

const intervalMs = 60_000;
/** At most ten questions a second, all together. */
const shareMs = 100;
/** A poke is answered no sooner: whoever pokes may do so many times. */
const pokeMs = 1_000;

export class NamedPoll {
  readonly #options: NamedPollOptions;
  readonly #held = new HeldObjects();
  readonly #stop = new AbortController();
  #pause = new AbortController();
  #running: Promise<void> | null = null;
  #isSettled = false;
  #isRefused = false;

  constructor(options: NamedPollOptions) {
    this.#options = options;
  }

  start(): this {
    this.#running ??= this.#run();
    return this;
  }

  poke(): void {
    this.#pause.abort();
  }

  async stop(): Promise<void> {
    this.#options.parts.contact.forget(this);
    this.#stop.abort();
    this.#pause.abort();
    await this.#running;
  }

  async end(): Promise<void> {
    const { resource, parts } = this.#options;
    const keys = this.#held.keys();
    const stopped = this.stop();
    for (const key of keys) parts.objects.removed(resource, key);
    await stopped;
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  async #run(): Promise<void> {
    const { timing } = this.#options.parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#pause = new AbortController();
      await this.#ask();
      const delayMs = Math.max(intervalMs, this.#options.peers() * shareMs) * (0.9 + 0.2 * timing.random());
      // The signal may have come while the question was under way.
      if (signal.aborted) return;
      await timing.wait(delayMs, this.#pause.signal);
      if (this.#pause.signal.aborted) await timing.wait(pokeMs * (1 + timing.random()), signal);
    }
  }

  async #ask(): Promise<void> {
    const { resource, key, parts } = this.#options;
    const { namespace, name } = splitObjectKey(key);
    const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
    try {
      const reply = await parts.client.call({ method: 'GET', path, signal: this.#stop.signal });
      if (this.#stop.signal.aborted) return;
      this.#take(reply.status, reply.value);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof ApiUnavailableError)) throw error;
      parts.contact.tell(this, { resource: resource.plural, reason: error.message, status: 0 });
    }
  }

  #take(status: number, value: unknown): void {
    const { resource, parts } = this.#options;
    const hasAnswered = status === 200 || status === 403 || status === 404;
    const reason = hasAnswered ? null : `the API server answered ${status}`;
    parts.contact.tell(this, { resource: resource.plural, reason, status });
    if (!hasAnswered) return;
    if (status === 200) this.#takeObject(value);
    // Only a Status is the API server's word; a load balancer has 404s too.
    if (status === 404 && isRawObject(value) && value['reason'] === 'NotFound') {
      for (const key of this.#held.keepOnly(new Set())) parts.objects.removed(resource, key);
    }
    if (status === 403) this.#tellRefusal();
    this.#isRefused = status === 403;
    if (this.#isSettled) return;
    this.#isSettled = true;
    parts.onProgress('object');
  }

  #takeObject(value: unknown): void {
    const { resource, key, parts } = this.#options;
    const meta = isRawObject(value) ? readMeta(value) : null;
    if (!isRawObject(value) || meta === null || meta.key !== key) return;
    this.#held.forgetPast();
    if (this.#held.take(meta)) parts.objects.set(resource, key, value);
  }

  #tellRefusal(): void {
    if (this.#isRefused) return;
    const { log, resource, key } = this.#options;
    log.warn({ resource: resource.plural, object: key }, 'an object that is referred to may not be read');
  }
}
