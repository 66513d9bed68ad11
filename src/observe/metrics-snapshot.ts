// What a worker tells the primary of its metrics: plain data that structured clone carries between processes.

/** The labels that all series of a route share. */
export interface RouteMetricLabels {
  readonly namespace: string;
  readonly ingress: string;
  readonly service: string;
  /** The Ingress path as written. */
  readonly path: string;
  /** Host pattern of the route; empty for the catch-all host. */
  readonly host: string;
  /** Name of the canary's upstream; empty where there is none. */
  readonly canary: string;
}

export interface RequestSeries {
  /** `200`, or `5xx` and the like for codes beyond a route's share of series. */
  readonly status: string;
  /** A well-known method, or `other`. */
  readonly method: string;
  /**
   * Counts (not cumulative) and sums (times in milliseconds) that are not zero: index by histogram-layout.ts, value, index,
   * value, … Most are zero; listing the others makes a message a tenth of the size.
   */
  readonly totals: readonly number[];
}

export interface RouteSnapshot {
  readonly labels: RouteMetricLabels;
  readonly series: readonly RequestSeries[];
}

/** How values of several processes become one. A counter's is always `sum`. */
export type MergeRule = 'sum' | 'max' | 'min';

export interface MetricCellSnapshot {
  readonly labelValues: readonly string[];
  readonly value: number;
}

export interface MetricFamilySnapshot {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly merge: MergeRule;
  readonly labelNames: readonly string[];
  readonly cells: readonly MetricCellSnapshot[];
}

export interface MetricsSnapshot {
  /** Totals since the process started, of routes that have had a request. */
  readonly routes: readonly RouteSnapshot[];
  /** Routes that have gone since the snapshot before this one: their series disappear, those of dead workers too. */
  readonly removed: readonly RouteMetricLabels[];
  readonly families: readonly MetricFamilySnapshot[];
}

/** Identifies a route's labels. Joined by NUL, which none of them can hold. */
export function routeMetricKey(labels: RouteMetricLabels): string {
  const { namespace, ingress, service, path, host, canary } = labels;
  return `${namespace}\0${ingress}\0${service}\0${host}\0${canary}\0${path}`;
}

/** The sparse form of a series' totals. */
export function packTotals(totals: Float64Array): number[] {
  const packed: number[] = [];
  for (let index = 0; index < totals.length; index += 1) {
    const value = totals[index] ?? 0;
    if (value !== 0) packed.push(index, value);
  }
  return packed;
}

/** Adds the sparse form to `into`. */
export function addTotals(into: Float64Array, packed: readonly number[]): void {
  for (let at = 0; at + 1 < packed.length; at += 2) into[packed[at] ?? 0]! += packed[at + 1] ?? 0;
}
