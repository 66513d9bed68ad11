// The end of Events: an hour after the last write, whatever times their writers gave them, with one timer.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Mutation } from '../storage/store.ts';
import { EventExpiry } from './event-expiry.ts';
import { FakeTimers } from './fake-timers.fixture.ts';
import { MemoryStore } from './memory-store.fixture.ts';

const minuteMs = 60_000;

function putEvent(name: string, times: Readonly<Record<string, unknown>> = {}, createdAt?: string): Mutation {
  return {
    kind: 'put',
    key: { resource: 'core/events', namespace: 'n', name },
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name,
        namespace: 'n',
        ...(createdAt === undefined ? {} : { creationTimestamp: createdAt }),
      },
      involvedObject: {},
      ...times,
    },
  };
}

function setUp(): { store: MemoryStore; timers: FakeTimers; expiry: EventExpiry; errors: unknown[] } {
  const store = new MemoryStore();
  const timers = new FakeTimers();
  const errors: unknown[] = [];
  const expiry = new EventExpiry({
    store,
    nowMs: () => timers.nowMs,
    startTimer: timers.start,
    onError: (error) => void errors.push(error),
  });
  return { store, timers, expiry, errors };
}

function names(store: MemoryStore): string[] {
  return store
    .list({ resource: 'core/events', namespace: null })
    .objects.map(({ metadata }) => metadata.name);
}

test('an Event goes an hour after it was last written', () => {
  const { store, timers, expiry } = setUp();
  expiry.start();
  store.write([putEvent('a'), putEvent('b', { lastTimestamp: '2099-01-01T00:00:00Z' })]);
  timers.advance(30 * minuteMs);
  store.write([putEvent('a', { count: 2 })]);
  timers.advance(30 * minuteMs - 1);
  deepEqual(names(store), ['a', 'b']);
  timers.advance(1);
  deepEqual(names(store), ['a']);
  timers.advance(30 * minuteMs);
  deepEqual(names(store), []);
  equal(timers.count, 0);
  expiry.stop();
  equal(store.watchCount, 0);
});

test('after a start the Events say themselves when they were written, and none is believed about the future', () => {
  const { store, timers, expiry } = setUp();
  store.write([
    putEvent('old', {}, '2026-03-01T10:00:00Z'),
    putEvent('repeated', { lastTimestamp: '2026-03-01T11:30:00Z' }, '2026-03-01T10:00:00Z'),
    putEvent('series', { series: { lastObservedTime: '2026-03-01T11:50:00.000000Z' } }),
    putEvent('boasting', { lastTimestamp: '2099-01-01T00:00:00Z', eventTime: 'never' }),
  ]);
  expiry.start();
  timers.advance(0);
  deepEqual(names(store), ['boasting', 'repeated', 'series']);
  timers.advance(30 * minuteMs);
  deepEqual(names(store), ['boasting', 'series']);
  timers.advance(20 * minuteMs);
  deepEqual(names(store), ['boasting']);
  timers.advance(10 * minuteMs);
  deepEqual(names(store), []);
});

test('many are removed in bounded steps, and those deleted by others are forgotten', () => {
  const { store, timers, expiry } = setUp();
  store.write(Array.from({ length: 450 }, (_, index) => putEvent(`e${index}`)));
  expiry.start();
  let steps = 0;
  while (timers.step()) steps += 1;
  equal(steps, 3);
  deepEqual(names(store), []);
  store.write([putEvent('x')]);
  store.write([{ kind: 'delete', key: { resource: 'core/events', namespace: 'n', name: 'x' } }]);
  const { revision } = store;
  timers.advance(2 * 60 * minuteMs);
  equal(store.revision, revision);
});

test('a disk that refuses is asked again a minute later', () => {
  const { store, timers, expiry, errors } = setUp();
  store.write([putEvent('a')]);
  expiry.start();
  store.failure = new Error('no space left');
  timers.advance(0);
  equal(errors.length, 1);
  store.failure = null;
  timers.advance(minuteMs - 1);
  deepEqual(names(store), ['a']);
  timers.advance(1);
  deepEqual(names(store), []);
});
