// How all comparisons are made. In every round each variant is a fresh process, warmed up; then short windows of load go to
// one after the other, the order reversed each time, while the others idle. The speed of a shared machine drifts over
// seconds: neighbouring windows see the same of it, so ratios are taken between them.
import type { Cores } from './cores.ts';
import { type Load, type LoadSample, measureLoad } from './load.ts';
import { type BenchOptions, windowsOf } from './options.ts';
import { beginStep } from './progress.ts';
import type { SamplesByVariant } from './results.ts';

/** A variant that runs. */
export interface Contestant {
  readonly pid: number;
  readonly load: Load;
  /** After its windows it also looks whether it did all that it should have done, and rejects if not. */
  stop(wasMeasured: boolean): Promise<void>;
}

export interface ContestantSpec {
  readonly name: string;
  readonly start: () => Promise<Contestant>;
}

async function measureRound(
  running: readonly { readonly name: string; readonly contestant: Contestant }[],
  cores: Cores,
  { warmUpSeconds, measureSeconds }: BenchOptions,
  windows: number,
  take: (name: string, sample: LoadSample) => void,
): Promise<void> {
  for (const { contestant } of running) await contestant.load.run(warmUpSeconds, cores.load);
  for (let window = 0; window < windows; window += 1) {
    for (const { name, contestant } of window % 2 === 0 ? running : running.toReversed())
      take(name, await measureLoad(contestant.pid, contestant.load, cores, measureSeconds));
  }
}

/** Samples of the same position were taken next to each other. `usualWindows`: of a measure that has its own number. */
export async function alternate(
  measure: string,
  specs: readonly ContestantSpec[],
  cores: Cores,
  options: BenchOptions,
  usualWindows?: number,
): Promise<SamplesByVariant> {
  const windows = windowsOf(options, usualWindows);
  const samples = new Map<string, LoadSample[]>(specs.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    beginStep(`${measure}, round ${round}: ${specs.map(({ name }) => name).join(', ')}`);
    const running: { name: string; contestant: Contestant }[] = [];
    let wasMeasured = false;
    try {
      for (const { name, start } of round % 2 === 1 ? specs : specs.toReversed())
        running.push({ name, contestant: await start() });
      await measureRound(running, cores, options, windows, (name, sample) => samples.get(name)?.push(sample));
      wasMeasured = true;
    } finally {
      await Promise.all(running.map(({ contestant }) => contestant.stop(wasMeasured)));
    }
  }
  return samples;
}
