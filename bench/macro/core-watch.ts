// What went on on the proxy's core during a measure: the proxy's own share, and whether anybody was in the way.
import { readCoreTimes } from './process-tree.ts';

/** Parts of the time between begin and end, 0 to 1. */
export interface CoreShares {
  /** Used by the proxy's tree. */
  readonly ownShare: number;
  /** Used by anybody else on that core. */
  readonly foreignShare: number;
  /** Taken by the hypervisor. */
  readonly stealShare: number;
}

export class CoreWatch {
  readonly #core: number;
  readonly #startedMs = performance.now();
  readonly #before: ReturnType<typeof readCoreTimes>;

  /** Begins now. */
  constructor(core: number) {
    this.#core = core;
    this.#before = readCoreTimes(core);
  }

  /** Ends now; `ownSeconds` is what the proxy's tree has used since the beginning. */
  end(ownSeconds: number): CoreShares {
    const after = readCoreTimes(this.#core);
    const seconds = (performance.now() - this.#startedMs) / 1_000;
    const busySeconds = after.busySeconds - this.#before.busySeconds;
    return {
      ownShare: ownSeconds / seconds,
      foreignShare: Math.max(0, busySeconds - ownSeconds) / seconds,
      stealShare: (after.stealSeconds - this.#before.stealSeconds) / seconds,
    };
  }
}
