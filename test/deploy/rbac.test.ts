// What the chart grants is what the controller asks for, no less and no more: the controller runs with the arguments of the chart
// against an API server that allows what the Roles of the chart say.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { administrator, ApiServer } from '../../src/apiserver/index.ts';
import { readAcmeOptions } from '../../src/cli/acme-options.ts';
import { ControlPlane } from '../../src/cli/control-plane.ts';
import { InProcessClient } from '../../src/cli/in-process-client.ts';
import {
  type ControllerConfig,
  parseControllerConfig,
  readSurroundings,
  type Surroundings,
} from '../../src/config/index.ts';
import { hasOtherReplicas } from '../../src/controller/index.ts';
import type { Logger } from '../../src/observe/logger.ts';
import { type ApiClient, expectOk } from '../../src/sources/index.ts';
import { type Attributes, covers, GrantedClient, grantsOf, renderAttributes } from './granted-client.ts';
import {
  argsOf,
  listAt,
  objectsOf,
  ofKind,
  releaseNamespace,
  setNames,
  textAt,
  workloadOf,
} from './value-sets.ts';

/** Of a life that takes about three seconds. */
const waitMs = 45_000;
const pod = { namespace: releaseNamespace, name: 'replica' };
const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

/** What is asked and refused on purpose: the controller finds out what it may do, and does with less. */
const wantedRefusals: Readonly<Record<string, readonly string[]>> = {
  'one-namespace': ['list secrets in shop'],
  'acme-named-secrets': ['list secrets'],
  'no-cluster-rights': [
    'get nodes named node',
    'list networking.k8s.io/ingressclasses',
    'list sallyport.dev/sallyportparameters',
  ],
};

/** Of the namespaces that are read, the one that the test's Ingress lies in. */
function namespaceOf({ scope }: ControllerConfig): string {
  return scope.namespace ?? 'shop';
}

/**
 * Of Secrets. `get`: from the 65th name on they are asked for one by one. `create` and `update` beyond our own namespace: when an authority
 * issues a certificate, which none does here.
 */
function isForMore({ verb, resource, namespace }: Attributes): boolean {
  return (
    resource === 'secrets' && (verb === 'get' || (!['list', 'watch'].includes(verb) && namespace === 'shop'))
  );
}

/** As the kubelet sets them: the one pod runs on the one node. */
function surroundingsOf(set: string): Surroundings {
  const names = listAt(workloadOf(set), 'spec.template.spec.containers.0.env').map((each) =>
    textAt(each, 'name'),
  );
  return { ...readSurroundings(), env: names.includes('NODE_NAME') ? { NODE_NAME: 'node' } : {} };
}

async function create(client: ApiClient, collection: string, body: unknown): Promise<void> {
  const reply = await client.call({ method: 'POST', path: collection, body });
  if (reply.status !== 409) expectOk(reply);
}

/** Namespaces, the objects of the chart that the controller reads, and an Ingress whose Service is missing. */
async function fill(client: ApiClient, set: string, config: ControllerConfig): Promise<void> {
  for (const name of [releaseNamespace, 'shop', 'certificates', 'errors']) {
    await create(client, '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { team: name } },
    });
  }
  for (const object of ofKind(set, 'CustomResourceDefinition')) {
    await create(client, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', object);
  }
  for (const object of ofKind(set, 'IngressClass')) {
    await create(client, '/apis/networking.k8s.io/v1/ingressclasses', object);
    const metadata = {
      namespace: textAt(object, 'spec.parameters.namespace') || releaseNamespace,
      name: textAt(object, 'spec.parameters.name') || 'none',
    };
    // Without its parameters a class would have Events in the namespace default, which one namespace's rights do not reach.
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    await create(client, `/api/v1/namespaces/${metadata.namespace}/configmaps`, configMap);
  }
  for (const object of ofKind(set, 'Service')) {
    // An address, as a cloud would give one.
    const body = { ...object, spec: { ...Object(object['spec']), externalIPs: ['192.0.2.1'] } };
    await create(client, `/api/v1/namespaces/${releaseNamespace}/services`, body);
  }
  // Of challenges, so that one is written anew; the account is made.
  await create(client, `/api/v1/namespaces/${releaseNamespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'sallyport-acme-challenges', labels: { 'sallyport.dev/acme': 'challenges' } },
  });
  const namespace = namespaceOf(config);
  await create(client, `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'web',
      namespace,
      annotations: {
        'kubernetes.io/ingress.class': config.translate.ingressClass,
        'sallyport.dev/acme': 'true',
      },
    },
    spec: {
      defaultBackend: { service: { name: 'web', port: { number: 80 } } },
      tls: ['shop-tls', 'pay-tls'].map((secretName, index) => ({ hosts: [`h${index}.test`], secretName })),
    },
  });
}

