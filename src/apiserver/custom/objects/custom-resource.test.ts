// The row that a definition makes: decoding, versions, columns, selectors, and how its objects are written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFieldError } from '../../../kube/index.ts';
import type { ApiObject } from '../../api-object.ts';
import type { Resource, WriteContext } from '../../registry/resource.ts';
import {
  createdDefinition,
  memoryStore,
  nowMs,
  parametersDefinition,
  widgetDefinition,
  writeContext,
} from '../parameters.fixture.ts';
import type { JsonObject } from '../schema/json-value.ts';
import { customResource } from './custom-resource.ts';
import { compareVersions } from './deprecation.ts';

function resourceOf(definition: JsonObject): Resource {
  const resource = customResource(createdDefinition(definition, memoryStore()));
  assert.ok(resource !== null);
  return resource;
}

const parameters = resourceOf(parametersDefinition);

function decode(resource: Resource, raw: JsonObject, index = 0) {
  const result = resource.versions[index]?.decode?.(raw);
  assert.ok(result !== undefined);
  return result;
}

/** As it is stored: decoded, defaulted, prepared. */
function stored(resource: Resource, raw: JsonObject, index = 0): ApiObject {
  const { value } = decode(resource, raw, index);
  // Decoding gives every object its metadata.
  const object = resource.versions[index]?.toStorage(value as unknown as ApiObject);
  assert.ok(object !== undefined);
  return object;
}

const context: WriteContext = writeContext(memoryStore());
const body = {
  apiVersion: 'sallyport.dev/v1alpha1',
  kind: 'SallyportParameters',
  metadata: { name: 'all', foo: 1 },
  spec: { settings: { 'proxy-body-size': '8m' }, color: 'red' },
  status: { conditions: [{ type: 'Accepted', status: 'True' }] },
};

test('unknown fields are told, wrong types are not, except in metadata', () => {
  const { unknownFields, typeErrors, value } = decode(parameters, { ...body, spec: { settings: { a: 5 } } });
  assert.deepEqual(unknownFields, ['metadata.foo']);
  assert.deepEqual(typeErrors, []);
  assert.deepEqual(value['spec'], { settings: { a: 5 } });
  assert.deepEqual(decode(parameters, body).unknownFields, ['metadata.foo', 'spec.color']);
  const labels = { ...body, metadata: { name: 'all', labels: { a: 1 } } };
  assert.deepEqual(decode(parameters, labels).typeErrors, [
    'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
  ]);
});

test('an object that is nested too deep is refused before anything walks it', () => {
  let value: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) value = [value];
  assert.deepEqual(decode(parameters, { ...body, spec: value }).typeErrors, [
    'json: the object is nested deeper than 1000 levels',
  ]);
});

test('the status is written by its endpoint alone', () => {
  const created = parameters.strategy.prepareCreate(stored(parameters, body), context);
  assert.equal('status' in created, false);
  const old: ApiObject = { ...created, status: body.status };
  const next: ApiObject = {
    ...stored(parameters, body),
    spec: { settings: {} },
    status: { conditions: [] },
  };
  const updated = parameters.strategy.prepareUpdate(next, old, context);
  assert.deepEqual(updated['status'], body.status);
  assert.equal(parameters.strategy.countsGeneration?.(updated, old), true);
  const statusContext = { ...context, subresource: 'status' as const };
  const withStatus = parameters.strategy.prepareUpdate(next, old, statusContext);
  assert.deepEqual(withStatus['status'], { conditions: [] });
  assert.deepEqual(withStatus['spec'], old['spec']);
  assert.equal(parameters.strategy.countsGeneration?.(withStatus, old), false);
});

test('objects and statuses are validated', () => {
  const bad = stored(parameters, { ...body, spec: { settings: { a: 5 } } });
  assert.deepEqual(parameters.strategy.validateCreate(bad, context).map(renderFieldError), [
    'spec.settings.a: Invalid value: "integer": spec.settings.a in body must be of type string: "integer"',
  ]);
  const old = { ...stored(parameters, body), metadata: { name: 'all', resourceVersion: '1' } };
  const twice = [body.status.conditions[0], { type: 'Accepted', status: 'Maybe' }];
  const errors = parameters.strategy.validateUpdate({ ...old, status: { conditions: twice } }, old, {
    ...context,
    subresource: 'status',
  });
  assert.deepEqual(errors.map(renderFieldError), [
    'status.conditions[1].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
    'status.conditions[1]: Duplicate value: {"type":"Accepted"}',
  ]);
});

test('finalizers without a path are warned of, once', () => {
  const object = {
    ...stored(parameters, body),
    metadata: { name: 'all', finalizers: ['hold', 'a.dev/hold'] },
  };
  assert.deepEqual(parameters.strategy.warnings(object, context), [
    'metadata.finalizers: "hold": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
  ]);
  const store = memoryStore();
  store.write([{ kind: 'put', key: { resource: parameters.storage, namespace: '', name: 'all' }, object }]);
  assert.deepEqual(parameters.strategy.warnings(object, writeContext(store)), []);
  store.close();
});

