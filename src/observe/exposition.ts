// Renders a snapshot in the Prometheus text format 0.0.4: HELP and TYPE once for each metric, all its samples together.
// In chunks, because a page of many routes is large: the caller writes as fast as the scraper reads.
import {
  type HistogramLayout,
  histograms,
  requestsCounter,
  requestTimeStart,
  requestTimeSum,
  totalsLength,
} from './histogram-layout.ts';
import { escapeUnprintable } from '../std/printable.ts';
import { addTotals, type MetricFamilySnapshot, type MetricsSnapshot } from './metrics-snapshot.ts';

/** The media type of the rendering. */
export const expositionContentType = 'text/plain; version=0.0.4; charset=utf-8';

const chunkChars = 64 * 1024;
const compatibilityPrefix = 'nginx_ingress_controller_';

export interface ExpositionOptions {
  /**
   * Labels of every `nginx_ingress_controller_` sample, name and value; ingress-nginx gives them `controller_namespace`,
   * `controller_class` and `controller_pod`, and its dashboards select by them.
   */
  readonly constantLabels?: readonly (readonly [string, string])[];
}

/** The whole page as one string. */
export function renderExposition(snapshot: MetricsSnapshot, options: ExpositionOptions = {}): string {
  return Array.from(renderExpositionChunks(snapshot, options)).join('');
}

/** The page in pieces of about 64 KiB. */
export function* renderExpositionChunks(
  snapshot: MetricsSnapshot,
  options: ExpositionOptions = {},
): Generator<string> {
  let chunk = '';
  for (const lines of renderMetrics(snapshot, renderLabels(options.constantLabels ?? []))) {
    chunk += lines;
    if (chunk.length >= chunkChars) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

function* renderMetrics(snapshot: MetricsSnapshot, constantLabels: string): Generator<string> {
  const series = labelSeries(snapshot, constantLabels);
  if (series.length > 0) {
    yield renderHead(requestsCounter.name, requestsCounter.help, 'counter');
    for (const { labels, totals } of series) {
      yield `${requestsCounter.name}{${labels}} ${countObservations(totals, requestTimeStart, requestTimeSum)}\n`;
    }
    for (const histogram of histograms) yield* renderHistogram(histogram, series);
  }
  for (const family of snapshot.families) {
    if (family.cells.length > 0) yield renderFamily(family, constantLabels);
  }
}

interface LabelledSeries {
  readonly labels: string;
  readonly totals: Float64Array;
}

function labelSeries(snapshot: MetricsSnapshot, constantLabels: string): readonly LabelledSeries[] {
  const all: LabelledSeries[] = [];
  for (const { labels, series } of snapshot.routes) {
    const route = renderLabels([
      ['namespace', labels.namespace],
      ['ingress', labels.ingress],
      ['service', labels.service],
      ['path', labels.path],
      ['host', labels.host],
      ['canary', labels.canary],
    ]);
    for (const { status, method, totals: packed } of series) {
      const totals = new Float64Array(totalsLength);
      addTotals(totals, packed);
      const own = renderLabels([
        ['status', status],
        ['method', method],
      ]);
      all.push({ labels: joinLabels(constantLabels, joinLabels(own, route)), totals });
    }
  }
  return all;
}

/** Series that have observed nothing are left out: a route that answers by itself has no upstream times. */
function* renderHistogram(histogram: HistogramLayout, series: readonly LabelledSeries[]): Generator<string> {
  const { name, start, bounds, sum } = histogram;
  let isFirst = true;
  for (const { labels, totals } of series) {
    if (countObservations(totals, start, sum) === 0) continue;
    let text = isFirst ? renderHead(name, histogram.help, 'histogram') : '';
    isFirst = false;
    let count = 0;
    for (const [index, bound] of bounds.entries()) {
      count += totals[start + index] ?? 0;
      text += `${name}_bucket{${labels},le="${bound}"} ${count}\n`;
    }
    const total = renderNumber((totals[sum] ?? 0) / histogram.divisor);
    yield `${text}${name}_sum{${labels}} ${total}\n${name}_count{${labels}} ${count}\n`;
  }
}

function countObservations(totals: Float64Array, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index += 1) count += totals[index] ?? 0;
  return count;
}

function renderFamily(family: MetricFamilySnapshot, constantLabels: string): string {
  const constant = family.name.startsWith(compatibilityPrefix) ? constantLabels : '';
  let text = renderHead(family.name, family.help, family.kind);
  for (const { labelValues, value } of family.cells) {
    const own = renderLabels(family.labelNames.map((name, index) => [name, labelValues[index] ?? '']));
    const labels = joinLabels(constant, own);
    text += `${family.name}${labels === '' ? '' : `{${labels}}`} ${renderNumber(value)}\n`;
  }
  return text;
}

function renderHead(name: string, help: string, kind: string): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${kind}\n`;
}

function joinLabels(left: string, right: string): string {
  return left === '' || right === '' ? left + right : `${left},${right}`;
}

function renderLabels(labels: readonly (readonly [string, string])[]): string {
  return labels.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(',');
}

function escapeLabelValue(value: string): string {
  // Line ends first as the format has them; other controls would reach the terminal of whoever reads the page.
  return value.toWellFormed().split('\n').map(escapeLabelLine).join('\\n');
}

function escapeLabelLine(line: string): string {
  return escapeUnprintable(line).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

function renderNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
