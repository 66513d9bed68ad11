// A registry with a few kinds of each sort, for tests: rows without behaviour.
import { schemaOf, unknownObjectSchema, type StructSchema } from '../../kube/index.ts';
import type { Registry, Resource, ResourceVersion, Strategy } from '../registry/resource.ts';

const strategy: Strategy = {
  prepareCreate: (object) => object,
  prepareUpdate: (next) => next,
  validateCreate: () => [],
  validateUpdate: () => [],
  warnings: () => [],
  allowsCreateOnUpdate: false,
  allowsUnconditionalUpdate: true,
  resetFields: {},
};

export function sampleVersion(version: string, schema: StructSchema | undefined): ResourceVersion {
  return {
    version,
    schema: schema ?? unknownObjectSchema,
    deprecation: null,
    toStorage: (object) => object,
    fromStorage: (object) => object,
  };
}

/** `groupVersions`: the preferred one first; kinds that kube/ knows get its schema. */
export function sampleResource(
  groupVersions: readonly string[],
  kind: string,
  plural: string,
  traits: Partial<Resource> = {},
): Resource {
  const [preferred = 'v1'] = groupVersions;
  const group = preferred.includes('/') ? preferred.slice(0, preferred.indexOf('/')) : '';
  return {
    group,
    plural,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    shortNames: [],
    categories: [],
    namespaced: true,
    storage: `${group === '' ? 'core' : group}/${plural}`,
    storageApiVersion: preferred,
    versions: groupVersions.map((apiVersion) =>
      sampleVersion(apiVersion.slice(apiVersion.indexOf('/') + 1), schemaOf(apiVersion, kind)),
    ),
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: [],
    strategy,
    selectableFields: new Map(),
    printer: { columns: [], cells: () => [] },
    doc: `${kind} for tests.`,
    ...traits,
  };
}

export const sampleResources: readonly Resource[] = [
  sampleResource(['v1'], 'Namespace', 'namespaces', {
    shortNames: ['ns'],
    namespaced: false,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: ['status', 'finalize'],
  }),
  sampleResource(['v1'], 'Service', 'services', {
    shortNames: ['svc'],
    categories: ['all'],
    subresources: ['status'],
  }),
  sampleResource(['v1'], 'Secret', 'secrets'),
  sampleResource(['v1'], 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  sampleResource(['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'], 'Ingress', 'ingresses', {
    shortNames: ['ing'],
    subresources: ['status'],
  }),
  sampleResource(['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'], 'IngressClass', 'ingressclasses', {
    singular: 'ingressclass',
    namespaced: false,
  }),
  sampleResource(['extensions/v1beta1'], 'Ingress', 'ingresses', {
    shortNames: ['ing'],
    subresources: ['status'],
    storage: 'networking.k8s.io/ingresses',
    storageApiVersion: 'networking.k8s.io/v1',
  }),
  sampleResource(['discovery.k8s.io/v1'], 'EndpointSlice', 'endpointslices'),
];

/** Its resources can be exchanged, as custom resources come and go. */
export function sampleRegistry(
  resources: readonly Resource[] = sampleResources,
): Registry & { replace: (resources: readonly Resource[]) => void } {
  let served = resources;
  let version = 1;
  const serves = (resource: Resource, group: string, wanted: string): boolean =>
    resource.group === group && resource.versions.some((entry) => entry.version === wanted);
  return {
    resources: () => served,
    lookup: (group, wanted, plural) =>
      served.find((resource) => serves(resource, group, wanted) && resource.plural === plural) ?? null,
    lookupKind: (group, wanted, kind) =>
      served.find((resource) => serves(resource, group, wanted) && resource.kind === kind) ?? null,
    version: () => version,
    replace: (next) => {
      served = next;
      version += 1;
    },
  };
}
