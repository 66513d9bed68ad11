// A strict parser of the Prometheus text format 0.0.4, written from the format's description alone, to hold our rendering to
// it: what it accepts is less than what scrapers do. https://prometheus.io/docs/instrumenting/exposition_formats/

export interface ExposedMetric {
  readonly type: string;
  readonly help: string;
  /** Value by sample: `name{label="value",…}`, labels sorted. */
  readonly samples: Map<string, number>;
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const samplePattern =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?)$/;

/** Throws at the first line that is not right. */
export function parseExposition(text: string): Map<string, ExposedMetric> {
  const metrics = new Map<string, ExposedMetric>();
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  let current = '';
  let pendingHelp: { name: string; help: string } | null = null;
  for (const line of lines) {
    if (line.startsWith('# HELP ')) {
      const [, , name = '', ...words] = line.split(' ');
      if (!namePattern.test(name) || metrics.has(name) || pendingHelp !== null)
        throw new Error(`HELP: ${line}`);
      pendingHelp = { name, help: words.join(' ') };
    } else if (line.startsWith('# TYPE ')) {
      const [, , name = '', type = '', ...rest] = line.split(' ');
      if (pendingHelp?.name !== name || rest.length > 0) throw new Error(`TYPE: ${line}`);
      if (!['counter', 'gauge', 'histogram'].includes(type)) throw new Error(`type: ${line}`);
      metrics.set(name, { type, help: pendingHelp.help, samples: new Map() });
      current = name;
      pendingHelp = null;
    } else {
      if (pendingHelp !== null) throw new Error(`HELP without TYPE before: ${line}`);
      addSample(line, current, metrics.get(current));
    }
  }
  if (pendingHelp !== null) throw new Error(`HELP without TYPE: ${pendingHelp.name}`);
  for (const [name, metric] of metrics) if (metric.type === 'histogram') checkHistogram(name, metric.samples);
  return metrics;
}

function addSample(line: string, current: string, metric: ExposedMetric | undefined): void {
  const match = samplePattern.exec(line);
  if (match === null || metric === undefined) throw new Error(`sample: ${line}`);
  const name = match[1] ?? '';
  const suffixes = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!suffixes.some((suffix) => name === current + suffix))
    throw new Error(`sample of another metric: ${line}`);
  const key = `${name}{${parseLabels(match[2] ?? '')
    .sort()
    .join(',')}}`;
  if (metric.samples.has(key)) throw new Error(`twice: ${line}`);
  const text = match[3] ?? '';
  metric.samples.set(key, text.endsWith('Inf') ? Number(`${text}inity`) : Number(text));
}

function parseLabels(text: string): string[] {
  const labels: string[] = [];
  const names = new Set<string>();
  let rest = text;
  while (rest !== '') {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,(?=[a-zA-Z_])|$)/.exec(rest);
    if (match === null || names.has(match[1] ?? '')) throw new Error(`labels: ${text}`);
    names.add(match[1] ?? '');
    labels.push(`${match[1]}="${match[2]}"`);
    rest = rest.slice(match[0].length);
  }
  return labels;
}

/** Buckets grow, the last one is `+Inf` and equals the count, and each histogram has its sum. */
function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const series = new Map<string, number[]>();
  const bounds = new Map<string, number[]>();
  for (const [key, value] of samples) {
    if (!key.startsWith(`${name}_bucket{`)) continue;
    const le = /(?:^|,|\{)le="([^"]+)"/.exec(key)?.[1] ?? '';
    const labels = key
      .slice(name.length + '_bucket'.length)
      .replace(/,?le="[^"]+"/, '')
      .replace('{,', '{');
    (series.get(labels) ?? series.set(labels, []).get(labels))?.push(value);
    (bounds.get(labels) ?? bounds.set(labels, []).get(labels))?.push(le === '+Inf' ? Infinity : Number(le));
  }
  for (const [labels, counts] of series) {
    const les = bounds.get(labels) ?? [];
    if (les.at(-1) !== Infinity || les.some((le, index) => index > 0 && !(le > (les[index - 1] ?? 0)))) {
      throw new Error(`bounds of ${name}${labels}: ${les.join(' ')}`);
    }
    if (counts.some((count, index) => count < (counts[index - 1] ?? 0)))
      throw new Error(`not growing: ${name}${labels}`);
    if (samples.get(`${name}_count${labels}`) !== counts.at(-1)) throw new Error(`count of ${name}${labels}`);
    if (!samples.has(`${name}_sum${labels}`)) throw new Error(`no sum of ${name}${labels}`);
  }
}
