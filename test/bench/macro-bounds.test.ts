// The bounds of traffic: against the other proxies, against another checkout, and against itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBounds } from '../../bench/macro/bounds.ts';
import type { LoadSample } from '../../bench/macro/load.ts';
import { type MeasureName, OptionError, parseOptions, windowsOf } from '../../bench/macro/options.ts';
import { renderReport } from '../../bench/macro/report.ts';
import type { BenchResults } from '../../bench/macro/results.ts';
import { projectRoot } from '../../bench/macro/sallyport.ts';

function sample(cpuUsPerRequest: number): LoadSample {
  const shares = { ownShare: 1, foreignShare: 0, stealShare: 0 };
  const rates = { requests: 1, requestsPerSecond: 1, p50Us: Number.NaN, p99Us: Number.NaN };
  return { ...rates, ...shares, cpuUsPerRequest, treeRssMiB: 1, workerRssMiB: 1 };
}

/** CPU time by variant, in the order in which the windows were measured. */
function results(measure: MeasureName, cpu: Readonly<Record<string, readonly number[]>>): BenchResults {
  const options = parseOptions(['--only', measure]);
  assert.ok(options !== null);
  const samples = new Map(Object.entries(cpu).map(([name, values]) => [name, values.map(sample)]));
  const machine = { date: '', cpu: '', cores: 2, memoryGiB: 1, kernel: '', system: '', commit: '' };
  return {
    facts: { ...machine, versions: {} },
    options,
    command: '',
    loads: [{ measure, samples }],
    start: null,
    edits: [],
    rss: null,
    profiles: [],
    failures: [],
  };
}

function verdicts(
  measure: MeasureName,
  cpu: Readonly<Record<string, readonly number[]>>,
): [number, boolean][] {
  return checkBounds(results(measure, cpu)).map(({ measured, isKept }) => [measured, isKept]);
}

test('a ratio is that of neighbouring windows, not of medians', () => {
  const cpu = { nginx: [10, 20, 30], Caddy: [100, 100, 100], Sallyport: [19, 38, 60] };
  assert.deepEqual(verdicts('http2', cpu), [
    [1.9, true],
    [0.38, true],
  ]);
});

test('0.8 times the handshakes of nginx in the same CPU time are enough, fewer are not', () => {
  assert.deepEqual(verdicts('handshakes', { nginx: [80], Sallyport: [100] }), [[1.25, true]]);
  assert.deepEqual(verdicts('resumed', { nginx: [80], Sallyport: [101] }), [[1.2625, false]]);
});

test('measures without a bound have none', () => {
  assert.deepEqual(verdicts('grpc', { nginx: [1], Sallyport: [9] }), []);
});

test('what was not measured beside Sallyport is not judged', () => {
  assert.deepEqual(verdicts('http2', { Sallyport: [10] }), []);
});

test('another checkout may be 3 % faster, in every measure', () => {
  const at = (percent: number): Record<string, number[]> => ({
    'Sallyport beside': [100, 200],
    Sallyport: [percent, 2 * percent],
  });
  assert.deepEqual(verdicts('tls', at(103)), [[1.03, true]]);
  assert.deepEqual(verdicts('grpc', at(104)), [[1.04, false]]);
});

test('annotations are compared with the same route without', () => {
  const cpu = { 'no annotations': [20, 20], 'ten annotations': [25, 26] };
  assert.deepEqual(verdicts('annotations', cpu), [[1.275, false]]);
});

test('the report counts what the measure counts, and shows only references that took part', () => {
  const report = renderReport(results('handshakes', { nginx: [80], Sallyport: [100] }));
  assert.match(report, /\|  \| CPU µs\/handshake \| x nginx \| handshakes\/s \| p50 ms /);
  assert.match(report, /\| \*\*Sallyport\*\* \| 100 \| 1\.25 \| 1\.00 \| - \| - /);
});

test('a measure has its own number of windows unless the command line says one', () => {
  const usual = parseOptions([]);
  const said = parseOptions(['--windows', '7']);
  assert.ok(usual !== null && said !== null);
  assert.deepEqual([windowsOf(usual), windowsOf(usual, 2), windowsOf(said, 2)], [4, 2, 7]);
});

test('--beside wants a checkout', () => {
  assert.throws(() => parseOptions(['--beside', import.meta.dirname]), OptionError);
  assert.equal(parseOptions(['--beside', projectRoot])?.beside, projectRoot);
});
