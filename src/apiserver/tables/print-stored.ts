// Columns of kinds that nothing here acts on: ReplicaSet, ReplicationController, StatefulSet, CronJob, volumes and their claims.
import type { ApiObject } from '../api-object.ts';
import {
  firstText,
  readList,
  readNumber,
  readObject,
  readText,
  readValue,
  type JsonObject,
} from '../registry/read-value.ts';
import type { TablePrinter } from '../registry/resource.ts';
import { renderSince } from './age.ts';
import { renderContainers, renderLabels, renderSelectorCell } from './cell-text.ts';
import { ageColumn, ageOf, column, containerColumns, nameColumn, wideColumn } from './columns.ts';

const replicaColumns = [
  nameColumn,
  column('Desired', 'Pods that are wanted.', 'integer'),
  column('Current', 'Pods that are there.', 'integer'),
  column('Ready', 'Pods that are ready.', 'integer'),
  ageColumn,
  ...containerColumns,
];

function replicasPrinter(renderPods: (selector: JsonObject) => string): TablePrinter {
  return {
    columns: replicaColumns,
    cells: (set, nowMs) => [
      set.metadata.name,
      readNumber(set, 'spec', 'replicas'),
      readNumber(set, 'status', 'replicas'),
      readNumber(set, 'status', 'readyReplicas'),
      ageOf(set, nowMs),
      ...renderContainers(readObject(set, 'spec', 'template', 'spec')),
      renderPods(readObject(set, 'spec', 'selector')),
    ],
  };
}

export const replicaSetPrinter = replicasPrinter(renderSelectorCell);

/** Its selector is a map of labels. */
export const replicationControllerPrinter = replicasPrinter(renderLabels);

export const statefulSetPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Ready', 'Pods that are ready, of those wanted.'),
    ageColumn,
    ...containerColumns.slice(0, 2),
  ],
  cells: (set, nowMs) => [
    set.metadata.name,
    `${readNumber(set, 'status', 'readyReplicas')}/${readNumber(set, 'spec', 'replicas')}`,
    ageOf(set, nowMs),
    ...renderContainers(readObject(set, 'spec', 'template', 'spec')),
  ],
};

export const cronJobPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Schedule', 'When Jobs are made, as in a crontab.'),
    column('Timezone', 'Time zone of the schedule.'),
    column('Suspend', 'Whether no further Jobs are made.', 'boolean'),
    column('Active', 'Jobs that are running.', 'integer'),
    column('Last Schedule', 'Time since a Job was made last.'),
    ageColumn,
    ...containerColumns,
  ],
  cells: (cron, nowMs) => {
    const jobSpec = readObject(cron, 'spec', 'jobTemplate', 'spec');
    const last = readText(cron, 'status', 'lastScheduleTime');
    return [
      cron.metadata.name,
      readText(cron, 'spec', 'schedule'),
      readText(cron, 'spec', 'timeZone') || '<none>',
      renderFlag(readValue(cron, 'spec', 'suspend')),
      readList(cron, 'status', 'active').length,
      last === '' ? '<none>' : renderSince(last, nowMs),
      ageOf(cron, nowMs),
      ...renderContainers(readObject(jobSpec, 'template', 'spec')),
      renderSelectorCell(readObject(jobSpec, 'selector')),
    ];
  },
};

function renderFlag(value: unknown): string {
  if (typeof value !== 'boolean') return '<unset>';
  return value ? 'True' : 'False';
}

export const persistentVolumePrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Capacity', 'How much fits in.'),
    column('Access Modes', 'Who may mount it at once, and how.'),
    column('Reclaim Policy', 'What becomes of it when its claim is gone.'),
    column('Status', 'Phase of its life.'),
    column('Claim', 'The claim that it is bound to.'),
    column('StorageClass', 'Class that it belongs to.'),
    column('VolumeAttributesClass', 'Class of its attributes.'),
    column('Reason', 'Why it is in its phase.'),
    ageColumn,
    wideColumn('VolumeMode', 'Whether it is a file system or a raw device.'),
  ],
  cells: (volume, nowMs) => {
    const claim = readObject(volume, 'spec', 'claimRef');
    return [
      volume.metadata.name,
      renderQuantity(readValue(volume, 'spec', 'capacity', 'storage')),
      renderAccessModes(readList(volume, 'spec', 'accessModes')),
      readText(volume, 'spec', 'persistentVolumeReclaimPolicy'),
      renderPhase(volume),
      Object.keys(claim).length === 0 ? '' : `${readText(claim, 'namespace')}/${readText(claim, 'name')}`,
      storageClassOf(volume),
      readText(volume, 'spec', 'volumeAttributesClassName') || '<unset>',
      readText(volume, 'status', 'reason'),
      ageOf(volume, nowMs),
      readText(volume, 'spec', 'volumeMode') || '<unset>',
    ];
  },
};

export const persistentVolumeClaimPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Status', 'Phase of its life.'),
    column('Volume', 'The volume that it is bound to.'),
    column('Capacity', 'How much fits into the volume.'),
    column('Access Modes', 'Who may mount the volume at once, and how.'),
    column('StorageClass', 'Class that is claimed.'),
    column('VolumeAttributesClass', 'Class of attributes that is claimed.'),
    ageColumn,
    wideColumn('VolumeMode', 'Whether a file system or a raw device is claimed.'),
  ],
  cells: (claim, nowMs) => {
    const volume = readText(claim, 'spec', 'volumeName');
    const isBound = volume !== '';
    return [
      claim.metadata.name,
      renderPhase(claim),
      volume,
      isBound ? renderQuantity(readValue(claim, 'status', 'capacity', 'storage')) : '',
      isBound ? renderAccessModes(readList(claim, 'status', 'accessModes')) : '',
      storageClassOf(claim),
      readText(claim, 'spec', 'volumeAttributesClassName') || '<unset>',
      ageOf(claim, nowMs),
      readText(claim, 'spec', 'volumeMode') || '<unset>',
    ];
  },
};

function renderPhase(object: ApiObject): string {
  return object.metadata.deletionTimestamp === undefined
    ? readText(object, 'status', 'phase')
    : 'Terminating';
}

/** The annotation is the older spelling, and wins. */
function storageClassOf(object: ApiObject): string {
  const old = object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? '';
  return firstText(old, readText(object, 'spec', 'storageClassName'));
}

function renderQuantity(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '0';
}

const accessModes: readonly (readonly [mode: string, shown: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function renderAccessModes(modes: readonly unknown[]): string {
  return accessModes
    .filter(([mode]) => modes.includes(mode))
    .map(([, shown]) => shown)
    .join(',');
}
