// CustomResources on a real store: what is served when definitions come, change, conflict and go.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Resource } from '../../registry/resource.ts';
import type { ObjectStore } from '../../storage/index.ts';
import { customResourceDefinitionStrategy } from '../definition/definition-strategy.ts';
import { type Definition, definitionOf, definitionStorage } from '../definition/definition-types.ts';
import {
  memoryStore,
  nowMs,
  parametersDefinition,
  storeDefinition,
  widgetDefinition,
  writeContext,
} from '../parameters.fixture.ts';
import type { JsonObject } from '../schema/json-value.ts';
import { customStorage } from './custom-resource.ts';
import { CustomResources } from './custom-resources.ts';

interface Served {
  readonly store: ObjectStore;
  readonly plurals: () => readonly string[];
  readonly resource: (plural: string) => Resource;
  readonly problems: string[];
  readonly publications: () => number;
}

function serve(context: TestContext, prepare: (store: ObjectStore) => void = () => undefined): Served {
  const store = memoryStore();
  prepare(store);
  let resources: readonly Resource[] = [];
  let publications = 0;
  const problems: string[] = [];
  const custom = new CustomResources({
    store,
    registry: {
      setCustom: (next) => {
        resources = next;
        publications += 1;
      },
    },
    nowMs: () => nowMs,
    isBuiltIn: (group) => group === 'built.in',
    onProblem: (definition, problem) => problems.push(`${definition}: ${problem}`),
  });
  custom.start();
  context.after(() => {
    custom.stop();
    store.close();
  });
  return {
    store,
    plurals: () => resources.map(({ plural }) => plural),
    resource: (plural) => {
      const found = resources.find((resource) => resource.plural === plural);
      assert.ok(found !== undefined, plural);
      return found;
    },
    problems,
    publications: () => publications,
  };
}

function keyOf(name: string) {
  return { resource: definitionStorage, namespace: '', name };
}

function read(store: ObjectStore, name: string): Definition {
  const object = store.get(keyOf(name));
  assert.ok(object !== null, name);
  return definitionOf(object);
}

function conditionsOf(definition: Definition): readonly string[] {
  return definition.status.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

const shipped = 'sallyportparameters.sallyport.dev';
const widgets = 'widgets.example.com';
const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

test('a definition is established and served in the write that stores it', (context) => {
  const served = serve(context);
  storeDefinition(parametersDefinition, served.store);
  assert.deepEqual(served.plurals(), ['sallyportparameters']);
  const { status } = read(served.store, shipped);
  assert.deepEqual(status, {
    conditions: [
      {
        type: 'NamesAccepted',
        status: 'True',
        lastTransitionTime: '2026-03-01T12:00:00Z',
        reason: 'NoConflicts',
        message: 'no conflicts found',
      },
      {
        type: 'Established',
        status: 'True',
        lastTransitionTime: '2026-03-01T12:00:00Z',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ],
    acceptedNames: {
      plural: 'sallyportparameters',
      singular: 'sallyportparameters',
      shortNames: ['spp'],
      kind: 'SallyportParameters',
      listKind: 'SallyportParametersList',
    },
    storedVersions: ['v1alpha1'],
  });
  const resource = served.resource('sallyportparameters');
  assert.deepEqual(resource.subresources, ['status']);
  assert.equal(resource.namespaced, false);
  assert.equal(resource.isCustom, true);
});

test('definitions that were stored before are served at the start', (context) => {
  const served = serve(context, (store) => {
    storeDefinition(parametersDefinition, store);
    storeDefinition(widgetDefinition(anything), store);
  });
  assert.deepEqual(served.plurals(), ['widgets', 'sallyportparameters']);
});

test('names that are taken wait until their owner goes', (context) => {
  const served = serve(context);
  const other = {
    ...widgetDefinition(anything, {}, { names: { plural: 'gadgets', singular: 'widget', kind: 'Widget' } }),
    metadata: { name: 'gadgets.example.com' },
  };
  storeDefinition(widgetDefinition(anything), served.store);
  storeDefinition(other, served.store);
  assert.deepEqual(served.plurals(), ['widgets']);
  const waiting = read(served.store, 'gadgets.example.com');
  assert.deepEqual(conditionsOf(waiting), [
    'NamesAccepted=False ListKindConflict',
    'Established=False NotAccepted',
  ]);
  assert.equal(waiting.status.conditions[0]?.message, '"WidgetList" is already in use');
  assert.deepEqual(waiting.status.acceptedNames, { plural: 'gadgets', kind: '' });
  served.store.write([{ kind: 'delete', key: keyOf(widgets) }]);
  assert.deepEqual(served.plurals(), ['gadgets']);
  assert.deepEqual(conditionsOf(read(served.store, 'gadgets.example.com')), [
    'NamesAccepted=True NoConflicts',
    'Established=True InitialNamesAccepted',
  ]);
});

test('conversion by a webhook is stored, said to be unsupported, and not served', (context) => {
  const served = serve(context);
  storeDefinition(widgetDefinition(anything, {}, { conversion: { strategy: 'Webhook' } }), served.store);
  assert.deepEqual(served.plurals(), []);
  const conditions = conditionsOf(read(served.store, widgets));
  assert.deepEqual(conditions, [
    'NamesAccepted=True NoConflicts',
    'Established=False ConversionNotSupported',
  ]);
});

test('a definition that cannot be served harms only itself', (context) => {
  const served = serve(context);
  const broken = storeDefinition(widgetDefinition(anything), served.store);
  storeDefinition(parametersDefinition, served.store);
  const object = { ...broken, spec: { ...broken.spec, versions: [] } };
  served.store.write([{ kind: 'put', key: keyOf(widgets), object }]);
  assert.deepEqual(served.plurals(), ['sallyportparameters']);
  assert.deepEqual(served.problems, [`${widgets}: spec.versions has no storage version`]);
  storeDefinition(
    { ...widgetDefinition(anything, {}, { group: 'built.in' }), metadata: { name: 'x' } },
    served.store,
  );
  assert.match(served.problems[1] ?? '', /the server itself has "widgets" in the group "built.in"/);
});

test('changes that do not touch the resource publish nothing', (context) => {
  const served = serve(context);
  const definition = storeDefinition(widgetDefinition(anything), served.store);
  const before = served.publications();
  const metadata = { ...definition.metadata, labels: { a: 'b' } };
  served.store.write([{ kind: 'put', key: keyOf(widgets), object: { ...definition, metadata } }]);
  assert.equal(served.publications(), before);
  const spec = {
    ...definition.spec,
    versions: [...definition.spec.versions, { name: 'v2', served: true, storage: false }],
  };
  served.store.write([{ kind: 'put', key: keyOf(widgets), object: { ...definition, spec } }]);
  assert.equal(served.publications(), before + 1);
  assert.deepEqual(
    served.resource('widgets').versions.map(({ version }) => version),
    ['v2', 'v1'],
  );
});

function putWidget(
  store: ObjectStore,
  definition: Definition,
  name: string,
  metadata: JsonObject = {},
): void {
  const key = { resource: customStorage(definition), namespace: '', name };
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...metadata } };
  store.write([{ kind: 'put', key, object }]);
}

