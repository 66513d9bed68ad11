// How definitions are written: decoding, defaults, what may change, what is warned of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFieldError } from '../../../kube/index.ts';
import {
  createdDefinition,
  decodedDefinition,
  memoryStore,
  parametersDefinition,
  storeDefinition,
  widgetDefinition,
  writeContext,
} from '../parameters.fixture.ts';
import type { JsonObject } from '../schema/json-value.ts';
import { decodeDefinition } from './decode-definition.ts';
import { customResourceDefinitionStrategy as strategy } from './definition-strategy.ts';
import { type Definition, definitionOf } from './definition-types.ts';

const store = memoryStore();
const context = writeContext(store);

test('what is absent is filled in', () => {
  const { spec, status } = decodedDefinition(widgetDefinition({ type: 'object' }));
  assert.deepEqual(spec.names, {
    plural: 'widgets',
    singular: 'widget',
    kind: 'Widget',
    listKind: 'WidgetList',
  });
  assert.deepEqual(spec.conversion, { strategy: 'None' });
  assert.deepEqual(status.storedVersions, ['v1']);
});

test('unknown fields and wrong types are found inside of schemas, by their paths', () => {
  const unknown = widgetDefinition({ type: 'object', foo: 1, properties: { a: { type: 'string', bar: 2 } } });
  assert.deepEqual(decodeDefinition(unknown).unknownFields, [
    'spec.versions[0].schema.openAPIV3Schema.properties.spec.foo',
    'spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.a.bar',
  ]);
  assert.deepEqual(decodeDefinition(widgetDefinition({ minProperties: 'x' })).typeErrors, [
    'json: cannot unmarshal string into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties.minProperties of type int64',
  ]);
});

test('a schema that is nested too deep is not decoded', () => {
  let schema: JsonObject = { type: 'string' };
  for (let level = 0; level < 100_000; level += 1) schema = { items: schema };
  assert.deepEqual(decodeDefinition(widgetDefinition(schema)).typeErrors, [
    'json: "spec.versions[0].schema.openAPIV3Schema" is nested deeper than 300 levels',
  ]);
});

function errorsOfChange(old: Definition, spec: JsonObject): string[] {
  const metadata = { ...old.metadata, resourceVersion: '1' };
  const raw = { ...old, metadata, spec: { ...old.spec, ...spec } };
  const next = strategy.prepareUpdate(decodedDefinition(raw), { ...old, metadata }, context);
  return strategy.validateUpdate(next, { ...old, metadata }, context).map(renderFieldError);
}

test('scope and kind are fixed once the definition is established, group and plural always', () => {
  const old = createdDefinition(parametersDefinition, store);
  assert.deepEqual(errorsOfChange(old, { scope: 'Namespaced' }), [
    'spec.scope: Invalid value: "Namespaced": field is immutable',
  ]);
  assert.deepEqual(errorsOfChange(old, { names: { ...old.spec.names, kind: 'Other' } }), [
    'spec.names.kind: Invalid value: "Other": field is immutable',
  ]);
  const fresh = { ...old, status: { ...old.status, conditions: [] } };
  assert.deepEqual(errorsOfChange(fresh, { scope: 'Namespaced' }), []);
  assert.deepEqual(errorsOfChange(fresh, { names: { ...old.spec.names, plural: 'others' } }), [
    'spec.names.plural: Invalid value: "others": field is immutable',
  ]);
});

test('a version that was stored once must stay', () => {
  const old = createdDefinition(parametersDefinition, store);
  const [version] = old.spec.versions;
  assert.ok(version !== undefined);
  const second = { ...version, name: 'v1alpha2' };
  const both = [{ ...version, storage: false }, second];
  const next = strategy.prepareUpdate({ ...old, spec: { ...old.spec, versions: both } }, old, context);
  assert.deepEqual(definitionOf(next).status.storedVersions, ['v1alpha1', 'v1alpha2']);
  assert.match(
    errorsOfChange(old, { versions: [second] })[0] ?? '',
    /^status\.storedVersions\[0\]: Invalid value/,
  );
});

test('each endpoint writes its own half', () => {
  const old = createdDefinition(parametersDefinition, store);
  const next = {
    ...old,
    spec: { ...old.spec, scope: 'Namespaced' },
    status: { ...old.status, conditions: [] },
  };
  assert.deepEqual(definitionOf(strategy.prepareUpdate(next, old, context)).status, old.status);
  const viaStatus = strategy.prepareUpdate(next, old, writeContext(store, { subresource: 'status' }));
  assert.deepEqual(definitionOf(viaStatus).spec, old.spec);
  assert.deepEqual(definitionOf(viaStatus).status.conditions, []);
  assert.equal(strategy.countsGeneration?.(next, old), true);
  assert.equal(strategy.countsGeneration?.(viaStatus, old), false);
});

test('what is stored but not acted on is warned of, once', () => {
  const spec = {
    type: 'object',
    properties: { when: { type: 'string', format: 'weird' } },
    'x-kubernetes-validations': [{ rule: 'true' }],
  };
  const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' };
  const raw = widgetDefinition(spec, {
    subresources: { scale },
    additionalPrinterColumns: [{ name: 'X', type: 'string', jsonPath: '.spec[x]' }],
  });
  const warnings = [
    'unrecognized format "weird"',
    'spec.versions[v1]: x-kubernetes-validations are stored, but not evaluated by this server',
    'spec.versions[v1]: the scale subresource is not served by this server',
    'spec.versions[v1]: column "X" and those behind it are not shown: ".spec[x]": invalid array index x',
  ];
  const own = memoryStore();
  assert.deepEqual(strategy.warnings(decodedDefinition(raw), writeContext(own)), warnings);
  const definition = storeDefinition(raw, own);
  assert.deepEqual(strategy.warnings(definition, writeContext(own)), []);
  own.close();
});

test('groups of the Kubernetes community need a word of approval', () => {
  const spec = { type: 'object' };
  const inGroup = (annotations: JsonObject): JsonObject => ({
    ...widgetDefinition(spec, {}, { group: 'x.k8s.io' }),
    metadata: { name: 'widgets.x.k8s.io', annotations },
  });
  const errors = (raw: JsonObject): string[] =>
    strategy.validateCreate(decodedDefinition(raw), context).map(renderFieldError);
  assert.deepEqual(errors(inGroup({})), [
    'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
  ]);
  const approved = inGroup({ 'api-approved.kubernetes.io': 'https://github.com/x' });
  assert.deepEqual(errors(approved), []);
  assert.deepEqual(createdDefinition(approved, store).status.conditions.at(-1), {
    type: 'KubernetesAPIApprovalPolicyConformant',
    status: 'True',
    lastTransitionTime: '2026-03-01T12:00:00Z',
    reason: 'ApprovedAnnotation',
    message: 'approved in https://github.com/x',
  });
});
