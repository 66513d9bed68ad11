import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import { renderConflicts } from './index.ts';
import {
  applied,
  apply,
  ownersOf,
  secondsToMs,
  v1,
  v1beta1,
  versions,
  widget,
  write,
} from './widget.fixture.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

function conflictOf(...request: Parameters<typeof apply>): ReturnType<typeof renderConflicts> {
  const result = apply(...request);
  assert.equal(result.kind, 'conflicting');
  return renderConflicts(result.conflicts);
}

test('an apply creates, owns what it says, and is no write the second time', () => {
  const config = deepFreeze(widget({ size: 1, ports: [{ port: 80 }] }, { labels: { a: '1' } }));
  const live = deepFreeze(applied(null, config, 'one'));
  assert.deepEqual(ownersOf(live), {
    'one Apply': {
      'f:metadata': { 'f:labels': { 'f:a': {} } },
      'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } }, 'f:size': {} },
    },
  });
  const again = apply(live, config, 'one', { atSeconds: 60 });
  assert.ok(again.kind === 'applied');
  assert.equal(again.isUnchanged, true);
  assert.equal(again.object, live);
});

test('what an applier drops goes, unless somebody else owns it', () => {
  let live = applied(null, widget({ size: 1, free: { a: 1, b: 2 }, tags: ['x', 'y'] }), 'one');
  live = applied(live, widget({ free: { b: 2 }, tags: ['y'] }), 'two');
  live = applied(live, widget({ free: {} }), 'one');
  assert.deepEqual(live['spec'], { free: { b: 2 }, tags: ['y'] });
});

test('what was never the applier’s stays when its surroundings are dropped', () => {
  const base = applied(null, widget({ ports: [{ port: 80, name: 'web' }] }), 'one');
  const written = write(
    base,
    widget({ ports: [{ port: 80, name: 'web' }, { port: 81 }] }, { uid: 'u-1' }),
    'two',
  );
  const live = applied(written, widget({}), 'one');
  assert.deepEqual(live['spec'], { ports: [{ port: 81 }] });
});

