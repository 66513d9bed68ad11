// Success rates: who is far below the others, who is not, and what becomes of them, with a clock that the test moves.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultUpstreamSettings, type OutlierSettings, type Upstream } from '../model/index.ts';
import { createLogger } from '../observe/logger.ts';
import { Deadlines } from './deadlines.ts';
import { EndpointMeter } from './endpoint-meter.ts';
import { EndpointSet, LiveEndpoint } from './endpoint-set.ts';
import { findOutliers } from './success-rates.ts';

const usual: OutlierSettings = { ...defaultUpstreamSettings.outliers, isOn: true };

function count(endpoint: LiveEndpoint, good: number, bad: number): void {
  endpoint.meter ??= new EndpointMeter();
  endpoint.meter.good += good;
  endpoint.meter.bad += bad;
}

/** Indexes of the outliers of endpoints with these shares of 1,000 good answers. */
function outliersOf(goods: readonly number[], part: Partial<OutlierSettings> = {}): number[] {
  const endpoints = goods.map((good, at) => {
    const endpoint = new LiveEndpoint(`10.0.0.${at}`, 80);
    count(endpoint, good, 1_000 - good);
    return endpoint;
  });
  return findOutliers(endpoints, { ...usual, ...part }).map(({ endpoint }) => endpoints.indexOf(endpoint));
}

describe('outliers', () => {
  it('are those whose share of good answers is so many standard deviations below the mean', () => {
    assert.deepEqual(outliersOf([1_000, 990, 1_000, 500, 995, 998]), [3]);
    assert.deepEqual(outliersOf([1_000, 990, 1_000, 500, 995, 998], { deviations: 2.3 }), []);
    assert.deepEqual(
      outliersOf([0, 1_000, 1_000, 100, 1_000, 1_000, 1_000], { deviations: 1 }),
      [0, 3],
      'worst first',
    );
  });

  it('are not there where all do badly, all do well, or differ little', () => {
    assert.deepEqual(outliersOf([0, 0, 0, 0, 0, 0]), []);
    assert.deepEqual(outliersOf([500, 520, 480, 510, 490, 505]), []);
    assert.deepEqual(outliersOf([1_000, 1_000, 1_000, 1_000, 1_000, 960]), [], 'less than five points');
    assert.deepEqual(outliersOf([1_000, 1_000, 1_000, 1_000, 1_000, 900]), [5]);
  });

  it('need enough endpoints with enough requests', () => {
    assert.deepEqual(outliersOf([1_000, 1_000, 1_000, 0]), []);
    assert.deepEqual(outliersOf([1_000, 1_000, 1_000, 0], { minEndpoints: 4, deviations: 1.5 }), [3]);
    assert.deepEqual(outliersOf([1_000, 1_000, 1_000, 1_000, 0], { minRequests: 1_001 }), []);
    const unmeasured = Array.from({ length: 6 }, (_, at) => new LiveEndpoint(`10.0.0.${at}`, 80));
    assert.deepEqual(findOutliers(unmeasured, usual), []);
  });
});

function makeSet(outliers: Partial<OutlierSettings> = {}) {
  const deadlines = new Deadlines();
  deadlines.sweep(0);
  const counters = { ejections: 0, ejected: 0 };
  const lines: object[] = [];
  const logger = {
    ...createLogger({ level: 'error', format: 'json' }),
    warn: (fields: object, message: string) => lines.push({ ...fields, message }),
    info: () => {},
  };
  const settings = {
    maxFailures: 0,
    ejectMs: 20_000,
    maxEjectMs: 300_000,
    maxEjectedPercent: 34,
    panicPercent: 0,
  };
  const upstream: Upstream = {
    id: 'shop/web:80',
    namespace: 'shop',
    service: 'web',
    port: '80',
    target: { kind: 'endpoints', endpoints: [] },
  };
  const set = new EndpointSet(upstream, {
    settings,
    retries: { budgetPercent: 20, minConcurrent: 3 },
    probes: null,
    deadlines,
    logger,
    counters,
    random: () => 0,
  });
  const configure = (part: Partial<OutlierSettings>): void =>
    set.configure({ ...upstream, settings: { ...defaultUpstreamSettings, outliers: { ...usual, ...part } } });
  configure(outliers);
  set.setEndpoints(
    Array.from({ length: 6 }, (_, at) => ({ address: `10.0.0.${at}`, port: 80, ready: true })),
  );
  const all = [...set.eligible];
  /** An interval in which the endpoints that are in use answer; those in `bad` badly. */
  const interval = (endMs: number, bad: readonly number[]): number[] => {
    for (const [at, endpoint] of all.entries())
      if (endpoint.isEligible) count(endpoint, bad.includes(at) ? 10 : 200, bad.includes(at) ? 190 : 0);
    deadlines.sweep(endMs);
    return all.flatMap((endpoint, at) => (endpoint.isEligible ? [] : [at]));
  };
  return { set, all, deadlines, counters, lines, configure, interval };
}

describe('ejection by success rate', () => {
  it('takes the worst out, no more than the share that may be, and lets them return', () => {
    const { interval, counters, lines, deadlines } = makeSet({ deviations: 1 });
    assert.deepEqual(interval(10_000, [2]), [2]);
    assert.deepEqual(lines, [
      {
        upstream: 'shop-web-80',
        endpoint: '10.0.0.2:80',
        reason: 'success-rate',
        goodPercent: 5,
        meanPercent: 84.2,
        forMs: 20_000,
        message: 'endpoint ejected',
      },
    ]);
    assert.deepEqual(interval(20_000, [4]), [2, 4]);
    assert.deepEqual(interval(29_999, [1]), [2, 4], 'a third of six are out');
    assert.deepEqual(counters, { ejections: 2, ejected: 2 });
    deadlines.sweep(30_000);
    assert.equal(counters.ejected, 1);
  });

  it('leaves one that did not mend out for longer, and forgives one that did', () => {
    const { interval, set, all, deadlines } = makeSet();
    assert.deepEqual(interval(10_000, [0]), [0]);
    deadlines.sweep(30_000);
    assert.deepEqual(interval(40_000, [0]), [0]);
    assert.equal(all[0]?.record?.lastMs, 40_000);
    deadlines.sweep(80_000);
    const [first] = all;
    assert.ok(first?.isEligible);
    set.reportSuccess(first, 100_000);
    assert.notEqual(first.record, null);
    set.reportSuccess(first, 120_000);
    assert.equal(first.record, null);
  });

  it('counts anew in every interval, and stops when it is not wanted any more', () => {
    const { interval, set, all, deadlines, configure } = makeSet({ minRequests: 300 });
    // 200 in each: never 300.
    assert.deepEqual(interval(10_000, [0]), []);
    assert.deepEqual(interval(20_000, [0]), []);
    configure({ isOn: false });
    assert.equal(deadlines.size, 0);
    assert.ok(all.every(({ meter }) => meter === null));
    configure({ intervalMs: 1_000 });
    assert.equal(deadlines.size, 1);
    set.close();
    assert.equal(deadlines.size, 0);
  });

  it('is on no deadline where nobody asks for it', () => {
    const { deadlines } = makeSet({ isOn: false });
    assert.equal(deadlines.size, 0);
  });
});