test('columns are cells of the types that they name', () => {
  const printer = parameters.versions[0]?.printer;
  const object = {
    ...stored(parameters, body),
    metadata: { name: 'all', creationTimestamp: '2026-03-01T11:55:00Z' },
  };
  assert.deepEqual(
    printer?.columns.map(({ name, type }) => [name, type]),
    [
      ['Name', 'string'],
      ['Accepted', 'string'],
      ['Age', 'date'],
    ],
  );
  assert.deepEqual(printer?.cells(object, nowMs), ['all', 'True', '5m']);
  assert.deepEqual(printer?.cells({ ...object, status: null, metadata: { name: 'b' } }, nowMs), [
    'b',
    null,
    null,
  ]);
});

test('columns of all types, and the age when there are none', () => {
  const column = (name: string, type: string, jsonPath: string) => ({ name, type, jsonPath });
  const spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const columns = [
    column('I', 'integer', '.spec.n'),
    column('N', 'number', '.spec.n'),
    column('B', 'boolean', '.spec.n'),
    column('S', 'string', '.spec.n'),
    column('O', 'string', '.spec.o'),
    column('D', 'date', '.spec.bad'),
    column('X', 'string', '.spec[x]'),
    column('Y', 'string', '.spec.n'),
  ];
  const { printer } = resourceOf(widgetDefinition(spec, { additionalPrinterColumns: columns }));
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } };
  const values = { n: 2.5, o: { a: '<' }, bad: 'x' };
  assert.deepEqual(printer.cells({ ...object, spec: values }, nowMs), [
    'w',
    2,
    2.5,
    null,
    '2.5',
    '{"a":"\\u003c"}',
    '<invalid>',
  ]);
  const plain = resourceOf(widgetDefinition(spec)).printer;
  assert.deepEqual(
    plain.columns.map(({ name }) => name),
    ['Name', 'Age'],
  );
});

const text = { type: 'string' };
const twoVersions = widgetDefinition(
  {},
  {},
  {
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        deprecated: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { old: text, both: text, late: { ...text, default: 'beta' } },
          },
        },
      },
      {
        name: 'v1',
        served: true,
        storage: true,
        selectableFields: [{ jsonPath: '.both' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { both: { ...text, maxLength: 1 }, fresh: { ...text, default: 'v1' } },
          },
        },
      },
    ],
  },
);

test('between versions the apiVersion changes, and each keeps what its schema knows', () => {
  const resource = resourceOf(twoVersions);
  assert.deepEqual(
    resource.versions.map(({ version, deprecation }) => [version, deprecation]),
    [
      ['v1', null],
      ['v1beta1', 'example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget'],
    ],
  );
  const raw = {
    apiVersion: 'example.com/v1beta1',
    kind: 'Widget',
    metadata: { name: 'w' },
    old: 'o',
    both: 'bb',
  };
  const kept = stored(resource, raw, 1);
  assert.deepEqual(kept, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
    both: 'bb',
  });
  assert.deepEqual(resource.versions[0]?.fromStorage(kept), { ...kept, fresh: 'v1' });
  assert.deepEqual(resource.versions[1]?.fromStorage(kept), { ...kept, apiVersion: 'example.com/v1beta1' });
  // An object of a time when another version was the storage version.
  const ancient = {
    apiVersion: 'example.com/v1beta1',
    kind: 'Widget',
    metadata: { name: 'w' },
    old: 'o',
    gone: 1,
  };
  assert.deepEqual(resource.versions[1]?.fromStorage(ancient), {
    apiVersion: 'example.com/v1beta1',
    kind: 'Widget',
    metadata: { name: 'w' },
    old: 'o',
    late: 'beta',
  });
});

test('the schema of the request decides', () => {
  const resource = resourceOf(twoVersions);
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, both: 'bb' };
  const errorsIn = (apiVersion: string): number =>
    resource.strategy.validateCreate(object, { ...context, apiVersion }).length;
  assert.equal(errorsIn('example.com/v1'), 1);
  assert.equal(errorsIn('example.com/v1beta1'), 0);
});

test('selectable fields are read as texts', () => {
  const read = resourceOf(twoVersions).selectableFields.get('both');
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } };
  assert.equal(read?.({ ...object, both: 'b' }), 'b');
  assert.equal(read?.({ ...object, both: 1_000_000 }), '1000000');
  assert.equal(read?.(object), '');
});

test('the schema for merging knows lists and maps', () => {
  const schema = parameters.versions[0]?.schema;
  assert.deepEqual([...(schema?.members.keys() ?? [])], ['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  const status = schema?.members.get('status')?.schema;
  const conditions = status?.shape === 'struct' ? status.members.get('conditions')?.schema : undefined;
  assert.deepEqual(conditions?.shape === 'list' ? conditions.merge : undefined, {
    listType: 'map',
    mapKeys: ['type'],
  });
  const openApi = parameters.versions[0]?.openApi;
  assert.deepEqual(openApi?.['x-kubernetes-group-version-kind'], [
    { group: 'sallyport.dev', version: 'v1alpha1', kind: 'SallyportParameters' },
  ]);
});

test('versions are ordered as Kubernetes orders them', () => {
  const versions = ['v1alpha1', 'foo', 'v2', 'v10', 'v1beta2', 'v1', 'v1beta10'];
  assert.deepEqual(versions.sort(compareVersions), [
    'v10',
    'v2',
    'v1',
    'v1beta10',
    'v1beta2',
    'v1alpha1',
    'foo',
  ]);
});
