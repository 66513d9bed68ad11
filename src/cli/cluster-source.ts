// Objects of an API server for the controller: which of them are read, by what the command was told.
import type { StatusSettings, TranslateSettings, WatchScope } from '../config/index.ts';
import type { ObjectKey } from '../model/index.ts';
import type { Logger } from '../observe/logger.ts';
import { type ApiClient, type FileFailure, KubeSource, type ObjectChange } from '../sources/index.ts';
import type { ApiContact } from './control-plane-metrics.ts';

export interface ClusterSourceOptions {
  readonly client: ApiClient;
  readonly scope: WatchScope;
  readonly translate: TranslateSettings;
  readonly status: StatusSettings;
  /** Secret of the challenges of ACME servers. */
  readonly challengeSecret: ObjectKey | null;
  /** Service of the replicas of this program, if they are to be counted. */
  readonly replicas: ObjectKey | null;
  readonly onChanges: (changes: readonly ObjectChange[], failures: readonly FileFailure[]) => void;
  readonly logger: Logger;
}

export interface ClusterSource {
  /** Resolves when everything that is there now was delivered, as one change. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly contact: () => ApiContact;
  /** Whether the Ingresses of a namespace are read. */
  readonly reads: (namespace: string) => boolean;
}

/** @throws {Error} the namespace selector cannot be parsed. */
export function createClusterSource(options: ClusterSourceOptions): ClusterSource {
  const { client, scope, translate, status, challengeSecret, onChanges, logger } = options;
  const {
    configMap,
    tcpServices,
    udpServices,
    defaultSslCertificate,
    defaultBackendService,
    ingressClassByName,
  } = translate;
  const services = [defaultBackendService?.service ?? null, status.publishService, options.replicas];
  const source = new KubeSource({
    client,
    log: logger,
    scope: scopeOf(scope),
    onChanges,
    // A class that is ours by its name may have any controller.
    ...(ingressClassByName ? {} : { controllerName: translate.controllerClass }),
    named: {
      configMaps: present([configMap, tcpServices, udpServices]),
      secrets: present([defaultSslCertificate, challengeSecret]),
      services: present(services),
    },
  });
  return {
    start: () => source.start(),
    stop: () => source.stop(),
    contact: () => contactOf(source),
    reads: (namespace) => source.reads(namespace),
  };
}

function present(keys: readonly (ObjectKey | null)[]): readonly ObjectKey[] {
  return keys.filter((key) => key !== null);
}

function scopeOf({
  namespace,
  namespaceSelector,
}: WatchScope): ConstructorParameters<typeof KubeSource>[0]['scope'] {
  if (namespace !== null) return { kind: 'namespace', name: namespace };
  return namespaceSelector === null ? { kind: 'all' } : { kind: 'selector', selector: namespaceSelector };
}

function contactOf(source: KubeSource): ApiContact {
  const rows = source.metrics().filter(({ isRefused }) => !isRefused);
  const sum = (count: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  return {
    isInContact: source.isHealthy(),
    lastContactSeconds: rows.length === 0 ? 0 : Math.min(...rows.map((row) => row.lastContactMs)) / 1_000,
    relists: sum((row) => row.relists),
    watchErrors: sum((row) => row.listErrors + row.watchErrors),
  };
}
