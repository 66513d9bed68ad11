// Writes: all or nothing, in memory as on disk, whatever fails.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { ApiObject } from '../api-object.ts';
import { defaultHistoryLimits, EventHistory } from './event-history.ts';
import { type Mutation, type ObjectStore, openStore, StorageError } from './index.ts';
import { SqliteStore } from './sqlite-store.ts';
import {
  keyOf,
  put,
  recordEvents,
  remove,
  sampleObject,
  services,
  shownObjects,
  statePath,
} from './store.fixture.ts';

const all = { resource: services, namespace: null };

function shownState(store: ObjectStore): unknown {
  return [store.revision, store.count(services), ...shownObjects(store.list(all).objects)];
}

function refused(problem: string): (error: unknown) => boolean {
  return (error) => error instanceof StorageError && error.problem === problem;
}

/** JSON.stringify refuses it. */
function endlessMutation(): Mutation {
  const object: Record<string, unknown> = { ...sampleObject(keyOf('endless'), 0) };
  object['self'] = object;
  return { kind: 'put', key: keyOf('endless'), object: object as ApiObject };
}

describe('write', () => {
  it('gives each mutation a revision of its own and returns what is stored', () => {
    const store = openStore({ path: ':memory:' });
    assert.equal(store.revision, 1);
    const stored = store.write([
      put(keyOf('a')),
      put(keyOf('b')),
      remove(keyOf('a')),
      remove(keyOf('absent')),
    ]);
    assert.deepEqual(
      stored.map((object) => object?.metadata.resourceVersion ?? null),
      ['2', '3', null, null],
    );
    assert.equal(store.revision, 4);
    assert.equal(store.get(keyOf('b')), stored[1]);
    assert.equal(store.get(keyOf('a')), null);
  });

  it('writes an equal object again', () => {
    const store = openStore({ path: ':memory:' });
    store.write([put(keyOf('a'))]);
    const told = recordEvents(store, store.revision);
    store.write([put(keyOf('a'))]);
    assert.deepEqual(told, ['MODIFIED /a 0→0 @3']);
  });

  it('changes nothing when one of its mutations cannot be stored', () => {
    const store = openStore({ path: ':memory:' });
    store.write([put(keyOf('a'), 1)]);
    const before = shownState(store);
    assert.throws(() => store.write([put(keyOf('a'), 2), put(keyOf('b')), endlessMutation()]), TypeError);
    assert.throws(
      () => store.write([remove(keyOf('a')), put(keyOf('nul\0'))]),
      /"nul\\u0000", want text without NUL/,
    );
    assert.throws(() => store.write([put(keyOf('\ud800'))]), TypeError);
    assert.deepEqual(shownState(store), before);
  });

  it('keeps keys and fields of any text as they are, across a restart', () => {
    const path = statePath();
    const first = openStore({ path });
    const value: unknown = JSON.parse(
      '{"__proto__": {"a": 1}, "constructor": null, "\\u0000": "\\ud800 é 😀", "n": 1e-7}',
    );
    const keys = [keyOf('__proto__/constructor'), keyOf('é/😀'), keyOf('a/%_\'"')];
    first.write(keys.map((key) => put(key, value)));
    const before = first.list(all);
    first.close();
    const second = openStore({ path });
    assert.deepEqual(second.list(all), before);
    for (const key of keys) assert.deepEqual(second.get(key)?.['spec'], { value });
    second.close();
  });
});

describe('batch', () => {
  it('is taken back as a whole when it throws', () => {
    const path = statePath();
    const store = openStore({ path });
    store.write([put(keyOf('a'), 1), put(keyOf('b'), 1)]);
    const before = shownState(store);
    const failure = new Error('planned');
    const run = (): void => {
      store.write([remove(keyOf('a')), put(keyOf('b'), 2), put(keyOf('c'), 2)]);
      store.write([put(keyOf('a'), 3)]);
      assert.deepEqual(
        shownObjects(store.list(all).objects),
        ['/a=3', '/b=2', '/c=2'],
        'it reads its own writes',
      );
      throw failure;
    };
    assert.throws(() => store.batch(run), failure);
    assert.deepEqual(shownState(store), before);
    store.close();
    const reopened = openStore({ path });
    assert.deepEqual(shownState(reopened), before);
    reopened.close();
  });

  it('keeps what went well when an inner one is taken back', () => {
    const store = openStore({ path: ':memory:' });
    const result = store.batch(() => {
      store.write([put(keyOf('a'), 1)]);
      assert.throws(() => store.write([put(keyOf('a'), 2), endlessMutation()]));
      store.write([put(keyOf('b'), 3)]);
      return 'done';
    });
    assert.equal(result, 'done');
    assert.deepEqual(shownState(store), [3, 2, '/a=1', '/b=3']);
  });

  it('refuses an asynchronous function and takes back what it wrote before its first wait', () => {
    const store = openStore({ path: ':memory:' });
    const run = (): Promise<void> => {
      store.write([put(keyOf('a'))]);
      return Promise.resolve();
    };
    assert.throws(() => store.batch(run), /want a synchronous one/);
    assert.equal(store.revision, 1);
  });

  it('cannot be closed from inside', () => {
    const store = openStore({ path: ':memory:' });
    assert.throws(() => store.batch(() => store.close()), /inside a batch/);
    store.write([put(keyOf('a'))]);
    store.close();
    store.close();
    assert.throws(() => store.write([put(keyOf('b'))]), refused('closed'));
    assert.equal(store.revision, 2);
  });
});

