// Admission: namespaces that are missing or going, and the class that an Ingress gets when it names none.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { seedObjects } from '../registry/seed-objects.ts';
import { refusalOf, TestServer } from '../registry/write-request.fixture.ts';

function newServer(): TestServer {
  const server = new TestServer();
  seedObjects(server.store, server.nowMs, { apiPort: 6443 });
  return server;
}

const networking = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const legacyNetworking = '/apis/networking.k8s.io/v1beta1/namespaces/default/ingresses';
const extensions = '/apis/extensions/v1beta1/namespaces/default/ingresses';
const backend = { service: { name: 's', port: { number: 80 } } };

function addClass(server: TestServer, name: string, isDefault: string): void {
  server.create('/apis/networking.k8s.io/v1/ingressclasses', {
    metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': isDefault } },
    spec: { controller: 'example.com/c' },
  });
}

function classOf(server: TestServer, spec: object = {}, metadata: object = {}, path = networking): unknown {
  const isLegacy = path !== networking;
  const body = {
    metadata: { name: `i${server.store.revision}`, ...metadata },
    spec: {
      ...(isLegacy ? { backend: { serviceName: 's', servicePort: 80 } } : { defaultBackend: backend }),
      ...spec,
    },
  };
  return (server.create(path, body).object['spec'] as { ingressClassName?: unknown }).ingressClassName;
}

test('writing into a namespace that is not there is refused, on update too', () => {
  const server = newServer();
  const body = { metadata: { name: 'a' } };
  const { status } = refusalOf(() => server.create('/api/v1/namespaces/nowhere/secrets', body));
  deepEqual(
    [status.code, status.reason, status.message],
    [404, 'NotFound', 'namespaces "nowhere" not found'],
  );
  deepEqual(status.details, { name: 'nowhere', kind: 'namespaces' });
  server.create('/api/v1/namespaces', { metadata: { name: 'short' } });
  server.create('/api/v1/namespaces/short/secrets', body);
  const key = { resource: 'core/namespaces', namespace: '', name: 'short' };
  server.store.write([{ kind: 'delete', key }]);
  equal(refusalOf(() => server.update('/api/v1/namespaces/short/secrets/a', body)).status.code, 404);
});

test('a namespace that is being removed takes nothing new, but changes', () => {
  const server = newServer();
  server.create('/api/v1/namespaces', { metadata: { name: 'going' } });
  const path = '/apis/networking.k8s.io/v1/namespaces/going/ingresses';
  const body = { metadata: { name: 'a' }, spec: { defaultBackend: backend } };
  server.create(path, body);
  server.delete('/api/v1/namespaces/going');
  const generated = { ...body, metadata: { generateName: 'g-' } };
  const { status } = refusalOf(() => server.create(path, generated));
  equal(
    status.message,
    'ingresses.networking.k8s.io "g-" is forbidden: unable to create new content in namespace going because it is being terminated',
  );
  deepEqual(status.details?.causes, [
    {
      reason: 'NamespaceTerminating',
      message: 'namespace going is being terminated',
      field: 'metadata.namespace',
    },
  ]);
  equal(server.update(`${path}/a`, body).object.metadata.name, 'a');
});

test('an Ingress without class gets the default class, if there is one', () => {
  const server = newServer();
  equal(classOf(server), undefined);
  addClass(server, 'other', 'True');
  equal(classOf(server), undefined);
  addClass(server, 'nginx', 'true');
  equal(classOf(server), 'nginx');
  equal(classOf(server, {}, {}, legacyNetworking), 'nginx');
  equal(classOf(server, {}, {}, extensions), 'nginx');
});

test('an Ingress that names a class in either way is left alone', () => {
  const server = newServer();
  addClass(server, 'nginx', 'true');
  equal(classOf(server, { ingressClassName: 'mine' }), 'mine');
  equal(classOf(server, {}, { annotations: { 'kubernetes.io/ingress.class': '' } }), undefined);
  // An empty name is a name, which validation refuses.
  const refusal = refusalOf(() => classOf(server, { ingressClassName: '' }));
  equal(refusal.status.details?.causes?.[0]?.field, 'spec.ingressClassName');
});

test('of several default classes the newest counts, of one second the first by name', () => {
  const server = newServer();
  addClass(server, 'b', 'true');
  addClass(server, 'a', 'true');
  equal(classOf(server), 'a');
  server.nowMs += 1000;
  addClass(server, 'c', 'true');
  equal(classOf(server), 'c');
});

test('an update never gets a class', () => {
  const server = newServer();
  const body = { metadata: { name: 'i' }, spec: { defaultBackend: backend } };
  server.create(networking, body);
  addClass(server, 'nginx', 'true');
  const { object } = server.update(`${networking}/i`, body);
  equal((object['spec'] as { ingressClassName?: unknown }).ingressClassName, undefined);
});
