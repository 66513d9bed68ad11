// The report in Markdown: the same text for the terminal and for its section of docs/performance.md.
import type { CoreShares } from '../macro/core-watch.ts';
import { renderNumber, renderTable } from '../macro/markdown.ts';
import { median, percentile } from '../macro/statistics.ts';
import { checkBounds, servedMs } from './bounds.ts';
import type { SettingName } from './options.ts';
import type { ChangeSeries, ConvergenceResults, SizeResult } from './results.ts';

const settingTitles: Readonly<Record<SettingName, string>> = {
  up: '`sallyport up`: API server, controller and proxy in one program',
  controller: '`sallyport controller`, beside the API server of another process',
};

/** Parts of the core's time. */
const foreignLimit = 0.05;
const stealLimit = 0.02;

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function churnText({ churnPerSecond }: SizeResult): string {
  return churnPerSecond === null ? '-' : `${churnPerSecond.toFixed(0)}/s`;
}

/** p50, p99 and the largest. */
function spreadCells(valuesMs: readonly number[]): string[] {
  return [0.5, 0.99, 1].map((fraction) =>
    valuesMs.length === 0 ? '-' : renderNumber(percentile(valuesMs, fraction)),
  );
}

function renderLatencies(sizes: readonly SizeResult[]): string {
  const head = [
    'Ingresses',
    'churn',
    'edit p50',
    'p99',
    'max',
    'endpoint p50',
    'p99',
    'max',
    'write p50',
    'p99',
  ];
  head.push('review p50', 'p99', 'max');
  const rows = sizes.map((size) => {
    const writes = [size.edits, size.endpoints].flatMap((series) => series?.samples ?? []);
    return [
      String(size.ingresses),
      churnText(size),
      ...spreadCells(size.edits === null ? [] : servedMs(size.edits)),
      ...spreadCells(size.endpoints === null ? [] : servedMs(size.endpoints)),
      ...spreadCells(writes.map(({ replyMs }) => replyMs)).slice(0, 2),
      ...spreadCells(size.admissionMs ?? []),
    ];
  });
  return renderTable(head, rows);
}

function usageCells({ samples, usage }: ChangeSeries, isChurning: boolean): string[] {
  // Under churn it would be the cost of the other writes.
  const perChange = isChurning ? Number.NaN : (usage.primaryShare * usage.seconds * 1_000) / samples.length;
  return [
    percent(usage.primaryShare),
    percent(usage.workerShare),
    renderNumber(perChange),
    renderNumber(usage.primaryRssMiB),
    renderNumber(usage.workerRssMiB),
  ];
}

function renderUsage(sizes: readonly SizeResult[]): string {
  const head = [
    'Ingresses',
    'churn',
    'primary CPU',
    'worker CPU',
    'primary CPU ms/change',
    'primary RSS MiB',
    'worker RSS MiB',
  ];
  const rows = sizes.flatMap((size) => {
    const series = size.edits ?? size.endpoints;
    return series === null
      ? []
      : [[String(size.ingresses), churnText(size), ...usageCells(series, size.churnPerSecond !== null)]];
  });
  return rows.length === 0 ? '' : `\n${renderTable(head, rows)}\n`;
}

function renderSetting(results: ConvergenceResults, setting: SettingName): string {
  const sizes = results.sizes.filter((size) => size.setting === setting);
  const parts = [`### ${settingTitles[setting]}\n`];
  if (sizes.length > 0) parts.push(`Milliseconds.\n\n${renderLatencies(sizes)}`, renderUsage(sizes));
  for (const load of results.loads.filter((each) => each.setting === setting)) {
    const { ingresses, requests, seconds, failures, failure, p50Ms, p99Ms, maxMs, changes } = load;
    const rate = renderNumber(requests / seconds);
    const latency = [p50Ms, p99Ms, maxMs].map(renderNumber).join(' / ');
    const served = spreadCells(changes.map((change) => change.servedMs)).join(' / ');
    const reason = failure === null ? '' : ` (the first: ${failure})`;
    parts.push(
      `- ${changes.length} changes among ${ingresses} Ingresses while ${rate} requests/s are served: **${failures} of ${requests} requests failed**${reason}; requests took ${latency} ms (p50 / p99 / max), changes were served after ${served} ms`,
    );
  }
  for (const start of results.starts.filter((each) => each.setting === setting)) {
    parts.push(
      `- Cold start with ${start.ingresses} Ingresses, Services and EndpointSlices each: ready after ${renderNumber(median(start.seconds))} s (${start.seconds.map(renderNumber).join(', ')}), ${renderNumber(median(start.cpuSeconds))} s of CPU time`,
    );
  }
  return `${parts.join('\n')}\n`;
}

