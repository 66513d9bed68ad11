// Kubeconfig files: read, and merged as kubectl merges them: of a name that several files define the first definition counts,
// whole, and the first current-context that is set.
import { readFileSync, statSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { KubeconfigError, KubeconfigFields } from './kubeconfig-fields.ts';

export interface Kubeconfig {
  readonly files: readonly string[];
  readonly clusters: ReadonlyMap<string, KubeconfigFields>;
  readonly users: ReadonlyMap<string, KubeconfigFields>;
  readonly contexts: ReadonlyMap<string, KubeconfigFields>;
  /** Empty: none. */
  readonly currentContext: string;
}

const maxFileBytes = 8 * 1024 * 1024;

/** Reads and merges the files that exist. @throws {KubeconfigError} */
export function readKubeconfigs(paths: readonly string[]): Kubeconfig {
  const parts = paths.flatMap((path) => {
    const text = readText(path);
    return text === null ? [] : [parseKubeconfig(path, text)];
  });
  const merge = (kind: 'clusters' | 'users' | 'contexts'): ReadonlyMap<string, KubeconfigFields> =>
    new Map(parts.toReversed().flatMap((part) => [...part[kind]]));
  return {
    files: parts.flatMap(({ files }) => files),
    clusters: merge('clusters'),
    users: merge('users'),
    contexts: merge('contexts'),
    currentContext: parts.find(({ currentContext }) => currentContext !== '')?.currentContext ?? '',
  };
}

/** True for what has nothing in it, such as an empty file. */
export function isEmptyKubeconfig(config: Kubeconfig): boolean {
  const { clusters, users, contexts, currentContext } = config;
  return clusters.size + users.size + contexts.size === 0 && currentContext === '';
}

/** Fields of a cluster that the command line says. */
type ClusterChanges = Readonly<Record<string, string>>;

/** The same with these fields in every cluster. */
export function changeClusters(config: Kubeconfig, changes: ClusterChanges): Kubeconfig {
  if (Object.keys(changes).length === 0) return config;
  const clusters = [...config.clusters].map(([name, fields]) => [name, fields.withTexts(changes)] as const);
  return { ...config, clusters: new Map(clusters) };
}

export const bareName = 'command line';

/** What the command line alone says: a server, and nobody who speaks to it. */
export function bareKubeconfig(changes: ClusterChanges): Kubeconfig {
  const fieldsOf = (path: string, value: unknown): ReadonlyMap<string, KubeconfigFields> =>
    new Map([[bareName, new KubeconfigFields(bareName, path, value)]]);
  return {
    files: [],
    clusters: fieldsOf('cluster', changes),
    users: fieldsOf('user', {}),
    contexts: fieldsOf('context', { cluster: bareName, user: bareName }),
    currentContext: bareName,
  };
}

/** Null: there is no such file. */
function readText(path: string): string | null {
  const fault = (message: string): KubeconfigError =>
    new KubeconfigError(`kubeconfig ${JSON.stringify(path)}: ${message}`);
  try {
    const { size } = statSync(path);
    if (size > maxFileBytes) throw fault(`it has ${size} bytes, at most ${maxFileBytes} are read`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof KubeconfigError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw fault(`cannot be read: ${typeof code === 'string' ? code : 'unknown error'}`);
  }
}

export function parseKubeconfig(file: string, text: string): Kubeconfig {
  const fields = new KubeconfigFields(file, '', parseYaml(file, text));
  return {
    files: [file],
    clusters: readNamed(fields, 'clusters', 'cluster'),
    users: readNamed(fields, 'users', 'user'),
    contexts: readNamed(fields, 'contexts', 'context'),
    currentContext: fields.text('current-context'),
  };
}

/** Scalars stay texts, but for true, false and null: a token such as `007` must not become a number. */
function parseYaml(file: string, text: string): unknown {
  const where = `kubeconfig ${JSON.stringify(file)}`;
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    customTags: ['bool', 'null', 'merge'],
    prettyErrors: true,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  if (error !== undefined) {
    // Only place and code: the library's message shows the text, which may be a key.
    const [start] = error.linePos ?? [];
    const place = start === undefined ? '' : ` at line ${start.line}, column ${start.col}`;
    throw new KubeconfigError(`${where}: not YAML${place} (${error.code})`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new KubeconfigError(`${where}: its aliases cannot be resolved`);
  }
}

function readNamed(fields: KubeconfigFields, list: string, member: string): Map<string, KubeconfigFields> {
  const found = new Map<string, KubeconfigFields>();
  for (const item of fields.children(list)) {
    const name = item.text('name');
    if (name === '') throw item.fault('name', 'a name is wanted');
    if (found.has(name)) throw item.fault('name', `${JSON.stringify(name)} is given twice`);
    const path = `${list}[${JSON.stringify(name)}].${member}`;
    found.set(name, new KubeconfigFields(fields.file, path, item.raw(member)));
  }
  return found;
}
