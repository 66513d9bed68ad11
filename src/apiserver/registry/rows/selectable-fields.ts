// Field selectors of the kinds that have any besides name and namespace; they read objects in the storage version.
import type { ApiObject } from '../../api-object.ts';
import { firstText, readFlag, readList, readText } from '../read-value.ts';

type SelectableFields = ReadonlyMap<string, (object: ApiObject) => string>;

/** Fields whose texts are selected by as they are, by their paths. */
function textFields(
  ...paths: readonly string[]
): readonly (readonly [string, (object: ApiObject) => string])[] {
  return paths.map((path) => [path, (object: ApiObject) => readText(object, ...path.split('.'))] as const);
}

export const secretFields: SelectableFields = new Map(textFields('type'));
export const serviceFields: SelectableFields = new Map(textFields('spec.clusterIP', 'spec.type'));
export const namespaceFields: SelectableFields = new Map(textFields('status.phase'));
export const nodeFields: SelectableFields = new Map([
  ['spec.unschedulable', (node: ApiObject) => String(readFlag(node, 'spec', 'unschedulable'))],
]);
export const podFields: SelectableFields = new Map([
  ...textFields(
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.nominatedNodeName',
  ),
  ['spec.hostNetwork', (pod: ApiObject) => String(readFlag(pod, 'spec', 'hostNetwork'))],
  ['status.podIP', (pod: ApiObject) => readText(readList(pod, 'status', 'podIPs')[0], 'ip')],
]);

const objectFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

function eventFields(object: 'involvedObject' | 'regarding', reporter: string): SelectableFields {
  return new Map([
    ...textFields('reason', 'type'),
    ...objectFields.map(
      (name) => [`${object}.${name}`, (event: ApiObject) => readText(event, 'involvedObject', name)] as const,
    ),
    [reporter, (event: ApiObject) => readText(event, 'reportingComponent')],
  ]);
}

/** Events in the core group can also be selected by who wrote them, in the older or the newer way. */
export const coreEventFields: SelectableFields = new Map([
  ...eventFields('involvedObject', 'reportingComponent'),
  [
    'source',
    (event: ApiObject) =>
      firstText(readText(event, 'source', 'component'), readText(event, 'reportingComponent')),
  ],
]);

export const eventsEventFields: SelectableFields = eventFields('regarding', 'reportingController');
