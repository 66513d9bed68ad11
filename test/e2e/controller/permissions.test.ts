// Controllers that may read little: Secrets by name only, one namespace, the namespaces of a team. What is refused is refused by a
// proxy in the words of an API server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { makeSelfSigned } from '../../behaviour/self-signed.ts';
import { type Asked, ApiProxy, type Fault } from './api-proxy.ts';
import type { Api } from './api.ts';
import { type Endpoint, ingressOf, namespaceOf, secretOf, serviceOf, siteOf, sliceOf } from './objects.ts';
import {
  type ControllerProcess,
  startApi,
  startOrigin,
  startReadyController,
  waitForAnswer,
} from './processes.ts';
import { waitFor } from './waiting.ts';

const timeout = 90_000;

interface Scene {
  readonly api: Api;
  readonly proxy: ApiProxy;
  readonly kubeconfigPath: string;
  readonly origin: Endpoint;
}

/** An API server behind a proxy that refuses what `isAllowed` does not let pass. */
async function startScene(t: TestContext, isAllowed: (asked: Asked) => boolean): Promise<Scene> {
  const { api } = await startApi(t);
  const proxy = await ApiProxy.start(t, api.access);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-permissions-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfigPath = join(folder, 'kubeconfig');
  proxy.writeKubeconfig(kubeconfigPath);
  proxy.fault = (asked) => (isAllowed(asked) ? null : refusalOf(asked));
  return { api, proxy, kubeconfigPath, origin: await startOrigin(t) };
}

function refusalOf({ path }: Asked): Fault {
  const message = `${path} is forbidden: User "system:serviceaccount:default:sallyport" cannot do that`;
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
  return { kind: 'answer', status: 403, body: JSON.stringify({ ...status, reason: 'Forbidden', code: 403 }) };
}

