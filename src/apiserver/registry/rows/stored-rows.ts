// Rows of kinds that neither we nor the manifests of a controller need, but `kubectl apply --prune` does: it looks through all of them,
// and ends with an error when one is not served. They are stored, as in a cluster whose controllers are away.
import type { ApiObject } from '../../api-object.ts';
import {
  cronJobPrinter,
  persistentVolumeClaimPrinter,
  persistentVolumePrinter,
  replicaSetPrinter,
  replicationControllerPrinter,
  statefulSetPrinter,
} from '../../tables/index.ts';
import type { Resource } from '../resource.ts';
import { plainStrategy } from '../strategies/plain-strategy.ts';
import {
  defaultClaim,
  defaultCronJob,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
  defaultPersistentVolume,
} from '../workload-defaults.ts';
import { openSchema, resourceOf, versionOf, type Row } from './row.ts';

type StoredRow = Omit<Row, 'versions' | 'strategy' | 'subresources'> & {
  readonly apiVersion: string;
  readonly toStorage: (object: ApiObject) => ApiObject;
  readonly emptyStatus: Readonly<Record<string, unknown>>;
  /** By default it counts changes of the spec. */
  readonly hasGeneration?: boolean;
};

function storedRow(row: StoredRow): Resource {
  const { apiVersion, toStorage, emptyStatus, hasGeneration = true, ...names } = row;
  const schema = openSchema(apiVersion, row.kind);
  const namespaced = row.namespaced ?? true;
  return resourceOf({
    ...names,
    subresources: ['status'],
    versions: [versionOf(apiVersion, row.kind, { schema, toStorage })],
    strategy: plainStrategy({ namespaced, hasGeneration, emptyStatus }),
  });
}

export const storedCoreRows: readonly Resource[] = [
  storedRow({
    group: '',
    plural: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    shortNames: ['pvc'],
    apiVersion: 'v1',
    toStorage: defaultClaim,
    emptyStatus: { phase: 'Pending' },
    hasGeneration: false,
    printer: persistentVolumeClaimPrinter,
    doc: 'A wish for a volume. Stored here; no volume is bound.',
  }),
  storedRow({
    group: '',
    plural: 'persistentvolumes',
    kind: 'PersistentVolume',
    shortNames: ['pv'],
    namespaced: false,
    apiVersion: 'v1',
    toStorage: defaultPersistentVolume,
    emptyStatus: { phase: 'Pending' },
    hasGeneration: false,
    printer: persistentVolumePrinter,
    doc: 'Storage that pods can mount. Stored here; nothing is provisioned.',
  }),
  storedRow({
    group: '',
    plural: 'replicationcontrollers',
    kind: 'ReplicationController',
    shortNames: ['rc'],
    categories: ['all'],
    apiVersion: 'v1',
    toStorage: defaultReplicationController,
    emptyStatus: { replicas: 0 },
    printer: replicationControllerPrinter,
    doc: 'The older form of ReplicaSet. Stored here; no pod is made.',
  }),
];

export const storedAppsRows: readonly Resource[] = [
  storedRow({
    group: 'apps',
    plural: 'replicasets',
    kind: 'ReplicaSet',
    shortNames: ['rs'],
    categories: ['all'],
    apiVersion: 'apps/v1',
    toStorage: defaultReplicaSet,
    emptyStatus: { replicas: 0 },
    printer: replicaSetPrinter,
    doc: 'A number of pods of one kind. Stored here; no pod is made.',
  }),
  storedRow({
    group: 'apps',
    plural: 'statefulsets',
    kind: 'StatefulSet',
    shortNames: ['sts'],
    categories: ['all'],
    apiVersion: 'apps/v1',
    toStorage: defaultStatefulSet,
    emptyStatus: { replicas: 0, availableReplicas: 0 },
    printer: statefulSetPrinter,
    doc: 'Pods with names and volumes that last. Stored here; no pod is made.',
  }),
];

export const storedBatchRow: Resource = storedRow({
  group: 'batch',
  plural: 'cronjobs',
  kind: 'CronJob',
  shortNames: ['cj'],
  categories: ['all'],
  apiVersion: 'batch/v1',
  toStorage: defaultCronJob,
  emptyStatus: {},
  printer: cronJobPrinter,
  doc: 'Jobs that are made by a schedule. Stored here; no Job is made.',
});
