// Columns of the small kinds of the core group and of Lease: Namespace, Secret, ConfigMap, ServiceAccount, Event, Node.
import type { ApiObject } from '../api-object.ts';
import {
  firstText,
  readFlag,
  readList,
  readNumber,
  readObject,
  readText,
  readValue,
} from '../registry/read-value.ts';
import type { TablePrinter } from '../registry/resource.ts';
import { renderSince } from './age.ts';
import { ageColumn, ageOf, column, nameColumn, wideColumn } from './columns.ts';

/** Kinds without columns of their own. */
export const defaultPrinter: TablePrinter = {
  columns: [nameColumn, column('Created At', 'When the object was created.', 'date')],
  cells: (object) => [object.metadata.name, object.metadata.creationTimestamp ?? ''],
};

export const namespacePrinter: TablePrinter = {
  columns: [nameColumn, column('Status', 'Active, or Terminating while its content is removed.'), ageColumn],
  cells: (namespace, nowMs) => [
    namespace.metadata.name,
    readText(namespace, 'status', 'phase'),
    ageOf(namespace, nowMs),
  ],
};

export const secretPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Type', 'What the Secret is for; decides which keys it must have.'),
    column('Data', 'Number of keys.'),
    ageColumn,
  ],
  cells: (secret, nowMs) => [
    secret.metadata.name,
    readText(secret, 'type'),
    Object.keys(readObject(secret, 'data')).length,
    ageOf(secret, nowMs),
  ],
};

export const configMapPrinter: TablePrinter = {
  columns: [nameColumn, column('Data', 'Number of keys.'), ageColumn],
  cells: (config, nowMs) => [
    config.metadata.name,
    Object.keys(readObject(config, 'data')).length + Object.keys(readObject(config, 'binaryData')).length,
    ageOf(config, nowMs),
  ],
};

export const serviceAccountPrinter: TablePrinter = {
  columns: [nameColumn, ageColumn],
  cells: (account, nowMs) => [account.metadata.name, ageOf(account, nowMs)],
};

export const leasePrinter: TablePrinter = {
  columns: [nameColumn, column('Holder', 'Who holds the Lease.'), ageColumn],
  cells: (lease, nowMs) => [
    lease.metadata.name,
    readText(lease, 'spec', 'holderIdentity'),
    ageOf(lease, nowMs),
  ],
};

export const eventPrinter: TablePrinter = {
  columns: [
    column('Last Seen', 'Time since it last happened.'),
    column('Type', 'Normal or Warning.'),
    column('Reason', 'Why, in one word.'),
    column('Object', 'What the Event is about.'),
    wideColumn('Subobject', 'Part of the object that the Event is about.'),
    wideColumn('Source', 'Who reported it.'),
    column('Message', 'What happened.'),
    wideColumn('First Seen', 'Time since it first happened.'),
    wideColumn('Count', 'How often it happened.'),
    { ...nameColumn, priority: 1 },
  ],
  cells: (event, nowMs) => {
    const first = renderSince(
      firstText(readText(event, 'firstTimestamp'), readText(event, 'eventTime')),
      nowMs,
    );
    const last = readText(event, 'lastTimestamp');
    const series = readValue(event, 'series');
    const hasSeries = series !== undefined && series !== null;
    const lastSeen = hasSeries
      ? renderSince(readText(series, 'lastObservedTime'), nowMs)
      : last === ''
        ? first
        : renderSince(last, nowMs);
    const kind = readText(event, 'involvedObject', 'kind').toLowerCase();
    const name = readText(event, 'involvedObject', 'name');
    return [
      lastSeen,
      readText(event, 'type'),
      readText(event, 'reason'),
      name === '' ? kind : `${kind}/${name}`,
      readText(event, 'involvedObject', 'fieldPath'),
      renderSource(event),
      readText(event, 'message').trim(),
      first,
      hasSeries ? readNumber(series, 'count') : readNumber(event, 'count') || 1,
      event.metadata.name,
    ];
  },
};

function renderSource(event: ApiObject): string {
  const component = firstText(readText(event, 'source', 'component'), readText(event, 'reportingComponent'));
  const instance = firstText(readText(event, 'source', 'host'), readText(event, 'reportingInstance'));
  return instance === '' ? component : `${component}, ${instance}`;
}

const roleLabelPrefix = 'node-role.kubernetes.io/';
const roleLabel = 'kubernetes.io/role';

export const nodePrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Status', 'Whether the node takes pods.'),
    column('Roles', 'Roles of the node, from its labels.'),
    ageColumn,
    column('Version', 'Version of the kubelet.'),
    wideColumn('Internal-IP', 'Address inside of the cluster.'),
    wideColumn('External-IP', 'Address outside of the cluster.'),
    wideColumn('OS-Image', 'Operating system.'),
    wideColumn('Kernel-Version', 'Kernel and architecture.'),
    wideColumn('Container-Runtime', 'Container runtime.'),
  ],
  cells: (node, nowMs) => {
    const info = readObject(node, 'status', 'nodeInfo');
    const architecture = readText(info, 'architecture');
    const kernel = readText(info, 'kernelVersion') || '<unknown>';
    return [
      node.metadata.name,
      renderNodeStatus(node),
      renderRoles(node),
      ageOf(node, nowMs),
      readText(info, 'kubeletVersion'),
      renderNodeAddress(node, 'InternalIP'),
      renderNodeAddress(node, 'ExternalIP'),
      readText(info, 'osImage') || '<unknown>',
      architecture === '' ? kernel : `${kernel} (${architecture})`,
      readText(info, 'containerRuntimeVersion') || '<unknown>',
    ];
  },
};

function renderNodeStatus(node: ApiObject): string {
  const ready = readList(node, 'status', 'conditions').findLast((each) => readText(each, 'type') === 'Ready');
  const state = ready === undefined ? 'Unknown' : readText(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return readFlag(node, 'spec', 'unschedulable') ? `${state},SchedulingDisabled` : state;
}

function renderRoles(node: ApiObject): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(roleLabelPrefix)) roles.add(key.slice(roleLabelPrefix.length));
    else if (key === roleLabel) roles.add(value);
  }
  roles.delete('');
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',');
}

function renderNodeAddress(node: ApiObject, type: string): string {
  const found = readList(node, 'status', 'addresses').find((address) => readText(address, 'type') === type);
  return found === undefined ? '<none>' : readText(found, 'address');
}
