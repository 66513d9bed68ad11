import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { listenForStop } from './stop-signals.ts';
import type { StopSignal } from './stop-signals.ts';

function listen() {
  const emitter = new EventEmitter();
  const clock = { nowMs: 1_000 };
  const seconds: StopSignal[] = [];
  const signals = listenForStop(
    (signal) => seconds.push(signal),
    emitter,
    () => clock.nowMs,
  );
  return { emitter, clock, seconds, signals };
}

test('listenForStop: the first signal resolves, a later second one is told', async () => {
  const { emitter, clock, seconds, signals } = listen();
  emitter.emit('SIGTERM', 'SIGTERM');
  assert.equal(await signals.first, 'SIGTERM');
  clock.nowMs += 500;
  emitter.emit('SIGINT', 'SIGINT');
  assert.deepEqual(seconds, ['SIGINT']);
});

test('listenForStop: one Ctrl-C that arrives twice is one', async () => {
  const { emitter, clock, seconds, signals } = listen();
  emitter.emit('SIGINT', 'SIGINT');
  clock.nowMs += 499;
  emitter.emit('SIGINT', 'SIGINT');
  assert.equal(await signals.first, 'SIGINT');
  assert.deepEqual(seconds, []);
});

test('listenForStop: SIGHUP is heard and ignored; release stops listening', () => {
  const { emitter, signals } = listen();
  assert.ok(emitter.emit('SIGHUP', 'SIGHUP'));
  signals.release();
  assert.equal(emitter.emit('SIGHUP', 'SIGHUP'), false);
  assert.equal(emitter.emit('SIGINT', 'SIGINT'), false);
});
