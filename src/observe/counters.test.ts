import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricRegistry } from './counters.ts';

test('cells are plain numbers, shown under their names', () => {
  const registry = new MetricRegistry();
  const retries = registry.counter('retries_total', 'Retries');
  const version = registry.gauge('table_version', 'Version', 'min');
  retries.value += 2;
  version.value = 7;
  const { families } = registry.snapshot();
  assert.deepEqual(
    families.map(({ name, kind, merge, cells }) => ({ name, kind, merge, cells })),
    [
      { name: 'retries_total', kind: 'counter', merge: 'sum', cells: [{ labelValues: [], value: 2 }] },
      { name: 'table_version', kind: 'gauge', merge: 'min', cells: [{ labelValues: [], value: 7 }] },
    ],
  );
});

test('a family has one cell for each set of label values', () => {
  const registry = new MetricRegistry();
  const family = registry.gaugeFamily('connections', 'Connections', ['state', 'protocol']);
  const cell = family.cell('idle', 'h1');
  cell.value = 3;
  assert.equal(family.cell('idle', 'h1'), cell);
  assert.notEqual(family.cell('idleh1', ''), cell);
  family.remove('idleh1', '');
  assert.deepEqual(family.snapshot().cells, [{ labelValues: ['idle', 'h1'], value: 3 }]);
  family.clear();
  assert.deepEqual(family.snapshot().cells, []);
  assert.throws(() => family.cell('idle'), RangeError);
});

test('a family that is full counts the rest as other', () => {
  const family = new MetricRegistry().counterFamily('refusals_total', 'Refusals', ['reason'], {
    maxCells: 3,
  });
  for (const reason of ['a', 'b', 'c', 'd', 'a', 'e']) family.cell(reason).value += 1;
  assert.deepEqual(family.snapshot().cells, [
    { labelValues: ['a'], value: 2 },
    { labelValues: ['b'], value: 1 },
    { labelValues: ['other'], value: 3 },
  ]);
});

test('names must be valid and free', () => {
  const registry = new MetricRegistry();
  registry.counter('a_total', 'A');
  assert.throws(() => registry.gauge('a_total', 'A'), /the name is taken/);
  assert.throws(() => registry.counter('1a', 'A'), /not valid names/);
  assert.throws(() => registry.counterFamily('b', 'B', ['le']), /not valid names/);
});

test('collectors run before each snapshot', () => {
  const registry = new MetricRegistry();
  const gauge = registry.gauge('idle', 'Idle');
  let idle = 4;
  registry.onCollect(() => {
    gauge.value = idle;
  });
  assert.equal(registry.snapshot().families[0]?.cells[0]?.value, 4);
  idle = 5;
  assert.equal(registry.snapshot().families[0]?.cells[0]?.value, 5);
});
