import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest, ApiResponse } from '../rest/api-request.ts';
import { createDiscovery } from './discovery.ts';
import { compareVersions } from './groups.ts';
import { sampleRegistry, sampleResource, sampleResources } from './sample-registry.fixture.ts';

const plainAccept = 'application/json, */*';
const aggregatedAccept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

function requestOf(path: string, accept = plainAccept, method: ApiRequest['method'] = 'GET'): ApiRequest {
  return {
    method,
    path,
    query: new URLSearchParams(),
    accept,
    contentType: '',
    userAgent: '',
    user: { name: 'admin', groups: [] },
    body: new Uint8Array(),
  };
}

const registry = sampleRegistry();
const discover = createDiscovery(registry, { serverAddress: '10.0.0.1:7443' });

function valueOf(response: ApiResponse | null): { readonly [name: string]: unknown } {
  assert.ok(response?.kind === 'value');
  return response.value as { readonly [name: string]: unknown };
}

test('/api and /apis, one document at a time', () => {
  assert.deepEqual(valueOf(discover(requestOf('/api'))), {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:7443' }],
  });
  const groups = valueOf(discover(requestOf('/apis/')))['groups'] as readonly { readonly name: string }[];
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['networking.k8s.io', 'extensions', 'discovery.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io'],
  );
  const networking = {
    name: 'networking.k8s.io',
    versions: [
      { groupVersion: 'networking.k8s.io/v1', version: 'v1' },
      { groupVersion: 'networking.k8s.io/v1beta1', version: 'v1beta1' },
    ],
    preferredVersion: { groupVersion: 'networking.k8s.io/v1', version: 'v1' },
  };
  assert.deepEqual(groups[0], networking);
  assert.deepEqual(valueOf(discover(requestOf('/apis/networking.k8s.io'))), {
    kind: 'APIGroup',
    apiVersion: 'v1',
    ...networking,
  });
});

test('the resources of a group version, as kube-apiserver lists them', () => {
  const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
  // Names, verbs and hashes from kubernetes/api/discovery/apis__networking.k8s.io__v1.json.
  assert.deepEqual(valueOf(discover(requestOf('/apis/networking.k8s.io/v1'))), {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'networking.k8s.io/v1',
    resources: [
      {
        name: 'ingressclasses',
        singularName: 'ingressclass',
        namespaced: false,
        kind: 'IngressClass',
        verbs,
        storageVersionHash: 'l/iqIbDgFyQ=',
      },
      {
        name: 'ingresses',
        singularName: 'ingress',
        namespaced: true,
        kind: 'Ingress',
        verbs,
        shortNames: ['ing'],
        storageVersionHash: '39NQlfNR+bo=',
      },
      {
        name: 'ingresses/status',
        singularName: '',
        namespaced: true,
        kind: 'Ingress',
        verbs: ['get', 'patch', 'update'],
      },
    ],
  });
  const core = valueOf(discover(requestOf('/api/v1')))['resources'] as readonly { readonly name: string }[];
  assert.deepEqual(
    core.map(({ name }) => name),
    [
      'configmaps',
      'namespaces',
      'namespaces/finalize',
      'namespaces/status',
      'secrets',
      'services',
      'services/status',
    ],
  );
});

test('a short name leads to one resource: not also to another view of the same objects', () => {
  const resources = valueOf(discover(requestOf('/apis/extensions/v1beta1')))[
    'resources'
  ] as readonly object[];
  assert.deepEqual(
    resources.map((resource) => 'shortNames' in resource),
    [false, false],
  );
});

test('reviews are listed, and can only be created', () => {
  const listed = (path: string): unknown =>
    (valueOf(discover(requestOf(path)))['resources'] as { name: string; verbs: string[] }[]).map(
      ({ name, verbs }) => `${name} ${verbs.join()}`,
    );
  assert.deepEqual(listed('/apis/authorization.k8s.io/v1'), [
    'localsubjectaccessreviews create',
    'selfsubjectaccessreviews create',
    'selfsubjectrulesreviews create',
    'subjectaccessreviews create',
  ]);
  assert.deepEqual(listed('/apis/authentication.k8s.io/v1'), [
    'selfsubjectreviews create',
    'tokenreviews create',
  ]);
});

