// The history: bounded by number, size and age, each resource for itself; and lists at older revisions.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultHistoryLimits, EventHistory } from './event-history.ts';
import { type HistoryLimits, type ObjectStore, openStore, RevisionExpiredError } from './index.ts';
import { SqliteStore } from './sqlite-store.ts';
import {
  keyOf,
  leases,
  put,
  recordEvents,
  remove,
  services,
  shownObjects,
  statePath,
} from './store.fixture.ts';

function openMemory(history: Partial<HistoryLimits>, nowMs: () => number = () => 0): ObjectStore {
  return openStore({ path: ':memory:', history, nowMs });
}

function writeMany(store: ObjectStore, count: number, path = 'web', resource = services): void {
  for (let value = 1; value <= count; value += 1) store.write([put(keyOf(path, resource), value)]);
}

/** How far back a watch of the resource may begin. */
function keptEvents(store: ObjectStore, resource = services): number {
  const told = (from: number): number => recordEvents(store, from, resource).length;
  try {
    return told(1);
  } catch (error) {
    assert.ok(error instanceof RevisionExpiredError);
    return told(error.oldestRevision);
  }
}

describe('compaction', () => {
  it('keeps young events, and the last ones however old they are', () => {
    let nowMs = 0;
    const store = openMemory({ minEvents: 3, minAgeMs: 1000 }, () => nowMs);
    writeMany(store, 10);
    assert.equal(keptEvents(store), 10, 'all are young');
    nowMs = 2000;
    writeMany(store, 2);
    assert.equal(keptEvents(store), 3, 'ten are old; two young ones and one more are kept');
    nowMs = 4000;
    writeMany(store, 4);
    assert.equal(keptEvents(store), 4, 'four young ones');
  });

  it('keeps the promised five minutes and 1,000 events by default', () => {
    let nowMs = 0;
    const store = openStore({ path: ':memory:', nowMs: () => nowMs });
    store.batch(() => writeMany(store, 1500));
    nowMs = 299_000;
    writeMany(store, 1);
    assert.equal(keptEvents(store), 1501);
    nowMs = 700_000;
    for (let round = 0; round < 60; round += 1) writeMany(store, 1);
    assert.equal(keptEvents(store), 1000);
  });

  it('ends at the largest number, also for young events', () => {
    const store = openMemory({ minEvents: 1, minAgeMs: 1000, maxEvents: 8 });
    writeMany(store, 30);
    assert.equal(keptEvents(store), 8);
    assert.equal(store.oldestRevision, store.revision - 8);
  });

  it('ends at the largest size, which older states fill', () => {
    const store = openMemory({ maxBytes: 20_000 });
    const text = 'x'.repeat(4000);
    for (let round = 0; round < 20; round += 1) store.write([put(keyOf('web'), text)]);
    assert.equal(keptEvents(store), 4, 'each holds the text of its state before');
  });

  it('takes the overflow from the resource that fills the history', () => {
    const store = openMemory({ minEvents: 1, minAgeMs: 1000, maxEvents: 20 });
    writeMany(store, 5);
    writeMany(store, 100, 'kube-system/leader', leases);
    assert.equal(keptEvents(store), 5, 'services are all there');
    assert.equal(keptEvents(store, leases), 15);
    assert.throws(() => recordEvents(store, 50, leases), RevisionExpiredError);
    assert.equal(recordEvents(store, 1).length, 5);
  });

  it('counts only what was committed', () => {
    const store = openMemory({ maxBytes: 20_000, maxEvents: 10 });
    store.write([put(keyOf('web'), 'x'.repeat(4000))]);
    for (let round = 0; round < 50; round += 1) {
      const run = (): void => {
        writeMany(store, 1);
        throw new Error('planned');
      };
      assert.throws(() => store.batch(run), /planned/);
    }
    writeMany(store, 9);
    assert.equal(keptEvents(store), 10);
  });

  it('takes each event out of the file once', () => {
    const removed: number[] = [];
    const store = new SqliteStore({
      path: '',
      loaded: {
        revision: 1,
        tables: new Map(),
        history: new EventHistory({ ...defaultHistoryLimits, maxEvents: 5 }, new Map()),
      },
      writer: { commit: (_, { revisions }) => removed.push(...revisions), close: () => undefined },
      nowMs: () => 0,
      onListenerError: (error) => assert.fail(String(error)),
    });
    writeMany(store, 10);
    store.close();
    assert.deepEqual(removed, [2, 3, 4, 5, 6]);
  });

  it('follows a bulk load that is larger than the history', () => {
    const store = openMemory({ maxEvents: 100 });
    store.batch(() => writeMany(store, 1000));
    assert.equal(keptEvents(store), 100);
  });

  it('leaves the file too', () => {
    const path = statePath();
    const first = openStore({
      path,
      history: { minEvents: 2, maxEvents: 10 },
      durability: 'kernel',
    });
    writeMany(first, 200);
    first.close();
    const second = openStore({ path });
    assert.equal(keptEvents(second), 10);
    assert.equal(second.revision, 201);
    second.close();
  });

  it('never takes the counter back: revisions are not given out again', () => {
    const path = statePath();
    const options = { path, history: { minEvents: 0, minAgeMs: -1, maxEvents: 0 } };
    const first = openStore(options);
    first.write([put(keyOf('web')), remove(keyOf('web'))]);
    first.close();
    const second = openStore(options);
    assert.equal(second.revision, 3);
    assert.equal(second.write([put(keyOf('web'))])[0]?.metadata.resourceVersion, '4');
    second.close();
  });
});

describe('a list at an older revision', () => {
  it('undoes creations, changes and deletions, page by page', () => {
    const store = openMemory({});
    store.write(['a/1', 'a/2', 'b/1', 'b/2'].map((path) => put(keyOf(path), 'old')));
    const atRevision = store.revision;
    store.write([
      remove(keyOf('a/1')),
      put(keyOf('a/0'), 'new'),
      put(keyOf('b/2'), 'new'),
      remove(keyOf('b/1')),
    ]);
    store.write([put(keyOf('b/1'), 'new'), remove(keyOf('a/2'))]);
    const range = { resource: services, namespace: null, atRevision, limit: 3 };
    const first = store.list(range);
    assert.deepEqual(shownObjects(first.objects), ['a/1=old', 'a/2=old', 'b/1=old']);
    assert.deepEqual([first.remaining, first.revision], [1, atRevision]);
    const second = store.list({ ...range, after: { namespace: 'b', name: '1' } });
    assert.deepEqual(shownObjects(second.objects), ['b/2=old']);
    assert.equal(second.remaining, 0);
    assert.deepEqual(shownObjects(store.list({ resource: services, namespace: null }).objects), [
      'a/0=new',
      'b/1=new',
      'b/2=new',
    ]);
  });

  it('is refused behind the history, and in the future', () => {
    const store = openMemory({ minEvents: 1, minAgeMs: 0, maxEvents: 2 });
    writeMany(store, 5);
    const at = (atRevision: number): unknown =>
      store.list({ resource: services, namespace: null, atRevision });
    assert.throws(() => at(store.oldestRevision - 1), RevisionExpiredError);
    assert.throws(() => at(store.revision + 1), /list at revision 7: the newest is 6/);
    assert.ok(at(store.oldestRevision));
  });

  it('reads what a resource was before anything was written', () => {
    const store = openMemory({});
    store.write([put(keyOf('a/1'))]);
    assert.deepEqual(store.list({ resource: services, namespace: null, atRevision: 1 }).objects, []);
  });
});
