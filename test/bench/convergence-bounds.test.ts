// The bounds of convergence: what counts as kept and what as missed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBounds } from '../../bench/convergence/bounds.ts';
import { isWhole, parseOptions } from '../../bench/convergence/options.ts';
import type {
  ChangeSeries,
  ConvergenceResults,
  LoadedResult,
  SizeResult,
} from '../../bench/convergence/results.ts';

function series(servedMs: readonly number[]): ChangeSeries {
  return {
    samples: servedMs.map((each) => ({ replyMs: 1, servedMs: each })),
    usage: { seconds: 1, primaryShare: 0, workerShare: 0, primaryRssMiB: 1, workerRssMiB: 1 },
    shares: { ownShare: 0, foreignShare: 0, stealShare: 0 },
    loadShares: { ownShare: 0, foreignShare: 0, stealShare: 0 },
  };
}

function size(ingresses: number, servedMs: readonly number[], churnPerSecond: number | null): SizeResult {
  const edits = series(servedMs);
  return { setting: 'up', ingresses, churnPerSecond, edits, endpoints: null, admissionMs: null };
}

function results(parts: Partial<ConvergenceResults>): ConvergenceResults {
  const options = parseOptions(['--only', 'up']);
  assert.ok(options !== null);
  const facts = {
    date: '',
    cpu: '',
    cores: 2,
    memoryGiB: 1,
    kernel: '',
    system: '',
    commit: '',
    versions: {},
  };
  return { facts, options, command: '', sizes: [], starts: [], loads: [], failures: [], notes: [], ...parts };
}

function load(requests: number, failures: number): LoadedResult {
  const times = { seconds: 1, p50Ms: 1, p99Ms: 1, maxMs: 1 };
  return { setting: 'up', ingresses: 10, requests, failures, failure: null, ...times, changes: [] };
}

/** Text → whether it is kept. */
function verdicts(parts: Partial<ConvergenceResults>): Record<string, boolean> {
  return Object.fromEntries(checkBounds(results(parts)).map(({ text, isKept }) => [text, isKept]));
}

test('the 99th of a hundred counts, at the largest number of Ingresses that is promised', () => {
  const oneSlow = [...Array<number>(99).fill(10), 400];
  const twoSlow = [...Array<number>(98).fill(10), 51, 400];
  const key = 'edited Ingress among 5000, p99';
  assert.equal(verdicts({ sizes: [size(5_000, oneSlow, null), size(10_000, [90], null)] })[key], true);
  assert.equal(verdicts({ sizes: [size(5_000, twoSlow, null), size(10_000, [10], null)] })[key], false);
});

test('under churn twice the time is allowed', () => {
  assert.deepEqual(verdicts({ sizes: [size(100, [99], 200)] }), {
    'edited Ingress under churn among 100, p99': true,
  });
  assert.deepEqual(verdicts({ sizes: [size(100, [101], 200)] }), {
    'edited Ingress under churn among 100, p99': false,
  });
});

test('the median may not grow with the number of Ingresses', () => {
  const key = 'edited Ingress: its median among 10000 against 100 (flat)';
  assert.equal(verdicts({ sizes: [size(100, [10], null), size(10_000, [15], null)] })[key], true);
  assert.equal(verdicts({ sizes: [size(100, [10], null), size(10_000, [15.1], null)] })[key], false);
});

test('one failed request is too many, and no request shows nothing', () => {
  const kept = (each: LoadedResult): readonly boolean[] => Object.values(verdicts({ loads: [each] }));
  assert.deepEqual(kept(load(1_000, 0)), [true]);
  assert.deepEqual(kept(load(1_000, 1)), [false]);
  assert.deepEqual(kept(load(0, 0)), [false]);
});

test('only a whole run may be written down', () => {
  const isWholeRun = (...words: string[]): boolean => {
    const options = parseOptions(words);
    return options !== null && isWhole(options);
  };
  assert.equal(isWholeRun(), true);
  for (const words of [
    ['--quick'],
    ['--profile'],
    ['--only', 'up'],
    ['--sizes', '100,1000'],
    ['--edits', '20'],
  ]) {
    assert.equal(isWholeRun(...words), false, words.join(' '));
  }
  assert.throws(() => parseOptions(['--only', 'down']), /--only "down": one of up, controller/);
  assert.throws(() => parseOptions(['--sizes', '100,x']), /--sizes "x": a whole number above 0/);
});
