// The removal of namespaces: what is in them goes first, in bounded steps, from wherever a crash left it; finalizers are waited for.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiObject } from '../api-object.ts';
import { FakeTimers } from './fake-timers.fixture.ts';
import { NamespaceSweeper } from './namespace-sweeper.ts';
import { readList } from './read-value.ts';
import { TestServer } from './write-request.fixture.ts';

const maxPerStep = 3;

class Room {
  readonly server = new TestServer();
  readonly timers = new FakeTimers(this.server.nowMs);
  readonly errors: unknown[] = [];

  sweeper(): NamespaceSweeper {
    const sweeper = new NamespaceSweeper({
      store: this.server.store,
      registry: this.server.registry,
      nowMs: () => this.timers.nowMs,
      startTimer: this.timers.start,
      maxPerStep,
      onError: (error) => void this.errors.push(error),
    });
    sweeper.start();
    return sweeper;
  }

  addNamespace(name: string, members: Readonly<Record<string, unknown>> = {}): void {
    this.server.create('/api/v1/namespaces', { metadata: { name }, ...members });
  }

  addMap(namespace: string, name: string, finalizers: readonly string[] = []): void {
    const metadata = { name, finalizers };
    this.server.create(`/api/v1/namespaces/${namespace}/configmaps`, { metadata });
  }

  remove(name: string): void {
    this.server.delete(`/api/v1/namespaces/${name}`);
  }

  find(name: string): ApiObject | null {
    return this.server.store.get({ resource: 'core/namespaces', namespace: '', name });
  }

  countMaps(namespace: string): number {
    return this.server.store.list({ resource: 'core/configmaps', namespace }).objects.length;
  }

  releaseMap(namespace: string, name: string): void {
    const key = { resource: 'core/configmaps', namespace, name };
    this.server.store.write([{ kind: 'delete', key }]);
  }
}

test('a namespace goes with everything in it, and nothing else does', () => {
  const room = new Room();
  const sweeper = room.sweeper();
  for (const name of ['a', 'b']) {
    room.addNamespace(name);
    for (let index = 0; index < 10; index += 1) room.addMap(name, `m${index}`);
    const rules = [{ host: 'x.test' }];
    room.server.create(`/apis/networking.k8s.io/v1/namespaces/${name}/ingresses`, {
      metadata: { name: 'i' },
      spec: { rules },
    });
  }
  room.remove('a');
  equal(room.find('a')?.metadata.deletionTimestamp, '2026-03-01T12:00:00Z');
  room.timers.advance(0);
  equal(room.find('a'), null);
  equal(room.countMaps('a'), 0);
  equal(room.server.store.count('networking.k8s.io/ingresses'), 1);
  equal(room.countMaps('b'), 10);
  sweeper.stop();
  equal(room.server.store.watchCount, 0);
  equal(room.timers.count, 0);
});

test('one step removes a bounded number of objects', () => {
  const room = new Room();
  room.addNamespace('a');
  for (let index = 0; index < 20; index += 1) room.addMap('a', `m${index}`);
  room.sweeper();
  room.remove('a');
  let before = room.server.store.revision;
  while (room.timers.step()) {
    ok(room.server.store.revision - before <= maxPerStep);
    before = room.server.store.revision;
  }
  equal(room.find('a'), null);
});

test('wherever the process ends, the next one finishes the work', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), (steps) => {
      const room = new Room();
      room.addNamespace('a');
      for (let index = 0; index < 8; index += 1) room.addMap('a', `m${index}`);
      const first = room.sweeper();
      room.remove('a');
      for (let step = 0; step < steps; step += 1) room.timers.step();
      first.stop();
      room.sweeper();
      room.timers.advance(0);
      equal(room.find('a'), null);
      equal(room.countMaps('a'), 0);
      deepEqual(room.errors, []);
    }),
    { numRuns: 40 },
  );
});

test('objects with finalizers are marked as deleted, told of in the status and waited for', () => {
  const room = new Room();
  const sweeper = room.sweeper();
  room.addNamespace('a');
  room.addMap('a', 'kept', ['example.com/keep']);
  room.addMap('a', 'other', ['example.com/keep', 'example.com/too']);
  room.addMap('a', 'free');
  room.remove('a');
  room.timers.advance(0);
  equal(room.countMaps('a'), 2);
  const kept = room.server.read('/api/v1/namespaces/a/configmaps/kept');
  deepEqual(
    [kept.metadata.deletionTimestamp, kept.metadata.deletionGracePeriodSeconds],
    ['2026-03-01T12:00:00Z', 0],
  );
  const conditions = readList(room.find('a'), 'status', 'conditions');
  deepEqual(conditions, [
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      lastTransitionTime: '2026-03-01T12:00:00Z',
      reason: 'SomeResourcesRemain',
      message: 'Some resources are remaining: configmaps. has 2 resource instances',
    },
    {
      type: 'NamespaceFinalizersRemaining',
      status: 'True',
      lastTransitionTime: '2026-03-01T12:00:00Z',
      reason: 'SomeFinalizersRemain',
      message:
        'Some content in the namespace has finalizers remaining: example.com/keep in 2 resource instances, example.com/too in 1 resource instances',
    },
  ]);
  const { revision } = room.server.store;
  room.timers.advance(60_000);
  equal(room.server.store.revision, revision, 'waiting writes nothing');
  room.releaseMap('a', 'kept');
  room.timers.advance(0);
  ok(room.find('a') !== null);
  room.releaseMap('a', 'other');
  room.timers.advance(0);
  equal(room.find('a'), null);
  equal(room.server.store.watchCount, 1, 'only the watch on namespaces is left');
  sweeper.stop();
});

test("a finalizer of somebody else's keeps the namespace after its content is gone", () => {
  const room = new Room();
  room.sweeper();
  room.addNamespace('a', { spec: { finalizers: ['example.com/mine'] } });
  room.addMap('a', 'm');
  room.remove('a');
  room.timers.advance(0);
  deepEqual(readList(room.find('a'), 'spec', 'finalizers'), ['example.com/mine']);
  equal(room.countMaps('a'), 0);
  const emptied = { metadata: { name: 'a' }, spec: { finalizers: [] } };
  room.server.update('/api/v1/namespaces/a/finalize', emptied);
  room.timers.advance(0);
  equal(room.find('a'), null);
});

test('what a namespace left behind goes too, unless the namespace was made anew', () => {
  const room = new Room();
  room.sweeper();
  for (const name of ['gone', 'anew']) {
    room.addNamespace(name);
    room.addMap(name, 'm');
    room.server.store.write([{ kind: 'delete', key: { resource: 'core/namespaces', namespace: '', name } }]);
  }
  room.addNamespace('anew');
  room.timers.advance(0);
  equal(room.countMaps('gone'), 0);
  equal(room.countMaps('anew'), 1);
  ok(room.find('anew') !== null);
});

test('a disk that refuses is asked again later', () => {
  const room = new Room();
  room.sweeper();
  room.addNamespace('a');
  room.addMap('a', 'm');
  room.remove('a');
  room.server.store.failure = new Error('no space left');
  room.timers.advance(5_000);
  equal(room.errors.length, 1);
  room.server.store.failure = null;
  room.timers.advance(10_000);
  equal(room.find('a'), null);
  equal(room.errors.length, 1);
});
