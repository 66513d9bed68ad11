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
/** "Flat": the median among the most Ingresses is at most this many times that among the fewest. */
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

/**
 * CPU time per request of `variant` as a multiple of `reference`'s: the median over pairs of windows that were measured next
 * to each other. NaN when it was not measured.
 */
export function cpuRatio(
  results: BenchResults,
  measure: MeasureName,
  variant: string,
  reference: string,
): number {
  const samples = results.loads.find((each) => each.measure === measure)?.samples;
  const references = samples?.get(reference) ?? [];
  const ratios = (samples?.get(variant) ?? []).map(
    ({ cpuUsPerRequest }, index) => cpuUsPerRequest / (references[index]?.cpuUsPerRequest ?? Number.NaN),
  );
  return median(ratios);
}

function checkRatios(results: BenchResults): BoundCheck[] {
  return ratioBounds
    .filter(({ measure }) => results.loads.some((each) => each.measure === measure))
    .map(({ measure, peer, limit }) => {
      const ratio = cpuRatio(results, measure, 'Sallyport', peer);
      return check(measure, `CPU time per request against ${peer}`, ratio, limit, 'x');
    });
}

function checkEdits({ edits }: BenchResults): BoundCheck[] {
  const checks = edits.map(({ ingresses, latenciesMs }) =>
    check(
      'edit',
      `saved → served among ${ingresses} Ingresses, p99`,
      percentile(latenciesMs, 0.99),
      editLimitMs,
      ' ms',
    ),
  );
  const [first, last] = [edits[0], edits.at(-1)];
  if (first === undefined || last === undefined || first === last) return checks;
  const growth = median(last.latenciesMs) / median(first.latenciesMs);
  const text = `its median among ${last.ingresses} against ${first.ingresses} (flat)`;
  return [...checks, check('edit', text, growth, editGrowthLimit, 'x')];
}

/** Only of what was measured. */
export function checkBounds(results: BenchResults): BoundCheck[] {
  const checks = checkRatios(results);
  if (results.loads.some(({ measure }) => measure === 'routes')) {
    const ratio = cpuRatio(results, 'routes', manyRoutes, oneRoute);
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
