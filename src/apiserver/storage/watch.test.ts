// Watches: in order, once, whatever listeners do, and on from where they were after a restart.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ObjectStore, openStore, RevisionExpiredError, StorageError, type StoreEvent } from './index.ts';
import {
  keyOf,
  leases,
  put,
  recordEvents,
  remove,
  services,
  shownEvent,
  statePath,
} from './store.fixture.ts';

function openMemory(onListenerError?: (error: unknown) => void): ObjectStore {
  return openStore({ path: ':memory:', ...(onListenerError === undefined ? {} : { onListenerError }) });
}

describe('watch', () => {
  it('tells first what was missed, then what happens', () => {
    const store = openMemory();
    store.write([put(keyOf('shop/web'), 1), put(keyOf('shop/api'), 1)]);
    const told = recordEvents(store, 2);
    assert.deepEqual(told, ['ADDED shop/api 1 @3']);
    store.write([put(keyOf('shop/web'), 2), remove(keyOf('shop/api'))]);
    assert.deepEqual(told.slice(1), ['MODIFIED shop/web 1→2 @4', 'DELETED shop/api 1 @5']);
  });

  it('gives the deleted object the revision of its deletion, and shows the state before', () => {
    const store = openMemory();
    const [created] = store.write([put(keyOf('web'), 1)]);
    const events: StoreEvent[] = [];
    store.watch(services, null, store.revision, (event) => events.push(event));
    store.write([remove(keyOf('web'))]);
    assert.equal(events[0]?.object.metadata.resourceVersion, '3');
    assert.equal(events[0]?.previous, created);
    assert.equal(events[0]?.previous?.metadata.resourceVersion, '2');
  });

  it('tells of its resource and namespace only; the empty namespace is that of cluster-scoped objects', () => {
    const store = openMemory();
    const shop = recordEvents(store, 1, services, 'shop');
    const cluster = recordEvents(store, 1, services, '');
    const other = recordEvents(store, 1, leases);
    store.write([
      put(keyOf('shop/web')),
      put(keyOf('blog/web')),
      put(keyOf('node')),
      put(keyOf('shop/l', leases)),
    ]);
    assert.deepEqual(shop, ['ADDED shop/web 0 @2']);
    assert.deepEqual(cluster, ['ADDED /node 0 @4']);
    assert.deepEqual(other, ['ADDED shop/l 0 @5']);
    assert.deepEqual(recordEvents(store, 1, services, 'shop'), shop, 'the same from the history');
  });

  it('tells of a batch when it is committed, and of nothing when it fails', () => {
    const store = openMemory();
    const told = recordEvents(store, 1);
    store.batch(() => {
      store.write([put(keyOf('a'))]);
      store.write([put(keyOf('b'))]);
      assert.deepEqual(told, []);
    });
    assert.deepEqual(told, ['ADDED /a 0 @2', 'ADDED /b 0 @3']);
    assert.throws(() =>
      store.batch(() => {
        store.write([put(keyOf('c'))]);
        throw new Error('no');
      }),
    );
    store.write([put(keyOf('d'))]);
    assert.deepEqual(told.slice(2), ['ADDED /d 0 @4']);
  });

  it('refuses to begin inside a batch that has written', () => {
    const store = openMemory();
    const begin = (): unknown => store.watch(services, null, 1, () => undefined);
    assert.throws(
      () =>
        store.batch(() => {
          store.write([put(keyOf('a'))]);
          begin();
        }),
      /inside a batch/,
    );
    assert.equal(store.revision, 1);
  });

  it('tells nothing after the store is closed, nobody', () => {
    for (const isMissed of [false, true]) {
      const store = openMemory();
      const mutations = [put(keyOf('a')), put(keyOf('b'))];
      if (isMissed) store.write(mutations);
      const told: string[] = [];
      store.watch(services, null, 1, (event) => {
        told.push(shownEvent(event));
        store.close();
      });
      if (!isMissed) {
        store.watch(services, null, 1, () => told.push('another'));
        store.write(mutations);
      }
      assert.deepEqual(told, ['ADDED /a 0 @2']);
      assert.throws(() => store.watch(services, null, 1, () => undefined), StorageError);
    }
  });
});

