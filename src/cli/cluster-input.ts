// The objects of a cluster, read once, for commands that look at them without serving. Nothing is written to the cluster.
import { homedir } from 'node:os';
import { controllerFlagTable, type FlagTable, type FlagValues, UsageError } from '../config/index.ts';
import {
  type ClusterConnection,
  type FileFailure,
  KubeconfigError,
  KubeHttpClient,
  KubeSource,
  loadKubeconfig,
  type ObjectChange,
} from '../sources/index.ts';
import type { Terminal } from './command.ts';
import type { ManifestFlags, ReadObjects } from './manifest-input.ts';
import { readVersion } from './version.ts';

export const clusterInputFlags = {
  kubeconfig: {
    ...controllerFlagTable.kubeconfig,
    defaultText: 'none: manifests are read',
    doc: 'Read the objects of the cluster that this kubeconfig names, instead of manifests.',
  },
  context: controllerFlagTable.context,
  'in-cluster': {
    type: 'switch',
    section: 'Cluster',
    default: 'false',
    doc: 'Read the objects of the cluster by the service account of this pod, instead of manifests.',
  },
  'loopback-endpoints': {
    type: 'switch',
    section: 'Cluster',
    default: 'false',
    doc: 'Endpoints on 127.0.0.0/8 and ::1 are served, as sallyport up does it: for its own API server.',
  },
  'cluster-timeout': {
    type: 'duration',
    section: 'Cluster',
    default: '30s',
    doc: 'How long to wait until all objects of the cluster are there.',
  },
} as const satisfies FlagTable;

type ClusterInputFlags = FlagValues<typeof clusterInputFlags>;

export function wantsCluster(flags: ClusterInputFlags): boolean {
  return flags.kubeconfig !== '' || flags['in-cluster'];
}

/** Null: the cluster did not answer in time, and `terminal` was told. @throws {UsageError} there is no cluster to ask. */
export async function readCluster(
  command: string,
  flags: ClusterInputFlags & ManifestFlags,
  terminal: Terminal,
): Promise<ReadObjects | null> {
  if (flags.filename.length > 0)
    throw new UsageError(`${command}: -f and a cluster exclude each other; one of them is wanted`);
  const connection = connect(command, flags);
  const notes: string[] = [...connection.warnings];
  let changes: readonly ObjectChange[] = [];
  let failures: readonly FileFailure[] = [];
  const note = (_fields: object, text: string): void => void notes.push(text);
  const client = new KubeHttpClient({ connection, userAgent: `sallyport/${readVersion()}` });
  const source = new KubeSource({
    client,
    log: { info: () => {}, warn: note },
    scope: { kind: 'all' },
    named: namedOf(flags),
    onChanges: (...delivery) => {
      [changes, failures] = delivery;
    },
  });
  const isThere = await startInTime(source, flags['cluster-timeout']);
  await source.stop();
  client.close();
  for (const text of new Set(notes)) terminal.err(`${command}: ${text}\n`);
  if (!isThere) {
    terminal.err(
      `${command}: the objects of ${connection.server.href} could not be read within ${flags['cluster-timeout']} ms\n`,
    );
    return null;
  }
  const allowsLoopback = flags['loopback-endpoints'];
  return { changes, failures, ignoredKinds: new Map(), locate: () => null, allowsLoopback };
}

function connect(command: string, flags: ClusterInputFlags): ClusterConnection {
  try {
    if (flags['in-cluster']) {
      // Without any kubeconfig the service account is what is left.
      const { KUBECONFIG: _, ...env } = process.env;
      return loadKubeconfig({ env, homeDir: '/nonexistent' });
    }
    const { kubeconfig: path, context } = flags;
    return loadKubeconfig({ env: process.env, homeDir: homedir(), path, context });
  } catch (error) {
    if (error instanceof KubeconfigError) throw new UsageError(`${command}: ${error.message}`);
    throw error;
  }
}

function namedOf(flags: ManifestFlags): NonNullable<ConstructorParameters<typeof KubeSource>[0]['named']> {
  const service = flags['default-backend-service'];
  const certificate = flags['default-ssl-certificate'];
  const configMaps = [
    flags.configmap,
    flags['tcp-services-configmap'],
    flags['udp-services-configmap'],
  ].filter((key) => key !== null);
  return {
    configMaps,
    secrets: certificate === null ? [] : [certificate],
    services: service === null ? [] : [service.service],
  };
}

async function startInTime(source: KubeSource, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([source.start().then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
