import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest, BytesResponse } from '../rest/api-request.ts';
import {
  sampleRegistry,
  sampleResource,
  sampleResources,
  sampleVersion,
} from '../discovery/sample-registry.fixture.ts';
import { kindSchemas, unknownObjectSchema } from '../../kube/index.ts';
import { createOpenApi } from './openapi.ts';
import { messages, named, readFields, texts } from './read-protobuf.fixture.ts';

type Json = { readonly [name: string]: Json };

function requestOf(path: string, accept: string, method: ApiRequest['method'] = 'GET'): ApiRequest {
  const [name = '', query = ''] = path.split('?');
  return {
    method,
    path: name,
    query: new URLSearchParams(query),
    accept,
    contentType: '',
    userAgent: '',
    user: { name: 'admin', groups: [] },
    body: new Uint8Array(),
  };
}

const registry = sampleRegistry();
const openApi = createOpenApi(registry);

function ask(path: string, accept = 'application/json', source = openApi): BytesResponse {
  const answer = source(requestOf(path, accept));
  assert.ok(answer?.kind === 'bytes', path);
  return answer;
}

function document(path: string, source = openApi): Json {
  return JSON.parse(Buffer.from(ask(path, 'application/json', source).bytes).toString()) as Json;
}

/** Every `$ref` in the document names something in it. */
function checkReferences(root: Json): number {
  let count = 0;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === '$ref' && typeof child === 'string') {
        count += 1;
        const found = child
          .slice(2)
          .split('/')
          .reduce<Json | undefined>((at, step) => at?.[step], root);
        assert.ok(found !== undefined, child);
      } else visit(child);
    }
  };
  visit(root);
  return count;
}

const item = '/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses/{name}';

test('/openapi/v3: every group version with its hash; with it a document is for ever, with another it moved', () => {
  const paths = document('/openapi/v3')['paths'] ?? {};
  assert.deepEqual(Object.keys(paths), [
    'api/v1',
    'apis/authentication.k8s.io/v1',
    'apis/authorization.k8s.io/v1',
    'apis/discovery.k8s.io/v1',
    'apis/extensions/v1beta1',
    'apis/networking.k8s.io/v1',
    'apis/networking.k8s.io/v1beta1',
  ]);
  const url: unknown = paths['apis/networking.k8s.io/v1']?.['serverRelativeURL'];
  assert.ok(typeof url === 'string');
  assert.match(url, /^\/openapi\/v3\/apis\/networking\.k8s\.io\/v1\?hash=[0-9A-F]{128}$/);
  const hashed = ask(url);
  assert.equal(hashed.status, 200);
  assert.equal(hashed.headers?.['Cache-Control'], 'public, immutable');
  const plain = ask('/openapi/v3/apis/networking.k8s.io/v1');
  assert.equal(plain.headers?.['Cache-Control'], undefined);
  assert.deepEqual(plain.bytes, hashed.bytes);
  const moved = ask('/openapi/v3/apis/networking.k8s.io/v1?hash=OLD');
  assert.deepEqual([moved.status, moved.headers?.['Location']], [301, url]);
  const missing = openApi(requestOf('/openapi/v3/apis/nope/v1', '*/*'));
  assert.ok(missing?.kind === 'value' && missing.status === 404);
});

test('v3: a PATCH that lets the server validate fields, without strategic merge; the other operations', () => {
  const paths = document('/openapi/v3/apis/networking.k8s.io/v1')['paths'] ?? {};
  const patch = paths[item]?.['patch'];
  assert.ok(patch !== undefined);
  const parameters = patch['parameters'] as unknown as readonly { name: string; in: string }[];
  assert.ok(parameters.some(({ name, in: place }) => name === 'fieldValidation' && place === 'query'));
  assert.deepEqual(patch['x-kubernetes-group-version-kind'], {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'Ingress',
  });
  assert.equal(patch['operationId'], 'patchNetworkingV1NamespacedIngress');
  assert.deepEqual(Object.keys(patch['requestBody']?.['content'] ?? {}), [
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
  ]);
  const operations = Object.entries(paths).map(([path, methods]) => `${path} ${Object.keys(methods).join()}`);
  assert.deepEqual(operations.sort(), [
    '/apis/networking.k8s.io/v1/ingressclasses get,post,delete',
    '/apis/networking.k8s.io/v1/ingressclasses/{name} get,put,patch,delete',
    '/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses get,post,delete',
    `${item} get,put,patch,delete`,
    `${item}/status get,put,patch`,
  ]);
});

