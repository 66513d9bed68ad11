// QuietBatch: one hand-over for what comes together, and none that waits for ever. Without sleeping: batches are what is waited for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { QuietBatch } from './quiet-batch.ts';

const never = 3_600_000;

function createBatch(times: { readonly quietMs: number; readonly holdMs: number }): {
  readonly batch: QuietBatch<string>;
  readonly taken: string[][];
  readonly first: Promise<void>;
} {
  const taken: string[][] = [];
  const { promise: first, resolve } = Promise.withResolvers<void>();
  const onBatch = (items: ReadonlySet<string>): void => {
    taken.push([...items]);
    resolve();
  };
  return { batch: new QuietBatch({ ...times, onBatch }), taken, first };
}

describe('QuietBatch', () => {
  it('hands over once what comes together, each item once', async () => {
    const { batch, taken, first } = createBatch({ quietMs: 1, holdMs: never });
    for (const item of ['a', 'b', 'a']) batch.add(item);
    assert.deepEqual(taken, []);
    await first;
    assert.deepEqual(taken, [['a', 'b']]);
  });

  it('hands over a stream without a pause as soon as the first item has waited long enough', async () => {
    const holdMs = 10;
    const { batch, taken } = createBatch({ quietMs: never, holdMs });
    const startedMs = performance.now();
    let count = 0;
    for (; taken.length === 0; count += 1) {
      batch.add(String(count));
      await nextTurn();
    }
    assert.ok(performance.now() - startedMs >= holdMs);
    assert.equal(taken[0]?.length, count);
    batch.add('next');
    assert.equal(taken.length, 1, 'a new batch waits again');
    batch.stop();
  });

  it('hands over nothing after the stop', async () => {
    const { batch, taken } = createBatch({ quietMs: 0, holdMs: never });
    const other = createBatch({ quietMs: 1, holdMs: never });
    batch.add('a');
    batch.stop();
    other.batch.add('later');
    await other.first;
    assert.deepEqual(taken, []);
  });
});
