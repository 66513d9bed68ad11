// Times small functions: each case in many batches, the cases alternating, the order reversed each time; the median batch
// counts. What an empty case costs is measured first and taken off the others.
import { median } from '../macro/statistics.ts';

export interface MicroCase {
  readonly group: 'parse' | 'match' | 'choose' | 'render' | 'hpack' | 'baseline';
  readonly name: string;
  /** The work. It gets the number of the call and returns something that depends on the work, so that nothing is optimised away. */
  readonly run: (call: number) => number;
}

export interface MicroResult {
  readonly group: string;
  readonly name: string;
  /** Median nanoseconds of a call, the baseline taken off. */
  readonly nanoseconds: number;
  /** Smallest and largest batch, likewise. */
  readonly least: number;
  readonly most: number;
}

const batchNanoseconds = 20_000_000;

/** Kept reachable: the sum of all that the cases returned. */
export let sink = 0;

function timeBatch(run: (call: number) => number, calls: number): number {
  let sum = 0;
  const started = process.hrtime.bigint();
  for (let call = 0; call < calls; call += 1) sum += run(call);
  const ended = process.hrtime.bigint();
  sink += sum;
  return Number(ended - started) / calls;
}

/** How many calls fill a batch; finding it out warms the code up. */
function chooseCalls(run: (call: number) => number): number {
  let calls = 1_000;
  for (let warmUp = 0; warmUp < 5; warmUp += 1) {
    const nanoseconds = Math.max(timeBatch(run, calls), 0.5);
    calls = Math.min(50_000_000, Math.max(1_000, Math.round(batchNanoseconds / nanoseconds)));
  }
  return calls;
}

/** The first case is the baseline. */
export function measureCases(cases: readonly MicroCase[], batches: number): MicroResult[] {
  const calls = cases.map(({ run }) => chooseCalls(run));
  const times = cases.map((): number[] => []);
  for (let batch = 0; batch < batches; batch += 1) {
    const order = [...cases.keys()];
    for (const index of batch % 2 === 0 ? order : order.toReversed()) {
      const [each, count] = [cases[index], calls[index]];
      if (each !== undefined && count !== undefined) times[index]?.push(timeBatch(each.run, count));
    }
  }
  const baseline = median(times[0] ?? []);
  return cases.map(({ group, name }, index) => {
    const batchTimes = times[index] ?? [];
    const off = index === 0 ? 0 : baseline;
    return {
      group,
      name,
      nanoseconds: median(batchTimes) - off,
      least: Math.min(...batchTimes) - off,
      most: Math.max(...batchTimes) - off,
    };
  });
}
