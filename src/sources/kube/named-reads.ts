// NamedReads: single objects of one resource, each read by its name: by a watch on that name, or where that is not allowed or
// they are many, by asking from time to time. For what may not be listed, or lies outside of what is listed.
import { splitObjectKey, type ObjectKey } from '../../model/index.ts';
import { Mirror, type MirrorParts } from './mirror.ts';
import { NamedPoll } from './named-poll.ts';
import type { SourceLog } from './source-log.ts';
import type { WatchedResource } from './watched-resources.ts';

export interface NamedReadsOptions {
  readonly resource: WatchedResource;
  readonly parts: MirrorParts;
  readonly log: SourceLog;
  /** Names watched at a time, a connection each; further ones are polled. */
  readonly maxWatches?: number;
}

type NamedRead = Mirror | NamedPoll;

export class NamedReads {
  readonly #options: NamedReadsOptions;
  readonly #reads = new Map<ObjectKey, NamedRead>();
  #watches = 0;
  /** Of which nothing was heard yet, as far as anybody has looked. */
  readonly #unsettled = new Set<NamedRead>();
  readonly #endings = new Set<Promise<void>>();

  constructor(options: NamedReadsOptions) {
    this.#options = options;
  }

  /** From now on exactly these. `keeps`: what is no longer read here but known elsewhere is not told to be gone. */
  want(keys: ReadonlySet<ObjectKey>, keeps: (key: ObjectKey) => boolean = () => false): void {
    for (const [key, read] of this.#reads) {
      if (keys.has(key)) continue;
      this.#reads.delete(key);
      if (read instanceof Mirror) this.#watches -= 1;
      this.#track(keeps(key) ? read.stop() : read.end());
    }
    for (const key of keys) if (!this.#reads.has(key)) this.#put(key, this.#start(key));
  }

  /** Asks again soon for these, where they are polled. */
  poke(keys: Iterable<ObjectKey>): void {
    for (const key of keys) {
      const read = this.#reads.get(key);
      if (read instanceof NamedPoll) read.poke();
    }
  }

  get isSettled(): boolean {
    for (const read of this.#unsettled) {
      if (!read.isSettled && !read.isStopped) return false;
      this.#unsettled.delete(read);
    }
    return true;
  }

  get size(): number {
    return this.#reads.size;
  }

  mirrors(): Mirror[] {
    return [...this.#reads.values()].filter((read) => read instanceof Mirror);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#reads.values()].map((read) => read.stop()));
    await Promise.all(this.#endings);
  }

  #start(key: ObjectKey): NamedRead {
    const { resource, parts, maxWatches = 64 } = this.#options;
    const { namespace, name } = splitObjectKey(key);
    if (this.#watches >= maxWatches) return this.#poll(key);
    this.#watches += 1;
    return new Mirror(parts, {
      resource,
      namespace,
      query: { fieldSelector: `metadata.name=${name}` },
      isOptional: true,
      // What could be watched before will be again: then the server is only just starting.
      onRefused: (status) => status === 403 && this.#changeToPoll(key),
    }).start();
  }

  #changeToPoll(key: ObjectKey): void {
    const read = this.#reads.get(key);
    if (read === undefined || read instanceof NamedPoll || read.wasListed) return;
    this.#track(read.stop());
    this.#watches -= 1;
    this.#put(key, this.#poll(key));
  }

  #put(key: ObjectKey, read: NamedRead): void {
    this.#reads.set(key, read);
    this.#unsettled.add(read);
  }

  #poll(key: ObjectKey): NamedPoll {
    const { resource, parts, log } = this.#options;
    return new NamedPoll({ resource, key, parts, log, peers: () => this.#reads.size }).start();
  }

  #track(ending: Promise<void>): void {
    this.#endings.add(ending);
    void ending.finally(() => this.#endings.delete(ending));
  }
}
