// FileApplier: keeps the objects of manifest files in an API. Documents are applied as they are written (server-side apply), and what the
// files no longer hold is deleted; what others made is never touched. It owns the FileSource: it starts, stops and reads it.
// docs/guides/manifests-and-kubectl.md is what users are promised.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ObjectRef } from '../model/index.ts';
import {
  type ApiClient,
  type FileFailure,
  type FileLocation,
  FileSource,
  type FileSourceOptions,
  type ManifestChange,
} from '../sources/index.ts';
import { ApiCalls, type Batch } from './file-objects/api-calls.ts';
import { ApiKinds } from './file-objects/api-kinds.ts';
import { FailureList } from './file-objects/failure-list.ts';
import { FileObjects } from './file-objects/file-object.ts';
import { ObjectKeeper, type KeeperLog } from './file-objects/object-keeper.ts';

export interface FileApplierOptions {
  readonly client: ApiClient;
  /** What `run` writes becomes durable together. */
  readonly batch: Batch;
  /** Which files, and how they are read. */
  readonly source: Omit<FileSourceOptions, 'onChanges' | 'onManifests'>;
  /** All that is wrong with the files and their objects now, sorted by file and line; called when it changed, and once at the start. */
  readonly onFailures: (failures: readonly FileFailure[]) => void;
  readonly log: KeeperLog;
  /** Calls once after a time; returns what cancels it. Absent: the system's timers. */
  readonly startTimer?: (delayMs: number, run: () => void) => () => void;
}

/** Between two tries of what cannot be applied now: an object of that name is somebody's, a kind is not defined yet. */
const retryMs = 2_000;

export class FileApplier {
  readonly #options: FileApplierOptions;
  readonly #source: FileSource;
  readonly #objects: FileObjects;
  readonly #keeper: ObjectKeeper;
  readonly #failureList: FailureList;
  #sourceFailures: readonly FileFailure[] = [];
  /** Null: none were told yet. */
  #failures: readonly FileFailure[] | null = null;
  #isDirty = false;
  #isBusy = false;
  #running: Promise<void> = Promise.resolve();
  #cancelRetry: (() => void) | null = null;
  #isStopped = false;

  constructor(options: FileApplierOptions) {
    const { client, batch, source, log } = options;
    this.#options = options;
    this.#source = new FileSource({
      ...source,
      onManifests: (changes, failures) => this.#take(changes, failures),
      onChanges: () => undefined,
    });
    this.#objects = new FileObjects(source.defaultNamespace);
    this.#keeper = new ObjectKeeper({
      objects: this.#objects,
      calls: new ApiCalls(client, batch),
      kinds: new ApiKinds(client),
      defaultNamespace: source.defaultNamespace,
      log,
      pause: async () => {
        await nextTurn();
        return !this.#isStopped;
      },
    });
    this.#failureList = new FailureList((ref, field, apiVersion) =>
      this.#source.locate(ref, field, apiVersion),
    );
  }

  /**
   * Resolves when the API has been given all that the files hold and relieved of what they do not. Rejects with a SourcePathError when a
   * path does not exist or cannot be read at all; nothing was touched then.
   */
  async start(): Promise<void> {
    await this.#source.start();
    await this.#running;
  }

  /** Nothing is applied or told after this. The API keeps what it has. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry?.();
    await this.#source.stop();
    await this.#running;
  }

  /** Where a field of an object is written; null: no file has the object. `apiVersion`: for kinds that only the API knows. */
  locate(ref: ObjectRef, field: string, apiVersion?: string): FileLocation | null {
    return this.#source.locate(ref, field, apiVersion);
  }

  #take(changes: readonly ManifestChange[], failures: readonly FileFailure[]): void {
    this.#objects.take(changes);
    this.#sourceFailures = failures;
    this.#wake();
  }

  #wake(): void {
    this.#isDirty = true;
    if (!this.#isBusy && !this.#isStopped) this.#running = this.#run();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    this.#cancelRetry?.();
    try {
      while (this.#isDirty && !this.#isStopped) {
        this.#isDirty = false;
        await this.#keeper.keep(this.#sourceFailures);
        if (!this.#isStopped) this.#tellFailures();
      }
    } catch (error) {
      // A defect of this program. What is due stays due.
      this.#options.log.error({ err: error }, `the manifest files could not be applied: ${String(error)}`);
    } finally {
      this.#isBusy = false;
    }
    this.#scheduleRetry();
  }

  #tellFailures(): void {
    const sourceFailures = this.#keeper.tellLastGood(this.#sourceFailures);
    const failures = this.#failureList.render(sourceFailures, this.#objects.told());
    if (this.#failures !== null && isDeepStrictEqual(failures, this.#failures)) return;
    this.#failures = failures;
    this.#options.onFailures(failures);
  }

  #scheduleRetry(): void {
    if (this.#isStopped || !this.#objects.hasWaiting) return;
    const startTimer = this.#options.startTimer ?? startSystemTimer;
    this.#cancelRetry = startTimer(retryMs, () => {
      this.#objects.wakeWaiting();
      this.#wake();
    });
  }
}

function startSystemTimer(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
}
