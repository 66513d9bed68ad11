// The report in Markdown: the same text for the terminal and for docs/performance.md.
import { type BoundCheck, checkBounds, cpuRatios } from './bounds.ts';
import type { TimeShare } from './cpu-profile.ts';
import { findDisturbances } from './disturbance.ts';
import { readCommit } from './facts.ts';
import type { LoadSample } from './load.ts';
import { renderNumber as number, renderTable as table } from './markdown.ts';
import { type BenchOptions, type MeasureName, windowsOf } from './options.ts';
import { type BenchResults, type LoadResult, sallyport, sallyportBeside } from './results.ts';
import { median, percentile } from './statistics.ts';
import { traffic, unitOf } from './traffic.ts';

/** Of the measures that compare Sallyport with itself; the others are described by their traffic. */
const selfTitles: Readonly<Record<string, string>> = {
  routes: 'Sallyport, requests over all of 20,000 routes on 2,000 hosts, against one route',
  annotations: 'Sallyport, an Ingress with ten common annotations, against the same route without',
};

function titleOf(measure: MeasureName): string {
  return traffic.get(measure)?.title ?? selfTitles[measure] ?? measure;
}

function medianOf(samples: readonly LoadSample[], key: keyof LoadSample): number {
  return median(samples.map((sample) => sample[key]));
}

/** What the others are multiples of. */
function referencesOf({ measure, samples }: LoadResult): string[] {
  const names = [...samples.keys()];
  if (!traffic.has(measure)) return names.slice(0, 1);
  return names.filter((name) => ['nginx', 'Caddy', sallyportBeside].includes(name));
}

function renderLoadTable(load: LoadResult): string {
  const { measure, samples } = load;
  const references = referencesOf(load);
  const unit = unitOf(measure);
  const head = [
    '',
    `CPU µs/${unit}`,
    ...references.map((name) => `x ${name}`),
    `${unit}s/s`,
    'p50 ms',
    'p99 ms',
  ];
  head.push('RSS MiB', 'worker MiB', 'core used');
  const rows = [...samples].map(([variant, rounds]) => {
    const cpu = medianOf(rounds, 'cpuUsPerRequest');
    return [
      variant === sallyport ? `**${variant}**` : variant,
      number(cpu),
      ...references.map((name) => median(cpuRatios(samples, variant, name)).toFixed(2)),
      number(medianOf(rounds, 'requestsPerSecond')),
      number(medianOf(rounds, 'p50Us') / 1_000),
      number(medianOf(rounds, 'p99Us') / 1_000),
      number(medianOf(rounds, 'treeRssMiB')),
      number(medianOf(rounds, 'workerRssMiB')),
      `${(medianOf(rounds, 'ownShare') * 100).toFixed(0)} %`,
    ];
  });
  return `### ${titleOf(measure)}\n\n${table(head, rows)}\n`;
}

function renderBounds(checks: readonly BoundCheck[]): string {
  const rows = checks.map(({ measure, text, measured, limit, unit, isKept }) => [
    `${measure}: ${text}`,
    `${number(measured)}${unit}`,
    `≤ ${limit}${unit}`,
    isKept ? 'pass' : '**miss**',
  ]);
  return `## Bounds\n\n${table(['', 'measured', 'bound', ''], rows)}\n`;
}

function renderChanges({ start, edits, rss }: BenchResults): string {
  const parts: string[] = [];
  if (start !== null) {
    const what = `${start.ingresses} Ingresses, each in a file with its Service and EndpointSlice (${start.objects} objects)`;
    parts.push(
      `- Start → ready with ${what}: ${number(median(start.seconds))} s, ${number(median(start.cpuSeconds))} s of CPU time`,
    );
  }
  if (rss !== null) {
    const { ingresses, workerMiB, workerPeakMiB, treeMiB } = rss;
    const worker = `${number(median(workerMiB))} MiB (at most ${number(Math.max(...workerPeakMiB))} MiB)`;
    parts.push(
      `- Memory at ${ingresses} Ingresses with a Service each, after traffic over all hosts: worker ${worker}, all processes ${number(median(treeMiB))} MiB`,
    );
  }
  if (edits.length > 0) {
    const rows = edits.map(({ ingresses, latenciesMs }) => [
      String(ingresses),
      String(latenciesMs.length),
      ...[0.5, 0.9, 0.99, 1].map((fraction) => number(percentile(latenciesMs, fraction))),
    ]);
    parts.push(
      `\n### One edited Ingress: file saved → first answer by the new rule, ms\n\n${table(['Ingresses', 'edits', 'p50', 'p90', 'p99', 'max'], rows)}`,
    );
  }
  return parts.length === 0 ? '' : `## Size and change\n\n${parts.join('\n')}\n`;
}

