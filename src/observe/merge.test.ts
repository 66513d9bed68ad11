import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ExposedMetric, parseExposition } from '../../test/observe/parse-exposition.ts';
import { MetricRegistry } from './counters.ts';
import { renderExposition } from './exposition.ts';
import { MetricsTotals, mergeSnapshots } from './merge.ts';
import type { MetricsSnapshot, RouteMetricLabels } from './metrics-snapshot.ts';
import { RequestMetrics } from './request-metrics.ts';

function labels(path: string): RouteMetricLabels {
  return { namespace: 'shop', ingress: 'web', service: 'cart', path, host: 'shop.example', canary: '' };
}

interface Recorded {
  readonly path: string;
  readonly status: number;
  readonly method: string;
  readonly durationMs: number;
  readonly upstreamMs: number;
  readonly bytes: number;
}

const recorded: fc.Arbitrary<Recorded> = fc.record({
  path: fc.constantFrom('/', '/a', '/"\\\n'),
  status: fc.constantFrom(200, 404, 503),
  method: fc.constantFrom('GET', 'POST', 'BREW'),
  // Whole numbers: their sums do not depend on the order.
  durationMs: fc.integer({ min: 0, max: 20_000 }),
  upstreamMs: fc.integer({ min: -1, max: 20_000 }),
  bytes: fc.nat({ max: 20_000_000 }),
});

function snapshotOf(requests: readonly Recorded[]): MetricsSnapshot {
  const metrics = new RequestMetrics();
  const registry = new MetricRegistry();
  const total = registry.counter('sallyport_seen_total', 'Seen');
  const byStatus = registry.counterFamily('sallyport_by_status_total', 'By status', ['status']);
  for (const { path, status, method, durationMs, upstreamMs, bytes } of requests) {
    metrics
      .ensureRoute(labels(path))
      .record(status, method, durationMs, upstreamMs, -1, upstreamMs, bytes, bytes);
    total.value += 1;
    byStatus.cell(String(status)).value += 1;
  }
  return mergeSnapshots([metrics.snapshot(), registry.snapshot()]);
}

function samplesOf(snapshot: MetricsSnapshot): Map<string, number> {
  const metrics: ExposedMetric[] = [...parseExposition(renderExposition(snapshot)).values()];
  return new Map(metrics.flatMap((metric) => [...metric.samples]));
}

function addSamples(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): Map<string, number> {
  const sum = new Map(left);
  for (const [key, value] of right) sum.set(key, (sum.get(key) ?? 0) + value);
  return sum;
}

function assertSameSamples(got: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): void {
  assert.deepEqual([...got.keys()].sort(), [...wanted.keys()].sort());
  for (const [key, value] of wanted) assert.ok(Math.abs((got.get(key) ?? 0) - value) < 1e-6, key);
}

test('the page of two workers is the sum of their pages, and that of all requests in one worker', () => {
  fc.assert(
    fc.property(
      fc.array(recorded, { maxLength: 30 }),
      fc.array(recorded, { maxLength: 30 }),
      (left, right) => {
        const a = snapshotOf(left);
        const b = snapshotOf(right);
        const merged = samplesOf(mergeSnapshots([a, b]));
        assertSameSamples(merged, addSamples(samplesOf(a), samplesOf(b)));
        assertSameSamples(merged, samplesOf(snapshotOf([...left, ...right])));
        assertSameSamples(merged, samplesOf(mergeSnapshots([b, a])));
      },
    ),
    { numRuns: 60 },
  );
});

test('merging leaves its inputs as they are', () => {
  const request = { path: '/', status: 200, method: 'GET', durationMs: 1, upstreamMs: 1, bytes: 1 };
  const a = snapshotOf([request]);
  const before = structuredClone(a);
  mergeSnapshots([a, snapshotOf([request, request])]);
  assert.deepEqual(a, before);
});

test('gauges follow their rule', () => {
  const snapshots = [3, 1, 2].map((value) => {
    const registry = new MetricRegistry();
    registry.gauge('idle', 'Idle').value = value;
    registry.gauge('version', 'Version', 'min').value = value;
    registry.gauge('delay', 'Delay', 'max').value = value;
    return registry.snapshot();
  });
  assert.deepEqual(
    mergeSnapshots(snapshots).families.map(({ name, cells }) => [name, cells[0]?.value]),
    [
      ['idle', 6],
      ['version', 1],
      ['delay', 3],
    ],
  );
});

test('no counter goes backwards when workers die and others take their place', () => {
  const action = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('record' as const), worker: fc.nat(1), request: recorded }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), worker: fc.nat(1) }) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const totals = new MetricsTotals();
      const workers: Recorded[][] = [[], []];
      let shown = new Map<string, number>();
      let count = 0;
      for (const step of actions) {
        const requests = workers[step.worker] ?? [];
        if (step.kind === 'record') {
          requests.push(step.request);
          count += 1;
        } else {
          totals.bury(snapshotOf(requests));
          workers[step.worker] = [];
        }
        const samples = samplesOf(totals.merge(workers.map(snapshotOf)));
        for (const [key, value] of shown) assert.ok((samples.get(key) ?? -1) >= value - 1e-6, key);
        assert.equal(samples.get('sallyport_seen_total{}'), count);
        shown = samples;
      }
    }),
    { numRuns: 25 },
  );
});

test('what the dead held ends with them, and routes that are removed are forgotten', () => {
  const totals = new MetricsTotals();
  const dead = new RequestMetrics();
  for (const path of ['/kept', '/gone']) dead.ensureRoute(labels(path)).record(200, 'GET', 1, 1, 1, 1, 1, 1);
  const registry = new MetricRegistry();
  registry.gauge('connections', 'Connections').value = 9;
  totals.bury(mergeSnapshots([dead.snapshot(), registry.snapshot()]));
  const pathsOf = (snapshot: MetricsSnapshot): string[] => snapshot.routes.map((route) => route.labels.path);
  const living = new RequestMetrics();
  const gone = living.ensureRoute(labels('/gone'));
  living.ensureRoute(labels('/kept'));
  const first = totals.merge([living.snapshot()]);
  assert.deepEqual(pathsOf(first), ['/kept', '/gone']);
  assert.deepEqual(first.families, []);
  living.releaseRoute(gone);
  assert.deepEqual(pathsOf(totals.merge([living.snapshot()])), ['/kept']);
  assert.deepEqual(pathsOf(totals.merge([living.snapshot()])), ['/kept']);
});
