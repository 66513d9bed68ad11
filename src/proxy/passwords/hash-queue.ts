// HashQueue: passwords that wait for a costly hash. Few threads, and never more than one of them for one Ingress; in between the Ingresses take
// turns, and within one Ingress its clients do. Who waits too long, or comes to a queue that is full, is told so: guessing passwords slows its own
// Ingress down and no other, and one client who guesses does not keep the others of that Ingress from signing in.
import type { PasswordUser } from '../../model/index.ts';

/** One question at a time. */
export interface HashThread {
  /** Rejects when the thread ends before it answers; the thread is not asked again then. */
  verify(user: PasswordUser, password: Uint8Array): Promise<boolean>;
  close(): void;
}

/** Who takes turns. */
export interface Asker {
  /** The Ingress. */
  readonly owner: string;
  /** Whose jobs of this Ingress count together. */
  readonly client: string;
}

/** `busy`: not looked at, for want of time. `failed`: the thread did not answer. */
export type HashOutcome = 'match' | 'mismatch' | 'busy' | 'failed';

export interface HashQueueOptions {
  readonly startThread: () => HashThread;
  readonly nowMs: () => number;
  readonly maxThreads: number;
  /** Of one Ingress. */
  readonly maxWaiting: number;
  /** Of one client of an Ingress. */
  readonly maxWaitingOfClient: number;
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
  maxWaitingOfClient: 32,
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

/** What waits for one Ingress. */
interface Lane {
  /** In the order of their turns; none is empty. */
  readonly clients: Map<string, Job[]>;
  waiting: number;
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
  check({ owner, client }: Asker, user: PasswordUser, password: Uint8Array): Promise<HashOutcome> {
    let lane = this.#lanes.get(owner);
    if (this.#isClosed || this.#isFull(lane, client)) {
      this.counters.refused += 1;
      return Promise.resolve('busy');
    }
    if (lane === undefined) {
      lane = { clients: new Map(), waiting: 0, isRunning: false };
      this.#lanes.set(owner, lane);
    }
    const { promise, resolve } = Promise.withResolvers<HashOutcome>();
    const job: Job = { user, password, sinceMs: this.#options.nowMs(), resolve };
    const jobs = lane.clients.get(client);
    if (jobs === undefined) lane.clients.set(client, [job]);
    else jobs.push(job);
    lane.waiting += 1;
    this.#waiting += 1;
    this.#startJobs();
    return promise;
  }

  #isFull(lane: Lane | undefined, client: string): boolean {
    if (lane === undefined) return false;
    const { maxWaiting, maxWaitingOfClient, maxWaitingOfAll, minWaiting } = this.#options;
    if (this.#waiting >= maxWaitingOfAll && lane.waiting >= minWaiting) return true;
    return lane.waiting >= maxWaiting || (lane.clients.get(client)?.length ?? 0) >= maxWaitingOfClient;
  }

  close(): void {
    this.#isClosed = true;
    for (const { clients } of this.#lanes.values()) {
      for (const { resolve } of [...clients.values()].flat()) resolve('busy');
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
      const job = this.#takeJob(lane);
      if (job === null) {
        this.#lanes.delete(owner);
        continue;
      }
      lane.isRunning = true;
      return { owner, lane, job };
    }
    return null;
  }

  /** Of the client whose turn it is. Null: nobody is left who has not waited too long. */
  #takeJob(lane: Lane): Job | null {
    const { nowMs, maxWaitMs } = this.#options;
    const oldestMs = nowMs() - maxWaitMs;
    for (const [client, jobs] of lane.clients) {
      // Behind the other clients; the loop comes to it again.
      lane.clients.delete(client);
      const job = jobs.shift();
      if (jobs.length > 0) lane.clients.set(client, jobs);
      if (job === undefined) continue;
      lane.waiting -= 1;
      this.#waiting -= 1;
      if (job.sinceMs >= oldestMs) return job;
      job.resolve('busy');
      this.counters.refused += 1;
    }
    return null;
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
    if (lane.waiting > 0) this.#lanes.set(owner, lane);
    this.#startJobs();
  }

  #start(): HashThread {
    const thread = this.#options.startThread();
    this.#threads.add(thread);
    return thread;
  }
}