describe('listeners', () => {
  it('are told of what another listener writes behind what they are being told', () => {
    const store = openMemory();
    store.watch(services, null, 1, ({ key }) => {
      if (key.name === 'web') store.write([put(keyOf('echo'), store.revision)]);
    });
    const told = recordEvents(store, 1);
    store.write([put(keyOf('web'), 1), put(keyOf('api'), 1)]);
    assert.deepEqual(told, ['ADDED /web 1 @2', 'ADDED /api 1 @3', 'ADDED /echo 3 @4']);
  });

  it('keep the order when a write happens while the history is told', () => {
    const store = openMemory();
    store.write([put(keyOf('a')), put(keyOf('b'))]);
    const told: string[] = [];
    store.watch(services, null, 1, (event) => {
      told.push(shownEvent(event));
      if (event.key.name === 'a') store.write([put(keyOf('c'))]);
    });
    assert.deepEqual(told, ['ADDED /a 0 @2', 'ADDED /b 0 @3', 'ADDED /c 0 @4']);
  });

  it('may start a watch, which is told each event once', () => {
    const store = openMemory();
    const told: string[] = [];
    let isBegun = false;
    store.watch(services, null, 1, () => {
      if (isBegun) return;
      isBegun = true;
      // At this moment 3 is committed and not told to anybody.
      store.watch(services, null, 1, (event) => told.push(shownEvent(event)));
    });
    store.write([put(keyOf('a')), put(keyOf('b'))]);
    store.write([put(keyOf('c'))]);
    assert.deepEqual(told, ['ADDED /a 0 @2', 'ADDED /b 0 @3', 'ADDED /c 0 @4']);
  });

  it('may stop their own watch and that of others', () => {
    const store = openMemory();
    const told: string[] = [];
    const own = store.watch(services, null, 1, ({ key }) => {
      told.push(`first ${key.name}`);
      own.stop();
      other.stop();
    });
    const other = store.watch(services, null, 1, ({ key }) => told.push(`second ${key.name}`));
    store.watch(services, null, 1, ({ key }) => told.push(`third ${key.name}`));
    store.write([put(keyOf('a')), put(keyOf('b'))]);
    own.stop();
    assert.deepEqual(told, ['first a', 'third a', 'third b']);
  });

  it('harm nobody when they throw', () => {
    const failures: unknown[] = [];
    const store = openMemory((error) => failures.push(error));
    const failure = new Error('listener');
    store.watch(services, null, 1, () => {
      throw failure;
    });
    const told = recordEvents(store, 1);
    assert.equal(store.write([put(keyOf('a'))]).length, 1);
    store.write([put(keyOf('b'))]);
    assert.deepEqual(told, ['ADDED /a 0 @2', 'ADDED /b 0 @3']);
    assert.deepEqual(failures, [failure, failure]);
  });
});

describe('a watch after a restart', () => {
  it('goes on behind the revision that it had reached', () => {
    const path = statePath();
    const first = openStore({ path });
    const told = recordEvents(first, 1);
    first.write([put(keyOf('shop/web'), 1), put(keyOf('shop/web'), 2), put(keyOf('shop/api'), 1)]);
    first.write([remove(keyOf('shop/web')), put(keyOf('shop/web'), 3)]);
    first.close();
    const second = openStore({ path });
    assert.deepEqual(recordEvents(second, 1), told);
    const resumed = recordEvents(second, 5);
    second.write([put(keyOf('shop/api'), 2)]);
    assert.deepEqual(resumed, ['ADDED shop/web 3 @6', 'MODIFIED shop/api 1→2 @7']);
    second.close();
  });

  it('is refused when its revision was compacted before', () => {
    const path = statePath();
    const options = { path, history: { minEvents: 2, maxEvents: 5 } };
    const first = openStore(options);
    for (let value = 1; value <= 20; value += 1) first.write([put(keyOf('web'), value)]);
    const { oldestRevision } = first;
    assert.equal(oldestRevision, 16);
    first.close();
    const second = openStore(options);
    assert.equal(second.oldestRevision, oldestRevision);
    assert.equal(recordEvents(second, oldestRevision).length, 5);
    assert.throws(
      () => second.watch(services, null, oldestRevision - 1, () => undefined),
      (error) =>
        error instanceof RevisionExpiredError && error.message === 'too old resource version: 15 (16)',
    );
    second.close();
  });
});