function startPlane(client: ApiClient, config: ControllerConfig): ControlPlane {
  return new ControlPlane({
    client,
    scope: config.scope,
    translate: config.translate,
    ownListeners: [],
    allowLoopbackEndpoints: false,
    status: config.status,
    acme: readAcmeOptions(config.acme, releaseNamespace, false),
    ownAddresses: null,
    election: { ...config.election, namespace: config.election.namespace ?? releaseNamespace },
    replicas: null,
    identity: 'replica',
    pod,
    readsNode: true,
    publish: () => {},
    locate: () => null,
    logger: quiet,
  });
}

/** Everything that a replica does in its life. */
async function live(granted: GrantedClient, behind: ApiClient, config: ControllerConfig): Promise<void> {
  const services = `/api/v1/namespaces/${namespaceOf(config)}/services`;
  const plane = startPlane(granted, config);
  try {
    await plane.start();
    // Nobody is told of what no worker serves.
    plane.onServed(plane.controller.counts().tableVersion);
    if (config.acme !== null) {
      await granted.waitFor('update', 'secrets');
      await granted.waitFor('create', 'secrets');
    }
    await granted.waitFor('create', 'events', 'BackendNotFound');
    // Its trouble is another one, and then the first again: an Event that counts up.
    const spec = { ports: [{ port: 80 }] };
    await create(behind, services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec });
    await granted.waitFor('create', 'events', 'NoReadyEndpoints');
    expectOk(await behind.call({ method: 'DELETE', path: `${services}/web` }));
    await granted.waitFor('patch', 'events');
    await granted.waitFor('patch', 'ingresses/status');
    await hasOtherReplicas(granted, pod);
  } finally {
    await plane.leave(true);
    await plane.stop();
  }
}

describe('rights that the chart grants', { concurrency: true }, () => {
  for (const set of setNames) {
    it(`are those that the controller asks for, with the values ${set}`, { timeout: 60_000 }, async ({
      signal,
    }) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-rbac-'));
      const server = new ApiServer({
        dataDir,
        bind: '127.0.0.1',
        port: 0,
        packageVersion: '0',
        logger: quiet,
      });
      try {
        const behind = new InProcessClient(server.handle, administrator, 'test');
        const config = parseControllerConfig(argsOf(set).slice(1), surroundingsOf(set));
        assert.ok(config !== null);
        await fill(behind, set, config);
        const grants = grantsOf(objectsOf(set));
        const granted = new GrantedClient(
          grants,
          behind,
          AbortSignal.any([signal, AbortSignal.timeout(waitMs)]),
        );
        await live(granted, behind, config);
        assert.deepEqual([...granted.refused].sort(), wantedRefusals[set] ?? []);
        const idle = grants.filter((grant) => !granted.asked.some((asked) => covers(grant, asked)));
        const spare = idle.filter((grant) => !isForMore(grant));
        assert.deepEqual(spare.map(renderAttributes), []);
      } finally {
        await server.stop();
        rmSync(dataDir, { recursive: true, force: true });
      }
    });
  }

  it('go to the account that the pods run under', () => {
    for (const set of setNames) {
      const [account] = ofKind(set, 'ServiceAccount');
      const [workload] = ofKind(set, 'Deployment', 'DaemonSet');
      const name = account?.metadata.name ?? '';
      assert.equal(textAt(workload, 'spec.template.spec.serviceAccountName'), name, set);
      for (const binding of ofKind(set, 'ClusterRoleBinding', 'RoleBinding')) {
        assert.deepEqual(binding['subjects'], [
          { kind: 'ServiceAccount', name, namespace: releaseNamespace },
        ]);
        const role = binding.kind === 'RoleBinding' ? 'Role' : 'ClusterRole';
        const { namespace } = binding.metadata;
        const bound = ofKind(set, role).filter(({ metadata }) => metadata.namespace === namespace);
        assert.deepEqual(
          bound.map(({ metadata }) => metadata.name),
          [textAt(binding, 'roleRef.name')],
          set,
        );
      }
    }
  });
});
