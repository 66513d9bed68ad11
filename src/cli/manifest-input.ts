// Manifests read once and translated, for the commands that look at them without serving: `check`, `explain` and `compare`.
// The same source, decoder and translator as `sallyport up`, with the same flags, so that all three agree.
import {
  buildTranslateSettings,
  type FlagTable,
  type FlagValues,
  flagTable,
  UsageError,
} from '../config/index.ts';
import {
  compareReports,
  type Locate,
  type Report,
  reportOfFailure,
  reportOfProblem,
} from '../controller/index.ts';
import { isLoopbackAddress, type KubeObject } from '../kube/index.ts';
import { objectKey, type Problem, type RouteTable } from '../model/index.ts';
import { type FileFailure, FileSource, type ObjectChange, refOf, SourcePathError } from '../sources/index.ts';
import { Translator } from '../translate/index.ts';
import type { Terminal } from './command.ts';
import { translateOptions } from './translate-options.ts';

/** Flags that decide what manifests mean; those of `sallyport up`. */
export const manifestFlags = {
  filename: flagTable.filename,
  namespace: flagTable.namespace,
  'controller-class': flagTable['controller-class'],
  compatibility: flagTable.compatibility,
  'ingress-class': flagTable['ingress-class'],
  'watch-ingress-without-class': flagTable['watch-ingress-without-class'],
  'annotations-prefix': flagTable['annotations-prefix'],
  'default-backend-service': flagTable['default-backend-service'],
  'default-ssl-certificate': flagTable['default-ssl-certificate'],
  'enable-ssl-passthrough': flagTable['enable-ssl-passthrough'],
  'tcp-services-configmap': flagTable['tcp-services-configmap'],
  'udp-services-configmap': flagTable['udp-services-configmap'],
  configmap: flagTable.configmap,
} as const satisfies FlagTable;

export type ManifestFlags = FlagValues<typeof manifestFlags>;

export type ByteStream = AsyncIterable<Buffer | string>;

/** Objects as a source gave them, read once. */
export interface ReadObjects {
  readonly changes: readonly ObjectChange[];
  readonly failures: readonly FileFailure[];
  /** Kinds that are not handled, with how many objects there are of each. */
  readonly ignoredKinds: ReadonlyMap<string, number>;
  readonly locate: Locate;
  /** Endpoints of this machine may be served. */
  readonly allowsLoopback: boolean;
}

export interface ManifestInput {
  /** How many objects of handled kinds were taken. */
  readonly objectCount: number;
  readonly objects: readonly KubeObject[];
  readonly ignoredKinds: ReadonlyMap<string, number>;
  readonly table: RouteTable;
  /** Everything that is wrong, sorted by file and line. */
  readonly reports: readonly Report[];
  readonly locate: Locate;
}

/**
 * Reads and translates everything once. Null: a path does not exist or cannot be read, and `terminal` was told.
 * @throws {UsageError} no manifests are named.
 */
export async function loadManifests(
  command: string,
  flags: ManifestFlags,
  terminal: Terminal,
  stdin: ByteStream,
): Promise<ManifestInput | null> {
  const read = await readManifests(command, flags, terminal, stdin);
  return read === null ? null : translateObjects(flags, read);
}

/**
 * Reads the objects of manifests. Null as `loadManifests`.
 * @throws {UsageError} no manifests are named.
 */
export async function readManifests(
  command: string,
  flags: Pick<ManifestFlags, 'filename' | 'namespace'>,
  terminal: Terminal,
  stdin: ByteStream,
): Promise<ReadObjects | null> {
  if (flags.filename.length === 0)
    throw new UsageError(`${command}: no manifests: at least one -f PATH (a file, a folder or -) is wanted`);
  try {
    return await readFiles(flags, stdin);
  } catch (error) {
    if (!(error instanceof SourcePathError)) throw error;
    terminal.err(`${command}: ${error.message}\n`);
    return null;
  }
}

async function readFiles(
  { filename, namespace }: Pick<ManifestFlags, 'filename' | 'namespace'>,
  stdin: ByteStream,
): Promise<ReadObjects> {
  let changes: readonly ObjectChange[] = [];
  let failures: readonly FileFailure[] = [];
  const source = new FileSource({
    paths: filename,
    defaultNamespace: namespace,
    allowLoopback: true,
    stdin,
    watch: false,
    onChanges: (...delivery) => {
      [changes, failures] = delivery;
    },
  });
  await source.start();
  await source.stop();
  const locate: Locate = (ref, field) => source.locate(ref, field);
  return { changes, failures, ignoredKinds: source.ignoredKinds(), locate, allowsLoopback: true };
}

/** What the objects mean together. */
export function translateObjects(flags: ManifestFlags, read: ReadObjects): ManifestInput {
  const { changes, failures, ignoredKinds, locate, allowsLoopback } = read;
  const settings = { ...buildTranslateSettings(flags), configMap: flags.configmap };
  const translator = new Translator(translateOptions(settings, [], allowsLoopback));
  translator.apply(changes, Date.now());
  const objects = changes.flatMap((change) => (change.kind === 'set' ? [change.object] : []));
  const problems = [
    ...translator.allProblems(),
    ...(allowsLoopback ? objects.flatMap(loopbackProblems) : []),
    ...objects.flatMap((object) => classProblems(object, translator)),
  ];
  const reports = [
    ...failures.map(reportOfFailure),
    ...problems.map((problem) => reportOfProblem(problem, locate)),
  ].sort(compareReports);
  return { objectCount: objects.length, objects, ignoredKinds, table: translator.table, reports, locate };
}

/**
 * An Ingress that is left alone, and why. In a cluster it is somebody else's, who is not to be told; here the one who asks wrote it,
 * and a class that is not ours is the first reason why nothing is served.
 */
export function classProblems(object: KubeObject, translator: Translator): Problem[] {
  if (object.kind !== 'Ingress') return [];
  const ref = refOf(object);
  const status = translator.ingressStatus(objectKey(ref.namespace ?? '', ref.name));
  if (status === undefined || status.owned) return [];
  const field = object.spec?.ingressClassName === undefined ? '' : 'spec.ingressClassName';
  const message = `not served: ${status.reason}`;
  return [{ code: 'ClassNotServed', severity: 'info', object: ref, field, message }];
}

/** Endpoints that only a single machine accepts: a cluster's API server refuses such a manifest. */
function loopbackProblems(object: KubeObject): Problem[] {
  const fields: [field: string, address: string][] = [];
  if (object.kind === 'EndpointSlice') {
    for (const [index, { addresses }] of object.endpoints.entries()) {
      for (const [at, address] of addresses.entries()) {
        fields.push([`endpoints[${index}].addresses[${at}]`, address]);
      }
    }
  } else if (object.kind === 'Endpoints') {
    for (const [index, subset] of (object.subsets ?? []).entries()) {
      for (const part of ['addresses', 'notReadyAddresses'] as const) {
        for (const [at, { ip }] of (subset[part] ?? []).entries()) {
          fields.push([`subsets[${index}].${part}[${at}].ip`, ip]);
        }
      }
    }
  }
  return fields
    .filter(([, address]) => isLoopbackAddress(address))
    .map(([field, address]) => ({
      code: 'LoopbackEndpoint',
      severity: 'warning',
      object: refOf(object),
      field,
      message: `endpoint address "${address}" is a loopback address: served on this machine, but a cluster refuses to apply it`,
    }));
}
