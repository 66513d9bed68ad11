import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { histograms, lengthBucket, sizeBucket, timeBucket, totalsLength } from './histogram-layout.ts';
import type { MetricsSnapshot, RouteMetricLabels } from './metrics-snapshot.ts';
import { RequestMetrics } from './request-metrics.ts';

function labels(path: string): RouteMetricLabels {
  return { namespace: 'shop', ingress: 'web', service: 'cart', path, host: 'shop.example', canary: '' };
}

function seriesNames(snapshot: MetricsSnapshot): string[] {
  return snapshot.routes.flatMap((route) =>
    route.series.map((series) => `${route.labels.path} ${series.status} ${series.method}`),
  );
}

test('the histograms lie one behind the other and fill the totals', () => {
  let end = 0;
  for (const layout of histograms) {
    assert.equal(layout.start, end);
    assert.equal(layout.sum, layout.start + layout.bounds.length);
    end = layout.sum + 1;
  }
  assert.equal(end, totalsLength);
});

test('each value is counted in the first bucket whose bound it does not exceed', () => {
  const cases = [
    { layout: histograms[0], bucket: (value: number) => timeBucket(value * 1000) },
    { layout: histograms[4], bucket: lengthBucket },
    { layout: histograms[5], bucket: sizeBucket },
  ];
  for (const { layout, bucket } of cases) {
    const bounds = (layout?.bounds ?? []).map((bound) => (bound === '+Inf' ? Infinity : Number(bound)));
    const nearBounds = bounds
      .filter(Number.isFinite)
      .flatMap((bound) => [bound * 0.999, bound, bound * 1.001]);
    const values = fc.oneof(fc.constantFrom(0, ...nearBounds), fc.double({ min: 0, max: 1e8, noNaN: true }));
    fc.assert(
      fc.property(values, (value) => {
        // Times go through milliseconds: the bounds themselves must survive that.
        assert.equal(
          bucket(value),
          bounds.findIndex((bound) => value <= bound),
        );
      }),
      { numRuns: 500 },
    );
  }
});

test('a request counts in its own histograms, and parts that it did not have count nowhere', () => {
  const metrics = new RequestMetrics();
  const route = metrics.ensureRoute(labels('/'));
  route.record(200, 'GET', 12, 7, 0.5, 6, 320, 5000);
  route.record(200, 'GET', 1, -1, -1, -1, 90, 0);
  const [series] = metrics.snapshot().routes[0]?.series ?? [];
  const counts = histograms.map((layout) =>
    Array.from(series?.totals.slice(layout.start, layout.sum) ?? [], (count, index) =>
      count > 0 ? [index, count] : [],
    ).filter((pair) => pair.length > 0),
  );
  assert.deepEqual(counts, [
    [
      [0, 1],
      [2, 1],
    ],
    [[1, 1]],
    [[0, 1]],
    [[1, 1]],
    [
      [8, 1],
      [10, 1],
    ],
    [
      [0, 1],
      [3, 1],
    ],
  ]);
  assert.deepEqual(
    histograms.map((layout) => series?.totals[layout.sum]),
    [13, 7, 0.5, 6, 410, 5000],
  );
});

test('series are kept by status and method; methods that are not well known share one', () => {
  const metrics = new RequestMetrics();
  const route = metrics.ensureRoute(labels('/'));
  for (const method of ['GET', 'PUT', 'GET', 'get', 'X-RAY', '', 'X-RAY'])
    route.record(200, method, 1, 1, 1, 1, 1, 1);
  route.record(404, 'GET', 1, 1, 1, 1, 1, 1);
  route.record(0, 'GET', 1, 1, 1, 1, 1, 1);
  const { routes } = metrics.snapshot();
  assert.deepEqual(
    routes[0]?.series.map((series) => [series.status, series.method, series.totals[0]]),
    [
      ['200', 'GET', 2],
      ['200', 'PUT', 1],
      ['200', 'other', 4],
      ['404', 'GET', 1],
      ['other', 'GET', 1],
    ],
  );
});

test('an upstream that invents status codes cannot grow a route beyond its share', () => {
  const metrics = new RequestMetrics();
  const route = metrics.ensureRoute(labels('/'));
  for (let status = 100; status < 1000; status += 1) {
    route.record(status, 'GET', 1, 1, 1, 1, 1, 1);
    route.record(status, 'POST', 1, 1, 1, 1, 1, 1);
  }
  const series = metrics.snapshot().routes[0]?.series ?? [];
  assert.ok(series.length <= 75, String(series.length));
  assert.equal(
    series.reduce((sum, { totals }) => sum + (totals[0] ?? 0), 0),
    1800,
  );
  const late = series.filter(({ status }) => status === '9xx');
  assert.deepEqual(
    late.map(({ method, totals }) => [method, totals[0]]),
    [['other', 200]],
  );
});

test('a route without requests takes part in nothing', () => {
  const metrics = new RequestMetrics();
  metrics.ensureRoute(labels('/'));
  assert.deepEqual(metrics.snapshot(), { routes: [], removed: [], families: [] });
});

test('a snapshot is a copy that survives structured clone', () => {
  const metrics = new RequestMetrics();
  const route = metrics.ensureRoute(labels('/'));
  route.record(200, 'GET', 1, 1, 1, 1, 1, 1);
  const before = metrics.snapshot();
  route.record(200, 'GET', 1, 1, 1, 1, 1, 1);
  assert.equal(structuredClone(before).routes[0]?.series[0]?.totals[0], 1);
  assert.equal(metrics.snapshot().routes[0]?.series[0]?.totals[0], 2);
});

test('routes with equal labels share; the labels go with the last holder, at the next snapshot', () => {
  const metrics = new RequestMetrics();
  const first = metrics.ensureRoute(labels('/a'));
  const second = metrics.ensureRoute(labels('/a'));
  assert.equal(first, second);
  first.record(200, 'GET', 1, 1, 1, 1, 1, 1);
  metrics.releaseRoute(first);
  assert.deepEqual(seriesNames(metrics.snapshot()), ['/a 200 GET']);
  metrics.releaseRoute(second);
  const snapshot = metrics.snapshot();
  assert.deepEqual(seriesNames(snapshot), []);
  assert.deepEqual(snapshot.removed, [labels('/a')]);
  assert.deepEqual(metrics.snapshot().removed, []);
});

test('a route that is released and made again before a snapshot goes on counting', () => {
  const metrics = new RequestMetrics();
  const old = metrics.ensureRoute(labels('/a'));
  old.record(200, 'GET', 1, 1, 1, 1, 1, 1);
  metrics.releaseRoute(old);
  const renewed = metrics.ensureRoute(labels('/a'));
  renewed.record(200, 'GET', 1, 1, 1, 1, 1, 1);
  const snapshot = metrics.snapshot();
  assert.equal(snapshot.routes[0]?.series[0]?.totals[0], 2);
  assert.deepEqual(snapshot.removed, []);
});

test('removeRoute ends the labels at once; what late requests still count is not shown', () => {
  const metrics = new RequestMetrics();
  const route = metrics.ensureRoute(labels('/a'));
  route.record(200, 'GET', 1, 1, 1, 1, 1, 1);
  metrics.removeRoute(labels('/a'));
  route.record(200, 'GET', 1, 1, 1, 1, 1, 1);
  const renewed = metrics.ensureRoute(labels('/a'));
  metrics.releaseRoute(route);
  renewed.record(500, 'GET', 1, 1, 1, 1, 1, 1);
  assert.deepEqual(seriesNames(metrics.snapshot()), ['/a 500 GET']);
});
