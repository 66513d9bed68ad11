// Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a change.
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Report } from '../../controller/index.ts';
import { renderObjectRef } from '../../model/index.ts';
import { stdinName } from '../../sources/index.ts';
import { escapeUnprintable, escapeUnprintableJson } from '../../std/printable.ts';
import type { CheckResult } from './check-result.ts';

const levels: Readonly<Record<Report['severity'], 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

export function renderSarif({ reports }: CheckResult, version: string): string {
  const codes = [...new Set(reports.map(({ code }) => code))].sort();
  const document = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'sallyport check', version, rules: codes.map((id) => ({ id, name: id })) } },
        columnKind: 'utf16CodeUnits',
        results: reports.map((report) => resultOf(report, codes)),
      },
    ],
  };
  return `${escapeUnprintableJson(JSON.stringify(document, null, 2))}\n`;
}

function resultOf(
  { severity, code, object, field, message, location }: Report,
  codes: readonly string[],
): object {
  const where = object === null ? '' : renderObjectRef(object);
  const text = [where, field, message].filter((part) => part !== '').join(': ');
  const isFile = location !== null && location.file !== stdinName;
  const physical = isFile && {
    physicalLocation: {
      artifactLocation: { uri: uriOf(location.file) },
      // A file that cannot be read has no line, and a region needs one.
      ...(location.line > 0 && { region: { startLine: location.line } }),
    },
  };
  const logical = where !== '' && {
    logicalLocations: [{ fullyQualifiedName: field === '' ? where : `${where} ${field}`, kind: 'resource' }],
  };
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: levels[severity],
    message: { text: escapeUnprintable(text) },
    ...((isFile || where !== '') && { locations: [{ ...physical, ...logical }] }),
  };
}

/** Relative as it was named, so that a code host finds it in its tree; a `:` in a first part would read as a scheme. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.toWellFormed().split('/').map(encodeURIComponent).join('/');
}
