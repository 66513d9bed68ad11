// The zone of the node that a controller runs on: asked of the API server beside everything else, and in force once it is known.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { administrator, ApiServer } from '../../src/apiserver/index.ts';
import { ControlPlane } from '../../src/cli/control-plane.ts';
import { InProcessClient } from '../../src/cli/in-process-client.ts';
import { parseControllerConfig, readSurroundings } from '../../src/config/index.ts';
import type { TablePatch } from '../../src/model/index.ts';
import type { Logger } from '../../src/observe/logger.ts';
import { type ApiClient, type ApiReply, expectOk } from '../../src/sources/index.ts';

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

const { ingressClass } = parseControllerConfig([], { ...readSurroundings(), env: {} })?.translate ?? {
  ingressClass: '',
};

/** An API server with an Ingress, a Service that prefers the zone, and an endpoint in each of two zones. */
async function startCluster(t: TestContext): Promise<ApiClient> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-zone-'));
  const server = new ApiServer({ dataDir, bind: '127.0.0.1', port: 0, packageVersion: '0', logger: quiet });
  t.after(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const client = new InProcessClient(server.handle, administrator, 'test');
  const create = async (path: string, body: object): Promise<void> => {
    expectOk(await client.call({ method: 'POST', path, body }));
  };
  const metadata = { name: 'web', namespace: 'shop' };
  await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  await create('/api/v1/namespaces/shop/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ports: [{ port: 80 }], trafficDistribution: 'PreferClose' },
  });
  await create('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: ['a', 'b'].map((zone, at) => ({ addresses: [`192.0.2.${at + 1}`], zone })),
    ports: [{ port: 80 }],
  });
  await create('/apis/networking.k8s.io/v1/namespaces/shop/ingresses', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...metadata, annotations: { 'kubernetes.io/ingress.class': ingressClass } },
    spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
  });
  return client;
}

/** A controller on node `n1`; `readNode` answers for it. */
function startPlane(
  t: TestContext,
  behind: ApiClient,
  env: Readonly<Record<string, string>>,
  readNode: () => Promise<ApiReply>,
) {
  const config = parseControllerConfig([], { ...readSurroundings(), env });
  assert.ok(config !== null);
  const asked: string[] = [];
  const client: ApiClient = {
    call: async (call) => {
      if (!call.path.startsWith('/api/v1/nodes')) return await behind.call(call);
      asked.push(call.path);
      return await readNode();
    },
    watch: async (call, onFrame, onOpen) => await behind.watch(call, onFrame, onOpen),
  };
  const patches: TablePatch[] = [];
  let wake = (): void => {};
  const plane = new ControlPlane({
    client,
    scope: config.scope,
    translate: config.translate,
    ownListeners: [],
    allowLoopbackEndpoints: false,
    status: { ...config.status, isOn: false },
    acme: null,
    ownAddresses: null,
    election: null,
    replicas: null,
    identity: 'replica',
    pod: null,
    readsNode: true,
    publish: (patch) => {
      patches.push(patch);
      wake();
    },
    locate: () => null,
    logger: quiet,
  });
  t.after(async () => {
    await plane.leave(false);
    await plane.stop();
  });
  const near = (): string[] => {
    const target = plane.table()?.upstreams.get('shop/web:80')?.target;
    return target?.kind === 'endpoints'
      ? target.endpoints.filter((each) => each.near === true).map(({ address }) => address)
      : [];
  };
  const published = async (count: number): Promise<void> => {
    while (patches.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { plane, asked, patches, near, published };
}

const ok = (value: unknown): ApiReply => ({ status: 200, value, retryAfterMs: null });
const node = ok({ metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'b' } } });

test('traffic does not wait for the node; its zone changes upstreams when it is known', async (t) => {
  const behind = await startCluster(t);
  const answer = Promise.withResolvers<ApiReply>();
  const { plane, asked, patches, near, published } = startPlane(
    t,
    behind,
    { NODE_NAME: 'n1' },
    () => answer.promise,
  );
  await plane.start();
  assert.deepEqual(asked, ['/api/v1/nodes/n1']);
  assert.deepEqual(near(), []);
  const before = patches.length;
  answer.resolve(node);
  await published(before + 1);
  assert.deepEqual(near(), ['192.0.2.2']);
  const last = patches.at(-1);
  assert.deepEqual([last?.hosts.set, last?.upstreams.set.length], [[], 1]);
});

test('without the right to read nodes everything else is as before', async (t) => {
  const behind = await startCluster(t);
  const refused: ApiReply = { status: 403, value: {}, retryAfterMs: null };
  const { plane, asked, near } = startPlane(t, behind, { NODE_NAME: 'n1' }, async () => refused);
  await plane.start();
  assert.deepEqual([asked.length, near()], [1, []]);
  assert.ok(plane.table()?.upstreams.has('shop/web:80'));
});

test('a zone that is said, and a node that is not, ask nobody', async (t) => {
  const behind = await startCluster(t);
  const never = async (): Promise<ApiReply> => assert.fail('nobody is to be asked');
  const said = startPlane(t, behind, { NODE_NAME: 'n1', NODE_ZONE: 'a' }, never);
  await said.plane.start();
  assert.deepEqual([said.asked, said.near()], [[], ['192.0.2.1']]);
  const nowhere = startPlane(t, behind, {}, never);
  await nowhere.plane.start();
  assert.deepEqual([nowhere.asked, nowhere.near()], [[], []]);
});
