// The stapler with a clock of its own: when it asks, what it hands out, what it keeps when nobody answers.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import {
  type Certificate,
  defaultTlsSettings,
  emptyTable,
  type RouteTable,
} from '../../../src/model/index.ts';
import { type StapleChange, Stapler } from '../../../src/proxy/ocsp/stapler.ts';
import { TestAuthority } from '../test-authority.ts';
import { answerQuestion, makeUnit } from './responder.ts';

const root = new TestAuthority('root');
const identity = root.issue('a.test', { ocspUrl: 'http://ocsp.test/' });
const unit = makeUnit('test/a', root, identity);
const hourMs = 3_600_000;

function tableOf(
  certificates: readonly Certificate[],
  ocspResponders: 'none' | 'public' = 'public',
): RouteTable {
  const tls = { ...defaultTlsSettings, ocspResponders };
  return { ...emptyTable, certificates: new Map(certificates.map((each) => [each.id, each])), tls };
}

class World {
  nowMs = Date.now();
  /** Null: no answer. */
  answer: ((question: Buffer) => Promise<Buffer>) | null = (question) =>
    answerQuestion(root, question, { known: { identity } });
  readonly changes: StapleChange[] = [];
  readonly failures: string[] = [];
  asked = 0;
  #pending: Promise<unknown> = Promise.resolve();
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly stapler = new Stapler({
    ask: (_url, question) => {
      this.asked += 1;
      const answering = this.answer?.(question) ?? Promise.reject(new Error('nobody answers'));
      this.#pending = answering.catch(() => {});
      return answering;
    },
    onChange: (changes) => this.changes.push(...changes),
    onFailure: (_id, _url, why) => this.failures.push(why),
    nowMs: () => this.nowMs,
    schedule: (run, delayMs) => {
      const timer = { atMs: this.nowMs + delayMs, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((each) => each !== timer);
      };
    },
    random: () => 0.5,
  });

  /** Until what was asked is answered. */
  async settle(): Promise<void> {
    await this.#pending;
    await turn();
  }

  get nextMs(): number {
    return Math.min(...this.#timers.map(({ atMs }) => atMs)) - this.nowMs;
  }

  async passTime(ms: number): Promise<void> {
    this.nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.nowMs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
    await this.settle();
  }
}

test('an answer is handed out, and asked for again half way through its life', async () => {
  const world = new World();
  world.stapler.update(tableOf([unit]));
  await world.settle();
  assert.deepEqual(
    world.changes.map(({ fingerprint, der }) => [fingerprint, der !== null]),
    [[unit.fingerprint, true]],
  );
  assert.deepEqual(world.stapler.present(), world.changes);
  assert.ok(world.nextMs > 11.9 * hourMs && world.nextMs < 12.1 * hourMs, String(world.nextMs));
  await world.passTime(12.1 * hourMs);
  assert.equal(world.asked, 2);
  assert.equal(world.changes.length, 2);
});

test('without answers the last one serves to its end, and is asked for later and later', async () => {
  const world = new World();
  world.stapler.update(tableOf([unit]));
  await world.settle();
  world.answer = null;
  await world.passTime(12.1 * hourMs);
  assert.deepEqual(world.failures, ['nobody answers']);
  const pauses: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    pauses.push(world.nextMs);
    await world.passTime(world.nextMs);
  }
  assert.deepEqual(pauses.slice(0, 4), [60_000, 120_000, 240_000, 480_000]);
  assert.equal(pauses.at(-1), hourMs);
  assert.equal(world.changes.length, 1, 'it is still in force');
  while (world.changes.length === 1) await world.passTime(world.nextMs);
  assert.equal(world.changes.at(-1)?.der, null);
  assert.deepEqual(world.stapler.present(), []);
});

test('nothing is asked for unless wanted, nor of certificates without a responder, nor twice', async () => {
  const world = new World();
  world.stapler.update(tableOf([unit], 'none'));
  const silent = makeUnit('test/b', root, root.issue('b.test'));
  world.stapler.update(tableOf([silent]));
  assert.equal(world.asked, 0);
  world.stapler.update(tableOf([unit, silent]));
  world.stapler.update(tableOf([unit, silent]));
  await world.settle();
  assert.equal(world.asked, 1);
});

test('a certificate that goes takes its answer along, also one that is on its way', async () => {
  const world = new World();
  world.stapler.update(tableOf([unit]));
  await world.settle();
  world.stapler.update(tableOf([]));
  assert.equal(world.changes.at(-1)?.der, null);
  const count = world.changes.length;
  world.stapler.update(tableOf([unit]));
  world.stapler.update(tableOf([unit], 'none'));
  await world.settle();
  assert.equal(world.changes.length, count);
  assert.equal(world.nextMs, Number.POSITIVE_INFINITY);
});

test('an answer that is not believed is a failure', async () => {
  const world = new World();
  world.answer = () => Promise.resolve(Buffer.from('x'));
  world.stapler.update(tableOf([unit]));
  await world.settle();
  assert.deepEqual(world.failures, ['the answer is not understood']);
  assert.deepEqual(world.changes, []);
});

test('who has many certificates and no responder delays nobody else', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const ids = ['many/1', 'many/2', 'many/3', 'many/4', 'many/5', 'few/1', 'few/2', 'one/1'] as const;
  const stapler = new Stapler({
    ask: async (url) => {
      asked.push(url.hostname);
      await new Promise<void>((resolve) => answers.push(resolve));
      throw new Error('nobody answers');
    },
    onChange: () => {},
    onFailure: () => {},
    nowMs: () => 0,
    schedule: () => () => {},
    random: () => 0.5,
  });
  const units = ids.map((id) => {
    const host = id.replace('/', '-');
    return makeUnit(id, root, root.issue(host, { ocspUrl: `http://${host}/` }));
  });
  stapler.update(tableOf(units));
  assert.deepEqual(asked, ['many-1', 'few-1', 'one-1'], 'one of each namespace');
  answers[1]?.();
  await turn();
  assert.deepEqual(asked.slice(3), ['few-2'], 'while the first of the many still waits');
  // One that is not in the table any more is not asked about.
  stapler.update(tableOf(units.filter(({ id }) => id !== 'many/2')));
  for (const answer of answers) answer();
  await turn();
  assert.deepEqual(asked.slice(4), ['many-3']);
});
