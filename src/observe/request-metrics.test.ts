import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { histograms, lengthBucket, sizeBucket, timeBucket, totalsLength } from './histogram-layout.ts';
import {
  addTotals,
  type MetricsSnapshot,
  type RequestSeries,
  type RouteMetricLabels,
} from './metrics-snapshot.ts';
import { mergeSnapshots } from './merge.ts';
import { RequestMetrics } from './request-metrics.ts';

function labels(path: string): RouteMetricLabels {
  return { namespace: 'shop', ingress: 'web', service: 'cart', path, host: 'shop.example', canary: '' };
}

function totalsOf(series: RequestSeries | undefined): Float64Array {
  const totals = new Float64Array(totalsLength);
  addTotals(totals, series?.totals ?? []);
  return totals;
}

/** Requests that took up to 5 ms: the first number of a series. */
function quickRequests(snapshot: MetricsSnapshot): number {
  return totalsOf(snapshot.routes[0]?.series[0])[0] ?? 0;
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
  const totals = totalsOf(series);
  const counts = histograms.map((layout) =>
    Array.from(totals.slice(layout.start, layout.sum), (count, index) =>
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
    histograms.map((layout) => totals[layout.sum]),
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
    routes[0]?.series.map((series) => [series.status, series.method, totalsOf(series)[0]]),
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
    series.reduce((sum, one) => sum + (totalsOf(one)[0] ?? 0), 0),
    1800,
  );
  const late = series.filter(({ status }) => status === '9xx');
  assert.deepEqual(
    late.map((one) => [one.method, totalsOf(one)[0]]),
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
  assert.equal(quickRequests(structuredClone(before)), 1);
  assert.equal(quickRequests(metrics.snapshot()), 2);
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
  assert.equal(quickRequests(snapshot), 2);
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

test('the pages of a snapshot are bounded and together the snapshot; what is removed stands in the first', () => {
  const metrics = new RequestMetrics();
  const routes = Array.from({ length: 10 }, (_, index) => metrics.ensureRoute(labels(`/${index}`)));
  for (const route of routes) {
    route.record(200, 'GET', 1, 1, 1, 1, 1, 1);
    route.record(404, 'GET', 1, 1, 1, 1, 1, 1);
  }
  metrics.removeRoute(labels('/9'));
  const pages = [...metrics.snapshotPages(4)];
  assert.deepEqual(
    pages.map((page) => [seriesNames(page).length, page.removed.length]),
    [
      [4, 1],
      [4, 0],
      [4, 0],
      [4, 0],
      [2, 0],
    ],
  );
  assert.deepEqual(mergeSnapshots(pages).routes, metrics.snapshot().routes);
  assert.equal([...new RequestMetrics().snapshotPages(4)].length, 1);
});

test('beyond the budget of all routes each has one more series, and a route that goes gives its part back', () => {
  const metrics = new RequestMetrics(3);
  const count = (path: string, status: number): void =>
    metrics.ensureRoute(labels(path)).record(status, 'GET', 1, 1, 1, 1, 1, 1);
  for (const status of [200, 404, 500]) count('/a', status);
  for (const status of [200, 200, 404]) count('/b', status);
  count('/a', 502);
  const before = ['/a 200 GET', '/a 404 GET', '/a 500 GET', '/a other other', '/b other other'];
  assert.deepEqual(seriesNames(metrics.snapshot()).toSorted(), before);
  const ofB = metrics.snapshot().routes.find((route) => route.labels.path === '/b');
  assert.equal(totalsOf(ofB?.series[0])[0], 3);
  metrics.removeRoute(labels('/a'));
  count('/b', 403);
  assert.deepEqual(seriesNames(metrics.snapshot()).toSorted(), ['/b 403 GET', '/b other other']);
});
