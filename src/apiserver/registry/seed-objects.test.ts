// What a new server has: the namespaces of every cluster, and the Service behind which the API server is found.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { seedObjects } from './seed-objects.ts';
import { TestServer } from './write-request.fixture.ts';

const service = '/api/v1/namespaces/default/services/kubernetes';

test('a new server has the four namespaces and the Service as kube-apiserver makes them', () => {
  const { store, nowMs, ...server } = new TestServer();
  seedObjects(store, nowMs, { apiPort: 6443, randomUuid: () => 'u' });
  const names = store.list({ resource: 'core/namespaces', namespace: null }).objects;
  deepEqual(
    names.map(({ metadata }) => metadata.name),
    ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
  );
  const [first] = names;
  const { resourceVersion: _version, ...metadata } = first?.metadata ?? { name: '' };
  deepEqual(
    { ...first, metadata },
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'default',
        uid: 'u',
        creationTimestamp: '2026-03-01T12:00:00Z',
        labels: { 'kubernetes.io/metadata.name': 'default' },
      },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    },
  );
  const found = store.get({ resource: 'core/services', namespace: 'default', name: 'kubernetes' });
  deepEqual(found?.['spec'], {
    type: 'ClusterIP',
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }],
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1'],
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
  });
  equal(server.registry.resources().length > 0, true);
});

test('a second start changes nothing, another port only the port', () => {
  const server = new TestServer();
  seedObjects(server.store, server.nowMs, { apiPort: 6443 });
  const { revision } = server.store;
  seedObjects(server.store, server.nowMs + 1, { apiPort: 6443 });
  equal(server.store.revision, revision);
  const before = server.read(service);
  seedObjects(server.store, server.nowMs + 1, { apiPort: 7443 });
  equal(server.store.revision, revision + 1);
  const after = server.read(service);
  equal(after.metadata.uid, before.metadata.uid);
  deepEqual((after['spec'] as { ports: unknown }).ports, [
    { name: 'https', protocol: 'TCP', port: 443, targetPort: 7443 },
  ]);
});

test('the first address is not taken away from whoever has it', () => {
  const server = new TestServer();
  seedObjects(server.store, server.nowMs, { apiPort: 6443 });
  server.delete(service);
  server.create('/api/v1/namespaces/default/services', {
    metadata: { name: 'first' },
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }] },
  });
  seedObjects(server.store, server.nowMs, { apiPort: 6443 });
  const spec = server.read(service)['spec'] as { clusterIP: string };
  equal(spec.clusterIP.startsWith('10.'), true);
  equal(spec.clusterIP === '10.96.0.1', false);
});
