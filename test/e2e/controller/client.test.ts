// The embedded API server as a client sees it that others wrote: @kubernetes/client-node reads, writes, patches, applies and follows
// objects as it does in any cluster.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ApiException,
  AuthorizationV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  makeInformer,
  NetworkingV1Api,
  PatchStrategy,
  V1MicroTime,
  VersionApi,
} from '@kubernetes/client-node';
import type { ApiValue } from './api.ts';
import { classOf, ingressOf, secretOf, serviceOf } from './objects.ts';
import { startApi } from './processes.ts';
import { waitFor } from './waiting.ts';

const timeout = 90_000;

function configOf(kubeconfigPath: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return config;
}

/** The status that a call is refused with. */
async function refusalOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiException) return error.code;
    throw error;
  }
  return 200;
}

const widgets: ApiValue = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1, default: 3 } } },
            },
          },
        },
      },
    ],
  },
};

function widgetOf(name: string, spec: object = {}): ApiValue {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace: 'default' }, spec };
}

const lease: ApiValue = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'life', namespace: 'default' },
  spec: { holderIdentity: 'me', leaseDurationSeconds: 15 },
};

const event: ApiValue = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'life.1', namespace: 'default' },
  eventTime: '2026-01-02T03:04:05.678901Z',
  reportingController: 'example.com/test',
  reportingInstance: 'one',
  action: 'Testing',
  reason: 'Tested',
  type: 'Normal',
  regarding: { apiVersion: 'v1', kind: 'Service', name: 'life', namespace: 'default' },
};

const lives: readonly ApiValue[] = [
  ingressOf('life', 'life.test'),
  serviceOf('life'),
  secretOf('life', { chainPem: 'x', keyPem: 'y' }),
  classOf('life'),
  lease,
  event,
  widgets,
  widgetOf('life'),
];

test('every kind lives: created, read, listed, patched, replaced, deleted', { timeout }, async (t) => {
  const { api, kubeconfigPath } = await startApi(t);
  const client = KubernetesObjectApi.makeApiClient(configOf(kubeconfigPath));
  for (const object of lives) {
    if (object.kind === 'Widget') await api.apply(widgets);
    const { apiVersion, kind, metadata } = object;
    await t.test(kind, async () => {
      const header = { apiVersion, kind, metadata };
      const created = await client.create<KubernetesObject>(object);
      assert.match(created.metadata?.uid ?? '', /^[0-9a-f-]{36}$/);
      assert.equal(await refusalOf(client.create(object)), 409, 'there is one of this name');
      assert.deepEqual(await client.read(header), created);
      const listed = await client.list(apiVersion, kind, metadata.namespace);
      assert.ok(listed.items.some((each) => each.metadata?.uid === created.metadata?.uid));
      const merged = { ...header, metadata: { ...metadata, labels: { team: 'shop' } } };
      const patched = await client.patch(
        merged,
        undefined,
        undefined,
        'm',
        undefined,
        PatchStrategy.MergePatch,
      );
      assert.deepEqual(patched.metadata?.labels, { team: 'shop' });
      assert.notEqual(patched.metadata?.resourceVersion, created.metadata?.resourceVersion);
      const { labels: _, ...plain } = patched.metadata ?? {};
      const replaced = await client.replace<KubernetesObject>({ ...patched, metadata: plain });
      assert.equal(replaced.metadata?.labels, undefined);
      assert.equal(await refusalOf(client.replace(created)), 409, 'an old version replaces nothing');
      await client.delete(header);
      await waitFor('it is gone', async () => (await refusalOf(client.read(header))) === 404);
      assert.equal(await refusalOf(client.delete(header)), 404);
    });
  }
});

test('typed calls give typed answers', { timeout }, async (t) => {
  const { api, kubeconfigPath } = await startApi(t);
  const config = configOf(kubeconfigPath);
  const { gitVersion } = await config.makeApiClient(VersionApi).getCode();
  assert.match(gitVersion, /^v1\.\d+/);
  const core = config.makeApiClient(CoreV1Api);
  const service = await core.createNamespacedService({
    namespace: 'default',
    body: { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }], selector: { app: 'web' } } },
  });
  assert.match(service.spec?.clusterIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
  assert.ok(service.metadata?.creationTimestamp instanceof Date);
  const networking = config.makeApiClient(NetworkingV1Api);
  const invalid = networking.createNamespacedIngress({
    namespace: 'default',
    body: { metadata: { name: 'bad' }, spec: { rules: [{ host: 'NOT A HOST' }] } },
  });
  assert.equal(await refusalOf(invalid), 422);
  const coordination = config.makeApiClient(CoordinationV1Api);
  const renewTime = new V1MicroTime('2026-01-02T03:04:05.678Z');
  const made = await coordination.createNamespacedLease({
    namespace: 'default',
    body: { metadata: { name: 'l' }, spec: { holderIdentity: 'me', renewTime } },
  });
  assert.equal(made.spec?.holderIdentity, 'me');
  const stored = await api.read('/apis/coordination.k8s.io/v1/namespaces/default/leases/l');
  assert.deepEqual(stored?.['spec'], { holderIdentity: 'me', renewTime: '2026-01-02T03:04:05.678000Z' });
  const review = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: { verb: 'get', resource: 'secrets' } } },
  });
  assert.equal(review.status?.allowed, true);
  await api.apply(widgets);
  const custom = config.makeApiClient(CustomObjectsApi);
  const place = { group: 'example.com', version: 'v1', plural: 'widgets', namespace: 'default' };
  const widget = (await custom.createNamespacedCustomObject({ ...place, body: widgetOf('w') })) as ApiValue;
  assert.deepEqual(widget['spec'], { size: 3 }, 'the default of the schema');
  const wrong = custom.createNamespacedCustomObject({ ...place, body: widgetOf('x', { size: 0 }) });
  assert.equal(await refusalOf(wrong), 422);
});

