// Addresses of external names: first answers, renewal, failures that keep the last answer, and lookups that never end.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DnsResolver, type Resolution } from './dns-resolver.ts';

interface Watched {
  readonly resolver: DnsResolver;
  readonly heard: (readonly string[] | null)[];
  /** Answers the lookup that is under way. */
  readonly answer: (result: Resolution | Error) => Promise<void>;
  readonly lookups: () => number;
}

function watch(t: TestContext): Watched {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const heard: (readonly string[] | null)[] = [];
  let pending = Promise.withResolvers<Resolution>();
  let lookups = 0;
  const resolver = new DnsResolver(
    () => {
      lookups += 1;
      pending = Promise.withResolvers<Resolution>();
      return pending.promise;
    },
    () => 0,
  );
  resolver.watch('a', 'name.test', (addresses) => heard.push(addresses));
  const answer = async (result: Resolution | Error): Promise<void> => {
    if (result instanceof Error) pending.reject(result);
    else pending.resolve(result);
    await settle();
  };
  return { resolver, heard, answer, lookups: () => lookups };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

test('an answer is told, sorted, and asked for again when its time to live has passed', async (t) => {
  const { heard, answer, lookups } = watch(t);
  await answer({ addresses: ['10.0.0.2', '10.0.0.1'], ttlMs: 5_000 });
  assert.deepEqual(heard, [['10.0.0.1', '10.0.0.2']]);
  t.mock.timers.tick(4_999);
  assert.equal(lookups(), 1);
  t.mock.timers.tick(1);
  assert.equal(lookups(), 2);
  await answer({ addresses: ['10.0.0.1', '10.0.0.2'], ttlMs: 0 });
  assert.equal(heard.length, 1, 'the same answer is no news');
  t.mock.timers.tick(1_000);
  assert.equal(lookups(), 3, 'a time to live of 0 counts as one second');
});

test('a failure keeps the last answer and is tried again with growing pauses', async (t) => {
  const { heard, answer, lookups } = watch(t);
  await answer({ addresses: ['10.0.0.1'], ttlMs: 1_000 });
  t.mock.timers.tick(1_000);
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    await answer(new Error('SERVFAIL'));
    const before = lookups();
    t.mock.timers.tick(pauseMs - 1);
    assert.equal(lookups(), before);
    t.mock.timers.tick(1);
    assert.equal(lookups(), before + 1);
  }
  assert.deepEqual(heard, [['10.0.0.1']]);
});

test('a lookup that never ends counts as failed, so that nobody waits for ever', async (t) => {
  const { heard, answer, lookups } = watch(t);
  t.mock.timers.tick(5_000);
  await settle();
  assert.deepEqual(heard, [null]);
  t.mock.timers.tick(1_000);
  assert.equal(lookups(), 2);
  await answer({ addresses: ['10.0.0.1'], ttlMs: 1_000 });
  assert.deepEqual(heard, [null, ['10.0.0.1']]);
});

test('addresses that nobody may dial are left out (rule G5)', async (t) => {
  const { heard, answer } = watch(t);
  const refused = [
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '::',
    'fe80::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    'x',
  ];
  await answer({ addresses: [...refused, '10.0.0.1', 'fd00::1', '127.0.0.1'], ttlMs: 1_000 });
  assert.deepEqual(heard, [['10.0.0.1', '127.0.0.1', 'fd00::1']]);
});

test('nothing is told after the watch has ended', async (t) => {
  const { resolver, heard, answer } = watch(t);
  resolver.unwatch('a');
  await answer({ addresses: ['10.0.0.1'], ttlMs: 1_000 });
  assert.deepEqual(heard, []);
});