function renderRaw(results: BenchResults): string {
  const lines: string[] = [];
  for (const { measure, samples } of results.loads) {
    for (const [variant, rounds] of samples) {
      const cpu = rounds.map(({ cpuUsPerRequest }) => number(cpuUsPerRequest)).join(', ');
      const rate = rounds.map(({ requestsPerSecond }) => number(requestsPerSecond)).join(', ');
      const p99 = rounds.map(({ p99Us }) => number(p99Us / 1_000)).join(', ');
      lines.push(`- ${measure}, ${variant}: ${cpu} µs; ${rate} ${unitOf(measure)}s/s; p99 ${p99} ms`);
    }
  }
  if (results.start !== null)
    lines.push(
      `- start: ${results.start.seconds.map(number).join(', ')} s; CPU time ${results.start.cpuSeconds.map(number).join(', ')} s`,
    );
  for (const { ingresses, latenciesMs } of results.edits)
    lines.push(`- edit among ${ingresses}: ${latenciesMs.map((each) => each.toFixed(1)).join(' ')} ms`);
  if (results.rss !== null) {
    const { workerMiB, workerPeakMiB, treeMiB } = results.rss;
    const list = (values: readonly number[]): string => values.map(number).join(', ');
    lines.push(
      `- rss: worker ${list(workerMiB)} MiB, its peak ${list(workerPeakMiB)}, tree ${list(treeMiB)}`,
    );
  }
  return `## Raw values\n\nIn the order in which they were measured; values of the same position in one measure are neighbours in time.\n\n${lines.join('\n')}\n`;
}

function renderProfiles({ profiles }: BenchResults, checks: readonly BoundCheck[]): string {
  const parts = profiles.map(({ measure, process, hot }) => {
    const isMissed = checks.some((each) => each.measure === measure && !each.isKept);
    const title = `### ${measure}: the ${process}${isMissed ? ' (bound missed)' : ''}`;
    const list = (head: string, shares: readonly TimeShare[]): string =>
      table(
        [head, 'own time'],
        shares.map(({ name, share }) => [`\`${name}\``, `${(share * 100).toFixed(1)} %`]),
      );
    return `${title}\n\n${list('by origin', hot.origins)}\n\n${list('by function', hot.functions)}\n`;
  });
  const note =
    'Parts of the time that was not idle, from V8’s sampling profiler; `(program)` and `native code` are the kernel and the native part of Node.';
  return parts.length === 0 ? '' : `## Profiles\n\n${note}\n\n${parts.join('\n')}`;
}

function renderBeside({ beside }: BenchOptions): string {
  return beside === null ? '' : `- ${sallyportBeside}: commit ${readCommit(beside)}, in ${beside}.\n`;
}

function renderWindows(options: BenchOptions): string {
  const usual = `${windowsOf(options)} windows`;
  const measures = [...options.only].filter((each) => traffic.get(each)?.windows !== undefined);
  const others = options.windows === null ? measures : [];
  const exceptions = others.map((each) => `${windowsOf(options, traffic.get(each)?.windows)} for ${each}`);
  return exceptions.length === 0 ? usual : `${usual} (${exceptions.join(', ')})`;
}

function renderFacts({ facts, options, command }: BenchResults): string {
  const versions = Object.entries(facts.versions).map(([name, version]) => `${name} ${version}`);
  const quick = options.isQuick
    ? ' **A quick run: it shows that everything works; its figures mean little.**'
    : '';
  return `- Command: \`${command}\` on ${facts.date}, commit ${facts.commit}.${quick}
- Machine: ${facts.cpu}, ${facts.cores} cores, ${facts.memoryGiB} GiB; ${facts.system}, Linux ${facts.kernel}.
- Versions: ${versions.join(', ')}.
${renderBeside(options)}- Method: ${options.rounds} rounds with fresh processes, each warmed up with ${options.warmUpSeconds} s of load; in a round ${renderWindows(options)} of ${options.measureSeconds} s for each proxy, in alternating order, while the others idle. Figures are medians over all windows; ratios are medians of the ratios of neighbouring windows, because the speed of a shared machine drifts. A proxy's whole process tree has one core; load generator (wrk; h2load for HTTP/2; a client in Go for handshakes and WebSocket) and backend (nginx; Go for WebSocket) share another; all on loopback. CPU time is user and system time of the tree from \`/proc\`, divided by what the load generator counted; requests/s is what the second core could ask for where "core used" is below 100 %.
- Every proxy writes an access log line for each request to a file, sends the same forwarded fields, and keeps connections to the backend; Sallyport counts its metrics too. The settings of each stand in \`bench/macro/peers/\`.
`;
}

function renderFailures({ failures }: BenchResults): string {
  const lines = failures.map(({ measure, message }) => `- ${measure}: ${message.replaceAll('\n', ' ')}`);
  return lines.length === 0 ? '' : `## Failed\n\n${lines.join('\n')}\n`;
}

function renderTraffic(results: BenchResults): string {
  if (results.loads.length === 0) return '';
  return `## Traffic\n\n${results.loads.map(renderLoadTable).join('\n')}`;
}

function renderDisturbances(results: BenchResults): string {
  const signs = findDisturbances(results);
  const lines = signs.length === 0 ? ['Nothing else was in the way.'] : signs.map((sign) => `- ${sign}`);
  return `## Was other work in the way?\n\n${lines.join('\n')}\n`;
}

/** Ends with a line break. */
export function renderReport(results: BenchResults): string {
  const checks = checkBounds(results);
  const sections = [
    `# Performance\n\nThis page is written by \`npm run bench\`, its section on convergence by \`npm run bench:convergence\`; it is not edited by hand.\n\n${renderFacts(results)}`,
    renderBounds(checks),
    renderFailures(results),
    renderTraffic(results),
    renderChanges(results),
    renderDisturbances(results),
    renderProfiles(results, checks),
    renderRaw(results),
  ];
  return sections.filter((section) => section !== '').join('\n');
}
