// What is kept over a restart of the hosts that have failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostBackoff } from './host-backoff.ts';

const nowMs = Date.parse('2026-03-01T00:00:00Z');
const day = 86_400_000;

function restored(text: string): HostBackoff {
  const backoff = new HostBackoff();
  backoff.restore(text, nowMs);
  return backoff;
}

test('failures and their number are kept as text', () => {
  const before = new HostBackoff();
  before.fail('a.test', nowMs, 0, 0);
  before.fail('a.test', nowMs, 0, 0);
  before.fail('__proto__', nowMs, 0, 0);
  const after = restored(before.render(nowMs));
  assert.equal(after.retryAtMs('a.test'), nowMs + 600_000);
  assert.equal(after.retryAtMs('__proto__'), nowMs + 300_000);
  after.fail('a.test', nowMs, 0, 0);
  assert.equal(after.retryAtMs('a.test'), nowMs + 1_200_000);
});

test('what is long over is not kept, and the text stays below what an annotation takes', () => {
  const backoff = new HostBackoff();
  backoff.fail('old.test', nowMs - 2 * day, 0, 0);
  assert.equal(backoff.render(nowMs), '{}');
  for (let number = 0; number < 5_000; number += 1)
    backoff.fail(`${number}.${'x'.repeat(60)}.test`, nowMs, 0, 0);
  backoff.fail('longest.test', nowMs, 0, day);
  const text = backoff.render(nowMs);
  assert.ok(text.length > 100_000 && text.length <= 131_072, `${text.length}`);
  assert.equal(restored(text).retryAtMs('longest.test'), nowMs + day);
});

test('text that is none of ours holds nothing, and no time is beyond a week', () => {
  for (const text of ['', 'null', '[', '[1]', '{"a.test":1}', '{"a.test":["1",2]}', '{"a.test":[1,1e400]}']) {
    assert.equal(restored(text).retryAtMs('a.test'), 0);
  }
  assert.equal(restored(`{"a.test":[1,${nowMs + 900 * day}]}`).retryAtMs('a.test'), nowMs + 7 * day);
});
