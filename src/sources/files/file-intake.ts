// FileIntake: decides when a reading of a file counts. Good news counts at once. Bad news (an object gone, a new error) counts only
// if a second look a moment later finds the same: a save can truncate, delete or half write a file before it is whole again.
import type { FileFailure } from '../object-change.ts';
import type { Inventory, LoadedFile } from './inventory.ts';
import { type ManifestText, readRegularFile } from './read-text.ts';

/** A file that looks different and bad at each of so many looks counts as it is: nobody is finishing a save. */
const maxLooks = 20;

export interface FileIntakeOptions {
  readonly inventory: Inventory;
  readonly load: (path: string, text: ManifestText) => LoadedFile;
  /** Time between the first and the second look at bad news. */
  readonly confirmMs: number;
}

interface HeldReading {
  readonly state: string;
  readonly loaded: LoadedFile | null;
  readonly untilMs: number;
  readonly looks: number;
}

const goneState = '';

export class FileIntake {
  readonly #options: FileIntakeOptions;
  readonly #held = new Map<string, HeldReading>();
  /** Fingerprint of the reading that counts, by path. */
  readonly #states = new Map<string, string>();

  constructor(options: FileIntakeOptions) {
    this.#options = options;
  }

  /** True while some bad news waits for its second look. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /** When the next second look is due, in `performance.now()` time; null when none waits. */
  nextDueMs(): number | null {
    let due: number | null = null;
    for (const { untilMs } of this.#held.values()) due = due === null ? untilMs : Math.min(due, untilMs);
    return due;
  }

  /** Paths whose second look is due, those due within a moment with them. */
  due(nowMs: number): string[] {
    const soonMs = nowMs + this.#options.confirmMs / 2;
    const someDue = [...this.#held.values()].some(({ untilMs }) => untilMs <= nowMs);
    return someDue
      ? [...this.#held].filter(([, { untilMs }]) => untilMs <= soonMs).map(([path]) => path)
      : [];
  }

  /** Looks at a file. `present` false: it does not belong to the source any more. `trusting`: bad news counts at once. */
  take(path: string, present: boolean, nowMs: number, trusting: boolean): void {
    const { inventory } = this.#options;
    const reading = present ? readingOf(path) : null;
    const state = reading === null ? goneState : 'failure' in reading ? reading.failure : reading.textHash;
    if ((this.#states.get(path) ?? goneState) === state) {
      this.#held.delete(path);
      return;
    }
    const held = this.#held.get(path);
    const same = held !== undefined && held.state === state;
    const loaded = same ? held.loaded : this.#load(path, reading);
    if (!trusting && inventory.isSetback(path, loaded)) {
      const looks = (held?.looks ?? 0) + 1;
      const confirmed = same && nowMs >= held.untilMs - this.#options.confirmMs / 2;
      if (!confirmed && looks <= maxLooks) {
        if (!same) this.#held.set(path, { state, loaded, untilMs: nowMs + this.#options.confirmMs, looks });
        return;
      }
    }
    this.#count(path, state, loaded);
  }

  /** Takes a text that is not a file's, such as standard input. */
  takeText(path: string, text: ManifestText): void {
    this.#count(path, text.textHash, this.#options.load(path, text));
  }

  #count(path: string, state: string, loaded: LoadedFile | null): void {
    this.#held.delete(path);
    this.#options.inventory.update(path, loaded);
    if (loaded === null) this.#states.delete(path);
    else this.#states.set(path, state);
  }

  #load(path: string, reading: Reading): LoadedFile | null {
    if (reading === null) return null;
    if (!('failure' in reading)) return this.#options.load(path, reading);
    return unreadable(path, reading.failure);
  }
}

type Reading = ManifestText | { readonly failure: string } | null;

function readingOf(path: string): Reading {
  try {
    return readRegularFile(path);
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function unreadable(path: string, reason: string): LoadedFile {
  const nothing = { objects: [], rejected: [], ignoredKinds: [] };
  return { ...nothing, textHash: '', readable: false, failures: [unreadableFailure(path, reason)] };
}

export function unreadableFailure(file: string, reason: string): FileFailure {
  const message = `cannot read the manifests: ${reason}`;
  const nowhere = { line: 0, object: null, field: '', lastGoodServes: false };
  return { ...nowhere, file, severity: 'error', code: 'Unreadable', message };
}
