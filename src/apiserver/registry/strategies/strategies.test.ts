// How kinds behave when they are written, where no recorded answer of kube-apiserver says it: versions, status, generations, warnings.
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '../../api-object.ts';
import { readText, readValue } from '../read-value.ts';
import { seedObjects } from '../seed-objects.ts';
import { refusalOf, TestServer } from '../write-request.fixture.ts';

function newServer(): TestServer {
  const server = new TestServer();
  seedObjects(server.store, server.nowMs, { apiPort: 6443 });
  return server;
}

const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const extensions = '/apis/extensions/v1beta1/namespaces/default/ingresses';
const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const rule = (host: string): object => ({ host });

test('an Ingress written through extensions is read in any version, and errors name the fields of the request', () => {
  const server = newServer();
  const body = {
    metadata: { name: 'old' },
    spec: {
      rules: [{ http: { paths: [{ path: '/a', backend: { serviceName: 's', servicePort: 'http' } }] } }],
    },
  };
  equal(server.create(extensions, body).object.apiVersion, 'extensions/v1beta1');
  const stored = server.read(`${ingresses}/old`);
  deepEqual(stored['spec'], {
    rules: [
      {
        http: {
          paths: [
            {
              path: '/a',
              pathType: 'ImplementationSpecific',
              backend: { service: { name: 's', port: { name: 'http' } } },
            },
          ],
        },
      },
    ],
  });
  const fieldOf = (path: string, spec: object): unknown => {
    const { status } = refusalOf(() => server.create(path, { metadata: { name: 'x' }, spec }));
    return status.details?.causes?.[0]?.field;
  };
  const legacy = { backend: { serviceName: 'Bad_Name', servicePort: 80 } };
  equal(fieldOf(extensions, legacy), 'spec.backend.serviceName');
  equal(
    fieldOf('/apis/networking.k8s.io/v1beta1/namespaces/default/ingresses', legacy),
    'spec.backend.serviceName',
  );
  const backend = { service: { name: 'Bad_Name', port: { number: 80 } } };
  equal(fieldOf(ingresses, { defaultBackend: backend }), 'spec.defaultBackend.service.name');
});

test('the status of an Ingress is wiped on create, kept on update, and written through /status alone', () => {
  const server = newServer();
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
  const body = { metadata: { name: 'i' }, spec: { rules: [rule('a.test')] }, status };
  deepEqual(server.create(ingresses, body).object['status'], { loadBalancer: {} });
  const other = { ...body, spec: { rules: [rule('b.test')] } };
  deepEqual(server.update(`${ingresses}/i/status`, other).object['status'], status);
  deepEqual(server.read(`${ingresses}/i`)['spec'], { rules: [rule('a.test')] });
  equal(server.read(`${ingresses}/i`).metadata.generation, 1);
  deepEqual(server.update(`${ingresses}/i`, { ...other, status: {} }).object['status'], status);
  equal(server.read(`${ingresses}/i`).metadata.generation, 2);
  const labelled = { ...other, metadata: { name: 'i', labels: { a: 'b' } } };
  equal(server.update(`${ingresses}/i`, labelled).object.metadata.generation, 2);
});

test('the deprecated class annotation is warned of when an Ingress is created, not when it changes', () => {
  const server = newServer();
  const metadata = { name: 'i', annotations: { 'kubernetes.io/ingress.class': 'nginx' } };
  const body = { metadata, spec: { rules: [rule('a.test')] } };
  const text =
    'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead';
  deepEqual(server.create(ingresses, body).warnings, [text]);
  deepEqual(server.update(`${ingresses}/i`, body).warnings, []);
});

test('an EndpointSlice counts changes of its content and its labels, not of its annotations', () => {
  const server = newServer();
  const slice = (metadata: object, address = '10.0.0.1'): Readonly<Record<string, unknown>> => ({
    metadata: { name: 's', ...metadata },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], deprecatedTopology: { 'kubernetes.io/hostname': 'n' } }],
  });
  const created = server.create(slices, slice({})).object;
  equal(created.metadata.generation, 1);
  equal(JSON.stringify(created).includes('deprecatedTopology'), false);
  const generationAfter = (body: Readonly<Record<string, unknown>>): unknown =>
    server.update(`${slices}/s`, body).object.metadata.generation;
  equal(generationAfter(slice({ annotations: { a: 'b' } })), 1);
  equal(generationAfter(slice({ labels: { a: 'b' } })), 2);
  equal(generationAfter(slice({ labels: { a: 'b' } }, '10.0.0.2')), 3);
});