test('aggregated: everything in two documents, with the Content-Type that clients compare, and an ETag', () => {
  const answer = discover(requestOf('/apis', aggregatedAccept));
  assert.ok(answer?.kind === 'value');
  assert.equal(answer.contentType, 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  assert.match(answer.headers?.['ETag'] ?? '', /^"[0-9A-F]{128}"$/);
  const items = valueOf(answer)['items'] as readonly { metadata: { name?: string }; versions: object[] }[];
  // As kube-apiserver has it: empty where they are those of the resource.
  const kind = { group: '', version: '', kind: 'Ingress' };
  assert.deepEqual(items[0]?.metadata, { name: 'networking.k8s.io' });
  const [v1] = items[0].versions as readonly { version: string; freshness: string; resources: object[] }[];
  assert.deepEqual([v1?.version, v1?.freshness], ['v1', 'Current']);
  assert.deepEqual(v1?.resources[1], {
    resource: 'ingresses',
    responseKind: kind,
    scope: 'Namespaced',
    singularResource: 'ingress',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    shortNames: ['ing'],
    subresources: [{ subresource: 'status', responseKind: kind, verbs: ['get', 'patch', 'update'] }],
  });
  const core = valueOf(discover(requestOf('/api', aggregatedAccept)));
  assert.equal(core['kind'], 'APIGroupDiscoveryList');
  assert.equal(core['apiVersion'], 'apidiscovery.k8s.io/v2');
  assert.deepEqual(
    (core['items'] as readonly object[]).map((item) => Object.entries(item)[0]),
    [['metadata', {}]],
  );
});

test('aggregated: the first form that the client names; old clients get what they know', () => {
  const typeOf = (accept: string): string | undefined => {
    const answer = discover(requestOf('/apis', accept));
    assert.ok(answer?.kind === 'value');
    return answer.contentType;
  };
  const beta = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
  assert.equal(typeOf(`${beta},application/json`), beta);
  for (const accept of [
    '',
    '*/*',
    `application/json,${beta}`,
    'application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json',
    'application/json;g=other;v=v2;as=APIGroupDiscoveryList,application/json',
  ])
    assert.equal(typeOf(accept), undefined, accept);
});

test('a form that no document has is refused, and so is the new form below the roots', () => {
  for (const [path, accept] of [
    ['/apis', 'application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList'],
    ['/api', 'application/json;as=Table;g=meta.k8s.io;v=v1'],
    ['/apis/networking.k8s.io/v1', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'],
  ] as const)
    assert.throws(
      () => discover(requestOf(path, accept)),
      /^Error: only the following media types are accepted: application\/json, application\/yaml$/,
      `${path} ${accept}`,
    );
});

test('what is not served, and what is no discovery, is left to others', () => {
  for (const path of [
    '/apis/nope',
    '/apis/networking.k8s.io/v2',
    '/api/v2',
    '/apis/v1',
    '/api/v1/namespaces',
    '/apis/networking.k8s.io/v1/ingresses',
    '/apiserver',
    '/',
    '/apis/__proto__',
    '/api//',
  ])
    assert.equal(discover(requestOf(path)), null, path);
  const refused = discover(requestOf('/apis', '', 'POST'));
  assert.ok(refused?.kind === 'value' && refused.status === 405);
});

test('resources come and go; documents in between are the same ones', () => {
  const changing = sampleRegistry();
  const ask = createDiscovery(changing, { serverAddress: 'a:1' });
  const first = ask(requestOf('/apis', aggregatedAccept));
  assert.equal(ask(requestOf('/apis', aggregatedAccept)), first);
  const widget = sampleResource(['example.com/v1alpha1', 'example.com/v2'], 'Widget', 'widgets', {
    subresources: ['scale', 'status'],
  });
  assert.equal(ask(requestOf('/apis/example.com')), null);
  changing.replace([...sampleResources, widget]);
  const versions = valueOf(ask(requestOf('/apis/example.com')))['versions'] as readonly { version: string }[];
  assert.deepEqual(
    versions.map(({ version }) => version),
    ['v2', 'v1alpha1'],
  );
  const resources = valueOf(ask(requestOf('/apis/example.com/v2')))['resources'] as readonly object[];
  assert.deepEqual(resources[1], {
    name: 'widgets/scale',
    singularName: '',
    namespaced: true,
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    verbs: ['get', 'patch', 'update'],
  });
  const second = ask(requestOf('/apis', aggregatedAccept));
  assert.ok(first?.kind === 'value' && second?.kind === 'value');
  assert.notEqual(second.headers?.['ETag'], first.headers?.['ETag']);
  changing.replace(sampleResources);
  assert.equal(ask(requestOf('/apis/example.com/v2')), null);
});

test('compareVersions: stable before beta before alpha, newer first, others last', () => {
  const wanted = [
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v12alpha1',
    'v11alpha2',
    'foo1',
    'foo10',
  ];
  assert.deepEqual([...wanted].reverse().sort(compareVersions), wanted);
});
