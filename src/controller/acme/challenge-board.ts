// ChallengeBoard: makes all workers of all replicas answer challenges. They are written into one Secret, which every replica reads as
// any other object; who presents one waits until the workers here serve by it, and a moment more where there are other replicas.
import type { Challenge, ChallengeId, RouteTable } from '../../model/index.ts';
import { renderChallenges } from '../../translate/index.ts';
import type { AcmeClock } from './acme-clock.ts';
import { AcmeUnavailableError } from './acme-error.ts';

export interface ChallengeBoardOptions {
  readonly write: (data: Readonly<Record<string, string>>) => Promise<void>;
  readonly clock: AcmeClock;
  /** For the other replicas, which nobody hears of. */
  readonly settleMs: number;
  readonly onFailed: (error: unknown) => void;
}

interface Waiter {
  /** Not in the table yet. */
  readonly ids: Set<ChallengeId>;
  /** Of the table that has all of them; 0: there is none yet. */
  version: number;
  readonly resolve: () => void;
}

const maxWaitMs = 60_000;

export class ChallengeBoard {
  readonly #options: ChallengeBoardOptions;
  readonly #wanted = new Map<ChallengeId, Challenge>();
  readonly #waiters = new Set<Waiter>();
  #isWritten = true;
  #writing: Promise<void> | null = null;
  #servedVersion = 0;

  constructor(options: ChallengeBoardOptions) {
    this.#options = options;
  }

  /** Resolves when they are answered. @throws {AcmeUnavailableError} the workers did not take them in time, or they cannot be written. */
  async present(challenges: readonly Challenge[]): Promise<void> {
    const { clock, settleMs } = this.#options;
    for (const challenge of challenges) this.#wanted.set(challenge.id, challenge);
    const served = this.#whenServed(challenges);
    // Heard below; nobody listens any more when the writing fails.
    served.catch(() => {});
    await this.#write();
    await served;
    if (settleMs > 0) await clock.sleep(settleMs);
  }

  withdraw(challenges: readonly Challenge[]): void {
    for (const challenge of challenges) {
      if (this.#wanted.get(challenge.id) === challenge) this.#wanted.delete(challenge.id);
    }
    this.#write().catch(this.#options.onFailed);
  }

  /** Writes what is wanted, which clears away what an earlier leader left. */
  async reset(): Promise<void> {
    await this.#write();
  }

  onTable(table: RouteTable, version: number): void {
    for (const waiter of this.#waiters) {
      for (const id of waiter.ids) if (table.challenges.has(id)) waiter.ids.delete(id);
      if (waiter.ids.size === 0 && waiter.version === 0) waiter.version = version;
    }
    this.onServed(this.#servedVersion);
  }

  onServed(version: number): void {
    this.#servedVersion = Math.max(this.#servedVersion, version);
    for (const waiter of this.#waiters) {
      if (waiter.version !== 0 && waiter.version <= this.#servedVersion) waiter.resolve();
    }
  }

  async #whenServed(challenges: readonly Challenge[]): Promise<void> {
    const { clock } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const cancel = clock.schedule(() => {
        this.#waiters.delete(waiter);
        reject(new AcmeUnavailableError('the workers did not take the challenges within a minute'));
      }, maxWaitMs);
      const waiter: Waiter = {
        ids: new Set(challenges.map(({ id }) => id)),
        version: 0,
        resolve: () => {
          cancel();
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** One write at a time; what changes meanwhile goes into the next one. */
  async #write(): Promise<void> {
    this.#isWritten = false;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (!this.#isWritten) {
      this.#isWritten = true;
      await this.#options.write(renderChallenges(this.#wanted.values()));
    }
  }
}