/** Fingerprint of the certificate that a host is served with. */
async function fingerprintOf({ httpsPort }: ControllerProcess, host: string): Promise<string> {
  const options = { port: httpsPort, host: '127.0.0.1', servername: host, rejectUnauthorized: false };
  const socket = connect(options);
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

async function waitForCertificate(
  controller: ControllerProcess,
  wanted: { fingerprint: string },
): Promise<void> {
  await waitFor(
    'the certificate is served',
    async () => (await fingerprintOf(controller, 'a.test')) === wanted.fingerprint,
  );
}

test('Secrets that may not be listed are watched by their names', { timeout }, async (t) => {
  const { api, proxy, kubeconfigPath, origin } = await startScene(
    t,
    ({ path, query }) =>
      !path.endsWith('/secrets') || /metadata\.name=/.test(query.get('fieldSelector') ?? ''),
  );
  const [first, second] = [makeSelfSigned(['a.test']), makeSelfSigned(['a.test'])];
  await api.applyAll([
    ...siteOf('a', 'a.test', origin),
    secretOf('cert', first),
    secretOf('private', makeSelfSigned(['private.test'])),
    ingressOf('a', 'a.test', { secret: 'cert' }),
  ]);
  const controller = await startReadyController(t, kubeconfigPath);
  assert.match(controller.output(), /Secrets may not be listed; those that are referred to are read by name/);
  await waitForCertificate(controller, first);
  await api.apply(secretOf('cert', second));
  await waitForCertificate(controller, second);
  await api.apply(secretOf('later', first));
  await api.apply(ingressOf('a', 'a.test', { secret: 'later' }));
  await waitForCertificate(controller, first);
  const asked = proxy.asked.map(({ path, query }) => `${path} ${query.get('fieldSelector')}`);
  assert.deepEqual(
    asked.filter((each) => each.includes('private')),
    [],
    'nobody asks for what no Ingress names',
  );
});

test('Secrets that may only be got are asked for, and again when an Ingress names them anew', {
  timeout,
}, async (t) => {
  const { api, kubeconfigPath, origin } = await startScene(t, ({ path }) => !path.endsWith('/secrets'));
  const [first, second] = [makeSelfSigned(['a.test']), makeSelfSigned(['a.test'])];
  await api.applyAll([
    ...siteOf('a', 'a.test', origin),
    secretOf('cert', first),
    ingressOf('a', 'a.test', { secret: 'cert' }),
  ]);
  const controller = await startReadyController(t, kubeconfigPath);
  await waitForCertificate(controller, first);
  await api.apply(secretOf('cert', second));
  await api.apply(ingressOf('a', 'a.test', { secret: 'cert', labels: { renewed: 'yes' } }));
  await waitForCertificate(controller, second);
});

/** A site in a namespace that names its class by the old annotation. */
function siteWithoutClass(name: string, host: string, endpoint: Endpoint, namespace: string) {
  const { spec, ...ingress } = ingressOf(name, host, {
    namespace,
    annotations: { 'kubernetes.io/ingress.class': 'sallyport' },
  });
  const { ingressClassName: _, ...rest } = spec as { readonly ingressClassName: string };
  return [serviceOf(name, namespace), sliceOf(name, [endpoint], namespace), { ...ingress, spec: rest }];
}

test('one namespace is enough: nothing else is asked for, not even classes', { timeout }, async (t) => {
  const { api, proxy, kubeconfigPath, origin } = await startScene(t, ({ path }) =>
    path.includes('/namespaces/mine/'),
  );
  await api.applyAll([
    namespaceOf('mine'),
    namespaceOf('other'),
    ...siteWithoutClass('a', 'a.test', origin, 'mine'),
    ...siteWithoutClass('b', 'b.test', origin, 'other'),
  ]);
  const flags = ['--watch-namespace', 'mine', '--election-namespace', 'mine'];
  const controller = await startReadyController(t, kubeconfigPath, { flags });
  await waitForAnswer(controller, 'a.test', 200);
  await waitForAnswer(controller, 'b.test', 404);
  await waitFor('it leads', controller.isLeading);
  assert.match(controller.output(), /IngressClasses may not be read/);
  await waitFor('the status of its Ingress', async () => {
    const ingress = await api.read('/apis/networking.k8s.io/v1/namespaces/mine/ingresses/a');
    return JSON.stringify(ingress?.['status']).includes('"ip"');
  });
  const refused = proxy.asked.filter(({ path }) => !path.includes('/namespaces/mine/'));
  assert.deepEqual([...new Set(refused.map(({ path }) => path))].sort(), [
    '/apis/networking.k8s.io/v1/ingressclasses',
    '/apis/sallyport.dev/v1alpha1/sallyportparameters',
  ]);
  assert.equal(await controller.metric('sallyport_api_server_connected'), 1);
});

test('namespaces come and go by their labels', { timeout }, async (t) => {
  const { api, proxy, kubeconfigPath, origin } = await startScene(
    t,
    ({ path }) => !/^\/api[^?]*\/v1\/(?:ingresses|secrets|services|endpointslices)$/.test(path),
  );
  const team = { team: 'shop' };
  await api.applyAll([
    namespaceOf('one', team),
    namespaceOf('two'),
    namespaceOf('three', team),
    ...siteWithoutClass('a', 'a.test', origin, 'one'),
    ...siteWithoutClass('b', 'b.test', origin, 'two'),
    ...siteWithoutClass('c', 'c.test', origin, 'three'),
  ]);
  const flags = ['--watch-namespace-selector', 'team in (shop)'];
  const controller = await startReadyController(t, kubeconfigPath, { flags });
  await waitForAnswer(controller, 'a.test', 200);
  await waitForAnswer(controller, 'b.test', 404);
  await waitForAnswer(controller, 'c.test', 200);
  assert.deepEqual(
    proxy.asked.filter(({ path }) => path.includes('/namespaces/two/')),
    [],
  );
  await api.merge('/api/v1/namespaces/two', { metadata: { labels: team } });
  await waitForAnswer(controller, 'b.test', 200);
  await api.merge('/api/v1/namespaces/one', { metadata: { labels: { team: 'cart' } } });
  await waitForAnswer(controller, 'a.test', 404);
  await api.remove('/api/v1/namespaces/three');
  await waitForAnswer(controller, 'c.test', 404);
  await waitForAnswer(controller, 'b.test', 200);
  assert.doesNotMatch(controller.output(), /contact with the API server is lost/);
});