describe('a disk that refuses', () => {
  it('leaves memory, revision and watchers as they were, and the file good', () => {
    const path = statePath();
    openStore({ path }).close();
    const script = join(import.meta.dirname, 'failing-disk.fixture.ts');
    // In units of 1 KiB; about a hundred objects of four pages each.
    const limited = ['-c', 'ulimit -f 1200; exec "$@"', 'sh', process.execPath, script, path];
    const { stdout, stderr } = spawnSync('bash', limited, { encoding: 'utf8' });
    assert.match(stdout, /^\{/, stderr);
    const { written, revision, held, told, problem, message } = JSON.parse(stdout) as Record<string, unknown>;
    assert.ok(Number(written) > 5, stdout);
    assert.deepEqual([revision, held, told], [Number(written) + 1, written, written]);
    assert.equal(problem, 'failed');
    assert.ok(String(message).startsWith(`writing 1 change to "${path}": disk I/O error`), String(message));
    const store = openStore({ path });
    assert.equal(store.count(services), written);
    store.write([put(keyOf('behind'))]);
    store.close();
  });

  it('takes the next write when it refused one in the middle', () => {
    const path = statePath();
    openStore({ path }).close();
    const database = new DatabaseSync(path);
    database.exec(
      `CREATE TRIGGER refuse BEFORE INSERT ON objects WHEN new.name = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END`,
    );
    database.close();
    const store = openStore({ path });
    assert.throws(() => store.write([put(keyOf('a')), put(keyOf('bad'))]), StorageError);
    store.write([put(keyOf('b'))]);
    const before = shownState(store);
    assert.deepEqual(before, [2, 1, '/b=0']);
    store.close();
    const reopened = openStore({ path });
    assert.deepEqual(shownState(reopened), before);
    reopened.close();
  });

  it('is not written to again when an fsync failed', () => {
    let commits = 0;
    const lost = Object.assign(new Error('disk I/O error'), { errcode: 1034 });
    const store = new SqliteStore({
      path: '/data/state.db',
      loaded: { revision: 1, tables: new Map(), history: new EventHistory(defaultHistoryLimits, new Map()) },
      writer: {
        commit: () => {
          commits += 1;
          throw new StorageError('/data/state.db', 'failed', 'fsync', { cause: lost });
        },
        close: () => undefined,
      },
      nowMs: () => 0,
      onListenerError: (error) => assert.fail(String(error)),
    });
    assert.throws(() => store.write([put(keyOf('a'))]), /fsync/);
    assert.throws(
      () => store.write([put(keyOf('a'))]),
      /"\/data\/state.db": the disk lost an earlier write.*restart/,
    );
    assert.deepEqual([commits, store.revision, store.get(keyOf('a'))], [1, 1, null]);
    store.close();
  });

  it('is kept from being filled by one store: deletions pass and make room', () => {
    const store = openStore({
      path: statePath(),
      maxBytes: 400_000,
      history: { minEvents: 0, minAgeMs: -1 },
    });
    const text = 'x'.repeat(10_000);
    let count = 0;
    const fill = (): void => {
      for (; count < 1000; count += 1) store.write([put(keyOf(`n${count}`), text)]);
    };
    assert.throws(
      fill,
      (error) => refused('full')(error) && /limit is 400000; delete objects/.test(String(error)),
    );
    assert.ok(count > 10 && count < 40, `${count}`);
    assert.equal(store.count(services), count);
    store.write([put(keyOf('n0'), `${text}, and a finalizer less`)]);
    for (let index = 0; index < 5; index += 1) store.write([remove(keyOf(`n${index}`))]);
    store.write([put(keyOf('n0'), text)]);
    store.close();
  });
});
