// Makes one snapshot of many: the parts of one process, the workers of one proxy, and what dead workers had counted, so that
// no counter goes backwards when a worker is replaced.
import { totalsLength } from './histogram-layout.ts';
import {
  addTotals,
  type MergeRule,
  type MetricCellSnapshot,
  type MetricFamilySnapshot,
  type MetricsSnapshot,
  packTotals,
  type RequestSeries,
  type RouteMetricLabels,
  routeMetricKey,
} from './metrics-snapshot.ts';

interface RouteSum {
  readonly labels: RouteMetricLabels;
  readonly series: Map<string, SeriesSum>;
}

interface SeriesSum {
  readonly status: string;
  readonly method: string;
  readonly totals: Float64Array;
}

interface FamilySum {
  readonly family: MetricFamilySnapshot;
  readonly cells: Map<string, MetricCellSnapshot>;
}

/** Adds up. Counters and histograms are summed, gauges follow their merge rule. The inputs are left as they are. */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const routes = new Map<string, RouteSum>();
  const families = new Map<string, FamilySum>();
  const removed = new Map<string, RouteMetricLabels>();
  for (const snapshot of snapshots) {
    for (const route of snapshot.routes) addRoute(routes, route.labels, route.series);
    for (const family of snapshot.families) addFamily(families, family);
    for (const labels of snapshot.removed) removed.set(routeMetricKey(labels), labels);
  }
  return {
    routes: Array.from(routes.values(), ({ labels, series }) => ({
      labels,
      series: Array.from(series.values(), ({ status, method, totals }) => ({
        status,
        method,
        totals: packTotals(totals),
      })),
    })),
    removed: [...removed.values()],
    families: Array.from(families.values(), ({ family, cells }) => ({
      ...family,
      cells: [...cells.values()],
    })),
  };
}

function addRoute(
  routes: Map<string, RouteSum>,
  labels: RouteMetricLabels,
  series: readonly RequestSeries[],
): void {
  const key = routeMetricKey(labels);
  let sum = routes.get(key);
  if (sum === undefined) {
    sum = { labels, series: new Map() };
    routes.set(key, sum);
  }
  for (const { status, method, totals } of series) {
    const seriesKey = `${status} ${method}`;
    let into = sum.series.get(seriesKey);
    if (into === undefined) {
      into = { status, method, totals: new Float64Array(totalsLength) };
      sum.series.set(seriesKey, into);
    }
    addTotals(into.totals, totals);
  }
}

function addFamily(families: Map<string, FamilySum>, family: MetricFamilySnapshot): void {
  let sum = families.get(family.name);
  if (sum === undefined) {
    sum = { family, cells: new Map() };
    families.set(family.name, sum);
  }
  for (const cell of family.cells) {
    const key = cell.labelValues.join('\0');
    const before = sum.cells.get(key);
    const value = before === undefined ? cell.value : mergeValues(family.merge, before.value, cell.value);
    sum.cells.set(key, { labelValues: cell.labelValues, value });
  }
}

function mergeValues(rule: MergeRule, left: number, right: number): number {
  if (rule === 'sum') return left + right;
  return rule === 'max' ? Math.max(left, right) : Math.min(left, right);
}

const emptySnapshot: MetricsSnapshot = { routes: [], removed: [], families: [] };

/** The totals of a proxy over the lives of its workers. Lives in the primary. */
export class MetricsTotals {
  /** Sum of the dead; bounded by the label sets in use, however many workers die. */
  #dead: MetricsSnapshot = emptySnapshot;

  /** Keeps the counters of a worker that has ended, as of its last snapshot. What it held at that moment (gauges) ends with it. */
  bury(last: MetricsSnapshot): void {
    const counters = last.families.filter((family) => family.kind === 'counter');
    this.#dead = mergeSnapshots([this.#dead, { routes: last.routes, removed: [], families: counters }]);
  }

  /** One snapshot of the living workers (and of the primary itself) and the dead. Routes that a living worker removed are forgotten. */
  merge(living: readonly MetricsSnapshot[]): MetricsSnapshot {
    const removed = new Set(living.flatMap((snapshot) => snapshot.removed.map(routeMetricKey)));
    if (removed.size > 0) {
      const routes = this.#dead.routes.filter((route) => !removed.has(routeMetricKey(route.labels)));
      this.#dead = { ...this.#dead, routes };
    }
    return mergeSnapshots([this.#dead, ...living]);
  }
}