function deleteDefinition(store: ObjectStore, definition: Definition): void {
  const marked = customResourceDefinitionStrategy.beforeDelete?.(definition, writeContext(store));
  assert.ok(marked !== null && marked !== undefined);
  assert.deepEqual(marked.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
  assert.equal(marked.metadata.deletionTimestamp, '2026-03-01T12:00:00Z');
  store.write([{ kind: 'put', key: keyOf(definition.metadata.name), object: marked }]);
}

test('deleting a definition deletes its objects, and then the definition', (context) => {
  const { store, plurals } = serve(context);
  const definition = storeDefinition(widgetDefinition(anything), store);
  for (let index = 0; index < 1_200; index += 1) putWidget(store, definition, `w${index}`);
  deleteDefinition(store, definition);
  assert.equal(store.count(customStorage(definition)), 0);
  assert.equal(store.get(keyOf(widgets)), null);
  assert.deepEqual(plurals(), []);
});

test('an object with a finalizer keeps its definition until it goes', (context) => {
  const { store, plurals, resource } = serve(context);
  const definition = storeDefinition(widgetDefinition(anything), store);
  putWidget(store, definition, 'free');
  putWidget(store, definition, 'held', { finalizers: ['example.com/hold'] });
  deleteDefinition(store, definition);
  const held = store.get({ resource: customStorage(definition), namespace: '', name: 'held' });
  assert.equal(held?.metadata.deletionTimestamp, '2026-03-01T12:00:00Z');
  assert.equal(store.count(customStorage(definition)), 1);
  assert.deepEqual(plurals(), ['widgets']);
  assert.equal(conditionsOf(read(store, widgets)).at(-1), 'Terminating=True InstanceDeletionInProgress');
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'late' } };
  assert.throws(() => resource('widgets').strategy.allocate?.(object, null, writeContext(store)), {
    message:
      'widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
  });
  store.write([
    { kind: 'delete', key: { resource: customStorage(definition), namespace: '', name: 'held' } },
  ]);
  assert.equal(store.get(keyOf(widgets)), null);
  assert.deepEqual(plurals(), []);
});

test('a deletion that a stop interrupted is finished at the next start', (context) => {
  const served = serve(context, (store) => {
    const definition = storeDefinition(widgetDefinition(anything), store);
    putWidget(store, definition, 'w');
    deleteDefinition(store, definition);
  });
  assert.equal(served.store.get(keyOf(widgets)), null);
  assert.deepEqual(served.plurals(), []);
});