test('another value of a field that others own is a conflict; the same value is shared', () => {
  const live = write(null, widget({ size: 1, steps: ['a'] }), 'up');
  const shared = applied(live, widget({ size: 1 }), 'me');
  assert.deepEqual(Object.keys(ownersOf(shared)), ['me Apply', 'up Update']);
  const config = widget({ size: 2, steps: ['b'] });
  assert.deepEqual(conflictOf(live, config, 'me'), {
    message: `Apply failed with 2 conflicts: conflicts with "up" using ${v1}:\n- .spec.size\n- .spec.steps`,
    causes: ['size', 'steps'].map((name) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with "up" using ${v1}`,
      field: `.spec.${name}`,
    })),
  });
  const forced = applied(live, config, 'me', { force: true });
  assert.deepEqual(forced['spec'], { size: 2, steps: ['b'] });
  assert.deepEqual(Object.keys(ownersOf(forced)), ['me Apply']);
});

test('conflicts name managers by what tells them apart', () => {
  let live = applied(null, widget({ size: 1, free: { 'a.b': 1 } }), 'we "ourselves"');
  assert.equal(
    conflictOf(live, widget({ size: 2 }), 'me').message,
    'Apply failed with 1 conflict: conflict with "we \\"ourselves\\"": .spec.size',
  );
  const status = { ...live, status: { phase: 'A' } };
  live = write(live, status, 'ctl', { subresource: 'status', resetFields: ['spec'] });
  const config = { ...widget({ size: 2, free: { 'a.b': 2 } }), status: { phase: 'B' } };
  assert.equal(
    conflictOf(live, config, 'me', { resetFields: [] }).message,
    `Apply failed with 3 conflicts: ${[
      `conflicts with "ctl" with subresource "status" using ${v1}:`,
      '- .status.phase',
      'conflicts with "we \\"ourselves\\"":',
      '- .spec.size',
      '- .spec.free.a.b',
    ].join('\n')}`,
  );
});

test('an object that nobody tracked is owned by before-first-apply', () => {
  const live = widget({ size: 1, free: { a: 1 } }, { uid: 'u-1' });
  assert.match(
    conflictOf(live, widget({ size: 2 }), 'me').message,
    /"before-first-apply" using .*: \.spec\.size$/,
  );
  const shared = applied(live, widget({ size: 1 }), 'me');
  assert.deepEqual(ownersOf(shared)['before-first-apply Update'], {
    'f:spec': { 'f:free': { '.': {}, 'f:a': {} }, 'f:size': {} },
  });
});

test('kubectl takes over what its client applied, and keeps the annotation up to date', () => {
  const last = JSON.stringify(widget({ size: 1 }, { annotations: {} }));
  const live = write(
    null,
    widget({ size: 1, steps: ['a'] }, { annotations: { [annotation]: last } }),
    'kubectl-client-side-apply',
  );
  const config = widget({ size: 2 }, { annotations: { z: '<', [annotation]: 'mine' } });
  const after = applied(live, widget({ size: 2 }, { annotations: { z: '<' } }), 'kubectl');
  const told = `{"apiVersion":"${v1}","kind":"Widget","metadata":{"annotations":{"z":"\\u003c"},"name":"w","namespace":"shop"},"spec":{"size":2}}\n`;
  assert.deepEqual(after['metadata'], {
    ...Object(after['metadata']),
    annotations: { [annotation]: told, z: '<' },
  });
  assert.match(conflictOf(live, widget({ size: 2 }), 'other').message, /\.spec\.size$/);
  // Fields that the annotation does not tell are still in the way.
  assert.match(
    conflictOf(live, widget({ size: 2, steps: ['b'] }), 'kubectl').message,
    /1 conflict: .*\.spec\.steps$/,
  );
  for (const broken of [
    '',
    '{',
    '[]',
    '{"apiVersion":"v9","kind":"Widget"}',
    '{"apiVersion":"example.com/v1","kind":"Widget","spec":5}',
  ]) {
    const bad = write(null, widget({ size: 1 }, { annotations: { [annotation]: broken } }), 'x');
    assert.match(conflictOf(bad, widget({ size: 2 }), 'kubectl').message, /\.spec\.size$/);
  }
  assert.match(conflictOf(live, config, 'kubectl').message, /1 conflict: .*\.metadata\.annotations\.kubectl/);
});

test('an annotation that would be too large is not kept', () => {
  const live = write(null, widget({ size: 1 }, { annotations: { [annotation]: '{}', keep: 'k' } }), 'x');
  const big = { free: { text: 'x'.repeat(300_000) } };
  const { annotations } = Object(applied(live, widget(big), 'kubectl')['metadata']);
  assert.deepEqual(annotations, { keep: 'k' });
});

test('granular lists are woven in the order of the configuration', () => {
  const ports = (...numbers: number[]) => numbers.map((port) => ({ port }));
  const live = write(null, widget({ ports: ports(1, 2, 3, 4) }), 'up');
  const woven = applied(live, widget({ ports: ports(4, 9, 2) }), 'me');
  assert.deepEqual(woven['spec'], { ports: ports(1, 3, 4, 9, 2) });
});

test('an applier that changes version keeps one entry, and what it dropped goes', () => {
  const old = applied(null, widget({ scale: 1, steps: ['a'] }, {}, v1beta1), 'me', { apiVersion: v1beta1 });
  const live = versions.toVersion(old, v1);
  const next = applied(live, widget({ steps: ['b'] }), 'me');
  assert.deepEqual(next['spec'], { steps: ['b'] });
  assert.deepEqual(ownersOf(next), { 'me Apply': { 'f:spec': { 'f:steps': {} } } });
});

test('an apply in an older version finds the conflicts of newer ones', () => {
  const live = write(null, widget({ size: 1 }), 'up');
  const { message } = conflictOf(live, widget({ scale: 2 }, {}, v1beta1), 'me', { apiVersion: v1beta1 });
  assert.equal(message, `Apply failed with 1 conflict: conflict with "up" using ${v1}: .spec.size`);
});

const refused: readonly (readonly [config: unknown, kind: string, message: string])[] = [
  [{}, 'malformed', 'invalid object type: /, Kind='],
  [{ ...widget({}), kind: 'Pod' }, 'malformed', `invalid object type: ${v1}, Kind=Pod`],
  [{ apiVersion: 'v2', kind: 'Widget' }, 'malformed', 'invalid object type: /v2, Kind=Widget'],
  [widget({}, { managedFields: [] }), 'malformed', 'metadata.managedFields must be nil'],
  [
    widget({ size: 'x', nope: 1, ports: [{}, 5], tags: ['a', 'a'], steps: [1] }),
    'internal',
    `failed to create typed patch object (shop/w; ${v1}, Kind=Widget): errors:\n${[
      '  .spec.size: expected numeric (int or float), got string',
      '  .spec.nope: field not declared in schema',
      '  .spec.ports: element 1: associative list with keys may not have non-map elements',
      '  .spec.tags: duplicate entries for key [="a"]',
      '  .spec.steps[0]: expected string, got &value.valueUnstructured{Value:1}',
    ].join('\n')}`,
  ],
];

for (const [config, kind, message] of refused) {
  test(`apply refuses ${JSON.stringify(config)}`, () => {
    assert.throws(() => apply(null, config, 'me'), { kind, message });
  });
}

test('the time is renewed only by what changes the object', () => {
  const live = applied(null, widget({ size: 1 }), 'one');
  const shared = apply(live, widget({ size: 1 }), 'two', { atSeconds: 60 });
  assert.ok(shared.kind === 'applied' && !shared.isUnchanged);
  const times = shared.managedFields.map(({ manager, time }) => [manager, time]);
  assert.deepEqual(times, [
    ['two', undefined],
    ['one', new Date(secondsToMs(0)).toISOString().replace('.000', '')],
  ]);
});