function renderBounds(results: ConvergenceResults): string {
  const rows = checkBounds(results).map(({ setting, text, measured, limit, unit, isKept }) => [
    `${setting}: ${text}`,
    unit === '' ? String(measured) : `${renderNumber(measured)}${unit}`,
    limit === 0 ? '0' : `≤ ${limit}${unit}`,
    isKept ? 'pass' : '**miss**',
  ]);
  return `### Bounds\n\n${renderTable(['', 'measured', 'bound', ''], rows)}\n`;
}

function renderFacts({ facts, options, command }: ConvergenceResults): string {
  const quick = options.isQuick ? ' **A quick run: its figures mean little.**' : '';
  return `This section is written by \`npm run bench:convergence\`; it is not edited by hand.

- Command: \`${command}\` on ${facts.date}, commit ${facts.commit}.${quick}
- Machine: ${facts.cpu}, ${facts.cores} cores, ${facts.memoryGiB} GiB; ${facts.system}, Linux ${facts.kernel}; Node.js ${facts.versions['Node.js'] ?? ''}.
- Each application has a Service, an EndpointSlice and an Ingress with two paths on a host of its own. "edit" replaces an Ingress (a new path, another backend), "endpoint" replaces the only endpoint of a Service; ${options.edits} of each, on applications all over the cluster. Counted is the time from the head of the API server's reply until the first answer by the new rule has arrived on one keep-alive connection, which asks again as soon as it has its answer; "write" is the time from the request to that reply, "review" that of an AdmissionReview.
- Churn: merge patches of other Ingresses, EndpointSlices, Secrets, ConfigMaps and Leases, in turn. CPU and memory are those during the edits; the primary holds controller and, in \`up\`, the API server.
- One worker. Primary and worker share one core; client, application, churn and, for \`controller\`, the API server share another.
`;
}

function renderNotes({ notes, failures }: ConvergenceResults): string {
  const lines = [
    ...notes,
    ...failures.map(
      ({ setting, measure, message }) =>
        `**${setting}, ${measure} failed**: ${message.replaceAll('\n', ' ')}`,
    ),
  ];
  return lines.length === 0 ? '' : `${lines.map((line) => `- ${line}`).join('\n')}\n`;
}

function renderDisturbances({ sizes }: ConvergenceResults): string {
  const signs = sizes.flatMap(({ setting, ingresses, churnPerSecond, edits, endpoints }) => {
    const series = [edits, endpoints].filter((each) => each !== null);
    const where = `${setting}, ${ingresses} Ingresses${churnPerSecond === null ? '' : ' under churn'}`;
    return [
      ...describeShares(
        `${where}, Sallyport's core`,
        series.map(({ shares }) => shares),
      ),
      ...describeShares(
        `${where}, the other core`,
        series.map(({ loadShares }) => loadShares),
      ),
    ];
  });
  return signs.length === 0 ? '' : `Other work was in the way:\n\n${signs.join('\n')}\n`;
}

function describeShares(where: string, shares: readonly CoreShares[]): string[] {
  const foreign = Math.max(0, ...shares.map(({ foreignShare }) => foreignShare));
  const steal = Math.max(0, ...shares.map(({ stealShare }) => stealShare));
  return [
    ...(foreign > foreignLimit ? [`- ${where}: other processes used up to ${percent(foreign)}`] : []),
    ...(steal > stealLimit ? [`- ${where}: the host took up to ${percent(steal)}`] : []),
  ];
}

/** Ends with a line break. */
export function renderReport(results: ConvergenceResults): string {
  const sections = [
    `## Convergence\n\n${renderFacts(results)}${renderNotes(results)}`,
    renderBounds(results),
    ...[...results.options.settings].map((setting) => renderSetting(results, setting)),
    renderDisturbances(results),
  ];
  return sections.filter((section) => section !== '').join('\n');
}
