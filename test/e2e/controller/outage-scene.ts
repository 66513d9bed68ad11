// A controller that reaches its API server through a spoiling proxy while its site is under load; what changes meanwhile; and what has
// to hold in the middle and in the end.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeSelfSigned } from '../../behaviour/self-signed.ts';
import { ask } from '../../cli/up-process.ts';
import { ApiProxy } from './api-proxy.ts';
import { type Load, startLoad } from './load.ts';
import { type Endpoint, ingressOf, secretOf, serviceOf, siteOf, sliceOf } from './objects.ts';
import {
  type ApiProcess,
  type ControllerProcess,
  startApi,
  startOrigin,
  startReadyController,
} from './processes.ts';
import { waitFor } from './waiting.ts';

const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';

export interface Scene {
  readonly server: ApiProcess;
  readonly proxy: ApiProxy;
  readonly controller: ControllerProcess;
  readonly load: Load;
  readonly origin: Endpoint;
}

/** A site under load, served by a controller that reaches the API server through the proxy. */
export async function startScene(t: TestContext): Promise<Scene> {
  const server = await startApi(t);
  const origin = await startOrigin(t);
  const { api } = server;
  await api.applyAll([
    ...siteOf('a', 'a.test', origin),
    serviceOf('old'),
    sliceOf('old', [origin]),
    secretOf('cert', makeSelfSigned(['old.test'])),
    ingressOf('old', 'old.test', { secret: 'cert' }),
  ]);
  const proxy = await ApiProxy.start(t, api.access);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-outage-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  proxy.writeKubeconfig(join(folder, 'kubeconfig'));
  const controller = await startReadyController(t, join(folder, 'kubeconfig'));
  await waitFor('the old site', async () =>
    (await controller.page('/debug/table')).includes('host old.test'),
  );
  const load = startLoad(t, controller.httpPort);
  await load.answers(20);
  return { server, proxy, controller, load, origin };
}

/** Every kind of change, none of which touches the site under load. */
export async function changeWorld({ server: { api }, origin }: Scene): Promise<void> {
  await api.applyAll([
    secretOf('cert', makeSelfSigned(['old.test', 'new.test'])),
    ingressOf('new', 'new.test', { secret: 'cert', service: 'old' }),
    sliceOf('old', [{ ...origin, address: '192.0.2.77' }, origin]),
    serviceOf('passing'),
    ingressOf('passing', 'passing.test'),
  ]);
  await api.remove('/api/v1/namespaces/default/services/passing');
  await api.remove(`${ingresses}/passing`);
  await api.remove(`${ingresses}/old`);
}

/** Serves, is ready, and knows nothing yet of what has changed. */
export async function expectServing({ controller, load }: Scene): Promise<void> {
  await load.answers(30);
  assert.equal(await controller.isReady(), true);
  assert.equal((await ask(controller.adminPort, 'localhost', '/healthz')).status, 200);
}

/** What it serves becomes what a controller serves that starts now. */
export async function expectConverged(t: TestContext, scene: Scene): Promise<void> {
  const { controller, server, load } = scene;
  const fresh = await startReadyController(t, server.kubeconfigPath);
  const wanted = await fresh.page('/debug/table');
  assert.match(wanted, /host new\.test/);
  assert.doesNotMatch(wanted, /old\.test {2}tls|passing\.test/);
  await waitFor(
    'the table of a fresh start',
    async () => (await controller.page('/debug/table')) === wanted,
    30_000,
  );
  assert.equal(await controller.metric('sallyport_api_server_connected'), 1);
  await expectServing(scene);
  await load.end();
}