test('loopback endpoints are accepted, with one line that says what they mean', () => {
  const server = newServer();
  const slice = server.create(slices, {
    metadata: { name: 's' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['127.0.0.1'] }, { addresses: ['127.0.0.2'] }],
  });
  deepEqual(slice.warnings, [
    'endpoints[1].addresses[0]: "127.0.0.1" is a loopback address: traffic goes to a process on the machine of the proxy; a Kubernetes cluster refuses such an endpoint',
  ]);
  const endpoints = server.create('/api/v1/namespaces/default/endpoints', {
    metadata: { name: 'e' },
    subsets: [{ notReadyAddresses: [{ ip: '::1' }], ports: [{ port: 80 }] }],
  });
  match(
    endpoints.warnings[0] ?? '',
    /^subsets\[0\]\.notReadyAddresses\[0\]\.ip: "::1" is a loopback address/,
  );
  const link = { metadata: { name: 'l' }, addressType: 'IPv4', endpoints: [{ addresses: ['169.254.1.1'] }] };
  equal(refusalOf(() => server.create(slices, link)).status.code, 422);
});

test('a TLS Secret whose key does not fit is stored with a warning', () => {
  const server = newServer();
  const pem = (type: string): string =>
    Buffer.from(`-----BEGIN ${type}-----\nAA==\n-----END ${type}-----\n`).toString('base64');
  const warningOf = (name: string, certificate: string, key: string): readonly string[] =>
    server.create('/api/v1/namespaces/default/secrets', {
      metadata: { name },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': certificate, 'tls.key': key },
    }).warnings;
  deepEqual(warningOf('a', '', ''), ['tls: failed to find any PEM data in certificate input']);
  deepEqual(warningOf('b', pem('CERTIFICATE'), ''), ['tls: failed to find any PEM data in key input']);
  deepEqual(warningOf('c', pem('PRIVATE KEY'), pem('CERTIFICATE')), [
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  ]);
  deepEqual(warningOf('d', pem('CERTIFICATE'), pem('CERTIFICATE')), [
    'tls: found a certificate rather than a key in the PEM for the private key',
  ]);
  deepEqual(warningOf('e', pem('CERTIFICATE'), pem('RSA PRIVATE KEY')), [
    'tls: failed to parse certificate or private key',
  ]);
});

test('a Namespace carries its name as a label, and its phase and finalizers are not for the asking', () => {
  const server = newServer();
  const metadata = { name: 'n', labels: { 'kubernetes.io/metadata.name': 'other', a: 'b' } };
  const body = { metadata, spec: { finalizers: ['example.com/f'] }, status: { phase: 'Terminating' } };
  const { object } = server.create('/api/v1/namespaces', body);
  deepEqual(object.metadata.labels, { 'kubernetes.io/metadata.name': 'n', a: 'b' });
  deepEqual(object['spec'], { finalizers: ['example.com/f', 'kubernetes'] });
  deepEqual(object['status'], { phase: 'Active' });
  const updated = server.update('/api/v1/namespaces/n', { metadata: { name: 'n' }, spec: {} }).object;
  deepEqual(updated['spec'], { finalizers: ['example.com/f', 'kubernetes'] });
  deepEqual(updated.metadata.labels, { 'kubernetes.io/metadata.name': 'n' });
});

test('deleting a Namespace starts its end once, and removes it when nothing holds it', () => {
  const server = newServer();
  const path = '/api/v1/namespaces/n';
  server.create('/api/v1/namespaces', { metadata: { name: 'n' } });
  const first = server.delete(path);
  deepEqual(
    [readText(first, 'status', 'phase'), first.metadata.deletionTimestamp],
    ['Terminating', '2026-03-01T12:00:00Z'],
  );
  server.nowMs += 5000;
  equal(server.delete(path).metadata.deletionTimestamp, '2026-03-01T12:00:00Z');
  const { strategy } = server.registry.lookup('', 'v1', 'namespaces') ?? {};
  equal(strategy?.holdsDeletion?.(server.read(path)), true);
  server.update(`${path}/finalize`, { metadata: { name: 'n' }, spec: { finalizers: [] } });
  equal(strategy?.holdsDeletion?.(server.read(path)), false);
  server.delete(path);
  equal(refusalOf(() => server.read(path)).status.code, 404);
});

