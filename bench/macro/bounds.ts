// What Sallyport promises, against what was measured.
import { manyRoutes, oneRoute } from './measure-routes.ts';
import type { MeasureName } from './options.ts';
import type { BenchResults } from './results.ts';
import { median, percentile } from './statistics.ts';

export interface BoundCheck {
  readonly measure: MeasureName;
  readonly text: string;
  readonly limit: number;
  readonly measured: number;
  readonly unit: string;
  readonly isKept: boolean;
}

/** Against which proxy, at most this many times its CPU time. */
const ratioBounds: readonly {
  readonly measure: MeasureName;
  readonly peer: string;
  readonly limit: number;
}[] = [
  { measure: 'plain', peer: 'nginx', limit: 1.35 },
  { measure: 'plain', peer: 'Caddy', limit: 0.5 },
  { measure: 'tls', peer: 'nginx', limit: 1.35 },
  { measure: '16k', peer: 'nginx', limit: 1.35 },
  { measure: '1m', peer: 'nginx', limit: 1.1 },
];
const routesLimit = 1.1;
const startLimitSeconds = 10;
const editLimitMs = 50;
/** "Flat": the p99 among the most Ingresses is at most this many times the p99 among the fewest. */
const editGrowthLimit = 1.5;
const rssLimitMiB = 250;

function check(
  measure: MeasureName,
  text: string,
  measured: number,
  limit: number,
  unit: string,
): BoundCheck {
  return { measure, text, limit, measured, unit, isKept: measured <= limit };
}

/** Median CPU time per request, in microseconds. NaN when it was not measured. */
export function medianCpuUs(results: BenchResults, measure: MeasureName, variant: string): number {
  const samples = results.loads.find((each) => each.measure === measure)?.samples.get(variant) ?? [];
  return median(samples.map(({ cpuUsPerRequest }) => cpuUsPerRequest));
}

function checkRatios(results: BenchResults): BoundCheck[] {
  return ratioBounds
    .filter(({ measure }) => results.loads.some((each) => each.measure === measure))
    .map(({ measure, peer, limit }) => {
      const ratio = medianCpuUs(results, measure, 'Sallyport') / medianCpuUs(results, measure, peer);
      return check(measure, `CPU time per request against ${peer}`, ratio, limit, 'x');
    });
}

function checkEdits({ edits }: BenchResults): BoundCheck[] {
  const p99s = edits.map(({ ingresses, latenciesMs }) => ({ ingresses, p99: percentile(latenciesMs, 0.99) }));
  const checks = p99s.map(({ ingresses, p99 }) =>
    check('edit', `saved → served among ${ingresses} Ingresses, p99`, p99, editLimitMs, ' ms'),
  );
  const [first, last] = [p99s[0], p99s.at(-1)];
  if (first === undefined || last === undefined || first === last) return checks;
  const growth = last.p99 / first.p99;
  const text = `that p99 at ${last.ingresses} against ${first.ingresses}`;
  return [...checks, check('edit', text, growth, editGrowthLimit, 'x')];
}

/** Only of what was measured. */
export function checkBounds(results: BenchResults): BoundCheck[] {
  const checks = checkRatios(results);
  if (results.loads.some(({ measure }) => measure === 'routes')) {
    const ratio = medianCpuUs(results, 'routes', manyRoutes) / medianCpuUs(results, 'routes', oneRoute);
    checks.push(
      check('routes', '20,000 routes on 2,000 hosts against one route, CPU time', ratio, routesLimit, 'x'),
    );
  }
  const { start, rss } = results;
  if (start !== null) {
    const text = `${start.ingresses} Ingresses from files: start → ready`;
    checks.push(check('start', text, median(start.seconds), startLimitSeconds, ' s'));
  }
  checks.push(...checkEdits(results));
  if (rss !== null) {
    const text = `worker RSS at ${rss.ingresses} Ingresses, after traffic`;
    checks.push(check('rss', text, median(rss.workerMiB), rssLimitMiB, ' MiB'));
  }
  return checks;
}
