// FileSource: objects from manifest files, kept up to date. The first complete load is delivered as one change; after that each
// save is delivered within milliseconds, several saves within a moment as one, and only the files concerned are read.
// A file or object that breaks keeps its last good version. Times in milliseconds.
import { createReadStream } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type ObjectRef, refKey } from '../../model/index.ts';
import type { FileFailure, FileLocation, ManifestChange, ObjectChange } from '../object-change.ts';
import { FieldLocator } from './field-locator.ts';
import { FileIntake, unreadableFailure } from './file-intake.ts';
import { FolderWatches } from './folder-watches.ts';
import { compareFailures, Inventory, inventoryKey, type ServedObject } from './inventory.ts';
import { type DecodeSettings, loadText } from './load-text.ts';
import { ManifestTree } from './manifest-tree.ts';
import { QuietBatch } from '../quiet-batch.ts';
import { type ManifestText, readStream } from './read-text.ts';
import { cleanPath, ensureExists, isStream, messageOf, SourcePathError, stdinName } from './source-path.ts';

export interface FileSourceOptions extends DecodeSettings {
  /** Files, folders, pipes, or `-` for standard input. */
  readonly paths: readonly string[];
  /** Read to its end, once, when `-` is among the paths. */
  readonly stdin?: AsyncIterable<Buffer | string>;
  /** False: loads once and does not look again. */
  readonly watch?: boolean;
  /** `changes` in no order, each object once; `failures`: all that is wrong now, sorted by file and line. Called only when either changed. */
  readonly onChanges: (changes: readonly ObjectChange[], failures: readonly FileFailure[]) => void;
  /**
   * Told together with `onChanges`, before it, the documents behind it and those of all other kinds, whose metadata was checked. Given
   * this, nothing is ignored.
   */
  readonly onManifests?: (changes: readonly ManifestChange[], failures: readonly FileFailure[]) => void;
  /** Trouble with watching itself; objects are not affected. */
  readonly onWarning?: (message: string) => void;
  readonly times?: Partial<FileSourceTimes>;
}

export interface FileSourceTimes {
  /** Pause after an event before files are read. */
  readonly quietMs: number;
  /** Longest wait for such a pause. */
  readonly holdMs: number;
  /** Time between two looks at a file with bad news. */
  readonly confirmMs: number;
  /** Between two looks at all files, in case the system lost an event. */
  readonly rescanMs: number;
}

const defaultTimes: FileSourceTimes = { quietMs: 5, holdMs: 100, confirmMs: 80, rescanMs: 30_000 };
/** Between two looks at all files where some folder cannot be watched. */
const unwatchedRescanMs = 2_000;
/** A batch of so many files may have overrun the system's event queue. */
const largeBatch = 1_000;
/** Work is cut into slices of this length, so that the process stays responsive. */
const sliceMs = 20;