test('field selectors read Events by the names of both of their groups', () => {
  const server = newServer();
  server.create('/api/v1/namespaces/default/events', {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Ingress', name: 'i', namespace: 'default', uid: 'u' },
    reason: 'Sync',
    type: 'Normal',
    reportingComponent: 'sallyport',
  });
  const stored = server.store.get({ resource: 'core/events', namespace: 'default', name: 'e' });
  const select = (group: string, field: string): string | undefined =>
    server.registry.lookup(group, 'v1', 'events')?.selectableFields.get(field)?.(stored as ApiObject);
  equal(select('', 'involvedObject.uid'), 'u');
  equal(select('', 'source'), 'sallyport');
  equal(select('', 'regarding.uid'), undefined);
  equal(select('events.k8s.io', 'regarding.kind'), 'Ingress');
  equal(select('events.k8s.io', 'reportingController'), 'sallyport');
  equal(select('events.k8s.io', 'source'), undefined);
});

test('the further field selectors are those of the reference', () => {
  const { registry } = newServer();
  const fieldsOf = (group: string, plural: string): readonly string[] =>
    [...(registry.lookup(group, 'v1', plural)?.selectableFields.keys() ?? [])].toSorted();
  deepEqual(fieldsOf('', 'secrets'), ['type']);
  deepEqual(fieldsOf('', 'services'), ['spec.clusterIP', 'spec.type']);
  deepEqual(fieldsOf('', 'namespaces'), ['status.phase']);
  deepEqual(fieldsOf('', 'nodes'), ['spec.unschedulable']);
  deepEqual(fieldsOf('networking.k8s.io', 'ingresses'), []);
  deepEqual(fieldsOf('discovery.k8s.io', 'endpointslices'), []);
});

test('a Deployment keeps its status, and its labels through /status; the image decides when it is pulled', () => {
  const server = newServer();
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const containers = [
    { name: 'a', image: 'registry.test:5000/a' },
    { name: 'b', image: 'b:1.2', readinessProbe: { httpGet: { port: 80 } } },
    { name: 'c', image: 'c@sha256:00' },
  ];
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers } };
  const body = {
    metadata: { name: 'd', labels: { x: 'y' } },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
  };
  const { object } = server.create(path, { ...body, status: { replicas: 5 } });
  deepEqual(object['status'], {});
  const pulled = (
    readValue(object, 'spec', 'template', 'spec', 'containers') as { imagePullPolicy: string }[]
  ).map(({ imagePullPolicy }) => imagePullPolicy);
  deepEqual(pulled, ['Always', 'IfNotPresent', 'IfNotPresent']);
  const changed = { ...body, metadata: { name: 'd', labels: {} }, status: { replicas: 1 } };
  const after = server.update(`${path}/d/status`, changed).object;
  deepEqual([after.metadata.labels, after.metadata.generation], [{ x: 'y' }, 1]);
  deepEqual(readValue(after, 'status', 'replicas'), 1);
});

test('what manifests of a controller bring is stored as it came', () => {
  const server = newServer();
  const webhooks = [{ name: 'a.b.c', clientConfig: { url: 'https://x.test' }, unheardOf: { deep: [1] } }];
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  deepEqual(server.create(path, { metadata: { name: 'w' }, webhooks }).object['webhooks'], webhooks);
  equal(server.update(`${path}/w`, { metadata: { name: 'w' }, webhooks: [] }).object.metadata.generation, 2);
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  const budget = server.create(budgets, { metadata: { name: 'b' }, spec: { minAvailable: 1 } }).object;
  deepEqual(budget['status'], {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  });
  equal(refusalOf(() => server.create(budgets, { metadata: { name: 'B_' } })).status.code, 422);
});
