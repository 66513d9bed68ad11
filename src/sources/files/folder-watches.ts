// FolderWatches: one operating-system watch per folder, by real path. Tells which name in which folder may have changed;
// what that means is the tree's business. A watch that cannot be had is told once; a slow look at everything takes its place.
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';

export interface FolderWatchesOptions {
  /** `name` null: the system does not say. `rename`: a name appeared or went; `change`: what it names was written. */
  readonly onEvent: (folder: string, name: string | null, kind: 'rename' | 'change') => void;
  readonly onWarning: (message: string) => void;
}

export class FolderWatches {
  readonly #options: FolderWatchesOptions;
  readonly #watches = new Map<string, FSWatcher>();
  #failed = false;

  constructor(options: FolderWatchesOptions) {
    this.#options = options;
  }

  /** True when some folder is not watched. */
  get incomplete(): boolean {
    return this.#failed;
  }

  /** Begins to watch a folder that is not watched yet. */
  ensure(folder: string): void {
    if (this.#watches.has(folder)) return;
    try {
      const watcher = watch(folder, (kind, name) => {
        // The folder itself went, and the watch with it; one that comes in its place is watched anew.
        if (kind === 'rename' && name === basename(folder) && !existsSync(folder)) this.drop(folder);
        this.#options.onEvent(folder, name, kind);
      });
      watcher.on('error', (error) => this.#fail(folder, error));
      this.#watches.set(folder, watcher);
    } catch (error) {
      this.#fail(folder, error);
    }
  }

  drop(folder: string): void {
    this.#watches.get(folder)?.close();
    this.#watches.delete(folder);
  }

  stop(): void {
    for (const watcher of this.#watches.values()) watcher.close();
    this.#watches.clear();
  }

  #fail(folder: string, error: unknown): void {
    this.drop(folder);
    if (this.#failed) return;
    this.#failed = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.onWarning(
      `cannot watch folder "${folder}": ${reason}; changes are found by looking at all files in turn`,
    );
  }
}