test('v3: what is published is what is decoded', () => {
  const schemas = document('/openapi/v3/apis/networking.k8s.io/v1')['components']?.['schemas'] ?? {};
  const prefix = 'io.k8s.api.networking.v1';
  const ingress = schemas[`${prefix}.Ingress`];
  assert.deepEqual(ingress?.['x-kubernetes-group-version-kind'], [
    { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' },
  ]);
  assert.deepEqual(Object.keys(ingress['properties'] ?? {}).sort(), [
    'apiVersion',
    'kind',
    'metadata',
    'spec',
    'status',
  ]);
  const spec = ingress['properties']?.['spec'];
  assert.deepEqual(spec?.['allOf'], [{ $ref: `#/components/schemas/${prefix}.IngressSpec` }]);
  assert.equal(typeof spec['description'], 'string');
  const path = schemas[`${prefix}.HTTPIngressPath`];
  assert.deepEqual(path?.['required'], ['backend', 'pathType']);
  assert.deepEqual(
    schemas['io.k8s.api.core.v1.TypedLocalObjectReference']?.['x-kubernetes-map-type'],
    'atomic',
  );
  assert.ok(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'] !== undefined);
  assert.deepEqual(schemas[`${prefix}.IngressList`]?.['required'], ['items']);
  const services = document('/openapi/v3/api/v1')['components']?.['schemas'] ?? {};
  const ports = services['io.k8s.api.core.v1.ServiceSpec']?.['properties']?.['ports'];
  const { description: _doc, items: _items, ...extensions } = ports ?? {};
  assert.deepEqual(extensions, {
    type: 'array',
    'x-kubernetes-list-map-keys': ['port', 'protocol'],
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-patch-merge-key': 'port',
    'x-kubernetes-patch-strategy': 'merge',
  });
});

test('all kinds that are known can be published in both dialects, every reference leads somewhere', () => {
  const resources = kindSchemas
    .filter(({ kind }) => kind !== 'DeleteOptions' && kind !== 'Status')
    .map(({ apiVersion, kind }) => sampleResource([apiVersion], kind, `${kind.toLowerCase()}s`));
  const all = createOpenApi(sampleRegistry(resources));
  const index = document('/openapi/v3', all)['paths'] ?? {};
  for (const name of Object.keys(index))
    assert.ok(checkReferences(document(`/openapi/v3/${name}`, all)) > 10, name);
  const swagger = document('/openapi/v2', all);
  assert.ok(checkReferences(swagger) > 100);
  const clashes = Object.keys(swagger['definitions'] ?? {}).filter((name) => /In[A-Z0-9]\w*$/.test(name));
  assert.deepEqual(
    clashes.filter((name) => !/\.(?:\w+Input|\w+In)$/.test(name)),
    [],
  );
  assert.ok(ask('/openapi/v2', '*/*', all).bytes.length > 0);
});

test('v2 in protobuf: the numbers of gnostic, for kubectl before 1.27', () => {
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const answer = ask('/openapi/v2', accept);
  assert.equal(answer.contentType, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  const root = readFields(answer.bytes);
  assert.deepEqual(texts(root, 1), ['2.0']);
  const [paths] = messages(root, 8);
  const [definitions] = messages(root, 9);
  assert.ok(paths !== undefined && definitions !== undefined);
  const [patch] = messages(named(paths, 2, item), 8);
  assert.ok(patch !== undefined);
  assert.equal(
    texts(named(patch, 13, 'x-kubernetes-group-version-kind'), 2)[0],
    '{"group":"networking.k8s.io","version":"v1","kind":"Ingress"}',
  );
  // ParametersItem.parameter.non_body_parameter.query_parameter_sub_schema.name
  const names = messages(patch, 8)
    .flatMap((entry) => messages(entry, 1))
    .flatMap((entry) => messages(entry, 2))
    .flatMap((entry) => messages(entry, 3))
    .flatMap((entry) => texts(entry, 4));
  assert.deepEqual(names, ['dryRun', 'fieldManager', 'fieldValidation', 'force']);
  const ports = named(definitions, 1, 'io.k8s.api.core.v1.ServiceSpec');
  const [properties] = messages(ports, 25);
  assert.ok(properties !== undefined);
  const property = named(properties, 1, 'ports');
  assert.deepEqual(
    messages(property, 22).flatMap((type) => texts(type, 1)),
    ['array'],
  );
  const [items] = messages(property, 23).flatMap((entry) => messages(entry, 1));
  assert.deepEqual(items === undefined ? [] : texts(items, 1), [
    '#/definitions/io.k8s.api.core.v1.ServicePort',
  ]);
  assert.deepEqual(texts(named(property, 31, 'x-kubernetes-patch-merge-key'), 2), ['"port"']);
  const port = messages(named(definitions, 1, 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'), 22);
  assert.deepEqual(
    port.flatMap((type) => texts(type, 1)),
    ['string'],
  );
});

test('forms: JSON by default, 406 for the rest, GET only', () => {
  assert.equal(ask('/openapi/v2', '').contentType, 'application/json');
  assert.equal(ask('/openapi/v2', 'text/html').status, 406);
  const protobuf3 = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
  assert.equal(ask('/openapi/v3/api/v1', protobuf3).status, 406);
  assert.equal(ask('/openapi/v3/api/v1', `${protobuf3}, application/json;q=0.5`).status, 200);
  const posted = openApi(requestOf('/openapi/v2', '', 'POST'));
  assert.ok(posted?.kind === 'bytes' && posted.status === 405);
  assert.equal(openApi(requestOf('/openapi', '')), null);
  assert.equal(openApi(requestOf('/api/v1', '')), null);
});

test('custom resources: their own schema in v3, made loose for old kubectl in v2; they come and go', () => {
  const changing = sampleRegistry();
  const source = createOpenApi(changing);
  const before = document('/openapi/v3', source)['paths'] ?? {};
  const raw = {
    description: 'A widget.',
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer', minimum: 1, oneOf: [{ minimum: 3 }] },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: {} } },
          port: { 'x-kubernetes-int-or-string': true, description: 'A port.' },
          perhaps: { type: 'string', nullable: true },
          ['__proto__']: { type: 'string' },
        },
      },
    },
  };
  const version = { ...sampleVersion('v1', unknownObjectSchema), openApi: raw };
  const widget = sampleResource(['example.com/v1'], 'Widget', 'widgets', {
    versions: [version],
    isCustom: true,
  });
  changing.replace([...sampleResources, widget]);
  const after = document('/openapi/v3', source)['paths'] ?? {};
  assert.deepEqual(after['api/v1'], before['api/v1'], 'other documents keep their hash');
  const v3 = document('/openapi/v3/apis/example.com/v1', source);
  checkReferences(v3);
  const published = v3['components']?.['schemas']?.['com.example.v1.Widget'];
  assert.deepEqual(published?.['properties']?.['spec'], JSON.parse(JSON.stringify(raw.properties.spec)));
  assert.equal(published?.['description'], 'A widget.');
  assert.ok(published?.['properties']?.['metadata']?.['allOf'] !== undefined);
  const v2 = document('/openapi/v2', source);
  checkReferences(v2);
  const spec = v2['definitions']?.['com.example.v1.Widget']?.['properties']?.['spec'];
  assert.deepEqual(Object.entries(spec?.['properties'] ?? {}), [
    ['size', { type: 'integer' }],
    ['free', {}],
    ['port', { description: 'A port.' }],
    ['perhaps', {}],
    ['__proto__', { type: 'string' }],
  ]);
  changing.replace(sampleResources);
  assert.deepEqual(document('/openapi/v3', source)['paths'], before);
});
