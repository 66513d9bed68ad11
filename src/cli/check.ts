// `sallyport check`: validates and translates manifests as `up` would, and prints all that is wrong with file and line.
// For people before they save, and for pipelines: exit code 1 when anything has no effect as written.
import {
  type FlagTable,
  readCommandLine,
  renderFlagsHelp,
  resolveFlags,
  UsageError,
} from '../config/index.ts';
import { type Report, renderReport } from '../controller/index.ts';
import { escapeUnprintable, escapeUnprintableJson } from '../std/printable.ts';
import type { Command, Terminal } from './command.ts';
import { type ByteStream, loadManifests, manifestFlags, type ManifestInput } from './manifest-input.ts';

const checkFlags = {
  ...manifestFlags,
  filename: {
    ...manifestFlags.filename,
    doc: 'Manifests to check: a file, a folder (its .yaml, .yml and .json files, recursively) or - for standard input. May be given several times.',
  },
  strict: {
    type: 'switch',
    section: 'Manifests',
    default: 'false',
    doc: 'Exit with 1 for warnings too.',
  },
  output: {
    type: 'choice',
    section: 'Manifests',
    short: 'o',
    choices: ['text', 'json'],
    default: 'text',
    doc: 'One line for each finding, or one JSON document.',
  },
} as const satisfies FlagTable;

function renderHelp(): string {
  return [
    'Usage: sallyport check -f PATH [-f PATH …] [flags]',
    '',
    'Checks manifests: syntax, the rules of the Kubernetes API, and what the objects mean together. Prints one line for each',
    'finding, "file:line: severity: Kind namespace/name: field: message [Code]", and a summary.',
    'Exit code: 0 without errors, 1 with errors or when a path cannot be read, 2 when used wrongly.',
    renderFlagsHelp(checkFlags),
  ].join('\n');
}

/** Runs the command; `stdin` is read only for `-f -`. */
export async function runCheck(
  words: readonly string[],
  terminal: Terminal,
  stdin: ByteStream,
): Promise<number> {
  const command = 'sallyport check';
  const line = readCommandLine(command, checkFlags, words);
  const flags = resolveFlags(command, checkFlags, [line.flags]);
  const [word] = line.positionals;
  if (word !== undefined) {
    throw new UsageError(`${command}: unexpected word "${word}"; manifests are named with -f PATH`);
  }
  const input = await loadManifests(command, flags, terminal, stdin);
  if (input === null) return 1;
  const errors = countOf(input.reports, 'error');
  const warnings = countOf(input.reports, 'warning');
  terminal.out(
    flags.output === 'json' ? renderJson(input, errors, warnings) : renderText(input, errors, warnings),
  );
  return errors > 0 || (flags.strict && warnings > 0) ? 1 : 0;
}

function countOf(reports: readonly Report[], severity: Report['severity']): number {
  return reports.filter((report) => report.severity === severity).length;
}

function renderText(
  { reports, objectCount, ignoredKinds }: ManifestInput,
  errors: number,
  warnings: number,
): string {
  const lines = reports.map(renderReport);
  lines.push(`${plural(objectCount, 'object')}, ${plural(errors, 'error')}, ${plural(warnings, 'warning')}`);
  if (ignoredKinds.size > 0) {
    const kinds = sortedKinds(ignoredKinds).map(([kind, count]) => `${kind} (${count})`);
    lines.push(escapeUnprintable(`not looked at: ${kinds.join(', ')}`));
  }
  return `${lines.join('\n')}\n`;
}

function sortedKinds(kinds: ReadonlyMap<string, number>): [string, number][] {
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The machine's form: names stay, members may be added. */
function renderJson(
  { reports, objectCount, ignoredKinds }: ManifestInput,
  errors: number,
  warnings: number,
): string {
  const document = {
    objects: objectCount,
    errors,
    warnings,
    ignoredKinds: Object.fromEntries(sortedKinds(ignoredKinds)),
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

export const checkCommand: Command = {
  help: renderHelp,
  run: (words, terminal) => runCheck(words, terminal, process.stdin),
};
