// The registry: every resource that is served, the built-in ones and those that come and go with their definitions.
import { customResourceDefinitionRow, leaseRow, rbacRows, webhookRow } from './rows/access-rows.ts';
import { coreRows, eventsEventRow } from './rows/core-rows.ts';
import { endpointSliceRow, extensionsRow, networkingRows } from './rows/networking-rows.ts';
import { storedAppsRows, storedBatchRow, storedCoreRows } from './rows/stored-rows.ts';
import { appsRows, autoscalingRow, batchRow, policyRow } from './rows/workload-rows.ts';
import type { Registry, Resource, Strategy } from './resource.ts';
import { plainStrategy } from './strategies/plain-strategy.ts';
import { defaultServiceRanges, type ServiceRanges } from './strategies/service/index.ts';

export interface RegistryOptions {
  /** The whole row of CustomResourceDefinition, by whoever serves custom resources. Absent: a row with the strategy below. */
  readonly customResourceDefinition?: Resource;
  /** Absent: definitions are stored and nothing else. */
  readonly customResourceDefinitionStrategy?: Strategy;
  /** Absent: 10.96.0.0/12 and 30000-32767. */
  readonly serviceRanges?: ServiceRanges;
}

export interface CustomRegistry extends Registry {
  /** Replaces all custom resources. One with the path or the kind of a built-in resource is not served. */
  readonly setCustom: (resources: readonly Resource[]) => void;
}

export function createRegistry(options: RegistryOptions = {}): CustomRegistry {
  const builtIn = builtInResources(options);
  const builtInIndex = indexResources(builtIn);
  let resources = builtIn;
  let index = builtInIndex;
  let version = 1;
  return {
    resources: () => resources,
    lookup: (group, versionName, plural) => index.paths.get(keyOf(group, versionName, plural)) ?? null,
    lookupKind: (group, versionName, kind) => index.kinds.get(keyOf(group, versionName, kind)) ?? null,
    version: () => version,
    setCustom: (custom) => {
      resources = [...builtIn, ...custom.filter((resource) => isFree(resource, builtInIndex))];
      index = indexResources(resources);
      version += 1;
    },
  };
}

/** In the order of discovery: kubectl takes a bare word for the first resource that is called so. */
function builtInResources(options: RegistryOptions): readonly Resource[] {
  const { customResourceDefinition, customResourceDefinitionStrategy, serviceRanges } = options;
  return [
    ...coreRows(serviceRanges ?? defaultServiceRanges),
    ...storedCoreRows,
    ...appsRows,
    ...storedAppsRows,
    eventsEventRow,
    autoscalingRow,
    batchRow,
    storedBatchRow,
    ...networkingRows,
    policyRow,
    ...rbacRows,
    webhookRow,
    customResourceDefinition ??
      customResourceDefinitionRow(
        customResourceDefinitionStrategy ??
          plainStrategy({ namespaced: false, hasGeneration: true, emptyStatus: {} }),
      ),
    leaseRow,
    endpointSliceRow,
    extensionsRow,
  ];
}

interface ResourceIndex {
  readonly paths: ReadonlyMap<string, Resource>;
  readonly kinds: ReadonlyMap<string, Resource>;
}

function indexResources(resources: readonly Resource[]): ResourceIndex {
  const paths = new Map<string, Resource>();
  const kinds = new Map<string, Resource>();
  for (const resource of resources) {
    for (const { version } of resource.versions) {
      paths.set(keyOf(resource.group, version, resource.plural), resource);
      kinds.set(keyOf(resource.group, version, resource.kind), resource);
    }
  }
  return { paths, kinds };
}

/** No part of it can contain a slash. */
function keyOf(group: string, version: string, name: string): string {
  return `${group}/${version}/${name}`;
}

function isFree({ group, plural, kind, versions }: Resource, { paths, kinds }: ResourceIndex): boolean {
  return versions.every(
    ({ version }) => !paths.has(keyOf(group, version, plural)) && !kinds.has(keyOf(group, version, kind)),
  );
}
