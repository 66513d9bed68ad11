// LimitAsker: a worker's side of limits that count for all workers of an instance. Asks the primary, many requests in one message, and
// answers by itself what can be told without asking. A primary that says nothing is not waited for: then the worker's own counts decide,
// with its part of each limit.
import type { ClientLimits, LimitDecision, LimitRefusal, Rates } from './client-limits.ts';

/** A request waits no longer. */
const patienceMs = 1_000;
/** Refused clients that are remembered, so that they cost the primary nothing. */
const maxRefused = 10_000;

/** What is asked of the primary for one request; structured clone carries it. */
export interface LimitAsk {
  readonly key: string;
  readonly rates: Rates;
}

export interface LimitAnswer {
  readonly decision: LimitDecision;
  /** Of a refusal by rate: how long it lasts at the least, from the question. */
  readonly waitMs: number;
}

export interface LimitQuestions {
  readonly kind: 'limit-questions';
  readonly batch: number;
  readonly asks: readonly LimitAsk[];
  /** Keys of requests that have ended, counted before what is asked. */
  readonly released: readonly string[];
}

/** `isOwn`: the worker's own counts decided. */
type Decided = (decision: LimitDecision, isOwn: boolean) => void;

interface Waiting {
  readonly ask: LimitAsk;
  readonly askedMs: number;
  readonly decided: Decided;
}

/** Asked in one message. */
interface Batch {
  readonly asked: readonly Waiting[];
  readonly timer: NodeJS.Timeout;
  /** The own counts have decided: what the primary grants now is given back. */
  isLate: boolean;
}

interface Refused {
  readonly rates: Rates;
  readonly untilMs: number;
}

export class LimitAsker {
  /** The primary answers. */
  isHeard = true;
  readonly #send: (questions: LimitQuestions) => void;
  readonly #counts: ClientLimits;
  readonly #nowMs: () => number;
  readonly #batches = new Map<number, Batch>();
  readonly #refused = new Map<string, Refused>();
  #waiting: Waiting[] = [];
  #released: string[] = [];
  #nextBatch = 1;
  #isScheduled = false;

  /** `counts`: of this worker; what the primary grants to it is held there, too. */
  constructor(counts: ClientLimits, send: (questions: LimitQuestions) => void, nowMs: () => number) {
    this.#counts = counts;
    this.#nowMs = nowMs;
    this.#send = send;
  }

  /** A refusal that is certain; null: the primary knows. */
  foresee(key: string, rates: Rates): LimitRefusal | null {
    const refused = this.#refused.get(key);
    if (refused !== undefined) {
      if (isSameRate(refused.rates, rates) && this.#nowMs() < refused.untilMs) return 'limit-requests';
      this.#refused.delete(key);
    }
    // Rates go first, and only the primary knows them.
    const { perSecond, perMinute, atOnce } = rates;
    if (perSecond !== 0 || perMinute !== 0 || atOnce === 0) return null;
    return this.#counts.activeOf(key) >= atOnce ? 'limit-connections' : null;
  }

  ask(key: string, rates: Rates, decided: Decided): void {
    this.#waiting.push({ ask: { key, rates }, askedMs: this.#nowMs(), decided });
    this.#schedule();
  }

  giveBack(key: string): void {
    this.#counts.release(key);
    this.#released.push(key);
    this.#schedule();
  }

  onAnswers(number: number, answers: readonly LimitAnswer[]): void {
    const batch = this.#batches.get(number);
    if (batch === undefined) return;
    this.#batches.delete(number);
    clearTimeout(batch.timer);
    this.isHeard = true;
    for (const [index, { ask, askedMs, decided }] of batch.asked.entries()) {
      const { decision, waitMs } = answers[index] ?? { decision: 'limit-requests', waitMs: 0 };
      if (batch.isLate) {
        if (decision === 'held') this.#returnUnused(ask.key);
        continue;
      }
      if (waitMs > 0) this.#remember(ask, askedMs + waitMs);
      if (decision === 'held') this.#counts.hold(ask.key);
      decided(decision, false);
    }
  }

  /** What was told of limits may be otherwise now. */
  forgetRefused(): void {
    this.#refused.clear();
  }

  /** The primary is gone, or seems to be. */
  giveUp(): void {
    this.isHeard = false;
    for (const batch of this.#batches.values()) this.#decideAlone(batch);
    this.#decideAllAlone(this.#waiting.splice(0));
  }

  close(): void {
    for (const { timer } of this.#batches.values()) clearTimeout(timer);
  }

  #returnUnused(key: string): void {
    this.#released.push(key);
    this.#schedule();
  }

  /** All that comes in one turn of the event loop goes in one message. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    const asked = this.#waiting;
    const released = this.#released;
    if (asked.length === 0 && released.length === 0) return;
    this.#waiting = [];
    this.#released = [];
    const number = this.#nextBatch;
    this.#nextBatch += 1;
    if (asked.length > 0) {
      const timer = setTimeout(() => this.giveUp(), patienceMs);
      this.#batches.set(number, { asked, timer, isLate: false });
    }
    const asks = asked.map(({ ask }) => ({ key: ask.key, rates: ratesOf(ask.rates) }));
    this.#send({ kind: 'limit-questions', batch: number, asks, released });
  }

  #decideAlone(batch: Batch): void {
    if (batch.isLate) return;
    batch.isLate = true;
    clearTimeout(batch.timer);
    this.#decideAllAlone(batch.asked);
  }

  #decideAllAlone(asked: readonly Waiting[]): void {
    for (const { ask, askedMs, decided } of asked)
      decided(this.#counts.take(ask.key, ask.rates, askedMs), true);
  }

  #remember({ key, rates }: LimitAsk, untilMs: number): void {
    this.#refused.delete(key);
    this.#refused.set(key, { rates, untilMs });
    if (this.#refused.size <= maxRefused) return;
    for (const oldest of this.#refused.keys()) {
      this.#refused.delete(oldest);
      return;
    }
  }
}

function isSameRate(left: Rates, right: Rates): boolean {
  return (
    left.perSecond === right.perSecond &&
    left.perMinute === right.perMinute &&
    left.burstMultiplier === right.burstMultiplier
  );
}

/** Without what the primary does not need. */
function ratesOf({ perSecond, perMinute, atOnce, burstMultiplier }: Rates): Rates {
  return { perSecond, perMinute, atOnce, burstMultiplier };
}
