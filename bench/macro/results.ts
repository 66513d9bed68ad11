// What a run brings home; the JSON file in bench/results/ has this shape.
import type { CoreShares } from './core-watch.ts';
import type { MachineFacts } from './facts.ts';
import type { LoadSample } from './load.ts';
import type { BenchOptions, MeasureName } from './options.ts';
import type { ProfileSummary } from './profile.ts';

/** Names of variants. */
export const sallyport = 'Sallyport';
/** Of the checkout that `--beside` names. */
export const sallyportBeside = 'Sallyport beside';

/** The proxies, or what Sallyport is compared with in itself: samples by round. */
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
  /** CPU time until then, of all processes. */
  readonly cpuSeconds: readonly number[];
  readonly shares: readonly CoreShares[];
}

export interface EditResult {
  readonly ingresses: number;
  /** File renamed into place → first response of the new backend, one figure an edit. */
  readonly latenciesMs: readonly number[];
  readonly shares: CoreShares;
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
  readonly failures: readonly Failure[];
}

/** A measure that could not be made; the others were made all the same. */
export interface Failure {
  readonly measure: MeasureName;
  readonly message: string;
}

/** For the file of raw results; maps and sets as what JSON has. */
export function renderResultsJson(results: object): string {
  const plain = (_key: string, value: unknown): unknown => {
    if (value instanceof Map) return Object.fromEntries(value);
    return value instanceof Set ? [...value] : value;
  };
  return `${JSON.stringify(results, plain, 2)}\n`;
}
