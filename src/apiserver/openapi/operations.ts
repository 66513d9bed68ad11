// The operations of a served resource: paths, methods, parameters. kubectl looks here for whether the server validates fields itself
// (a PATCH with `fieldValidation`), and which kind stands behind a path (`explain`).
import type { Resource } from '../registry/resource.ts';
import { groupVersionPath } from './paths.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface Operation {
  readonly path: string;
  readonly method: Method;
  /** `x-kubernetes-action`. */
  readonly action: 'get' | 'list' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection';
  readonly id: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly body: 'object' | 'patch' | 'deleteOptions' | null;
  readonly answer: 'object' | 'list' | 'status';
}

/** What an operation is of. */
export interface OperationTarget {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

function parameter(
  name: string,
  description: string,
  type: Parameter['type'] = 'string',
  place: Parameter['in'] = 'query',
): Parameter {
  return { name, in: place, type, description };
}

const pathParameters = {
  name: parameter('name', 'Name of the object.', 'string', 'path'),
  namespace: parameter('namespace', 'Namespace of the objects.', 'string', 'path'),
} as const;

const dryRun = parameter('dryRun', '`All`: everything is checked and nothing is stored.');
const write: readonly Parameter[] = [
  dryRun,
  parameter('fieldManager', 'Who owns the fields that the request sets; at most 128 printable characters.'),
  parameter(
    'fieldValidation',
    'What becomes of unknown and duplicate fields: `Ignore`, `Warn` (a warning, the default) or `Strict` (the request is refused).',
  ),
];
const patch: readonly Parameter[] = [
  ...write,
  parameter('force', 'Server-side apply only: takes fields over from other managers.', 'boolean'),
];
const select: readonly Parameter[] = [
  parameter('labelSelector', 'Only objects with these labels, e.g. `app=web,tier!=test`.'),
  parameter('fieldSelector', 'Only objects with these fields, e.g. `metadata.name=web`.'),
];
const list: readonly Parameter[] = [
  ...select,
  parameter('limit', 'Objects on one page.', 'integer'),
  parameter('continue', 'The token of the page before.'),
  parameter('resourceVersion', 'The state to list, or to watch from.'),
  parameter('resourceVersionMatch', '`Exact` or `NotOlderThan`: how resourceVersion is meant.'),
  parameter('watch', 'Changes as they happen instead of a list.', 'boolean'),
  parameter('allowWatchBookmarks', 'Now and then an event that only tells the version.', 'boolean'),
  parameter('sendInitialEvents', 'A watch begins with all objects and a bookmark.', 'boolean'),
  parameter('timeoutSeconds', 'When the server ends a watch.', 'integer'),
];
const remove: readonly Parameter[] = [
  dryRun,
  parameter('gracePeriodSeconds', 'Seconds that the object may take to end.', 'integer'),
  parameter('propagationPolicy', 'What happens to dependents: `Orphan`, `Background` or `Foreground`.'),
];

/** All operations of a resource in one of its versions. */
export function operationsOf(resource: Resource, version: string): readonly Operation[] {
  const target: OperationTarget = { ...resource, version };
  const verbs = new Set(resource.verbs);
  const { all, item } = pathsOf(target);
  const operations: Operation[] = [];
  const add = (
    isServed: boolean,
    path: string,
    shape: Pick<Operation, 'method' | 'action' | 'body' | 'answer'>,
    parameters: readonly Parameter[],
    subresource = '',
  ): void => {
    if (isServed) operations.push(operation(target, path, shape, parameters, subresource));
  };
  add(verbs.has('list'), all, { method: 'get', action: 'list', body: null, answer: 'list' }, list);
  add(verbs.has('create'), all, { method: 'post', action: 'post', body: 'object', answer: 'object' }, write);
  add(
    verbs.has('deletecollection'),
    all,
    { method: 'delete', action: 'deletecollection', body: 'deleteOptions', answer: 'status' },
    [...select, ...remove],
  );
  add(verbs.has('get'), item, { method: 'get', action: 'get', body: null, answer: 'object' }, []);
  add(verbs.has('update'), item, { method: 'put', action: 'put', body: 'object', answer: 'object' }, write);
  add(verbs.has('patch'), item, { method: 'patch', action: 'patch', body: 'patch', answer: 'object' }, patch);
  add(
    verbs.has('delete'),
    item,
    { method: 'delete', action: 'delete', body: 'deleteOptions', answer: 'status' },
    remove,
  );
  for (const sub of resource.subresources) {
    // Its kind is autoscaling's, which no document here describes.
    if (sub === 'scale') continue;
    const path = `${item}/${sub}`;
    const isWhole = sub !== 'finalize';
    add(isWhole, path, { method: 'get', action: 'get', body: null, answer: 'object' }, [], sub);
    add(true, path, { method: 'put', action: 'put', body: 'object', answer: 'object' }, write, sub);
    add(isWhole, path, { method: 'patch', action: 'patch', body: 'patch', answer: 'object' }, patch, sub);
  }
  return operations;
}

/** The only operation of what is asked and not stored. */
export function reviewOperation(target: OperationTarget): Operation {
  const shape = { method: 'post', action: 'post', body: 'object', answer: 'object' } as const;
  return operation(target, pathsOf(target).all, shape, write, '');
}

function pathsOf(target: OperationTarget): { readonly all: string; readonly item: string } {
  const base = `/${groupVersionPath(target.group, target.version)}`;
  const all = `${base}${target.namespaced ? '/namespaces/{namespace}' : ''}/${target.plural}`;
  return { all, item: `${all}/{name}` };
}

const idVerbs: Readonly<Record<Operation['action'], string>> = {
  get: 'read',
  list: 'list',
  post: 'create',
  put: 'replace',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

function operation(
  target: OperationTarget,
  path: string,
  shape: Pick<Operation, 'method' | 'action' | 'body' | 'answer'>,
  parameters: readonly Parameter[],
  subresource: string,
): Operation {
  const { kind } = target;
  const verb = idVerbs[shape.action];
  const place = [
    camel(target.group === '' ? 'core' : target.group.replace(/\.k8s\.io$/, '')),
    camel(target.version),
    shape.action === 'deletecollection' ? 'Collection' : '',
    target.namespaced ? 'Namespaced' : '',
    kind,
    camel(subresource),
  ];
  const object = subresource === '' ? kind : `${subresource} of ${kind}`;
  return {
    path,
    ...shape,
    id: `${verb}${place.join('')}`,
    description: shape.answer === 'list' ? `list or watch objects of kind ${kind}` : `${verb} ${object}`,
    parameters: [
      ...(path.includes('{namespace}') ? [pathParameters.namespace] : []),
      ...(path.includes('{name}') ? [pathParameters.name] : []),
      ...parameters,
    ],
  };
}

function camel(text: string): string {
  return text.replaceAll(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9])/g, (_, first: string) => first.toUpperCase());
}
