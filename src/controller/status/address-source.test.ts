import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiClient } from '../../sources/index.ts';
import { hasOtherReplicas, NodeAddresses } from './address-source.ts';

interface FakePod {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly node?: string;
  readonly phase?: string;
  readonly isReady?: boolean;
  readonly isGoing?: boolean;
}

/** An API server with pods and nodes; selectors are exact labels joined by commas. */
function clientOf(pods: readonly FakePod[], nodes: Readonly<Record<string, object>> = {}): ApiClient {
  const render = ({
    name,
    labels,
    node = '',
    phase = 'Running',
    isReady = true,
    isGoing = false,
  }: FakePod) => ({
    metadata: { name, labels, ...(isGoing ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { nodeName: node },
    status: { phase, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  });
  const answer = (path: string, query: Readonly<Record<string, string>> = {}): unknown => {
    const name = path.split('/').at(-1) ?? '';
    if (path.includes('/nodes/')) return nodes[name];
    if (name !== 'pods') {
      const pod = pods.find((each) => each.name === name);
      return pod === undefined ? undefined : render(pod);
    }
    const wanted = (query['labelSelector'] ?? '').split(',').map((text) => text.split('='));
    const items = pods.filter(({ labels }) => wanted.every(([key = '', value]) => labels[key] === value));
    return { items: items.map(render) };
  };
  return {
    call: async ({ path, query }) => {
      const value = answer(path, query);
      return { status: value === undefined ? 404 : 200, value: value ?? {}, retryAfterMs: null };
    },
    watch: async () => assert.fail('no watch is wanted'),
  };
}

const self = { namespace: 'ingress', name: 'a' };
const app = { 'app.kubernetes.io/name': 'sallyport', 'app.kubernetes.io/instance': 'one' };

test('hasOtherReplicas: a replica of another version or rollout is one; a pod that goes, or of another installation, is none', async () => {
  const has = async (other: Partial<FakePod>): Promise<boolean> =>
    await hasOtherReplicas(
      clientOf([
        { name: 'a', labels: { ...app, version: '1' } },
        { name: 'b', labels: app, ...other },
      ]),
      self,
    );
  assert.equal(await has({ labels: { ...app, version: '2', 'pod-template-hash': 'x' } }), true);
  assert.equal(await has({ isGoing: true }), false);
  assert.equal(await has({ phase: 'Pending' }), false);
  assert.equal(await has({ labels: { ...app, 'app.kubernetes.io/instance': 'two' } }), false);
});

test('hasOtherReplicas: without such labels the others decide, but not those of a rollout', async () => {
  const pods = (other: Readonly<Record<string, string>>): FakePod[] => [
    { name: 'a', labels: { app: 'proxy', 'pod-template-hash': '1' } },
    { name: 'b', labels: other },
  ];
  assert.equal(
    await hasOtherReplicas(clientOf(pods({ app: 'proxy', 'pod-template-hash': '2' })), self),
    true,
  );
  assert.equal(await hasOtherReplicas(clientOf(pods({ app: 'other' })), self), false);
  assert.equal(
    await hasOtherReplicas(
      clientOf([
        { name: 'a', labels: {} },
        { name: 'b', labels: {} },
      ]),
      self,
    ),
    false,
  );
});

test('NodeAddresses: the nodes of the ready replicas, each once', async () => {
  const nodes = {
    n1: {
      status: {
        addresses: [
          { type: 'InternalIP', address: '10.0.0.1' },
          { type: 'ExternalIP', address: '192.0.2.1' },
        ],
      },
    },
    n2: { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.2' }] } },
  };
  const pods = [
    { name: 'a', labels: app, node: 'n1' },
    { name: 'b', labels: app, node: 'n1' },
    { name: 'c', labels: app, node: 'n2' },
    { name: 'd', labels: app, node: 'n3', isReady: false },
    { name: 'e', labels: app, node: 'gone' },
  ];
  const external = new NodeAddresses(clientOf(pods, nodes), self, false);
  assert.equal(external.current(), null);
  await external.refresh();
  assert.deepEqual(external.current(), [{ ip: '10.0.0.2' }, { ip: '192.0.2.1' }]);
  const internal = new NodeAddresses(clientOf(pods, nodes), self, true);
  await internal.refresh();
  assert.deepEqual(internal.current(), [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }]);
});
