// What a run brings home; the JSON file in bench/results/ has this shape.
import type { MachineFacts } from './facts.ts';
import type { LoadSample } from './load.ts';
import type { BenchOptions, MeasureName } from './options.ts';
import type { ProfileSummary } from './profile.ts';

/** The proxies, or the two tables of the routes measure: samples by round. */
export type SamplesByVariant = ReadonlyMap<string, readonly LoadSample[]>;

export interface LoadResult {
  readonly measure: MeasureName;
  readonly samples: SamplesByVariant;
}

export interface StartResult {
  readonly ingresses: number;
  readonly objects: number;
  /** Spawned → /readyz is 200, one figure a round. */
  readonly seconds: readonly number[];
}

export interface EditResult {
  readonly ingresses: number;
  /** File renamed into place → first response of the new backend, one figure an edit. */
  readonly latenciesMs: readonly number[];
}

export interface RssResult {
  readonly ingresses: number;
  /** After traffic over all hosts, one figure a round. */
  readonly workerMiB: readonly number[];
  readonly workerPeakMiB: readonly number[];
  readonly treeMiB: readonly number[];
}

export interface BenchResults {
  readonly facts: MachineFacts;
  readonly options: BenchOptions;
  readonly command: string;
  readonly loads: readonly LoadResult[];
  readonly start: StartResult | null;
  readonly edits: readonly EditResult[];
  readonly rss: RssResult | null;
  readonly profiles: readonly ProfileSummary[];
}

/** For the file of raw results. */
export function renderResultsJson(results: BenchResults): string {
  const plain = (_key: string, value: unknown): unknown => {
    if (value instanceof Map) return Object.fromEntries(value);
    return value instanceof Set ? [...value] : value;
  };
  return `${JSON.stringify(results, plain, 2)}\n`;
}
