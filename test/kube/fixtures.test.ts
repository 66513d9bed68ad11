// The manifests of the Ingress documentation, old and new: all decode, strictly, and say what they should.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeObject, expandLists } from '../../src/kube/index.ts';
import { errorsOf, lenient, objectOf, strict } from './manifest-builders.ts';
import type { Raw } from './manifest-builders.ts';

function v1(name: string, spec: Raw, annotations?: Raw): Raw {
  const metadata = annotations === undefined ? { name } : { name, annotations };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec };
}

const to = (name: string, number: number): Raw => ({ service: { name, port: { number } } });
const prefix = (path: string, backend: Raw): Raw => ({ path, pathType: 'Prefix', backend });
const rule = (host: string | undefined, ...paths: readonly Raw[]): Raw =>
  host === undefined ? { http: { paths } } : { host, http: { paths } };
const bucket = (name: string): Raw => ({
  resource: { apiGroup: 'k8s.example.com', kind: 'StorageBucket', name },
});
const rewrite = { 'nginx.ingress.kubernetes.io/rewrite-target': '/' };

function ingressClass(name: string, parameters: Raw): Raw {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name },
    spec: { controller: 'example.com/ingress-controller', parameters },
  };
}

const fixtures: readonly Raw[] = [
  v1(
    'minimal-ingress',
    { ingressClassName: 'nginx-example', rules: [rule(undefined, prefix('/testpath', to('test', 80)))] },
    rewrite,
  ),
  v1(
    'myapp-ingress',
    {
      rules: [
        rule(
          'myapp.example.com',
          prefix('/', to('frontend-service', 80)),
          prefix('/api', to('backend-service', 8080)),
        ),
      ],
    },
    rewrite,
  ),
  v1('ingress-resource-backend', {
    defaultBackend: bucket('static-assets'),
    rules: [
      rule(undefined, { path: '/icons', pathType: 'ImplementationSpecific', backend: bucket('icon-assets') }),
    ],
  }),
  v1('ingress-wildcard-host', {
    rules: [
      rule('foo.bar.com', prefix('/bar', to('service1', 80))),
      rule('*.foo.com', prefix('/foo', to('service2', 80))),
    ],
  }),
  v1('test-ingress', { defaultBackend: to('test', 80) }),
  v1('simple-fanout-example', {
    rules: [rule('foo.bar.com', prefix('/foo', to('service1', 4200)), prefix('/bar', to('service2', 8080)))],
  }),
  v1('name-virtual-host-ingress', {
    rules: [
      rule('foo.bar.com', prefix('/', to('service1', 80))),
      rule('bar.foo.com', prefix('/', to('service2', 80))),
    ],
  }),
  v1('name-virtual-host-ingress-no-third-host', {
    rules: [
      rule('first.bar.com', prefix('/', to('service1', 80))),
      rule('second.bar.com', prefix('/', to('service2', 80))),
      rule(undefined, prefix('/', to('service3', 80))),
    ],
  }),
  v1('tls-example-ingress', {
    tls: [{ hosts: ['https-example.foo.com'], secretName: 'testsecret-tls' }],
    rules: [rule('https-example.foo.com', prefix('/', to('service1', 80)))],
  }),
  ingressClass('external-lb', {
    apiGroup: 'k8s.example.com',
    kind: 'IngressParameters',
    name: 'external-lb',
  }),
  ingressClass('external-lb-1', {
    scope: 'Cluster',
    apiGroup: 'k8s.example.net',
    kind: 'ClusterIngressParameter',
    name: 'external-config-1',
  }),
  ingressClass('external-lb-2', {
    scope: 'Namespace',
    apiGroup: 'k8s.example.com',
    kind: 'IngressParameter',
    namespace: 'external-configuration',
    name: 'external-config',
  }),
];

for (const raw of fixtures) {
  test(`fixture ${(raw['metadata'] as { name: string }).name}`, () => {
    const object = objectOf(raw, strict);
    if (object.kind === 'Ingress') assert.deepEqual(object.spec, raw['spec']);
    else assert.equal(object.kind, 'IngressClass');
    const result = decodeObject(raw, strict);
    assert.deepEqual(result.warnings, []);
  });
}

test('all fixtures in one List', () => {
  const items = expandLists({ apiVersion: 'v1', kind: 'List', items: fixtures });
  assert.deepEqual(items, fixtures);
  assert.deepEqual(
    items.flatMap((item) => errorsOf(item, strict)),
    [],
  );
});

test('fixture test-ingress of extensions/v1beta1', () => {
  const raw = {
    apiVersion: 'extensions/v1beta1',
    kind: 'Ingress',
    metadata: { name: 'test-ingress', annotations: rewrite },
    spec: {
      rules: [
        { http: { paths: [{ path: '/testpath', backend: { serviceName: 'test', servicePort: 80 } }] } },
      ],
    },
  };
  assert.deepEqual(objectOf(raw, strict), {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'test-ingress', annotations: rewrite, namespace: 'default' },
    spec: {
      rules: [
        rule(undefined, { path: '/testpath', pathType: 'ImplementationSpecific', backend: to('test', 80) }),
      ],
    },
  });
  assert.deepEqual(decodeObject(raw, strict).warnings, [
    'extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
  ]);
});

test('damaged copies say where', () => {
  const withoutHttp = v1('x', { rules: [{ paths: [prefix('/', to('a', 80))] }] });
  assert.deepEqual(errorsOf(withoutHttp, strict), ['unknown field "spec.rules[0].paths"']);
  assert.deepEqual(decodeObject(withoutHttp, lenient).warnings, ['unknown field "spec.rules[0].paths"']);
  const withoutBackend = v1('x', {
    rules: [rule(undefined, { path: '/', pathType: 'Prefix', service: {} })],
  });
  assert.deepEqual(errorsOf(withoutBackend), [
    'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
  ]);
  const withoutPort = v1('x', { defaultBackend: { service: { name: 'a', port: null } } });
  assert.deepEqual(errorsOf(withoutPort), [
    'spec.defaultBackend: Required value: port name or number is required',
  ]);
});
