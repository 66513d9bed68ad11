import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import {
  fieldsOf,
  keepUnchangedTimes,
  managedFieldsOf,
  managerNameOf,
  renderFieldsV1,
  trackUpdate,
  withManagedFields,
} from './index.ts';
import { ownersOf, schemaV1, secondsToMs, v1, v1beta1, versions, widget, write } from './widget.fixture.ts';

test('the fields of an object are named at the granularity of its schema', () => {
  const object = {
    ...widget(
      {
        size: 1,
        free: { a: [1], b: { c: {} } },
        ports: [{ port: 80 }, { port: 53, protocol: 'UDP', name: 'dns' }],
        tags: ['x', 'y', 'x'],
        whole: { a: 1 },
        steps: ['s'],
      },
      { labels: { l: '1' }, uid: 'u', annotations: {} },
    ),
    status: { phase: 'Ready' },
  };
  assert.deepEqual(renderFieldsV1(fieldsOf(object, schemaV1, ['status'])), {
    'f:metadata': { 'f:annotations': {}, 'f:labels': { 'f:l': {} } },
    'f:spec': {
      'f:free': { 'f:a': {}, 'f:b': { '.': {}, 'f:c': {} } },
      'f:ports': {
        'k:{"port":53,"protocol":"UDP"}': { '.': {}, 'f:name': {}, 'f:port': {}, 'f:protocol': {} },
        'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} },
      },
      'f:size': {},
      'f:steps': {},
      'f:tags': { 'v:"x"': {}, 'v:"y"': {} },
      'f:whole': {},
    },
  });
});

test('who writes a field owns it, who removes it takes it from everybody', () => {
  const first = write(null, widget({ size: 1, free: { a: 1 } }), 'one');
  const second = write(first, widget({ size: 2, free: { a: 1, b: 1 } }, { uid: 'u-1' }), 'two');
  assert.deepEqual(ownersOf(second), {
    'one Update': { 'f:spec': { 'f:free': { '.': {}, 'f:a': {} } } },
    'two Update': { 'f:spec': { 'f:free': { 'f:b': {} }, 'f:size': {} } },
  });
  const third = write(second, widget({ free: { b: 1 } }, { uid: 'u-1' }), 'three');
  assert.deepEqual(ownersOf(third), {
    'one Update': { 'f:spec': { 'f:free': {} } },
    'two Update': { 'f:spec': { 'f:free': { 'f:b': {} } } },
  });
});

test('a write that changes nothing renews no time', () => {
  const first = write(null, widget({ size: 1 }), 'one');
  const again = write(first, widget({ size: 1 }, { uid: 'u-1' }), 'two', { atSeconds: 60 });
  assert.deepEqual(again, first);
});

test('entries stand by operation, then by age', () => {
  let live = write(null, widget({ size: 1 }), 'z', { atSeconds: 5 });
  live = write(live, widget({ size: 1, steps: ['a'] }, { uid: 'u-1' }), 'y', { atSeconds: 7 });
  live = write(live, widget({ size: 1, steps: ['a'], tags: ['t'] }, { uid: 'u-1' }), 'a', { atSeconds: 7 });
  assert.deepEqual(Object.keys(ownersOf(live)), ['z Update', 'a Update', 'y Update']);
});

test('the oldest of more than ten updaters become one', () => {
  let live = write(null, widget({ free: { k0: 0 } }), 'm0');
  for (let i = 1; i < 13; i += 1) {
    const free = Object.fromEntries(Array.from({ length: i + 1 }, (_, k) => [`k${k}`, 0]));
    live = write(live, widget({ free }, { uid: 'u-1' }), `m${i}`, { atSeconds: i });
  }
  const owners = ownersOf(live);
  assert.equal(Object.keys(owners).length, 10);
  assert.deepEqual(owners['ancient-changes Update'], {
    'f:spec': { 'f:free': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} } },
  });
});

test('a client may clear managedFields, and what it cannot have meant is ignored', () => {
  const live = write(null, widget({ size: 1 }), 'one');
  const sent = (managedFields: unknown, size: number) =>
    ownersOf(write(live, widget({ size }, { uid: 'u-1', managedFields }), 'two'));
  assert.deepEqual(sent([], 2), {});
  assert.deepEqual(sent([{}], 2), {});
  const changed = { 'two Update': { 'f:spec': { 'f:size': {} } } };
  const entry = { manager: 'x', operation: 'Update', apiVersion: v1, fieldsType: 'FieldsV1', fieldsV1: {} };
  for (const bad of [
    undefined,
    'x',
    [1],
    [{ ...entry, operation: 'Delete' }],
    [{ ...entry, apiVersion: '' }],
    [{ ...entry, fieldsType: 'FieldsV2' }],
    [{ ...entry, fieldsV1: { 'f:a': 1 } }],
  ]) {
    assert.deepEqual(sent(bad, 2), changed);
  }
  const planted = sent([{ ...entry, fieldsV1: { 'f:spec': { 'f:steps': {} } } }], 2);
  assert.deepEqual(planted, { 'x Update': { 'f:spec': { 'f:steps': {} } }, ...changed });
});

