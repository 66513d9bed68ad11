// Reflector: one resource of an API server, mirrored: a complete list, then a watch from its version, resumed from the last
// frame whenever it ends. What is known stays while the server is away; only a list or a watch that says so removes anything.
import { type ApiClient, ApiStatusError, type ApiWatchFrame } from './api-client.ts';
import { Backoff } from './backoff.ts';
import { HeldObjects, isRawObject, type RawObject, readMeta, versionOf } from './held-objects.ts';
import { listAll, PageSize } from './list-pages.ts';
import { ReflectorRecord, type ReflectorState } from './reflector-record.ts';
import type { Timing } from './timing.ts';
import { doubtOf, faultOf, isExpired } from './watch-fault.ts';

export interface ReflectorOptions {
  readonly client: ApiClient;
  readonly timing: Timing;
  /** Path of the collection. */
  readonly path: string;
  /** Selectors. */
  readonly query?: Readonly<Record<string, string>>;
  /** True: 403 and 404 are ordinary answers, asked about again from time to time. */
  readonly isOptional: boolean;
  readonly sink: ReflectorSink;
}

/** Told in the order in which things happen; none of it may throw. */
export interface ReflectorSink {
  /** An object that is new, or another version. `key`: `namespace/name`, or the name. */
  readonly set: (key: string, object: RawObject) => void;
  readonly removed: (key: string) => void;
  /** A complete list has been taken. */
  readonly listed: () => void;
  /** An optional resource may not be read (403) or is not served (404). */
  readonly refused: (status: 403 | 404, message: string) => void;
  /** Each failed attempt, with the refusal's status or 0; null: there is contact again. */
  readonly trouble: (reason: string | null, status: number) => void;
}

const minWatchSeconds = 300;
/** Time for the opening of a watch: some proxies pass on no head before the first frame, a bookmark within a minute. */
const openTimeoutMs = 75_000;
/** Silence after which a watch should have ended long ago. */
const silenceSlackMs = 30_000;
/** A watch that lived so long was a success. */
const goodWatchMs = 5_000;
/** Watches in a row that brought nothing, after which their version is not trusted. */
const maxFruitless = 3;
/** An optional resource that is refused is asked for as after other failures so often, then rarely. */
const maxSoonRefusals = 5;
const refusedRetryMs = 60_000;