export class FileSource {
  readonly #options: FileSourceOptions;
  readonly #times: FileSourceTimes;
  readonly #inventory = new Inventory();
  readonly #keptTexts = new Map<string, ManifestText>();
  readonly #locator = new FieldLocator(this.#inventory, this.#keptTexts);
  readonly #intake: FileIntake;
  readonly #tree: ManifestTree;
  readonly #watches: FolderWatches;
  readonly #events: QuietBatch<string>;
  readonly #streams: readonly string[];
  /** Files to look at. */
  #dirty = new Set<string>();
  #treeFailures = new Map<string, FileFailure>();
  #failures: readonly FileFailure[] = [];
  #busy = false;
  #running: Promise<void> = Promise.resolve();
  #rescanTimer: NodeJS.Timeout | null = null;
  #confirmTimer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    this.#times = { ...defaultTimes, ...options.times };
    const { inventory, confirmMs } = { inventory: this.#inventory, confirmMs: this.#times.confirmMs };
    this.#intake = new FileIntake({
      inventory,
      confirmMs,
      load: (path, text) =>
        loadText(path, text, { ...options, keepsManifests: options.onManifests !== undefined }),
    });
    const paths = [...new Set(options.paths.map(cleanPath))];
    this.#streams = paths.filter(isStream);
    const watching = options.watch !== false;
    this.#tree = new ManifestTree(
      paths.filter((path) => !isStream(path)),
      {
        onFolder: (folder) => watching && this.#watches.ensure(folder),
        onFolderGone: (folder) => this.#watches.drop(folder),
        onFile: (path) => this.#dirty.add(path),
        onError: (path, error) => this.#treeFailures.set(path, unreadableFailure(path, messageOf(error))),
      },
    );
    const { quietMs, holdMs } = this.#times;
    this.#events = new QuietBatch({ quietMs, holdMs, onBatch: (events) => this.#takeEvents(events) });
    this.#watches = new FolderWatches({
      onEvent: (folder, name, kind) => {
        if (this.#tree.concerns(folder, name, kind))
          this.#events.add(name === null ? folder : `${folder}\0${name}`);
      },
      onWarning: options.onWarning ?? (() => undefined),
    });
  }

  /**
   * Loads everything; resolves once it was delivered, as one change, even an empty one.
   * Rejects with a SourcePathError when a path does not exist or cannot be read at all.
   */
  async start(): Promise<void> {
    const { paths } = this.#options;
    for (const path of paths.map(cleanPath)) if (!isStream(path)) ensureExists(path);
    for (const path of this.#streams) await this.#takeStream(path);
    this.#running = this.#run(true);
    await this.#running;
    if (this.#options.watch === false || this.#stopped) return;
    this.#scheduleRescan(this.#times.rescanMs);
  }

  /** Nothing is delivered after this. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#events.stop();
    this.#watches.stop();
    if (this.#rescanTimer !== null) clearTimeout(this.#rescanTimer);
    if (this.#confirmTimer !== null) clearTimeout(this.#confirmTimer);
    await this.#running;
  }

  /**
   * Where a field of an object is written; the nearest existing parent where it is not. Null: no file has the object. `apiVersion` is
   * needed for kinds that kube/ does not know.
   */
  locate(ref: ObjectRef, field: string, apiVersion?: string): FileLocation | null {
    const { defaultNamespace } = this.#options;
    const key = apiVersion === undefined ? refKey(ref) : inventoryKey(ref, apiVersion, defaultNamespace);
    return this.#locator.locate(key, field);
  }

  /** The objects that count now. */
  served(): Iterable<ServedObject> {
    return this.#inventory.served();
  }

  /** Kinds of objects that are not handled here, with how many there are of each. */
  ignoredKinds(): ReadonlyMap<string, number> {
    return this.#inventory.ignoredKinds();
  }

  async #takeStream(path: string): Promise<void> {
    try {
      const stream = path === stdinName ? this.#options.stdin : createReadStream(path);
      if (stream === undefined) throw new Error('there is no standard input');
      const text = await readStream(stream);
      this.#keptTexts.set(path, text);
      this.#intake.takeText(path, text);
    } catch (error) {
      throw new SourcePathError(path, messageOf(error));
    }
  }

  #takeEvents(events: ReadonlySet<string>): void {
    for (const event of events) {
      const end = event.indexOf('\0');
      if (end < 0) this.#tree.lookAt(event, null);
      else this.#tree.lookAt(event.slice(0, end), event.slice(end + 1));
    }
    if (events.size >= largeBatch) this.#scheduleRescan(this.#times.confirmMs);
    this.#wake();
  }

  /** Works on what is dirty; a run under way takes it too. */
  #wake(): void {
    if (!this.#busy && !this.#stopped) this.#running = this.#run(false);
  }

  /** Looks at every dirty file, then delivers; again while files became dirty meanwhile. The first run scans and trusts what it finds. */
  async #run(first: boolean): Promise<void> {
    this.#busy = true;
    try {
      if (first) await this.#scan();
      let trusting = first;
      do {
        await this.#takeDirty(trusting);
        if (this.#stopped) return;
        this.#deliver(trusting);
        trusting = false;
      } while (this.#dirty.size > 0);
    } finally {
      this.#busy = false;
    }
    this.#scheduleConfirm();
  }

  async #takeDirty(trusting: boolean): Promise<void> {
    const paths = [...this.#dirty].sort();
    this.#dirty = new Set();
    const slice = new Slice();
    for (const path of paths) {
      if (slice.isOver()) await slice.pause();
      if (this.#stopped) return;
      this.#intake.take(path, this.#tree.files.has(path), performance.now(), trusting);
    }
  }

  async #scan(): Promise<void> {
    this.#treeFailures = new Map();
    const slice = new Slice();
    const steps = this.#tree.scan();
    while (steps.next().done !== true) {
      if (slice.isOver()) await slice.pause();
      if (this.#stopped) return;
    }
  }

  /** Failures wait while bad news is being confirmed, so that a save in two steps is not reported. */
  #deliver(always: boolean): void {
    const { changes, manifests } = this.#inventory.takeChanges();
    const failures = this.#intake.isHolding ? this.#failures : this.#currentFailures();
    const failuresChanged = failures !== this.#failures && !isDeepStrictEqual(failures, this.#failures);
    if (failuresChanged) this.#failures = failures;
    if (!always && changes.length === 0 && manifests.length === 0 && !failuresChanged) return;
    this.#options.onManifests?.(manifests, this.#failures);
    this.#options.onChanges(changes, this.#failures);
  }

  #currentFailures(): readonly FileFailure[] {
    const failures = this.#inventory.failures();
    return this.#treeFailures.size === 0
      ? failures
      : [...failures, ...this.#treeFailures.values()].sort(compareFailures);
  }

  #scheduleConfirm(): void {
    const dueMs = this.#intake.nextDueMs();
    if (dueMs === null || this.#stopped) return;
    if (this.#confirmTimer !== null) clearTimeout(this.#confirmTimer);
    this.#confirmTimer = setTimeout(
      () => {
        for (const path of this.#intake.due(performance.now())) this.#dirty.add(path);
        if (this.#dirty.size > 0) this.#wake();
        else this.#scheduleConfirm();
      },
      Math.max(1, dueMs - performance.now()),
    );
  }

  #scheduleRescan(afterMs: number): void {
    if (this.#rescanTimer !== null) clearTimeout(this.#rescanTimer);
    if (this.#stopped) return;
    this.#rescanTimer = setTimeout(() => void this.#rescan(), afterMs);
  }

  async #rescan(): Promise<void> {
    await this.#running;
    await this.#scan();
    if (this.#stopped) return;
    this.#wake();
    this.#scheduleRescan(this.#watches.incomplete ? unwatchedRescanMs : this.#times.rescanMs);
  }
}

/** A stretch of uninterrupted work. */
class Slice {
  #startedMs = performance.now();

  isOver(): boolean {
    return performance.now() - this.#startedMs > sliceMs;
  }

  async pause(): Promise<void> {
    await nextTurn();
    this.#startedMs = performance.now();
  }
}
