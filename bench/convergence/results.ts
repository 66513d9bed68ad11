// What a run brings home; the JSON file in bench/results/ has this shape.
import type { CoreShares } from '../macro/core-watch.ts';
import type { MachineFacts } from '../macro/facts.ts';
import type { LoadResult } from './load-process.ts';
import type { ConvergenceOptions, MeasureName, SettingName } from './options.ts';
import type { UsageShares } from './usage.ts';

/** One change. Milliseconds. */
export interface ChangeSample {
  /** From the request to the API server until the head of its reply. */
  readonly replyMs: number;
  /** From that reply until an answer by the new rule was there. */
  readonly servedMs: number;
}

/** Changes of one kind, one after the other. */
export interface ChangeSeries {
  readonly samples: readonly ChangeSample[];
  readonly usage: UsageShares;
  /** Of the core of the primary and its worker. */
  readonly shares: CoreShares;
  /** Of the other core; own is the benchmark with all that it has started there. */
  readonly loadShares: CoreShares;
}

/** Everything at one number of Ingresses. */
export interface SizeResult {
  readonly setting: SettingName;
  readonly ingresses: number;
  /** Other objects' writes per second during all of this; null: none. */
  readonly churnPerSecond: number | null;
  readonly edits: ChangeSeries | null;
  readonly endpoints: ChangeSeries | null;
  /** Milliseconds of each review; null: not measured, and `notes` says why. */
  readonly admissionMs: readonly number[] | null;
}

export interface StartResult {
  readonly setting: SettingName;
  readonly ingresses: number;
  /** Spawned → /readyz is 200, one figure a round. */
  readonly seconds: readonly number[];
  /** CPU time until then, of all its processes. */
  readonly cpuSeconds: readonly number[];
}

export interface LoadedResult extends LoadResult {
  readonly setting: SettingName;
  readonly ingresses: number;
  readonly changes: readonly ChangeSample[];
}

/** A measure that could not be made; the others were made all the same. */
export interface Failure {
  readonly setting: SettingName;
  readonly measure: MeasureName | 'setting';
  readonly message: string;
}

export interface ConvergenceResults {
  readonly facts: MachineFacts;
  readonly options: ConvergenceOptions;
  readonly command: string;
  readonly sizes: readonly SizeResult[];
  readonly starts: readonly StartResult[];
  readonly loads: readonly LoadedResult[];
  readonly failures: readonly Failure[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}
