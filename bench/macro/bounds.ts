// What Sallyport promises, against what was measured.
import { annotatedRoute, bareRoute } from './measure-annotations.ts';
import { manyRoutes, oneRoute } from './measure-routes.ts';
import type { MeasureName } from './options.ts';
import { type BenchResults, type SamplesByVariant, sallyport, sallyportBeside } from './results.ts';
import { leastForInterval, median, medianInterval, percentile } from './statistics.ts';
import { unitOf } from './traffic.ts';

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
  { measure: 'http2', peer: 'nginx', limit: 1.9 },
  { measure: 'http2', peer: 'Caddy', limit: 0.4 },
  // As many handshakes in the same CPU time as 0.8 times nginx.
  { measure: 'handshakes', peer: 'nginx', limit: 1.25 },
  { measure: 'resumed', peer: 'nginx', limit: 1.25 },
  { measure: 'handshakes12', peer: 'nginx', limit: 1.25 },
  { measure: 'resumed12', peer: 'nginx', limit: 1.25 },
];
/** This checkout against another: what counts as unchanged. */
const besideLimit = 1.03;
const annotationsLimit = 1.25;
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

/** Quotients of CPU time per request over pairs of windows that were measured next to each other. */
export function cpuRatios(
  samples: SamplesByVariant | undefined,
  variant: string,
  reference: string,
): number[] {
  const references = samples?.get(reference) ?? [];
  return (samples?.get(variant) ?? []).flatMap(({ cpuUsPerRequest }, index) => {
    const other = references[index];
    return other === undefined ? [] : [cpuUsPerRequest / other.cpuUsPerRequest];
  });
}

function samplesOf({ loads }: BenchResults, measure: MeasureName): SamplesByVariant | undefined {
  return loads.find((each) => each.measure === measure)?.samples;
}

function checkPeers(results: BenchResults): BoundCheck[] {
  return ratioBounds
    .filter(({ measure, peer }) => samplesOf(results, measure)?.has(peer))
    .map(({ measure, peer, limit }) => {
      const ratio = median(cpuRatios(samplesOf(results, measure), sallyport, peer));
      return check(measure, `CPU time per ${unitOf(measure)} against ${peer}`, ratio, limit, 'x');
    });
}

/** The interval says whether so few windows can tell a difference that small. */
function checkBeside({ loads }: BenchResults): BoundCheck[] {
  return loads
    .filter(({ samples }) => samples.has(sallyportBeside))
    .map(({ measure, samples }) => {
      const ratios = cpuRatios(samples, sallyport, sallyportBeside);
      const [low, high] = medianInterval(ratios).map((each) => each.toFixed(3));
      const what = ratios.length < leastForInterval ? 'too few windows' : '95 %';
      const text = `CPU time per ${unitOf(measure)} against ${sallyportBeside} (${what}: ${low} to ${high})`;
      return check(measure, text, median(ratios), besideLimit, 'x');
    });
}

const selfBounds: readonly {
  readonly measure: MeasureName;
  readonly text: string;
  readonly variant: string;
  readonly reference: string;
  readonly limit: number;
}[] = [
  {
    measure: 'routes',
    text: '20,000 routes on 2,000 hosts against one route, CPU time',
    variant: manyRoutes,
    reference: oneRoute,
    limit: routesLimit,
  },
  {
    measure: 'annotations',
    text: 'ten annotations against the same route without, CPU time',
    variant: annotatedRoute,
    reference: bareRoute,
    limit: annotationsLimit,
  },
];

function checkSelf(results: BenchResults): BoundCheck[] {
  return selfBounds.flatMap(({ measure, text, variant, reference, limit }) => {
    const samples = samplesOf(results, measure);
    if (samples === undefined) return [];
    return [check(measure, text, median(cpuRatios(samples, variant, reference)), limit, 'x')];
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
  const checks = [...checkPeers(results), ...checkBeside(results), ...checkSelf(results)];
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
