import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FloodGuard } from './flood-guard.ts';

const limits = { maxResets: 3, maxControlFrames: 2, windowMs: 1_000 };

test('resets: as many as are allowed in a window, and anew in the next one', () => {
  const guard = new FloodGuard(limits);
  const count = (nowMs: number): boolean[] => Array.from({ length: 4 }, () => guard.countReset(nowMs));
  assert.deepEqual(count(0), [true, true, true, false]);
  assert.equal(guard.countReset(999), false);
  assert.deepEqual(count(1_000), [true, true, true, false]);
});

test('resets: work between them changes nothing', () => {
  const guard = new FloodGuard(limits);
  const counts = Array.from({ length: 4 }, () => {
    guard.countWork();
    return guard.countReset(0);
  });
  assert.deepEqual(counts, [true, true, true, false]);
});

test('control frames: as many as are allowed between two pieces of work, and in a window', () => {
  const guard = new FloodGuard(limits);
  const count = (nowMs: number): boolean => guard.countControlFrame(nowMs);
  assert.deepEqual([count(0), count(0), count(0)], [true, true, false]);
  guard.countWork();
  assert.deepEqual([count(1), count(1), count(1)], [true, true, false]);
  assert.deepEqual([count(1_000), count(1_000), count(1_000)], [true, true, false]);
});
