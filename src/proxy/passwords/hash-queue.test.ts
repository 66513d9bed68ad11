// The queue for costly hashes, with threads that answer when the test says so: turns, bounds, late jobs, threads that end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PasswordUser } from '../../model/index.ts';
import { type HashOutcome, HashQueue, type HashQueueOptions } from './hash-queue.ts';

const user: PasswordUser = { name: 'anna', scheme: 'bcrypt', hash: '' };

/** A question that a thread was asked. */
interface Asked {
  readonly password: string;
  readonly answer: (isMatch: boolean) => void;
  readonly end: () => void;
}

class World {
  /** In the order in which threads were asked. */
  readonly asked: Asked[] = [];
  readonly outcomes: string[] = [];
  started = 0;
  closed = 0;
  nowMs = 0;
  readonly queue: HashQueue;

  constructor(change: Partial<HashQueueOptions> = {}) {
    this.queue = new HashQueue({
      maxThreads: 2,
      maxWaiting: 3,
      maxWaitingOfClient: 3,
      maxWaitingOfAll: 5,
      minWaiting: 1,
      maxWaitMs: 1_000,
      nowMs: () => this.nowMs,
      startThread: () => {
        this.started += 1;
        return {
          verify: (_user, password) =>
            new Promise((resolve, reject) => {
              this.asked.push({
                password: Buffer.from(password).toString(),
                answer: resolve,
                end: () => reject(new Error('ended')),
              });
            }),
          close: () => {
            this.closed += 1;
          },
        };
      },
      ...change,
    });
  }

  async check(owner: string, password: string, client = 'one'): Promise<HashOutcome> {
    const outcome = await this.queue.check({ owner, client }, user, Buffer.from(password));
    this.outcomes.push(`${password} ${outcome}`);
    return outcome;
  }

  get passwords(): string {
    return this.asked.map(({ password }) => password).join(' ');
  }

  /** Answers a question, and lets all that follows from it happen. */
  async answer(index: number, isMatch = false): Promise<void> {
    this.asked[index]?.answer(isMatch);
    await turn();
  }
}

/** Promises that can go on have gone on. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

describe('the queue of hashes', () => {
  it('gives an Ingress one thread, and another to the next', async () => {
    const world = new World();
    for (const name of ['a1', 'a2', 'a3', 'b1']) void world.check(name.slice(0, 1), name);
    assert.equal(world.passwords, 'a1 b1');
    await world.answer(0, true);
    assert.equal(world.passwords, 'a1 b1 a2');
    await world.answer(1);
    // Nobody else is there, and a2 has not been answered.
    assert.equal(world.passwords, 'a1 b1 a2');
    await world.answer(2);
    await world.answer(3);
    assert.deepEqual(world.outcomes, ['a1 match', 'b1 mismatch', 'a2 mismatch', 'a3 mismatch']);
    assert.equal(world.started, 2);
    assert.deepEqual(world.queue.counters, { checked: 4, refused: 0, failed: 0 });
  });

  it('takes turns', async () => {
    const world = new World({ maxThreads: 1 });
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) void world.check(name.slice(0, 1), name);
    for (let i = 0; i < 6; i += 1) await world.answer(i);
    assert.equal(world.passwords, 'a1 b1 c1 a2 b2 a3');
  });

  it('takes turns among the clients of one Ingress, who cannot fill its queue alone', async () => {
    const world = new World({ maxThreads: 1, maxWaiting: 4, maxWaitingOfClient: 3 });
    for (const name of ['g1', 'g2', 'g3', 'g4', 'g5']) void world.check('a', name, 'guesser');
    void world.check('a', 'v1', 'visitor');
    void world.check('a', 'w1', 'another');
    await turn();
    // One is looked at, three wait; with the visitor the queue is full.
    assert.deepEqual(world.outcomes, ['g5 busy', 'w1 busy']);
    for (let i = 0; i < 5; i += 1) await world.answer(i);
    assert.equal(world.passwords, 'g1 g2 v1 g3 g4');
    assert.equal(world.queue.waiting, 0);
  });

  it('refuses at once what is too much, and leaves room for others', async () => {
    const world = new World({ maxThreads: 1 });
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) void world.check('a', name);
    await turn();
    assert.deepEqual(world.outcomes, ['a5 busy']);
    for (const name of ['b1', 'b2', 'b3']) void world.check('b', name);
    await turn();
    assert.deepEqual([world.outcomes, world.queue.waiting], [['a5 busy', 'b3 busy'], 5]);
    // All together are too many, and yet everybody has room for one.
    void world.check('c', 'c1');
    void world.check('c', 'c2');
    await turn();
    assert.deepEqual(world.outcomes, ['a5 busy', 'b3 busy', 'c2 busy']);
    assert.equal(world.queue.counters.refused, 3);
  });

  it('does not look at what has waited too long', async () => {
    const world = new World({ maxThreads: 1 });
    for (const name of ['a1', 'a2', 'a3']) void world.check('a', name);
    world.nowMs = 1_001;
    void world.check('a', 'a4');
    await world.answer(0);
    assert.equal(world.passwords, 'a1 a4');
    assert.deepEqual(world.outcomes.toSorted(), ['a1 mismatch', 'a2 busy', 'a3 busy']);
    assert.equal(world.queue.waiting, 0);
  });

  it('goes on with another thread when one ends', async () => {
    const world = new World({ maxThreads: 1 });
    for (const name of ['a1', 'a2']) void world.check('a', name);
    world.asked[0]?.end();
    await turn();
    assert.deepEqual([world.passwords, world.outcomes], ['a1 a2', ['a1 failed']]);
    await world.answer(1, true);
    assert.deepEqual(world.outcomes, ['a1 failed', 'a2 match']);
    assert.deepEqual([world.started, world.closed], [2, 1]);
  });

  it('answers everybody when it closes', async () => {
    const world = new World({ maxThreads: 1 });
    for (const name of ['a1', 'a2', 'b1']) void world.check(name.slice(0, 1), name);
    world.queue.close();
    void world.check('a', 'a3');
    world.asked[0]?.end();
    await turn();
    assert.deepEqual(world.outcomes.toSorted(), ['a1 failed', 'a2 busy', 'a3 busy', 'b1 busy']);
    assert.equal(world.started, 1);
  });
});
