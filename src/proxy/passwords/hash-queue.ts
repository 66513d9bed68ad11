// HashQueue: passwords that wait for a costly hash. Few threads, and never more than one of them for one Ingress; in between the Ingresses take
// turns. Who waits too long, or comes to a queue that is full, is told so: guessing passwords slows its own Ingress down, and no other.
import type { PasswordUser } from '../../model/index.ts';

/** One question at a time. */
export interface HashThread {
  /** Rejects when the thread ends before it answers; the thread is not asked again then. */
  verify(user: PasswordUser, password: Uint8Array): Promise<boolean>;
  close(): void;
}

/** `busy`: not looked at, for want of time. `failed`: the thread did not answer. */
export type HashOutcome = 'match' | 'mismatch' | 'busy' | 'failed';

export interface HashQueueOptions {
  readonly startThread: () => HashThread;
  readonly nowMs: () => number;
  readonly maxThreads: number;
  /** Of one Ingress. */
  readonly maxWaiting: number;
  /** Of all together; an Ingress with less than `minWaiting` has room all the same. */
  readonly maxWaitingOfAll: number;
  readonly minWaiting: number;
  /** Who has waited longer is not looked at any more. */
  readonly maxWaitMs: number;
}

export const defaultHashQueue: Omit<HashQueueOptions, 'startThread' | 'nowMs'> = {
  // One that all may have while another is held up by an Ingress with hashes that take seconds.
  maxThreads: 2,
  maxWaiting: 64,
  maxWaitingOfAll: 512,
  minWaiting: 4,
  maxWaitMs: 10_000,
};

interface Job {
  readonly user: PasswordUser;
  readonly password: Uint8Array;
  readonly sinceMs: number;
  readonly resolve: (outcome: HashOutcome) => void;
}

interface Lane {
  readonly jobs: Job[];
  isRunning: boolean;
}

export class HashQueue {
  /** Since the start. */
  readonly counters = { checked: 0, refused: 0, failed: 0 };
  readonly #options: HashQueueOptions;
  /** Of Ingresses with jobs, in the order of their turns. */
  readonly #lanes = new Map<string, Lane>();
  readonly #idle: HashThread[] = [];
  readonly #threads = new Set<HashThread>();
  #waiting = 0;
  #isClosed = false;

  constructor(options: HashQueueOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Never rejects. */
  check(owner: string, user: PasswordUser, password: Uint8Array): Promise<HashOutcome> {
    const { maxWaiting, maxWaitingOfAll, minWaiting, nowMs } = this.#options;
    const length = this.#lanes.get(owner)?.jobs.length ?? 0;
    const isFull = length >= maxWaiting || (this.#waiting >= maxWaitingOfAll && length >= minWaiting);
    if (isFull || this.#isClosed) {
      this.counters.refused += 1;
      return Promise.resolve('busy');
    }
    let lane = this.#lanes.get(owner);
    if (lane === undefined) {
      lane = { jobs: [], isRunning: false };
      this.#lanes.set(owner, lane);
    }
    const { promise, resolve } = Promise.withResolvers<HashOutcome>();
    lane.jobs.push({ user, password, sinceMs: nowMs(), resolve });
    this.#waiting += 1;
    this.#startJobs();
    return promise;
  }

  close(): void {
    this.#isClosed = true;
    for (const { jobs } of this.#lanes.values()) {
      for (const { resolve } of jobs.splice(0)) resolve('busy');
    }
    this.#waiting = 0;
    this.#lanes.clear();
    for (const thread of this.#threads) thread.close();
    this.#threads.clear();
    this.#idle.length = 0;
  }

  #startJobs(): void {
    for (;;) {
      const hasThread = this.#idle.length > 0 || this.#threads.size < this.#options.maxThreads;
      const next = hasThread && !this.#isClosed ? this.#takeNext() : null;
      if (next === null) return;
      void this.#run(next.owner, next.lane, next.job);
    }
  }

  /** Of the Ingress whose turn it is. At most `maxThreads` of those that are passed over are running. */
  #takeNext(): { readonly owner: string; readonly lane: Lane; readonly job: Job } | null {
    for (const [owner, lane] of this.#lanes) {
      if (lane.isRunning) continue;
      this.#dropLate(lane);
      const job = lane.jobs.shift();
      if (job === undefined) {
        this.#lanes.delete(owner);
        continue;
      }
      this.#waiting -= 1;
      lane.isRunning = true;
      return { owner, lane, job };
    }
    return null;
  }

  #dropLate({ jobs }: Lane): void {
    const { nowMs, maxWaitMs } = this.#options;
    const oldestMs = nowMs() - maxWaitMs;
    while (jobs[0] !== undefined && jobs[0].sinceMs < oldestMs) {
      jobs.shift()?.resolve('busy');
      this.#waiting -= 1;
      this.counters.refused += 1;
    }
  }

  async #run(owner: string, lane: Lane, { user, password, resolve }: Job): Promise<void> {
    const thread = this.#idle.pop() ?? this.#start();
    let outcome: HashOutcome;
    try {
      outcome = (await thread.verify(user, password)) ? 'match' : 'mismatch';
      this.counters.checked += 1;
      if (!this.#isClosed) this.#idle.push(thread);
    } catch {
      outcome = 'failed';
      this.counters.failed += 1;
      this.#threads.delete(thread);
      thread.close();
    }
    resolve(outcome);
    lane.isRunning = false;
    if (this.#isClosed) return;
    // Behind all others.
    this.#lanes.delete(owner);
    if (lane.jobs.length > 0) this.#lanes.set(owner, lane);
    this.#startJobs();
  }

  #start(): HashThread {
    const thread = this.#options.startThread();
    this.#threads.add(thread);
    return thread;
  }
}