test('patches of every form, and who owns what', { timeout }, async (t) => {
  const { kubeconfigPath } = await startApi(t);
  const client = KubernetesObjectApi.makeApiClient(configOf(kubeconfigPath));
  const { metadata, ...rest } = ingressOf('p', 'p.test');
  const apply = (object: KubernetesObject, manager: string, force: boolean): Promise<KubernetesObject> =>
    client.patch(object, undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
  const labelled = (labels: Readonly<Record<string, string>>): KubernetesObject => ({
    ...rest,
    metadata: { ...metadata, labels },
  });
  await apply(labelled({ a: '1', b: '1' }), 'one', false);
  assert.equal(await refusalOf(apply(labelled({ a: '2' }), 'two', false)), 409, 'another manager owns it');
  const forced = await apply(labelled({ a: '2' }), 'two', true);
  assert.deepEqual(forced.metadata?.labels, { a: '2', b: '1' });
  const left = await apply(labelled({}), 'one', false);
  assert.deepEqual(left.metadata?.labels, { a: '2' }, 'what only the first applied goes, the other stays');
  const managers = left.metadata?.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);
  assert.deepEqual(managers?.sort(), ['one Apply', 'two Apply']);
  const header = { apiVersion: rest.apiVersion, kind: rest.kind, metadata };
  const strategic = { ...header, spec: { tls: [{ hosts: ['p.test'] }] } };
  const changed = (await client.patch(strategic)) as ApiValue;
  const { rules, tls } = changed['spec'] as { readonly rules: unknown[]; readonly tls: { hosts: unknown }[] };
  assert.equal(rules.length, 1);
  assert.deepEqual(
    tls.map(({ hosts }) => hosts),
    [['p.test']],
  );
  const networking = configOf(kubeconfigPath).makeApiClient(NetworkingV1Api);
  const operations = [
    { op: 'test', path: '/spec/rules/0/host', value: 'p.test' },
    { op: 'replace', path: '/spec/rules/0/host', value: 'q.test' },
  ];
  // The typed calls send lists as JSON patches.
  const ingress = await networking.patchNamespacedIngress({
    name: 'p',
    namespace: 'default',
    body: operations,
  });
  assert.equal(ingress.spec?.rules?.[0]?.host, 'q.test');
  const again = networking.patchNamespacedIngress({ name: 'p', namespace: 'default', body: operations });
  assert.equal(await refusalOf(again), 422, 'the test of the patch fails');
});

test('an informer follows, and goes on where it was when the server comes back', { timeout }, async (t) => {
  const server = await startApi(t);
  const { api, kubeconfigPath } = server;
  const config = configOf(kubeconfigPath);
  const networking = config.makeApiClient(NetworkingV1Api);
  const path = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
  const labelSelector = 'team=shop';
  const informer = makeInformer(
    config,
    path,
    () => networking.listNamespacedIngress({ namespace: 'default', labelSelector }),
    labelSelector,
  );
  const told: string[] = [];
  let errors = 0;
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => told.push(`${verb} ${metadata?.name}`));
  }
  informer.on('error', () => (errors += 1));
  const labels = { team: 'shop' };
  await api.apply(ingressOf('a', 'a.test', { labels }));
  await informer.start();
  t.after(() => informer.stop());
  await api.applyAll([ingressOf('b', 'b.test', { labels }), ingressOf('other', 'o.test')]);
  await api.apply(ingressOf('a', 'a2.test', { labels }));
  await api.merge(`${path}/b`, { metadata: { labels: { team: 'cart' } } });
  const first = ['add a', 'add b', 'update a', 'delete b'];
  await waitFor('what happened', () => told.length === first.length);
  assert.deepEqual(told, first);
  await server.kill();
  await waitFor('the informer says so', () => errors > 0);
  await server.start();
  await api.remove(`${path}/a`);
  await api.apply(ingressOf('c', 'c.test', { labels }));
  await informer.start();
  await waitFor('what was missed', () => told.length === first.length + 2);
  assert.deepEqual(told.slice(first.length), ['delete a', 'add c']);
  assert.deepEqual(
    informer.list().map(({ metadata }) => metadata?.name),
    ['c'],
  );
});
