// The connection of a Pod with its service account: address from the environment, token and authority from mounted files,
// which the kubelet renews.
import { readFileSync, statSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { ClusterConnection } from './cluster-connection.ts';
import { KubeconfigError } from './kubeconfig-fields.ts';
import { chooseProxy } from './proxy-choice.ts';
import { ChangingTextFile } from './text-file.ts';
import { UserCredentials } from './user-credentials.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

export function isInCluster(env: Environment, folder: string): boolean {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  return host !== '' && port !== '' && isFile(join(folder, 'token'));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** `authorityFile`: in place of the mounted certificate authority; empty: none. @throws {KubeconfigError} */
export function inClusterConnection(
  env: Environment,
  folder: string,
  authorityFile: string,
): ClusterConnection {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  const address = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(address)) {
    throw new KubeconfigError(
      `KUBERNETES_SERVICE_HOST ${JSON.stringify(host)} and KUBERNETES_SERVICE_PORT ${JSON.stringify(port)} make no address`,
    );
  }
  const server = new URL(address);
  const mounted = join(folder, 'ca.crt');
  const authority = authorityFile === '' ? mounted : authorityFile;
  return {
    server,
    origin: "the Pod's service account",
    namespace: namespaceOf(env, folder),
    tls: {
      authorities:
        authority === mounted && !isFile(mounted)
          ? null
          : new ChangingTextFile(authority, 'certificate authority'),
      isVerified: true,
      serverName: null,
    },
    credentials: new UserCredentials({
      token: new ChangingTextFile(join(folder, 'token'), "service account's token"),
      basic: null,
      certificate: null,
    }),
    proxy: chooseProxy(server, env),
    impersonation: [],
    warnings: [],
  };
}

function namespaceOf(env: Environment, folder: string): string {
  const named = env['POD_NAMESPACE'] ?? '';
  if (named !== '') return named;
  const path = join(folder, 'namespace');
  const mounted = isFile(path) ? readFileSync(path, 'utf8').trim() : '';
  return mounted === '' ? 'default' : mounted;
}
