// managedFields: who owns which field of an object, noted on every write. The versions of a kind, as the owners of fields name
// them, are all in which its objects are served, in whatever group.
import type { ApiObject } from '../api-object.ts';
import { type KindVersions, trackUpdate, type WriteScope } from '../managed-fields/index.ts';
import type { Registry, Resource, ResourceVersion } from '../registry/resource.ts';
import { changeMeta } from './object-meta.ts';
import { groupVersionOf, joinGroupVersion, type Scope } from './parts.ts';
import { trimEmpty } from './trim-empty.ts';

/** `next` with the fields that `manager` changed against `old` noted as its own; both in the storage version. */
export function trackWrite(scope: Scope, next: ApiObject, old: ApiObject | null, manager: string): ApiObject {
  const managedFields = trackUpdate({
    ...writeScopeOf(scope),
    live: old,
    next: changeMeta(trimEmpty(next, scope.resource), { managedFields: next.metadata.managedFields }),
    manager,
  });
  return changeMeta(next, { managedFields: managedFields.length === 0 ? undefined : managedFields });
}

export function writeScopeOf(scope: Scope): WriteScope {
  const { parts, resource, target } = scope;
  const { resetFields } = resource.strategy;
  return {
    apiVersion: groupVersionOf(scope),
    subresource: target.subresource,
    // The handler has looked the subresource up.
    resetFields: resetFields[target.subresource as keyof typeof resetFields] ?? [],
    versions: kindVersionsOf(resource, parts.registry),
    nowMs: parts.nowMs(),
  };
}

interface KnownVersions {
  readonly registryVersion: number;
  readonly versions: KindVersions;
}

const knownByResource = new WeakMap<Resource, KnownVersions>();

function kindVersionsOf(resource: Resource, registry: Registry): KindVersions {
  const registryVersion = registry.version();
  const known = knownByResource.get(resource);
  if (known?.registryVersion === registryVersion) return known.versions;
  const versions = readKindVersions(resource, registry);
  knownByResource.set(resource, { registryVersion, versions });
  return versions;
}

function readKindVersions(resource: Resource, registry: Registry): KindVersions {
  const views = registry.resources().filter(({ storage }) => storage === resource.storage);
  const byApiVersion = new Map<string, ResourceVersion>(
    views.flatMap((view) =>
      view.versions.map((version) => [joinGroupVersion(view.group, version.version), version] as const),
    ),
  );
  return {
    schemaOf: (apiVersion) => byApiVersion.get(apiVersion)?.schema ?? null,
    toVersion: (object, apiVersion) => {
      // What managers hold was decoded by one of these versions.
      const typed = object as ApiObject;
      const from = byApiVersion.get(typed.apiVersion);
      const to = byApiVersion.get(apiVersion);
      if (from === undefined || to === undefined) return null;
      const isStored = typed.apiVersion === resource.storageApiVersion;
      return to.fromStorage(isStored ? typed : from.toStorage(typed));
    },
  };
}
