// Metric families of the control plane, as snapshots that the exposition renders.
import type { MetricFamilySnapshot } from '../observe/metrics-snapshot.ts';

export type Cells = readonly (readonly [labelValues: readonly string[], value: number])[];

function family(
  kind: 'counter' | 'gauge',
  name: string,
  help: string,
  labelNames: readonly string[],
  cells: Cells,
): MetricFamilySnapshot {
  return {
    kind,
    name,
    help,
    labelNames,
    merge: kind === 'counter' ? 'sum' : 'max',
    cells: cells.map(([labelValues, value]) => ({ labelValues, value })),
  };
}

export function gauge(
  name: string,
  help: string,
  labelNames: readonly string[],
  cells: Cells,
): MetricFamilySnapshot {
  return family('gauge', name, help, labelNames, cells);
}

export function counter(name: string, help: string, value: number): MetricFamilySnapshot {
  return family('counter', name, help, [], [[[], value]]);
}

/** One counter for each way that something can end. */
export function counterByResult(
  name: string,
  help: string,
  values: Readonly<Record<string, number>>,
): MetricFamilySnapshot {
  const cells = Object.entries(values).map(([result, value]) => [[result], value] as const);
  return family('counter', name, help, ['result'], cells);
}
