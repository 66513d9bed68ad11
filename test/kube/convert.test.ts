// Conversion of the legacy Ingress versions, both ways, row by row and as a property.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeObject,
  deprecationWarning,
  ingressClassFromLegacy,
  ingressClassToLegacy,
  ingressFromLegacy,
  ingressToLegacy,
} from '../../src/kube/index.ts';
import type { Ingress, IngressBackend, LegacyIngress, LegacyIngressBackend } from '../../src/kube/index.ts';
import { lenient, objectOf } from './manifest-builders.ts';

const resource = { apiGroup: 'a.b', kind: 'Bucket', name: 'x' };

function legacyWith(backend: LegacyIngressBackend): LegacyIngress {
  return {
    apiVersion: 'extensions/v1beta1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { backend },
  };
}

const backends: readonly (readonly [legacy: LegacyIngressBackend, v1: IngressBackend])[] = [
  [{ serviceName: 'a', servicePort: 80 }, { service: { name: 'a', port: { number: 80 } } }],
  [{ serviceName: 'a', servicePort: 'http' }, { service: { name: 'a', port: { name: 'http' } } }],
  [{ serviceName: 'a', servicePort: '80' }, { service: { name: 'a', port: { name: '80' } } }],
  [{ serviceName: 'a', servicePort: '' }, { service: { name: 'a', port: { name: '' } } }],
  [{ serviceName: 'a' }, { service: { name: 'a', port: {} } }],
  [{ servicePort: 80 }, { service: { name: '', port: { number: 80 } } }],
  [{ servicePort: '' }, { service: { name: '', port: { name: '' } } }],
  [{ servicePort: 0 }, {}],
  [{ serviceName: '' }, {}],
  [{ resource }, { resource }],
  [
    { serviceName: 'a', servicePort: 80, resource },
    { service: { name: 'a', port: { number: 80 } }, resource },
  ],
];

for (const [legacy, v1] of backends) {
  test(`backend ${JSON.stringify(legacy)} in v1`, () => {
    assert.deepEqual(ingressFromLegacy(legacyWith(legacy)).spec, { defaultBackend: v1 });
  });
}

test('back to legacy a port name wins over a number', () => {
  const ingress: Ingress = {
    ...ingressFromLegacy(legacyWith({})),
    spec: { defaultBackend: { service: { name: 'a', port: { name: 'http', number: 80 } } } },
  };
  const legacy = ingressToLegacy(ingress, 'networking.k8s.io/v1beta1');
  assert.equal(legacy.apiVersion, 'networking.k8s.io/v1beta1');
  assert.deepEqual(legacy.spec, { backend: { serviceName: 'a', servicePort: 'http' } });
});

test('a missing pathType becomes ImplementationSpecific, given ones stay, other members keep their names', () => {
  const backend = { serviceName: 'a', servicePort: 1 };
  const service = { service: { name: 'a', port: { number: 1 } } };
  const legacy: LegacyIngress = {
    ...legacyWith(backend),
    spec: {
      ingressClassName: 'c',
      tls: [{ hosts: ['a.b'], secretName: 's' }],
      rules: [
        { host: 'a.b', http: { paths: [{ backend }, { path: '/x', pathType: 'Exact', backend }] } },
        { host: 'c.d' },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
  };
  assert.deepEqual(ingressFromLegacy(legacy), {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      ingressClassName: 'c',
      tls: [{ hosts: ['a.b'], secretName: 's' }],
      rules: [
        {
          host: 'a.b',
          http: {
            paths: [
              { pathType: 'ImplementationSpecific', backend: service },
              { path: '/x', pathType: 'Exact', backend: service },
            ],
          },
        },
        { host: 'c.d' },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
  });
});

test('IngressClass keeps its shape', () => {
  const raw = {
    apiVersion: 'networking.k8s.io/v1beta1',
    kind: 'IngressClass',
    metadata: { name: 'x' },
    spec: { controller: 'a.b/c', parameters: { kind: 'K', name: 'n' } },
  };
  const object = objectOf(raw);
  assert(object.kind === 'IngressClass');
  assert.equal(object.apiVersion, 'networking.k8s.io/v1');
  assert.equal(object.spec.parameters?.scope, 'Cluster');
  const back = ingressClassToLegacy(object);
  assert.equal(back.apiVersion, 'networking.k8s.io/v1beta1');
  assert.deepEqual(ingressClassFromLegacy(back), object);
  assert.deepEqual(decodeObject(raw, lenient).warnings, [
    'networking.k8s.io/v1beta1 IngressClass is deprecated in v1.19+, unavailable in v1.22+; use networking.k8s.io/v1 IngressClass',
  ]);
});

test('deprecation warnings', () => {
  const texts: readonly (readonly [string, string, string | undefined])[] = [
    [
      'extensions/v1beta1',
      'Ingress',
      'extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
    ],
    [
      'networking.k8s.io/v1beta1',
      'Ingress',
      'networking.k8s.io/v1beta1 Ingress is deprecated in v1.19+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
    ],
    ['v1', 'Endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
    ['networking.k8s.io/v1', 'Ingress', undefined],
  ];
  for (const [apiVersion, kind, text] of texts) assert.equal(deprecationWarning(apiVersion, kind), text);
});

const optional: { requiredKeys: [] } = { requiredKeys: [] };

/** Backends that a legacy version can express: what it cannot is a port that is 0 or an empty text. */
const representableBackend: fc.Arbitrary<LegacyIngressBackend> = fc.oneof(
  fc.record(
    {
      serviceName: fc.string({ minLength: 1, maxLength: 5 }),
      servicePort: fc.oneof(fc.integer({ min: 1, max: 70000 }), fc.string({ minLength: 1, maxLength: 5 })),
      resource: fc.constant(resource),
    },
    optional,
  ),
);
const representable = fc.record({
  apiVersion: fc.constantFrom('extensions/v1beta1' as const, 'networking.k8s.io/v1beta1' as const),
  kind: fc.constant('Ingress' as const),
  metadata: fc.constant({ name: 'web', namespace: 'shop' }),
  spec: fc.record(
    {
      ingressClassName: fc.string({ maxLength: 5 }),
      backend: representableBackend,
      tls: fc.array(fc.record({ hosts: fc.array(fc.string()), secretName: fc.string() }, optional), {
        maxLength: 2,
      }),
      rules: fc.array(
        fc.record(
          {
            host: fc.string(),
            http: fc.record({
              paths: fc.array(
                fc.record(
                  {
                    path: fc.string(),
                    pathType: fc.constantFrom(
                      'Exact' as const,
                      'Prefix' as const,
                      'ImplementationSpecific' as const,
                    ),
                    backend: representableBackend,
                  },
                  { requiredKeys: ['pathType', 'backend'] },
                ),
                { maxLength: 3 },
              ),
            }),
          },
          optional,
        ),
        { maxLength: 3 },
      ),
    },
    optional,
  ),
});

test('legacy to v1 and back is the identity for what both can express', () => {
  fc.assert(
    fc.property(representable, (legacy) => {
      // Through JSON, because fast-check's records may lack a prototype.
      const object = JSON.parse(JSON.stringify(legacy)) as LegacyIngress;
      assert.deepEqual(ingressToLegacy(ingressFromLegacy(object), object.apiVersion), object);
    }),
    { numRuns: 300 },
  );
});
