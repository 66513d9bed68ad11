// Findings for people: one line each, or a table with one block for each object; then the summary.
import { type Report, renderReport } from '../../controller/index.ts';
import { renderObjectRef } from '../../model/index.ts';
import { escapeUnprintable } from '../../std/printable.ts';
import { type CheckResult, countCodes, countOf } from './check-result.ts';

const colors: Readonly<Record<Report['severity'], string>> = {
  error: '\x1b[31m',
  warning: '\x1b[33m',
  info: '\x1b[36m',
};
const plain = '\x1b[0m';

/** Lines as compilers write them. */
export function renderText(result: CheckResult, hasColors: boolean): string {
  const lines = result.reports.map((report) => {
    const line = renderReport(report);
    const at = line.indexOf(`${report.severity}: `);
    return hasColors
      ? `${line.slice(0, at)}${paint(report.severity, hasColors)}${line.slice(at + report.severity.length)}`
      : line;
  });
  return [...lines, ...renderAnnotations(result), renderCounts(result), ...renderIgnored(result), ''].join(
    '\n',
  );
}

/** A block for each object, and how often each code occurs. */
export function renderTable(result: CheckResult, hasColors: boolean): string {
  const blocks = Map.groupBy(result.reports, headOf);
  const lines: string[] = [];
  for (const [head, reports] of blocks) {
    lines.push(escapeUnprintable(head));
    const width = Math.max(...reports.map(({ code }) => code.length));
    for (const { severity, code, field, message, location } of reports) {
      const place = location === null || location.line === 0 ? '' : `line ${location.line}`;
      const text = [field, message].filter((part) => part !== '').join(': ');
      const padding = ' '.repeat('warning'.length - severity.length);
      lines.push(
        `  ${paint(severity, hasColors)}${padding}  ${escapeUnprintable(`${code.padEnd(width)}  ${place.padEnd(9)}  ${text}`)}`,
      );
    }
    lines.push('');
  }
  const codes = countCodes(result.reports);
  if (codes.length > 0) {
    lines.push('By code');
    const width = Math.max(...codes.map(([code]) => code.length));
    for (const [code, count] of codes) lines.push(`  ${code.padEnd(width)}  ${count}`);
    lines.push('');
  }
  return [...lines, ...renderAnnotations(result), renderCounts(result), ...renderIgnored(result), ''].join(
    '\n',
  );
}

function paint(severity: Report['severity'], hasColors: boolean): string {
  return hasColors ? `${colors[severity]}${severity}${plain}` : severity;
}

function headOf({ object, location }: Report): string {
  const file = location === null ? '' : `  (${location.file})`;
  return object === null ? (location?.file ?? '') : `${renderObjectRef(object)}${file}`;
}

function renderAnnotations({ annotations }: CheckResult): string[] {
  if (annotations === null || annotations.length === 0) return [];
  const width = Math.max(...annotations.map(({ key }) => key.length));
  const rows = annotations.map(({ key, state, ingresses, note }) =>
    `  ${key.padEnd(width)}  ${state.padEnd(10)}  ${String(ingresses).padStart(5)}  ${note}`.trimEnd(),
  );
  return ['Annotations, and how many Ingresses have them', ...rows.map(escapeUnprintable), ''];
}

function renderCounts({ objectCount, reports }: CheckResult): string {
  const infos = countOf(reports, 'info');
  const counts = [
    plural(objectCount, 'object'),
    plural(countOf(reports, 'error'), 'error'),
    plural(countOf(reports, 'warning'), 'warning'),
    ...(infos > 0 ? [plural(infos, 'note')] : []),
  ];
  return counts.join(', ');
}

function renderIgnored({ ignoredKinds }: CheckResult): string[] {
  if (ignoredKinds.size === 0) return [];
  const kinds = sortedKinds(ignoredKinds).map(([kind, count]) => `${kind} (${count})`);
  return [escapeUnprintable(`not looked at: ${kinds.join(', ')}`)];
}

export function sortedKinds(kinds: ReadonlyMap<string, number>): [string, number][] {
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
