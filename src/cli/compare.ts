// `sallyport compare`: which requests of a log would be answered otherwise: without the quirks of ingress-nginx, by other manifests, or by
// another git revision of them. Nothing is sent: both tables decide each request as the proxy would.
import {
  type FlagTable,
  type FlagValues,
  readCommandLine,
  renderFlagsHelp,
  resolveFlags,
  UsageError,
} from '../config/index.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import type { Command, Terminal } from './command.ts';
import { Comparison } from './compare/compare-requests.ts';
import { Fingerprints } from './compare/fingerprint.ts';
import { GitFolderError } from './compare/git-folder.ts';
import { readSides, type Sides } from './compare/read-sides.ts';
import { Progress } from './progress.ts';
import { QuirkBlame } from './compare/quirk-blame.ts';
import { type ComparisonResult, renderJson, renderText } from './compare/report.ts';
import { notesOn } from './compare/table-notes.ts';
import { TableSide } from './compare/table-side.ts';
import { flagsOfFrom, fromFlags } from './from-nginx.ts';
import { type ByteStream, manifestFlags } from './manifest-input.ts';
import {
  newTally,
  openRequestFile,
  readRequests,
  type RequestFile,
  RequestFileError,
} from './request-list/index.ts';

const command = 'sallyport compare';

export const compareFlags = {
  requests: {
    type: 'text',
    section: 'Request',
    short: 'r',
    placeholder: 'FILE',
    default: '',
    defaultText: 'none',
    doc: 'Requests: an access log in the default format of ingress-nginx, in "combined" or as JSON lines, or a list of URLs; also packed by gzip; - for standard input.',
  },
  host: {
    type: 'text',
    section: 'Request',
    placeholder: 'NAME',
    default: '',
    defaultText: 'hosts whose paths lead to the Service that the line names',
    doc: 'Host of the lines that name none, as those of the default format of ingress-nginx.',
  },
  top: {
    type: 'count',
    section: 'Request',
    placeholder: 'COUNT',
    default: '50',
    doc: 'Groups of differences to show, the largest first.',
  },
  samples: {
    type: 'count',
    section: 'Request',
    placeholder: 'COUNT',
    default: '3',
    doc: 'Requests to show of each group.',
  },
  'fail-on-difference': {
    type: 'switch',
    section: 'Request',
    default: 'false',
    doc: 'Exit with 1 when a request would be answered otherwise.',
  },
  output: {
    type: 'choice',
    section: 'Request',
    short: 'o',
    choices: ['text', 'json'],
    default: 'text',
    doc: 'Lines for people, or one JSON document.',
  },
  ...manifestFlags,
  filename: {
    ...manifestFlags.filename,
    doc: 'Manifests: a file, a folder (its .yaml, .yml and .json files, recursively) or - for standard input. May be given several times. Alone: they are compared with themselves without quirks.',
  },
  old: {
    type: 'texts',
    section: 'Manifests',
    placeholder: 'PATH',
    default: '',
    defaultText: 'none',
    doc: 'Manifests of the old side, as -f. May be given several times.',
  },
  new: {
    type: 'texts',
    section: 'Manifests',
    placeholder: 'PATH',
    default: '',
    defaultText: 'none',
    doc: 'Manifests of the new side.',
  },
  'old-revision': {
    type: 'text',
    section: 'Manifests',
    placeholder: 'REVISION',
    default: '',
    defaultText: 'none',
    doc: 'The old side is the folder of -f as this git revision has it.',
  },
  'new-revision': {
    type: 'text',
    section: 'Manifests',
    placeholder: 'REVISION',
    default: '',
    defaultText: 'the folder as it lies there',
    doc: 'The new side is the folder of -f as this git revision has it.',
  },
  ...fromFlags,
} as const satisfies FlagTable;

type CompareFlags = FlagValues<typeof compareFlags>;

function renderHelp(): string {
  return [
    'Usage: sallyport compare --requests FILE -f PATH [--from ingress-nginx] [flags]',
    '       sallyport compare --requests FILE --old PATH --new PATH [flags]',
    '       sallyport compare --requests FILE -f FOLDER --old-revision REVISION [--new-revision REVISION] [flags]',
    '       sallyport compare --live OLD NEW --requests FILE: sends them to two proxies; see sallyport help compare-live',
    '',
    'Says which requests of a log would be answered otherwise: another backend, path, redirect, authentication, limit. Decides each with two',
    'tables and sends nothing. With -f alone: with the quirks of ingress-nginx, and without; each difference names the quirk that it hangs on.',
    'Exit code: 0 when compared, 1 when something cannot be read (--fail-on-difference: also when requests differ), 2 when used wrongly.',
    renderFlagsHelp(compareFlags),
  ].join('\n');
}

/** `watch`: where progress goes; null: nobody watches. `stdin` is read only for `-`. */
export async function runCompare(
  words: readonly string[],
  terminal: Terminal,
  stdin: ByteStream,
  watch: ((text: string) => void) | null = null,
): Promise<number> {
  const line = readCommandLine(command, compareFlags, words);
  const flags = resolveFlags(command, compareFlags, [line.flags, flagsOfFrom(line.flags)]);
  const [word] = line.positionals;
  if (word !== undefined) throw new UsageError(`${command}: unexpected word "${word}"`);
  if (flags.requests === '') throw new UsageError(`${command}: no requests: --requests FILE is wanted`);
  const host = readHost(flags.host);
  try {
    const file = openRequestFile(flags.requests, stdin);
    const sides = await readSides(command, flags, terminal, stdin);
    if (sides === null) return 1;
    const result = await compareFile(flags, host, sides, file, new Progress(watch, Date.now));
    terminal.out(flags.output === 'json' ? renderJson(result) : renderText(result));
    return flags['fail-on-difference'] && result.groups.count > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof RequestFileError) && !(error instanceof GitFolderError)) throw error;
    terminal.err(`${command}: ${error.message}\n`);
    return 1;
  }
}

function readHost(text: string): string {
  const host = text === '' ? '' : normalizeHost(text);
  if (host === null) throw new UsageError(`${command}: --host "${text}": a host name is wanted`);
  return host;
}

async function compareFile(
  flags: CompareFlags,
  host: string,
  sides: Sides,
  file: RequestFile,
  progress: Progress,
): Promise<ComparisonResult> {
  const fingerprints = new Fingerprints();
  const old = new TableSide(sides.old, fingerprints);
  const next = new TableSide(sides.new, fingerprints);
  const blame = sides.blame === null ? null : new QuirkBlame(old, next, fingerprints, sides.blame);
  const comparison = new Comparison(old, next, { host, maxSamples: flags.samples, blame });
  const { counts, groups } = comparison;
  const tally = newTally();
  try {
    for await (const batch of readRequests(file.bytes, tally)) {
      for (const request of batch) comparison.take(request);
      progress.tell(file, tally.requests, groups.count);
    }
  } finally {
    progress.clear();
  }
  return { tally, counts, groups, names: sides.names, notes: notesOn(sides), top: flags.top };
}

export const compareCommand: Command = {
  help: renderHelp,
  run: (words, terminal) =>
    runCompare(words, terminal, process.stdin, process.stderr.isTTY ? terminal.err : null),
};
