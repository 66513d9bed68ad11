// Limits counted for several workers: askers and one keeper on channels of the test, by a clock that the test turns.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ClientLimits, type LimitDecision, type Rates } from './client-limits.ts';
import { LimitAsker, type LimitQuestions } from './limit-asker.ts';
import { LimitKeeper } from './limit-keeper.ts';

const none: Rates = { perSecond: 0, perMinute: 0, atOnce: 0, burstMultiplier: 5 };
const key = 'shop/web 192.0.2.1';

class Instance {
  nowMs = 0;
  /** False: questions stay where they are until `hear`. */
  isListening = true;
  questionCount = 0;
  readonly keeper = new LimitKeeper(() => this.nowMs);
  readonly counts: readonly ClientLimits[];
  readonly askers: readonly LimitAsker[];
  readonly #unheard: (() => void)[] = [];

  constructor(workers: number) {
    this.counts = Array.from({ length: workers }, () => new ClientLimits());
    this.askers = this.counts.map(
      (counts, worker) =>
        new LimitAsker(
          counts,
          (questions) => this.#send(worker, questions),
          () => this.nowMs,
        ),
    );
  }

  /** As a route does it; whether the own counts of the worker decided. */
  async ask(worker: number, rates: Rates): Promise<readonly [LimitDecision, boolean]> {
    const asker = this.askers[worker];
    assert.ok(asker !== undefined);
    const foreseen = asker.foresee(key, rates);
    if (foreseen !== null) return [foreseen, false];
    return await new Promise((resolve) =>
      asker.ask(key, rates, (decision, isOwn) => resolve([decision, isOwn])),
    );
  }

  async decide(worker: number, rates: Rates): Promise<LimitDecision> {
    return (await this.ask(worker, rates))[0];
  }

  hear(): void {
    this.isListening = true;
    for (const send of this.#unheard.splice(0)) send();
  }

  #send(worker: number, questions: LimitQuestions): void {
    this.questionCount += 1;
    const deliver = (): void => {
      const answers = this.keeper.answer(worker, structuredClone(questions));
      if (answers.length > 0) this.askers[worker]?.onAnswers(questions.batch, structuredClone(answers));
    };
    if (this.isListening) deliver();
    else this.#unheard.push(deliver);
  }
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function admitted(decisions: readonly LimitDecision[]): number {
  return decisions.filter((decision) => decision === 'held' || decision === 'free').length;
}

describe('limits of several workers', () => {
  it('let in what one bucket lets in, request by request, whichever workers are asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 4 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.nat(2), fc.boolean()), { maxLength: 60 }),
        async (perSecond, perMinute, atOnce, steps) => {
          const rates = { perSecond, perMinute, atOnce, burstMultiplier: 1 };
          const instance = new Instance(3);
          const alone = new ClientLimits();
          const held: number[] = [];
          for (const [gapMs, worker, ends] of steps) {
            instance.nowMs += gapMs;
            const decision = await instance.decide(worker, rates);
            assert.equal(decision, alone.take(key, rates, instance.nowMs));
            if (decision === 'held') held.push(worker);
            if (!ends || held.length === 0) continue;
            instance.askers[held.shift() ?? 0]?.giveBack(key);
            alone.release(key);
            await nextTurn();
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('send what comes in one turn as one message, and what is certainly refused not at all', async () => {
    const instance = new Instance(2);
    const rates = { ...none, perMinute: 1 };
    const decisions = await Promise.all(Array.from({ length: 50 }, () => instance.decide(0, rates)));
    assert.equal(admitted(decisions), 6);
    assert.equal(instance.questionCount, 1);
    instance.nowMs = 59_999;
    assert.equal(await instance.decide(0, rates), 'limit-requests');
    assert.equal(instance.questionCount, 1);
    // The other worker was told nothing yet.
    assert.equal(await instance.decide(1, rates), 'limit-requests');
    assert.equal(instance.questionCount, 2);
    instance.nowMs = 60_000;
    assert.equal(await instance.decide(1, rates), 'free');
    // Other settings, another question.
    assert.equal(await instance.decide(0, { ...rates, perMinute: 2 }), 'free');
  });

  it('give back what a worker held that has ended, once', async () => {
    const instance = new Instance(2);
    const rates = { ...none, atOnce: 3 };
    assert.deepEqual(await Promise.all([0, 0, 1, 1].map((worker) => instance.decide(worker, rates))), [
      'held',
      'held',
      'held',
      'limit-connections',
    ]);
    instance.keeper.forget(0);
    instance.askers[0]?.giveBack(key);
    await nextTurn();
    assert.deepEqual(await Promise.all([1, 1, 1].map((worker) => instance.decide(worker, rates))), [
      'held',
      'held',
      'limit-connections',
    ]);
  });

  it('are the worker’s own part while the primary says nothing, and whole again afterwards', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const instance = new Instance(2);
    for (const counts of instance.counts) counts.share = 2;
    const rates = { ...none, atOnce: 4 };
    instance.isListening = false;
    const asked = Promise.all([0, 0, 0].map((worker) => instance.ask(worker, rates)));
    await nextTurn();
    t.mock.timers.tick(1_000);
    assert.deepEqual(await asked, [
      ['held', true],
      ['held', true],
      ['limit-connections', true],
    ]);
    assert.equal(instance.askers[0]?.isHeard, false);
    // What it grants too late is given back: all four places are there.
    instance.hear();
    assert.equal(instance.askers[0]?.isHeard, true);
    await nextTurn();
    const decisions = await Promise.all([1, 1, 1, 1, 1].map((worker) => instance.decide(worker, rates)));
    assert.equal(admitted(decisions), 4);
  });

  it('are decided at once when the primary is gone', async () => {
    const instance = new Instance(2);
    instance.isListening = false;
    const asked = instance.ask(0, { ...none, perMinute: 1 });
    instance.askers[0]?.giveUp();
    assert.deepEqual(await asked, ['free', true]);
  });
});

describe('limits divided among instances', () => {
  it('together let in no more than one, and half of its rate each', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        (share, perSecond, seconds) => {
          const rates = { ...none, perSecond };
          let count = 0;
          for (let i = 0; i < share; i += 1) {
            const counts = new ClientLimits();
            counts.share = share;
            for (let nowMs = 0; nowMs <= seconds * 1_000; nowMs += 20)
              count += admitted([counts.take(key, rates, nowMs), counts.take(key, rates, nowMs)]);
          }
          const whole = 1 + perSecond * 5 + perSecond * seconds;
          assert.ok(count <= whole + share - 1, `${count} of ${whole}`);
          assert.ok(
            count >= Math.min(whole, share * 2 * (seconds * 50 + 1)) - 2 * share,
            `${count} of ${whole}`,
          );
        },
      ),
    );
  });

  it('let in one at least', () => {
    const counts = new ClientLimits();
    counts.share = 8;
    assert.equal(counts.take(key, { ...none, atOnce: 3, perMinute: 1, burstMultiplier: 1 }, 0), 'held');
    assert.equal(counts.take('shop/web 192.0.2.2', { ...none, atOnce: 3 }, 0), 'held');
    assert.equal(counts.take('shop/web 192.0.2.2', { ...none, atOnce: 3 }, 0), 'limit-connections');
    assert.ok(
      Math.abs(counts.waitMs(key, { ...none, perMinute: 1, burstMultiplier: 1 }, 0) - 480_000) < 1e-6,
    );
  });
});
