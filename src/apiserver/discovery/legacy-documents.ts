// Discovery one document at a time, as kubectl before 1.26 and most other clients ask for it: versions, groups, resources of a group version.
import { createHash } from 'node:crypto';
import type { DiscoveredGroup, DiscoveredResource, DiscoveredVersion } from './groups.ts';

export function coreVersions(versions: readonly DiscoveredVersion[], serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: versions.map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

export function groupList(groups: readonly DiscoveredGroup[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) };
}

export function groupDocument(group: DiscoveredGroup): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) };
}

function groupEntry({ name, versions }: DiscoveredGroup): object {
  const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

export function resourceList(group: string, { version, resources }: DiscoveredVersion): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: resources.flatMap((resource) => [
      resourceEntry(resource, resource.name),
      ...resource.subresources.map((sub) => resourceEntry(sub, `${resource.name}/${sub.name}`)),
    ]),
  };
}

function resourceEntry(resource: DiscoveredResource, name: string): object {
  const { shortNames, categories, storedAs } = resource;
  return {
    name,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    ...resource.foreignKind,
    kind: resource.kind,
    verbs: resource.verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(storedAs === null ? {} : { storageVersionHash: storageVersionHash(storedAs) }),
  };
}

/** apiserver pkg/endpoints/discovery/storageversionhash.go */
function storageVersionHash(storedAs: string): string {
  return createHash('sha256').update(storedAs).digest().subarray(0, 8).toString('base64');
}
