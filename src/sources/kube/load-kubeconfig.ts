// loadKubeconfig: from flags and environment to a ClusterConnection, in kubectl's order: the given file; the files of
// KUBECONFIG; ~/.kube/config; and where none of them has anything, the service account of the Pod.
import { delimiter, join, resolve } from 'node:path';
import type { ClusterConnection } from './cluster-connection.ts';
import { connectionOfContext } from './context-connection.ts';
import { inClusterConnection, isInCluster, serviceAccountFolder } from './in-cluster.ts';
import { KubeconfigError } from './kubeconfig-fields.ts';
import {
  bareKubeconfig,
  bareName,
  changeClusters,
  isEmptyKubeconfig,
  type Kubeconfig,
  readKubeconfigs,
} from './kubeconfig-file.ts';

export interface KubeconfigOptions {
  /** `--kubeconfig`: this file and no other; it must exist. */
  readonly path?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--context`; absent or empty: the file's current one. */
  readonly context?: string;
  readonly homeDir: string;
  /** URL of the API server, in place of the one found; alone, it is spoken to as nobody. */
  readonly server?: string;
  /** PEM file, in place of the certificate authority found. */
  readonly authorityFile?: string;
  /** For tests; absent: where the kubelet puts it. */
  readonly serviceAccountDir?: string;
}

/** Who to talk to. Credential programs are not run and tokens not tried. @throws {KubeconfigError} */
export function loadKubeconfig(options: KubeconfigOptions): ClusterConnection {
  const { env, serviceAccountDir = serviceAccountFolder, server = '', authorityFile = '' } = options;
  const paths = pathsOf(options);
  const config = readKubeconfigs(paths);
  if ((options.path ?? '') !== '' && config.files.length === 0) {
    throw new KubeconfigError(`kubeconfig ${JSON.stringify(options.path)}: there is no such file`);
  }
  const wanted = options.context ?? '';
  const name = wanted === '' ? config.currentContext : wanted;
  const changes = {
    ...(server === '' ? {} : { server }),
    ...(authorityFile === ''
      ? {}
      : { 'certificate-authority': resolve(authorityFile), 'certificate-authority-data': '' }),
  };
  if (name !== '') return connectionOfContext(changeClusters(config, changes), name, env);
  if (server !== '') return connectionOfContext(bareKubeconfig(changes), bareName, env);
  if (isInCluster(env, serviceAccountDir)) {
    return inClusterConnection(env, serviceAccountDir, authorityFile);
  }
  throw new KubeconfigError(
    isEmptyKubeconfig(config) ? renderNothingFound(options, paths) : renderNoContext(config),
  );
}

function pathsOf({ path = '', env, homeDir }: KubeconfigOptions): string[] {
  if (path !== '') return [path];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((item) => item !== '');
  return listed.length > 0 ? [...new Set(listed)] : [join(homeDir, '.kube', 'config')];
}

function renderNothingFound({ path = '', env }: KubeconfigOptions, paths: readonly string[]): string {
  const origin =
    path !== '' ? '--kubeconfig' : (env['KUBECONFIG'] ?? '') === '' ? 'the home folder' : 'KUBECONFIG';
  const names = paths.map((item) => JSON.stringify(item)).join(', ');
  return `no cluster to talk to: ${origin} (${names}) has no context, and this is not a Pod with a service account (KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and a token are wanted)`;
}

function renderNoContext({ files, contexts }: Kubeconfig): string {
  const where = `kubeconfig ${files.map((file) => JSON.stringify(file)).join(', ')}`;
  const names = [...contexts.keys()].map((name) => JSON.stringify(name)).join(', ');
  return `${where}: current-context is not set; ${names === '' ? 'there are no contexts' : `choose one of ${names}`}`;
}
