// The rows: named as kube-apiserver names them in discovery, whole, and views of one storage where kinds are served in several groups.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import { decodeStructure, groupOf } from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import { createRegistry } from './create-registry.ts';
import type { Resource } from './resource.ts';
import { allVerbs } from './rows/row.ts';

const registry = createRegistry();
const resources = registry.resources();
const legacy = ['extensions/v1beta1', 'networking.k8s.io/v1beta1'];

function groupVersion({ group }: Resource, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** As the golden file writes a resource and its subresources down. */
function describe(resource: Resource, version: string): string[] {
  const { plural, singular, kind, shortNames, categories, namespaced, verbs } = resource;
  const lists = `[${shortNames.join(',')}] [${categories.join(',')}]`;
  const scope = namespaced ? 'namespaced' : 'cluster';
  const verbText = verbs.length === allVerbs.length ? 'all' : 'all but deletecollection';
  const name = groupVersion(resource, version);
  return [
    `${name} ${plural} ${singular} ${kind} ${lists} ${scope} ${verbText}`,
    ...resource.subresources.map((subresource) => `${name} ${plural}/${subresource} ${kind}`),
  ];
}

test('names, scopes, verbs and subresources are those of kube-apiserver 1.36.3', () => {
  const file = new URL('kube-discovery.golden', import.meta.url);
  const recorded = readFileSync(file, 'utf8').trimEnd().split('\n');
  const served = resources.flatMap((resource) =>
    resource.versions
      .filter(({ version }) => !legacy.includes(groupVersion(resource, version)))
      .flatMap(({ version }) => describe(resource, version)),
  );
  deepEqual(served.toSorted(), recorded.toSorted());
});

test('legacy versions of the Ingress family are views of the same objects, after networking.k8s.io', () => {
  const ingresses = registry.lookup('networking.k8s.io', 'v1', 'ingresses');
  const classes = registry.lookup('networking.k8s.io', 'v1', 'ingressclasses');
  const old = registry.lookup('extensions', 'v1beta1', 'ingresses');
  equal(registry.lookup('networking.k8s.io', 'v1beta1', 'ingresses'), ingresses);
  equal(registry.lookup('networking.k8s.io', 'v1beta1', 'ingressclasses'), classes);
  equal(old?.storage, ingresses?.storage);
  equal(ingresses?.versions[0]?.version, 'v1');
  const groups = resources.map(({ group }) => group);
  ok(groups.indexOf('extensions') > groups.lastIndexOf('networking.k8s.io'));
  equal(registry.lookup('extensions', 'v1beta1', 'ingressclasses'), null);
  const warnings = [...(ingresses?.versions ?? []), ...(old?.versions ?? [])].map((each) => each.deprecation);
  deepEqual(warnings, [
    null,
    'networking.k8s.io/v1beta1 Ingress is deprecated in v1.19+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
    'extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
  ]);
});

test('Events are stored once for both of their groups', () => {
  const core = registry.lookupKind('', 'v1', 'Event');
  const events = registry.lookupKind('events.k8s.io', 'v1', 'Event');
  deepEqual([core?.storage, core?.storageApiVersion], ['core/events', 'v1']);
  deepEqual([events?.storage, events?.storageApiVersion], ['core/events', 'v1']);
});

test('rows that share a storage agree about its version and its scope, others share none', () => {
  for (const resource of resources) {
    for (const other of resources.filter(({ storage }) => storage === resource.storage)) {
      equal(other.storageApiVersion, resource.storageApiVersion, resource.storage);
      equal(other.kind, resource.kind, resource.storage);
      equal(other.namespaced, resource.namespaced, resource.storage);
    }
    ok(resource.storage.endsWith(`/${resource.plural}`), resource.storage);
    equal(resource.storage.split('/')[0], groupOf(resource.storageApiVersion) || 'core');
  }
});

test('every version decodes, converts to the storage version and back, and gives back what it was given', () => {
  for (const resource of resources) {
    for (const version of resource.versions) {
      const apiVersion = groupVersion(resource, version.version);
      const raw = { apiVersion, kind: resource.kind, metadata: { name: 'x' } };
      const { value, typeErrors, unknownFields } = decodeStructure(raw, version.schema);
      deepEqual([...typeErrors, ...unknownFields], [], apiVersion);
      const object = deepFreeze(value as unknown as ApiObject);
      const stored = deepFreeze(version.toStorage(object));
      equal(stored.apiVersion, resource.storageApiVersion, `${apiVersion} ${resource.kind}`);
      const back = version.fromStorage(stored);
      deepEqual([back.apiVersion, back.kind], [apiVersion, resource.kind]);
      deepEqual(deepFreeze(version.toStorage(deepFreeze(back))), stored, `${apiVersion} ${resource.kind}`);
    }
  }
});

test('every row says what it is', () => {
  for (const { doc, kind, listKind, singular, strategy, subresources } of resources) {
    ok(doc.endsWith('.'), kind);
    equal(listKind, `${kind}List`);
    equal(singular, kind.toLowerCase());
    deepEqual(
      strategy.resetFields[''] ?? [],
      subresources.includes('status') ? ['status'] : [],
      `what ${kind} does not track`,
    );
  }
});

test('custom resources come and go, and cannot take the place of a built-in one', () => {
  const changing = createRegistry();
  const [template] = changing.resources();
  ok(template !== undefined);
  const widget: Resource = { ...template, group: 'example.com', plural: 'widgets', kind: 'Widget' };
  const before = changing.version();
  changing.setCustom([widget, { ...template, kind: 'Other' }, { ...template, plural: 'others' }]);
  ok(changing.version() > before);
  equal(changing.lookup('example.com', 'v1', 'widgets'), widget);
  equal(changing.lookupKind('example.com', 'v1', 'Widget'), widget);
  equal(changing.lookup(template.group, 'v1', template.plural), template);
  equal(changing.lookup(template.group, 'v1', 'others'), null);
  changing.setCustom([]);
  equal(changing.lookup('example.com', 'v1', 'widgets'), null);
  equal(changing.lookup('__proto__', 'v1', 'constructor'), null);
});
