// Names of the published schemas, as Kubernetes gives them: tools know `io.k8s.api.networking.v1.Ingress` by heart.
import { kindSchemas, type Schema, type StructSchema } from '../../kube/index.ts';

const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Structs of meta/v1, which all groups share. */
const metaStructs = new Set([
  'Condition',
  'DeleteOptions',
  'FieldSelectorRequirement',
  'LabelSelector',
  'LabelSelectorRequirement',
  'ListMeta',
  'ManagedFieldsEntry',
  'ObjectMeta',
  'OwnerReference',
  'Preconditions',
  'ShardInfo',
  'Status',
  'StatusCause',
  'StatusDetails',
]);

/** Structs that kinds of the core group are made of; other groups use them under their name there. */
const coreStructs = new Set<StructSchema>();
for (const { apiVersion, schema } of kindSchemas)
  if (apiVersion === 'v1') collectStructs(schema, coreStructs);

function collectStructs(schema: Schema, into: Set<StructSchema>): void {
  if (schema.shape === 'list') collectStructs(schema.items, into);
  if (schema.shape === 'map') collectStructs(schema.values, into);
  if (schema.shape !== 'struct' || into.has(schema)) return;
  into.add(schema);
  for (const member of schema.members.values()) collectStructs(member.schema, into);
}

/** Of a struct that a kind of `group` uses, or of the kind itself. */
export function definitionName(schema: StructSchema, group: string): string {
  const { goName, goType } = schema;
  if (metaStructs.has(goName)) return `${metaPrefix}.${goName}`;
  const version = goType.slice(0, goType.length - goName.length - 1);
  return `${groupPrefix(coreStructs.has(schema) ? '' : group)}.${version}.${goName}`;
}

/** Of a custom kind: the group from its last label on. */
export function customDefinitionName(group: string, version: string, kind: string): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

function groupPrefix(group: string): string {
  if (group === '') return 'io.k8s.api.core';
  if (group === 'apiextensions.k8s.io') return 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions';
  if (!group.includes('.') || group.endsWith('.k8s.io')) return `io.k8s.api.${group.split('.', 1)[0]}`;
  return group.split('.').reverse().join('.');
}

export const scalarDefinitionNames = {
  time: `${metaPrefix}.Time`,
  microTime: `${metaPrefix}.MicroTime`,
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
} as const;

export const patchDefinitionName: string = `${metaPrefix}.Patch`;
