// DATA_DIR/kubeconfig: how kubectl finds the server and proves who it is. What a user added to the file stays: only the entries
// named `sallyport` are ours.
import { join } from 'node:path';
import { isMap, isSeq, parseDocument, type Document, type YAMLMap } from 'yaml';
import { readPrivateFile, writeWholeFile } from './private-files.ts';

/** Of our cluster, user and context. */
const entryName = 'sallyport';

export interface KubeconfigContent {
  /** `https://127.0.0.1:7443`. */
  readonly serverUrl: string;
  readonly authorityPem: string;
  readonly token: string;
}

/**
 * Writes or updates the file; its path. A file that has no cluster of our name is somebody else's.
 * @throws {Error} The file is somebody else's, not private, or no kubeconfig; it is as it was then.
 */
export function ensureKubeconfig(dataDir: string, content: KubeconfigContent): string {
  const path = join(dataDir, 'kubeconfig');
  const text = readPrivateFile(path);
  const wanted = text === null ? renderKubeconfig(content) : updateKubeconfig(path, text, content);
  if (wanted !== text) writeWholeFile(path, wanted);
  return path;
}

export function renderKubeconfig(content: KubeconfigContent): string {
  return updateKubeconfig('', emptyKubeconfig, content);
}

const emptyKubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: ${entryName}
  cluster: {}
contexts: []
users: []
current-context: ${entryName}
preferences: {}
`;

function updateKubeconfig(path: string, text: string, content: KubeconfigContent): string {
  const document = parseDocument(text, { version: '1.1' });
  const refuse = (why: string): Error =>
    new Error(
      `cannot update "${path}": ${why}; nothing was overwritten; move the file away to have one made`,
    );
  const [problem] = document.errors;
  if (problem !== undefined) throw refuse(`it is no YAML (${problem.code})`);
  if (!isMap(document.contents) || document.get('kind') !== 'Config') throw refuse('it is no kubeconfig');
  if (findEntry(document, 'clusters') === null) throw refuse(`it has no cluster "${entryName}"`);

  const cluster = ensureEntry(document, 'clusters', 'cluster', refuse);
  cluster.set('server', content.serverUrl);
  cluster.set('certificate-authority-data', Buffer.from(content.authorityPem).toString('base64'));
  cluster.delete('certificate-authority');
  cluster.delete('insecure-skip-tls-verify');
  const user = ensureEntry(document, 'users', 'user', refuse);
  user.set('token', content.token);
  const context = ensureEntry(document, 'contexts', 'context', refuse);
  context.set('cluster', entryName);
  context.set('user', entryName);
  if (!context.has('namespace')) context.set('namespace', 'default');
  return document.toString({ indentSeq: false, lineWidth: 0 });
}

function findEntry(document: Document, list: string): YAMLMap | null {
  const entries = document.get(list);
  if (!isSeq(entries)) return null;
  const found = entries.items.find((item) => isMap(item) && item.get('name') === entryName);
  return isMap(found) ? found : null;
}

/** The map under `key` of our entry in `list`, made when absent. */
function ensureEntry(document: Document, list: string, key: string, refuse: (why: string) => Error): YAMLMap {
  let entry = findEntry(document, list);
  if (entry === null) {
    if (!isSeq(document.get(list))) document.set(list, document.createNode([]));
    document.addIn([list], document.createNode({ name: entryName, [key]: {} }));
    entry = findEntry(document, list);
  }
  const value = entry?.get(key);
  if (!isMap(value)) throw refuse(`"${key}" of "${entryName}" in "${list}" is no map`);
  value.flow = false;
  return value;
}
