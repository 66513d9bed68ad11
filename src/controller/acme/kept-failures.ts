// KeptFailures: which hosts have failed, over a restart and a change of leaders. Written as it changes, one write at a time.
import type { ControllerLog } from '../problem-log.ts';
import type { AcmeClock } from './acme-clock.ts';
import type { HostBackoff } from './host-backoff.ts';

/** Where the text is kept. `render` may be asked for several times, each time for what is newest. */
export interface FailureStore {
  readonly read: () => Promise<string>;
  readonly write: (render: () => string) => Promise<void>;
}

export interface KeptFailuresOptions {
  readonly failures: FailureStore;
  readonly clock: AcmeClock;
  readonly log: ControllerLog;
  readonly isLeading: () => boolean;
}

export class KeptFailures {
  readonly #options: KeptFailuresOptions;
  readonly #backoff: HostBackoff;
  #isRead = false;
  #isWritten = true;
  #writing: Promise<void> | null = null;

  constructor(options: KeptFailuresOptions, backoff: HostBackoff) {
    this.#options = options;
    this.#backoff = backoff;
  }

  /** Another may have led meanwhile: they are read again. */
  forget(): void {
    this.#isRead = false;
  }

  /** Once. @throws {Error} they cannot be read. */
  async read(): Promise<void> {
    if (this.#isRead) return;
    const { failures, clock } = this.#options;
    this.#backoff.restore(await failures.read(), clock.nowMs());
    this.#isRead = true;
  }

  /** Never rejects: what is not written is tried too early after a restart, no more. */
  async write(): Promise<void> {
    this.#isWritten = false;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { failures, clock, log, isLeading } = this.#options;
    while (!this.#isWritten) {
      this.#isWritten = true;
      if (!isLeading()) return;
      try {
        await failures.write(() => this.#backoff.render(clock.nowMs()));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ err: error }, `cannot keep which hosts have failed: ${reason}`);
      }
    }
  }
}
