// Discovery in one document (apidiscovery.k8s.io), as kubectl asks for it from 1.26 on: two requests for everything.
import type { DiscoveredGroup, DiscoveredResource } from './groups.ts';

export type AggregatedVersion = 'v2' | 'v2beta1';

/** Exactly what clients compare with. */
export const aggregatedTypes: Readonly<Record<AggregatedVersion, string>> = {
  v2: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  v2beta1: 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
};

export function discoveryList(groups: readonly DiscoveredGroup[], version: AggregatedVersion): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group.name === '' ? {} : { name: group.name },
      versions: group.versions.map(({ version: served, resources }) => ({
        version: served,
        resources: resources.map((resource) => resourceItem(group.name, served, resource)),
        freshness: 'Current',
      })),
    })),
  };
}

function resourceItem(group: string, version: string, resource: DiscoveredResource): object {
  const { shortNames, categories, subresources } = resource;
  return {
    resource: resource.name,
    responseKind: responseKind(group, version, resource),
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: responseKind(group, version, sub),
            verbs: sub.verbs,
          })),
        }),
  };
}

/** Group and version of a built-in kind are left empty where they are those of the resource, as kube-apiserver does. */
function responseKind(group: string, version: string, resource: DiscoveredResource): object {
  const own = resource.isCustom ? { group, version } : { group: '', version: '' };
  return { ...own, ...resource.foreignKind, kind: resource.kind };
}
