// Findings for programs. Names stay, members may be added.
import type { Report } from '../../controller/index.ts';
import { escapeUnprintableJson } from '../../std/printable.ts';
import { type CheckResult, countCodes, countOf } from './check-result.ts';
import { sortedKinds } from './render-text.ts';

export function renderJson({ objectCount, reports, ignoredKinds, annotations }: CheckResult): string {
  const document = {
    objects: objectCount,
    errors: countOf(reports, 'error'),
    warnings: countOf(reports, 'warning'),
    infos: countOf(reports, 'info'),
    codes: Object.fromEntries(countCodes(reports)),
    ignoredKinds: Object.fromEntries(sortedKinds(ignoredKinds)),
    ...(annotations !== null && { annotations }),
    findings: reports.map(jsonOfReport),
  };
  return `${escapeUnprintableJson(JSON.stringify(document, null, 2))}\n`;
}

/** A report as `check` and `explain` print it with `-o json`. `file` and `line` are null where they are not known. */
export function jsonOfReport({ location, severity, code, object, field, message }: Report): object {
  const file = location?.file ?? null;
  const line = location === null || location.line === 0 ? null : location.line;
  return { file, line, severity, code, object, field, message };
}
