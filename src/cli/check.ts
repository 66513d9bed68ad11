// `sallyport check`: validates and translates manifests, or the objects of a cluster, as `up` and `controller` would, and prints all that is
// wrong with file and line. For people before they save, for pipelines, and for whoever counts what a move from ingress-nginx would mean.
import {
  type FlagTable,
  type FlagValues,
  readCommandLine,
  renderFlagsHelp,
  resolveFlags,
  UsageError,
} from '../config/index.ts';
import { parseLabelSelector, type LabelSelector } from '../kube/index.ts';
import { listAnnotationUses } from './check/annotation-uses.ts';
import { type CheckResult, isFailure, makeChooser } from './check/check-result.ts';
import { renderJson } from './check/render-json.ts';
import { renderSarif } from './check/render-sarif.ts';
import { renderTable, renderText } from './check/render-text.ts';
import { clusterInputFlags, readCluster, wantsCluster } from './cluster-input.ts';
import type { Command, Terminal } from './command.ts';
import { assumeClass, flagsOfFrom, fromFlags } from './from-nginx.ts';
import {
  type ByteStream,
  manifestFlags,
  type ManifestInput,
  readManifests,
  translateObjects,
} from './manifest-input.ts';
import { readVersion } from './version.ts';

const command = 'sallyport check';

/** For the reference page, too. */
export const checkFlags = {
  ...manifestFlags,
  filename: {
    ...manifestFlags.filename,
    doc: 'Manifests to check: a file, a folder (its .yaml, .yml and .json files, recursively) or - for standard input. May be given several times.',
  },
  ...fromFlags,
  ...clusterInputFlags,
  'only-namespace': {
    type: 'texts',
    section: 'Manifests',
    placeholder: 'NAME',
    default: '',
    defaultText: 'all',
    doc: 'Tell only of objects of this namespace. May be given several times. All objects are read all the same, for they act together.',
  },
  selector: {
    type: 'text',
    section: 'Manifests',
    short: 'l',
    default: '',
    defaultText: 'all',
    doc: 'Tell only of objects whose labels match, for example team=shop.',
  },
  annotations: {
    type: 'switch',
    section: 'Manifests',
    default: 'false',
    defaultText: 'false; true with --from ingress-nginx',
    doc: 'List the annotations that are used: understood, refused, retired, unknown.',
  },
  'fail-on': {
    type: 'choice',
    section: 'Manifests',
    choices: ['error', 'warning', 'info', 'never'],
    default: 'error',
    doc: 'Exit with 1 for findings of this severity and above.',
  },
  strict: {
    type: 'switch',
    section: 'Manifests',
    default: 'false',
    doc: 'The same as --fail-on warning.',
  },
  output: {
    type: 'choice',
    section: 'Manifests',
    short: 'o',
    choices: ['text', 'table', 'json', 'sarif'],
    default: 'text',
    doc: 'One line for each finding, a block for each object, one JSON document, or SARIF 2.1.0 for code hosts.',
  },
} as const satisfies FlagTable;

type CheckFlags = FlagValues<typeof checkFlags>;

function renderHelp(): string {
  return [
    'Usage: sallyport check -f PATH [-f PATH …] [flags]',
    '       sallyport check --kubeconfig PATH|--in-cluster [flags]',
    '',
    'Checks manifests, or the objects of a cluster: syntax, the rules of the Kubernetes API, and what the objects mean together. Prints one',
    'line for each finding, "file:line: severity: Kind namespace/name: field: message [Code]", and a summary.',
    'Exit code: 0 without errors (--fail-on), 1 with errors or when something cannot be read, 2 when used wrongly.',
    '',
    'Before a move: sallyport check -f ingresses.yaml --from ingress-nginx --output table',
    renderFlagsHelp(checkFlags),
  ].join('\n');
}

/** Runs the command; `stdin` is read only for `-f -`. */
export async function runCheck(
  words: readonly string[],
  terminal: Terminal,
  stdin: ByteStream,
): Promise<number> {
  const line = readCommandLine(command, checkFlags, words);
  const flags = resolveFlags(command, checkFlags, [line.flags, flagsOfFrom(line.flags)]);
  const [word] = line.positionals;
  if (word !== undefined) {
    throw new UsageError(`${command}: unexpected word "${word}"; manifests are named with -f PATH`);
  }
  const selector = readSelector(flags.selector);
  const read = wantsCluster(flags)
    ? await readCluster(command, flags, terminal)
    : await readManifests(command, flags, terminal, stdin);
  if (read === null) return 1;
  const isFromNginx = flags.from === 'ingress-nginx';
  const input = translateObjects(flags, isFromNginx ? assumeClass(read, flags) : read);
  const result = { ...gather(flags, input, selector), objectCount: read.changes.length };
  terminal.out(render(flags, result, terminal.hasColors ?? false));
  return isFailure(
    result.reports,
    flags.strict && flags['fail-on'] === 'error' ? 'warning' : flags['fail-on'],
  )
    ? 1
    : 0;
}

function readSelector(text: string): LabelSelector | null {
  if (text === '') return null;
  const parsed = parseLabelSelector(text);
  if (parsed.kind === 'invalid') throw new UsageError(`${command}: --selector "${text}": ${parsed.message}`);
  return parsed.selector;
}

function gather(
  flags: CheckFlags,
  input: ManifestInput,
  selector: LabelSelector | null,
): Omit<CheckResult, 'objectCount'> {
  const isTold = makeChooser({ namespaces: flags['only-namespace'], selector }, input.objects);
  const reports = input.reports.filter(({ object }) => isTold(object));
  const wantsAnnotations = flags.annotations || flags.from === 'ingress-nginx';
  return {
    ignoredKinds: input.ignoredKinds,
    reports,
    annotations: wantsAnnotations ? listUses(flags, input, isTold) : null,
  };
}

/** Of the Ingresses that are served: nothing is said of those of others. */
function listUses(
  flags: CheckFlags,
  { objects, reports }: ManifestInput,
  isTold: ReturnType<typeof makeChooser>,
): CheckResult['annotations'] {
  const nameOf = (namespace = '', name = ''): string => `${namespace}/${name}`;
  const others = new Set(
    reports
      .filter(({ code }) => code === 'ClassNotServed')
      .map(({ object }) => nameOf(object?.namespace, object?.name)),
  );
  const refused = new Set(
    reports.filter(({ code }) => code === 'AnnotationUnsupported').map(({ field }) => field),
  );
  const ingresses = objects
    .filter((object) => object.kind === 'Ingress')
    .filter(({ metadata }) => !others.has(nameOf(metadata.namespace, metadata.name)))
    .filter(({ kind, metadata }) =>
      isTold({ kind, namespace: metadata.namespace ?? '', name: metadata.name }),
    );
  return listAnnotationUses(ingresses, flags['annotations-prefix'], (key) =>
    refused.has(`metadata.annotations[${key}]`),
  );
}

function render(flags: CheckFlags, result: CheckResult, hasColors: boolean): string {
  if (flags.output === 'json') return renderJson(result);
  if (flags.output === 'sarif') return renderSarif(result, readVersion());
  return flags.output === 'table' ? renderTable(result, hasColors) : renderText(result, hasColors);
}

export const checkCommand: Command = {
  help: renderHelp,
  run: (words, terminal) => runCheck(words, terminal, process.stdin),
};
