// The served resources as discovery sees them: by group and version, in the order in which clients are to prefer them.
import type { Registry, Resource, Verb } from '../registry/resource.ts';
import { reviewResources } from './review-resources.ts';

/** One resource or subresource of a group version. */
export interface DiscoveredResource {
  /** Plural name; of a subresource its own name. */
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  /** Where the kind is of another group: `autoscaling/v1 Scale`. */
  readonly foreignKind?: { readonly group: string; readonly version: string };
  readonly isCustom: boolean;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** `group/version/kind` in which objects are stored; null: they are not. */
  readonly storedAs: string | null;
  readonly subresources: readonly DiscoveredResource[];
}

export interface DiscoveredVersion {
  readonly version: string;
  /** By name. */
  readonly resources: readonly DiscoveredResource[];
}

export interface DiscoveredGroup {
  /** Empty: the core group. */
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly DiscoveredVersion[];
}

/** Every group once, in the order of the registry; the groups of reviews, which are answered and not stored, behind them. */
export function listGroups(registry: Registry): readonly DiscoveredGroup[] {
  const groups = new Map<string, Map<string, DiscoveredResource[]>>();
  const add = (group: string, version: string, resource: DiscoveredResource): void => {
    const versions = getOrAdd(groups, group, () => new Map<string, DiscoveredResource[]>());
    const resources = getOrAdd(versions, version, () => []);
    if (!resources.some(({ name }) => name === resource.name)) resources.push(resource);
  };
  const shortNames = new Set<string>();
  for (const resource of registry.resources()) {
    // A further group in which the same objects are seen: kubectl warns of short names that lead to both.
    const isFree = (name: string): boolean => !shortNames.has(`${resource.storage} ${name}`);
    const described = describe({ ...resource, shortNames: resource.shortNames.filter(isFree) });
    for (const name of resource.shortNames) shortNames.add(`${resource.storage} ${name}`);
    for (const { version } of resource.versions) add(resource.group, version, described);
  }
  for (const { group, version, resource } of reviewResources) add(group, version, resource);
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions]
      .map(([version, resources]) => ({ version, resources: resources.sort(byName) }))
      .sort((one, other) => compareVersions(one.version, other.version)),
  }));
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function byName(one: DiscoveredResource, other: DiscoveredResource): number {
  return one.name < other.name ? -1 : 1;
}

const readAndWrite: readonly Verb[] = ['get', 'patch', 'update'];

function describe(resource: Resource): DiscoveredResource {
  const { kind, namespaced, isCustom = false } = resource;
  const slash = resource.storageApiVersion.indexOf('/');
  const storageGroup = slash < 0 ? '' : resource.storageApiVersion.slice(0, slash);
  const subresources = [...resource.subresources].sort().map(
    (name): DiscoveredResource => ({
      name,
      singular: '',
      kind: name === 'scale' ? 'Scale' : kind,
      ...(name === 'scale' ? { foreignKind: { group: 'autoscaling', version: 'v1' } } : {}),
      isCustom,
      namespaced,
      verbs: name === 'finalize' ? ['update'] : readAndWrite,
      shortNames: [],
      categories: [],
      storedAs: null,
      subresources: [],
    }),
  );
  return {
    name: resource.plural,
    singular: resource.singular,
    kind,
    isCustom,
    namespaced,
    verbs: isCustom ? sortCustom(resource.verbs) : [...resource.verbs].sort(),
    shortNames: resource.shortNames,
    categories: resource.categories,
    storedAs: `${storageGroup}/${resource.storageApiVersion.slice(slash + 1)}/${kind}`,
    subresources,
  };
}

/** As the API server lists them for custom resources. */
const customOrder: readonly Verb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
];

function sortCustom(verbs: readonly Verb[]): readonly Verb[] {
  return customOrder.filter((verb) => verbs.includes(verb));
}

/**
 * Kubernetes' order of versions, the best first: `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1`, then others by text
 * (apimachinery pkg/version/helpers.go).
 */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [parseVersion(one), parseVersion(other)];
  if (left === null || right === null) {
    if (left !== null) return -1;
    if (right !== null) return 1;
    return one < other ? -1 : Number(one > other);
  }
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor;
}

const stabilities = ['alpha', 'beta', ''];

function parseVersion(
  text: string,
): { readonly major: number; readonly stability: number; readonly minor: number } | null {
  const match = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(text);
  if (match === null) return null;
  const [, major, stability = '', minor = '0'] = match;
  return { major: Number(major), stability: stabilities.indexOf(stability), minor: Number(minor) };
}
