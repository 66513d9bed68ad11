// Rows of the core group, and the view of its Events in events.k8s.io.
import {
  defaultEndpoints,
  defaultNamespace,
  defaultSecret,
  defaultServiceFields,
  eventFromEvents,
  eventToEvents,
} from '../../../kube/index.ts';
import {
  configMapPrinter,
  endpointsPrinter,
  eventPrinter,
  namespacePrinter,
  nodePrinter,
  podPrinter,
  secretPrinter,
  serviceAccountPrinter,
  servicePrinter,
} from '../../tables/index.ts';
import type { Resource } from '../resource.ts';
import { endpointsStrategy } from '../strategies/endpoint-strategies.ts';
import { eventStrategy, withUnsetTimes } from '../strategies/event-strategy.ts';
import { namespaceStrategy } from '../strategies/namespace-strategy.ts';
import { plainStrategy } from '../strategies/plain-strategy.ts';
import { serviceStrategy, type ServiceRanges } from '../strategies/service/index.ts';
import { configMapStrategy, secretStrategy, serviceAccountStrategy } from '../strategies/small-strategies.ts';
import { convertsWith } from '../strategies/typed-strategy.ts';
import { podStrategy } from '../strategies/workload-strategies.ts';
import { defaultPod } from '../workload-defaults.ts';
import { allVerbs, resourceOf, versionOf } from './row.ts';
import {
  coreEventFields,
  eventsEventFields,
  namespaceFields,
  nodeFields,
  podFields,
  secretFields,
  serviceFields,
} from './selectable-fields.ts';

export function coreRows(ranges: ServiceRanges): readonly Resource[] {
  return [...namespacedRows(ranges), ...clusterRows];
}

function namespacedRows(ranges: ServiceRanges): readonly Resource[] {
  return [
    resourceOf({
      group: '',
      plural: 'configmaps',
      kind: 'ConfigMap',
      shortNames: ['cm'],
      versions: [versionOf('v1', 'ConfigMap')],
      strategy: configMapStrategy,
      printer: configMapPrinter,
      doc: 'Settings as keys and values that others read.',
    }),
    resourceOf({
      group: '',
      plural: 'endpoints',
      singular: 'endpoints',
      kind: 'Endpoints',
      shortNames: ['ep'],
      versions: [versionOf('v1', 'Endpoints', { toStorage: convertsWith(defaultEndpoints) })],
      strategy: endpointsStrategy,
      printer: endpointsPrinter,
      doc: 'The addresses behind the Service of the same name; the older form of EndpointSlice.',
    }),
    coreEventRow,
    resourceOf({
      group: '',
      plural: 'pods',
      kind: 'Pod',
      returnsDeleted: true,
      shortNames: ['po'],
      categories: ['all'],
      subresources: ['status'],
      versions: [versionOf('v1', 'Pod', { toStorage: convertsWith(defaultPod) })],
      strategy: podStrategy,
      selectableFields: podFields,
      printer: podPrinter,
      doc: 'Containers that run together. Pods are stored here for others to read; none is run.',
    }),
    resourceOf({
      group: '',
      plural: 'secrets',
      kind: 'Secret',
      versions: [versionOf('v1', 'Secret', { toStorage: convertsWith(defaultSecret) })],
      strategy: secretStrategy,
      selectableFields: secretFields,
      printer: secretPrinter,
      doc: 'Keys and values that are confidential: certificates with their keys, passwords, tokens.',
    }),
    resourceOf({
      group: '',
      plural: 'serviceaccounts',
      kind: 'ServiceAccount',
      returnsDeleted: true,
      shortNames: ['sa'],
      versions: [versionOf('v1', 'ServiceAccount')],
      strategy: serviceAccountStrategy,
      printer: serviceAccountPrinter,
      doc: 'An identity for programs. Service accounts are stored here; none gets a token.',
    }),
    resourceOf({
      group: '',
      plural: 'services',
      kind: 'Service',
      returnsDeleted: true,
      shortNames: ['svc'],
      categories: ['all'],
      subresources: ['status'],
      versions: [versionOf('v1', 'Service', { toStorage: convertsWith(defaultServiceFields) })],
      strategy: serviceStrategy(ranges),
      selectableFields: serviceFields,
      printer: servicePrinter,
      doc: 'A name and an address for a set of endpoints that do the same.',
    }),
  ];
}

const clusterRows: readonly Resource[] = [
  resourceOf({
    group: '',
    plural: 'namespaces',
    kind: 'Namespace',
    shortNames: ['ns'],
    namespaced: false,
    verbs: allVerbs.filter((verb) => verb !== 'deletecollection'),
    subresources: ['finalize', 'status'],
    versions: [versionOf('v1', 'Namespace', { toStorage: convertsWith(defaultNamespace) })],
    strategy: namespaceStrategy,
    selectableFields: namespaceFields,
    printer: namespacePrinter,
    doc: 'A room for objects, whose names are unique in it and which vanish with it.',
  }),
  resourceOf({
    group: '',
    plural: 'nodes',
    kind: 'Node',
    shortNames: ['no'],
    namespaced: false,
    subresources: ['status'],
    versions: [versionOf('v1', 'Node')],
    // A node may be born with its status.
    strategy: { ...plainStrategy({ namespaced: false, emptyStatus: {} }), prepareCreate: (node) => node },
    selectableFields: nodeFields,
    printer: nodePrinter,
    doc: 'A machine of a cluster. Nodes are stored here for others to read.',
  }),
];

const eventStorage = { storage: 'core/events', storageApiVersion: 'v1' };
const eventNames = { plural: 'events', kind: 'Event', shortNames: ['ev'] };
const eventDoc = 'Something that happened to an object, told to its owner. Events are removed after an hour.';

const coreEventRow: Resource = resourceOf({
  ...eventNames,
  ...eventStorage,
  group: '',
  versions: [
    versionOf('v1', 'Event', {
      toAnswer: withUnsetTimes(['firstTimestamp', 'lastTimestamp', 'eventTime']),
    }),
  ],
  strategy: eventStrategy('v1'),
  selectableFields: coreEventFields,
  printer: eventPrinter,
  doc: eventDoc,
});

/** The same Events under the names of the newer group. */
export const eventsEventRow: Resource = resourceOf({
  ...eventNames,
  ...eventStorage,
  group: 'events.k8s.io',
  versions: [
    versionOf('events.k8s.io/v1', 'Event', {
      toStorage: convertsWith(eventFromEvents),
      fromStorage: convertsWith(eventToEvents),
      toAnswer: withUnsetTimes(['eventTime', 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp']),
    }),
  ],
  strategy: eventStrategy('events.k8s.io/v1'),
  selectableFields: eventsEventFields,
  printer: eventPrinter,
  doc: eventDoc,
});