export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #backoff: Backoff;
  readonly #held = new HeldObjects();
  readonly #pageSize = new PageSize();
  readonly #record: ReflectorRecord;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  /** Where to resume; null: a list is wanted. */
  #version: string | null = null;
  /** What an ERROR frame said. */
  #watchFault: ApiStatusError | null = null;
  #fruitless = 0;
  /** Versions in a row that the server had forgotten. */
  #expiries = 0;
  /** Refusals in a row of an optional resource; and how many of them, up to the last, were 404. */
  #refusals = 0;
  #absences = 0;
  /** Ends the waiting between two attempts. */
  #pause = new AbortController();

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.timing.random);
    this.#record = new ReflectorRecord(options.timing.nowMs);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Nothing is told after this. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#pause.abort();
    await this.#running;
  }

  /** What was refused may be there now: asks soon. */
  poke(): void {
    if (this.#refusals === 0) return;
    this.#refusals = 0;
    this.#backoff.reset();
    this.#pause.abort();
  }

  /** True once a complete list has been taken. */
  get isListed(): boolean {
    return this.#record.isListed;
  }

  state(): ReflectorState {
    return this.#record.state(this.#held.size);
  }

  has(key: string): boolean {
    return this.#held.has(key);
  }

  keys(): string[] {
    return this.#held.keys();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const delayMs = await this.#step();
      if (delayMs <= 0 || signal.aborted) continue;
      this.#pause = new AbortController();
      await this.#options.timing.wait(delayMs, this.#pause.signal);
    }
  }

  /** One list if need be, and one watch. Resolves with the time to wait. */
  async #step(): Promise<number> {
    try {
      if (this.#version === null) await this.#list();
      return await this.#watchOnce();
    } catch (error) {
      return this.#stop.signal.aborted ? 0 : this.#fail(error);
    }
  }

  async #list(): Promise<void> {
    const { client, path, query = {}, sink } = this.#options;
    const present = new Set<string>();
    this.#held.forgetPast();
    const call = { client, path, query, signal: this.#stop.signal };
    let version: string;
    try {
      version = await listAll(
        call,
        this.#pageSize,
        (item) => this.#takeItem(item, present),
        () => present.clear(),
      );
    } catch (error) {
      this.#record.listErrors += 1;
      throw error;
    }
    if (this.#stop.signal.aborted) return;
    for (const key of this.#held.keepOnly(present)) sink.removed(key);
    this.#version = version;
    this.#refusals = 0;
    this.#absences = 0;
    this.#record.list();
    sink.listed();
  }

  #takeItem(item: RawObject, present: Set<string>): void {
    if (this.#stop.signal.aborted) return;
    const meta = readMeta(item);
    if (meta === null) return;
    present.add(meta.key);
    if (this.#held.take(meta)) this.#options.sink.set(meta.key, item);
  }

  async #watchOnce(): Promise<number> {
    const { client, path, query = {}, timing } = this.#options;
    const timeoutSeconds = minWatchSeconds + Math.floor(timing.random() * (minWatchSeconds + 1));
    const watch = new AbortController();
    const startedMs = timing.nowMs();
    this.#watchFault = null;
    const onStop = (): void => watch.abort();
    this.#stop.signal.addEventListener('abort', onStop);
    if (this.#stop.signal.aborted) watch.abort();
    const guard = this.#guard(watch, startedMs, timeoutSeconds * 1_000 + silenceSlackMs);
    let isGood = false;
    try {
      await client.watch(
        {
          method: 'GET',
          path,
          query: {
            ...query,
            watch: 'true',
            resourceVersion: this.#version ?? '',
            allowWatchBookmarks: 'true',
            timeoutSeconds: String(timeoutSeconds),
          },
          signal: watch.signal,
          timeoutMs: openTimeoutMs,
        },
        (frame) => this.#takeFrame(frame, watch),
        () => this.#opened(),
      );
      if (this.#watchFault !== null) throw this.#watchFault;
    } catch (error) {
      this.#record.watchErrors += 1;
      throw error;
    } finally {
      this.#stop.signal.removeEventListener('abort', onStop);
      watch.abort();
      await guard;
      isGood = this.#record.isOpen && timing.nowMs() - startedMs >= goodWatchMs;
      if (isGood) this.#succeed();
      this.#record.close();
    }
    return isGood ? 0 : this.#endedAtOnce();
  }

  #opened(): void {
    this.#record.open();
    this.#options.sink.trouble(null, 0);
  }

  /** Cuts a watch that should have ended: its connection is dead, or the server has forgotten it. */
  async #guard(watch: AbortController, startedMs: number, limitMs: number): Promise<void> {
    const { timing } = this.#options;
    while (!watch.signal.aborted) {
      const silentMs = timing.nowMs() - Math.max(startedMs, this.#record.lastContactMs);
      if (silentMs >= limitMs) {
        this.#record.staleWatches += 1;
        watch.abort();
        return;
      }
      await timing.wait(Math.ceil(limitMs - silentMs), watch.signal);
    }
  }

  /** A server that accepts watches and ends them must not be asked in a loop. */
  #endedAtOnce(): number {
    this.#record.watchErrors += 1;
    this.#countFruitless();
    return this.#backoff.next();
  }

  #succeed(): void {
    this.#backoff.reset();
    this.#fruitless = 0;
    this.#expiries = 0;
  }

  #countFruitless(): void {
    this.#fruitless += 1;
    if (this.#fruitless >= maxFruitless) this.#relist();
  }

  #relist(): void {
    if (this.#version !== null) this.#record.relists += 1;
    this.#version = null;
    this.#fruitless = 0;
  }

  #takeFrame(frame: ApiWatchFrame, watch: AbortController): void {
    if (watch.signal.aborted || !isRawObject(frame.object)) return;
    this.#record.touch();
    if (frame.type === 'ERROR') {
      this.#watchFault = faultOf(frame.object);
      watch.abort();
      return;
    }
    if (!this.#isNews(frame.type, frame.object)) return;
    const version = versionOf(frame.object);
    if (version === '' || version === this.#version) return;
    this.#version = version;
    this.#fruitless = 0;
  }

  /** Takes the change. False for what is repeated or of no known type: its version says nothing of how far the watch has come. */
  #isNews(type: string, object: RawObject): boolean {
    const { sink } = this.#options;
    if (type === 'BOOKMARK') return true;
    const meta = readMeta(object);
    if (meta === null) return false;
    if (type === 'DELETED') {
      const isGone = this.#held.drop(meta);
      if (isGone) sink.removed(meta.key);
      return isGone;
    }
    const isChanged = (type === 'ADDED' || type === 'MODIFIED') && this.#held.take(meta);
    if (isChanged) sink.set(meta.key, object);
    return isChanged;
  }

  /** What to do about an error; returns the time to wait. */
  #fail(error: unknown): number {
    const { sink, isOptional } = this.#options;
    const status = error instanceof ApiStatusError ? error.status : 0;
    if (isOptional && (status === 403 || status === 404)) return this.#refused(status, messageOf(error));
    if (isExpired(error)) {
      // A server that says so is there, however long it was away; but lists must not follow each other in a loop.
      const isFirst = this.#version !== null && this.#expiries === 0;
      this.#expiries += 1;
      this.#relist();
      const delayMs = this.#backoff.next();
      return isFirst ? 0 : delayMs;
    }
    this.#doubtVersion(error);
    sink.trouble(messageOf(error), status);
    return this.#backoff.next(error instanceof ApiStatusError ? error.retryAfterMs : null);
  }

  #doubtVersion(error: unknown): void {
    const doubt = doubtOf(error, this.#record.wasOpened);
    if (doubt === 'wrong') this.#relist();
    else if (doubt === 'doubtful') this.#countFruitless();
  }

  #refused(status: 403 | 404, message: string): number {
    const { sink, timing } = this.#options;
    this.#relist();
    this.#refusals += 1;
    this.#absences = status === 404 ? this.#absences + 1 : 0;
    // What is not served has no objects; but a server that is starting may not know yet what it serves.
    if (this.#absences > maxSoonRefusals) for (const key of this.#held.keepOnly(new Set())) sink.removed(key);
    this.#record.touch();
    // Nor does it know who may read what, and says 403 to everybody: believed at the second time.
    if (status === 404 || this.#refusals > 1) {
      this.#record.refuse();
      sink.trouble(null, 0);
      sink.refused(status, message);
    }
    const soonMs = this.#backoff.next();
    return this.#refusals <= maxSoonRefusals ? soonMs : refusedRetryMs * (0.8 + 0.4 * timing.random());
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
