// A user's shell in a folder of its own: `kubectl` is the one under test, HOME and the kubeconfig are its own, and what the terminal
// shows comes back with everything masked that no two runs have in common.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Kubectl } from '../../../tools/ensure-kubectl.ts';
import { typeLine } from './typed-line.ts';
import type { TypedLine } from './typed-line.ts';

export interface Shell {
  readonly folder: string;
  /** Of four characters, so that its mask `<ns>` leaves columns as they are. */
  readonly namespace: string;
  /** Runs a line of bash; resolves to its output, standard error included, and `[exit N]` unless 0. */
  readonly run: (line: string) => Promise<string>;
  /** The same without masks. */
  readonly runRaw: (line: string) => Promise<string>;
  /** Begins a line that runs on: a watch. */
  readonly start: (line: string) => TypedLine;
  readonly remove: () => void;
}

export interface ShellOptions {
  readonly kubectl: Kubectl;
  /** Text of the kubeconfig file. */
  readonly kubeconfig: string;
  readonly files?: ReadonlyMap<string, string>;
}

/** A shell whose namespace exists. */
export async function openShell({ kubectl, kubeconfig, files }: ShellOptions): Promise<Shell> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-kubectl-'));
  const work = join(folder, 'work');
  mkdirSync(join(folder, 'bin'));
  symlinkSync(kubectl.path, join(folder, 'bin/kubectl'));
  mkdirSync(work);
  const env = {
    PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
    HOME: folder,
    KUBECONFIG: join(folder, 'kubeconfig'),
    CERTIFICATES: join(import.meta.dirname, '../../fixtures/certs'),
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  };
  writeFileSync(env.KUBECONFIG, kubeconfig);
  const namespace = await createNamespace((line) => typeLine(line, work, env).ended);
  writeFileSync(env.KUBECONFIG, renderKubeconfig(kubeconfig, namespace));
  for (const [name, text] of files ?? []) {
    mkdirSync(dirname(join(work, name)), { recursive: true });
    writeFileSync(join(work, name), text.replaceAll('<ns>', namespace));
  }
  const start = (line: string): TypedLine => typeLine(line, work, { ...env, NS: namespace });
  return {
    folder: work,
    namespace,
    run: async (line) => maskOutput(await start(line).ended, namespace),
    runRaw: (line) => start(line).ended,
    start,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Four characters that no word of an output has, and no namespace of an earlier test. */
async function createNamespace(type: (line: string) => Promise<string>): Promise<string> {
  for (;;) {
    const namespace = `z${String(Math.floor(Math.random() * 1000)).padStart(3, '0')}`;
    const shown = await type(`kubectl create namespace ${namespace}`);
    if (shown === `namespace/${namespace} created`) return namespace;
    if (!shown.includes('AlreadyExists')) throw new Error(`creating namespace "${namespace}": ${shown}`);
  }
}

/** The same kubeconfig with another namespace in its contexts. */
function renderKubeconfig(text: string, namespace: string): string {
  const config = parse(text) as { contexts: { context: { namespace?: string } }[] };
  for (const { context } of config.contexts) context.namespace = namespace;
  return stringify(config);
}

const masks: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\b/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, '<date>'],
  [/(resourceVersion"?: )"?\d+"?/g, '$1<rv>'],
  // In a column, but not after a colon: that is a value, such as `proxy-body-size: 8m`.
  [/(?<=(?<!:) )(?:\d+[dhms])+(?=$| )/gm, '<age>'],
  [/^([WEI])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /gm, '$1<log> '],
  [/https:\/\/127\.0\.0\.1:\d+/g, '<server>'],
];

/** Ages, moments, uids, versions, ports and the namespace replaced; blanks at the ends of lines cut. */
export function maskOutput(text: string, namespace: string): string {
  let masked = text;
  for (const [pattern, replacement] of masks) masked = masked.replaceAll(pattern, replacement);
  return masked
    .replaceAll(namespace, '<ns>')
    .replaceAll(/[ \t]+$/gm, '')
    .trim();
}

/** The file's text, for kubeconfigs named by a path. */
export function readKubeconfig(path: string): string {
  return readFileSync(path, 'utf8');
}