test('an object whose managers were cleared stays untracked when it is written', () => {
  const live = widget({ size: 1 }, { uid: 'u-1' });
  assert.deepEqual(ownersOf(write(live, widget({ size: 2 }, { uid: 'u-1' }), 'one')), {});
});

test('subresources have entries of their own and do not take managedFields from the client', () => {
  const live = write(null, widget({ size: 1 }), 'one');
  const next = { ...widget({ size: 1 }, { uid: 'u-1', managedFields: [] }), status: { phase: 'Ready' } };
  const about = { subresource: 'status', resetFields: ['spec'] };
  const stored = write(live, next, 'one', about);
  const entries = managedFieldsOf(stored);
  assert.ok(Array.isArray(entries));
  assert.deepEqual(
    entries.map(({ subresource, fieldsV1 }) => [subresource, fieldsV1]),
    [
      [undefined, { 'f:spec': { 'f:size': {} } }],
      ['status', { 'f:status': { '.': {}, 'f:phase': {} } }],
    ],
  );
});

test('managers who wrote in other versions keep their fields in the words of theirs', () => {
  const old = write(null, widget({ scale: 1, steps: ['a'] }, {}, v1beta1), 'old', { apiVersion: v1beta1 });
  const converted = versions.toVersion(old, v1);
  assert.ok(converted !== null);
  const owners = ownersOf(write(converted, widget({ size: 1, steps: ['b'] }, { uid: 'u-1' }), 'new'));
  assert.deepEqual(owners, {
    'old Update': { 'f:spec': { 'f:scale': {} } },
    'new Update': { 'f:spec': { 'f:steps': {} } },
  });
  const resized = write(converted, widget({ size: 2, steps: ['a'] }, { uid: 'u-1' }), 'new');
  assert.deepEqual(ownersOf(resized)['old Update'], { 'f:spec': { 'f:steps': {} } });
});

test('managers of versions that are gone are dropped', () => {
  const entry = { manager: 'x', operation: 'Update', apiVersion: 'example.com/v0', fieldsType: 'FieldsV1' };
  const live = withManagedFields(widget({ size: 1 }, { uid: 'u-1' }), [
    { ...entry, fieldsV1: { 'f:spec': {} } },
  ]);
  assert.deepEqual(Object.keys(ownersOf(write(live, widget({ size: 2 }, { uid: 'u-1' }), 'one'))), [
    'one Update',
  ]);
});

test('what became atomic is owned as one value', () => {
  const entry = { manager: 'x', operation: 'Apply', apiVersion: v1, fieldsType: 'FieldsV1' };
  const fieldsV1 = {
    'f:spec': { 'f:whole': { 'f:a': {} }, 'f:steps': { 'v:"s"': {} }, 'f:free': { 'f:m': { 'f:n': {} } } },
  };
  const live = withManagedFields(
    widget({ whole: { a: 1 }, steps: ['s'], free: { m: { n: 1 } } }, { uid: 'u-1' }),
    [{ ...entry, fieldsV1 }],
  );
  const next = widget({ size: 1, whole: { a: 1 }, steps: ['s'], free: { m: { n: 1 } } }, { uid: 'u-1' });
  assert.deepEqual(ownersOf(write(live, next, 'one'))['x Apply'], {
    'f:spec': { 'f:free': { 'f:m': { 'f:n': {} } }, 'f:steps': {}, 'f:whole': {} },
  });
});

test('an object that does not fit its schema loses its managers', () => {
  const next = deepFreeze(widget({ size: 'big' }));
  const scope = { apiVersion: v1, subresource: '', resetFields: [], versions, nowMs: secondsToMs(0) };
  assert.deepEqual(trackUpdate({ ...scope, live: null, next, manager: 'one' }), []);
  assert.deepEqual(trackUpdate({ ...scope, apiVersion: 'nope/v1', live: null, next, manager: 'one' }), []);
});

test('times that alone would change are kept', () => {
  const live = write(null, widget({ size: 1 }), 'one');
  const later = write(null, widget({ size: 1 }), 'one', { atSeconds: 60 });
  assert.deepEqual(keepUnchangedTimes(later, live), live);
  const changed = write(null, widget({ size: 2 }), 'one', { atSeconds: 60 });
  assert.equal(keepUnchangedTimes(changed, live), changed);
  const other = write(null, widget({ size: 1 }), 'two', { atSeconds: 60 });
  assert.equal(keepUnchangedTimes(other, live), other);
});

test('the manager is the option, else the product of the User-Agent', () => {
  assert.equal(managerNameOf('mine', 'kubectl/v1.36'), 'mine');
  assert.equal(managerNameOf('', 'kubectl/v1.36 (linux)'), 'kubectl');
  assert.equal(managerNameOf('', 'a\u0000b\tc'), 'abc');
  assert.equal(managerNameOf('', ''), '');
  assert.equal(managerNameOf('', 'é'.repeat(200)), 'é'.repeat(64));
  const entries = trackUpdate({
    ...{ apiVersion: v1, subresource: '', resetFields: [], versions, nowMs: secondsToMs(1.9) },
    ...{ live: null, next: widget({ size: 1 }), manager: '' },
  });
  assert.deepEqual(
    entries.map(({ manager, time }) => [manager, time]),
    [['unknown', '2026-01-02T03:04:06Z']],
  );
});
