// What Sallyport promises about changes, against what was measured.
import { median, percentile } from '../macro/statistics.ts';
import type { SettingName } from './options.ts';
import type { ChangeSeries, ConvergenceResults, SizeResult } from './results.ts';

export interface BoundCheck {
  readonly setting: SettingName;
  readonly text: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: string;
  readonly isKept: boolean;
}

/** Latency is promised up to so many Ingresses. */
const promisedIngresses = 5_000;
const aloneLimitMs = 50;
const churnLimitMs = 100;
/** "Flat": the median among the most Ingresses is at most this many times that among the fewest. */
const growthLimit = 1.5;
const startLimitSeconds = 10;

type Kind = 'edits' | 'endpoints';
const kindTexts: Readonly<Record<Kind, string>> = { edits: 'edited Ingress', endpoints: 'moved endpoint' };

export function servedMs({ samples }: ChangeSeries): number[] {
  return samples.map((sample) => sample.servedMs);
}

interface Point {
  readonly ingresses: number;
  readonly latenciesMs: readonly number[];
}

function pointsOf(sizes: readonly SizeResult[], kind: Kind): Point[] {
  return sizes.flatMap((size) => {
    const series = size[kind];
    return series === null ? [] : [{ ingresses: size.ingresses, latenciesMs: servedMs(series) }];
  });
}

function checkLatency(
  setting: SettingName,
  points: readonly Point[],
  what: string,
  limit: number,
): BoundCheck[] {
  const promised = points.filter(({ ingresses }) => ingresses <= promisedIngresses).at(-1);
  const [first, last] = [points[0], points.at(-1)];
  const checks: BoundCheck[] = [];
  if (promised !== undefined) {
    const measured = percentile(promised.latenciesMs, 0.99);
    const text = `${what} among ${promised.ingresses}, p99`;
    checks.push({ setting, text, measured, limit, unit: ' ms', isKept: measured <= limit });
  }
  if (first !== undefined && last !== undefined && first !== last) {
    const measured = median(last.latenciesMs) / median(first.latenciesMs);
    const text = `${what}: its median among ${last.ingresses} against ${first.ingresses} (flat)`;
    checks.push({ setting, text, measured, limit: growthLimit, unit: 'x', isKept: measured <= growthLimit });
  }
  return checks;
}

function checkChanges(results: ConvergenceResults, setting: SettingName): BoundCheck[] {
  const checks: BoundCheck[] = [];
  for (const isChurning of [false, true]) {
    const sizes = results.sizes.filter(
      (size) => size.setting === setting && (size.churnPerSecond !== null) === isChurning,
    );
    for (const kind of ['edits', 'endpoints'] as const) {
      const what = `${kindTexts[kind]}${isChurning ? ' under churn' : ''}`;
      const limit = isChurning ? churnLimitMs : aloneLimitMs;
      checks.push(...checkLatency(setting, pointsOf(sizes, kind), what, limit));
    }
  }
  return checks;
}

/** Only of what was measured. */
export function checkBounds(results: ConvergenceResults): BoundCheck[] {
  const checks: BoundCheck[] = [];
  for (const setting of results.options.settings) {
    checks.push(...checkChanges(results, setting));
    for (const { ingresses, seconds } of results.starts.filter((each) => each.setting === setting)) {
      const measured = median(seconds);
      const text = `cold start with ${ingresses} Ingresses → ready`;
      const limit = startLimitSeconds;
      checks.push({ setting, text, measured, limit, unit: ' s', isKept: measured <= limit });
    }
    for (const load of results.loads.filter((each) => each.setting === setting)) {
      const text = `failed of ${load.requests} requests during ${load.changes.length} changes`;
      const measured = load.failures;
      // Nothing was tried: nothing is shown.
      const isKept = measured === 0 && load.requests > 0;
      checks.push({ setting, text, measured, limit: 0, unit: '', isKept });
    }
  }
  return checks;
}
