// The way to the API server is cut, held up, doubled and garbled: traffic flows on, readiness stays, metrics and log tell it, and
// afterwards what is served is what a controller serves that has just started.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ask } from '../../cli/up-process.ts';
import { makeSelfSigned } from '../../behaviour/self-signed.ts';
import { type Asked, ApiProxy, type Fault } from './api-proxy.ts';
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

const timeout = 60_000;
const watchErrors = 'sallyport_api_server_watch_errors_total';
const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';

interface Scene {
  readonly server: ApiProcess;
  readonly proxy: ApiProxy;
  readonly controller: ControllerProcess;
  readonly load: Load;
  readonly origin: Endpoint;
}

/** A site under load, served by a controller that reaches the API server through the proxy. */
async function startScene(t: TestContext): Promise<Scene> {
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
async function changeWorld({ server: { api }, origin }: Scene): Promise<void> {
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
async function expectServing({ controller, load }: Scene): Promise<void> {
  await load.answers(30);
  assert.equal(await controller.isReady(), true);
  assert.equal((await ask(controller.adminPort, 'localhost', '/healthz')).status, 200);
}

/** What it serves becomes what a controller serves that starts now. */
async function expectConverged(t: TestContext, scene: Scene): Promise<void> {
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

test('connections are reset, and new ones too', { timeout }, async (t) => {
  const scene = await startScene(t);
  const { proxy, controller } = scene;
  const before = await controller.metric(watchErrors);
  proxy.cut();
  await controller.waitFor(/contact with the API server is lost; what is known stays in force/);
  await waitFor('the metric tells', async () => (await controller.metric(watchErrors)) > before);
  await changeWorld(scene);
  await expectServing(scene);
  assert.match(await controller.page('/debug/table'), /host old\.test/, 'what was known is in force');
  proxy.restore();
  await controller.waitFor(/contact with the API server is back/);
  await expectConverged(t, scene);
});

test('the API server dies and comes back with its state', { timeout }, async (t) => {
  const scene = await startScene(t);
  const { server, controller } = scene;
  await server.kill();
  await controller.waitFor(/contact with the API server is lost/);
  await expectServing(scene);
  await server.start();
  await changeWorld(scene);
  await controller.waitFor(/contact with the API server is back/);
  await expectConverged(t, scene);
});

test('nothing is answered any more, and then connections end', { timeout }, async (t) => {
  const scene = await startScene(t);
  const { proxy, controller } = scene;
  const asked = proxy.asked.length;
  proxy.fault = () => ({ kind: 'hang' });
  proxy.endConnections();
  await waitFor('it asks in vain', () => proxy.asked.slice(asked).some(({ isWatch }) => isWatch));
  await changeWorld(scene);
  await expectServing(scene);
  proxy.fault = () => null;
  proxy.endConnections();
  await waitFor('the changes', async () => (await controller.page('/debug/table')).includes('host new.test'));
  await expectConverged(t, scene);
});

test('frames of watches come late, twice and again; watches end after every few', { timeout }, async (t) => {
  const scene = await startScene(t);
  const { proxy } = scene;
  proxy.fault = (asked) =>
    asked.isWatch ? { kind: 'lines', change: stutter() } : { kind: 'delay', timeMs: 50 };
  proxy.endConnections();
  await changeWorld(scene);
  await expectServing(scene);
  await expectConverged(t, scene);
});

/** Each frame twice, with the last few once more behind every third; the connection ends at the seventh. */
function stutter(): (line: string) => readonly string[] | null {
  const last: string[] = [];
  let count = 0;
  return (line) => {
    count += 1;
    last.push(line);
    if (count === 7) return null;
    return count % 3 === 0 ? [line, ...last.slice(-3), line] : [line, line];
  };
}

const page = '<html><body><h1>Sign in</h1></body></html>';
/** What answers in the place of an API server: sign-in pages, load balancers, other programs, halves of answers. */
const lies: readonly Fault[] = [
  { kind: 'answer', status: 200, body: page, type: 'text/html' },
  { kind: 'answer', status: 200, body: '' },
  { kind: 'answer', status: 200, body: '{}' },
  { kind: 'answer', status: 200, body: '{"kind":"List","items":[],"metadata":{}}' },
  { kind: 'answer', status: 200, body: '[]' },
  {
    kind: 'answer',
    status: 200,
    body: '{"kind":"IngressList","items":{"a":1},"metadata":{"resourceVersion":"1"}}',
  },
  { kind: 'answer', status: 404, body: page, type: 'text/html' },
  { kind: 'answer', status: 503, body: page, type: 'text/html' },
  {
    kind: 'answer',
    status: 403,
    body: '{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}',
  },
  { kind: 'answer', status: 410, body: '{"kind":"Status","status":"Failure","reason":"Expired","code":410}' },
  { kind: 'cut', afterBytes: 0 },
  { kind: 'cut', afterBytes: 50 },
  { kind: 'lines', change: (line) => [line.slice(0, line.length / 2)] },
  { kind: 'lines', change: (line) => [`\u0000\u00ff${line}`] },
  { kind: 'lines', change: () => ['{"type":"MODIFIED","object":null}'] },
  { kind: 'lines', change: () => ['{"type":"ERROR","object":{"kind":"Status","code":500}}'] },
];

for (const part of [0, 1, 2]) {
  test(`answers are garbled, ${part + 1} of 3`, { timeout }, async (t) => {
    const scene = await startScene(t);
    const { proxy, controller } = scene;
    const chosen = lies.filter((_lie, index) => index % 3 === part);
    let next = 0;
    const before = await controller.metric(watchErrors);
    // Each question another lie, in turn; each kind of question meets several of them.
    proxy.fault = (asked: Asked) => {
      const lie = chosen[next % chosen.length] ?? null;
      next += 1;
      return lie?.kind === 'lines' && !asked.isWatch ? { kind: 'cut', afterBytes: 10 } : lie;
    };
    proxy.endConnections();
    await changeWorld(scene);
    await waitFor('it has met them all', () => next >= 2 * chosen.length);
    await expectServing(scene);
    assert.match(await controller.page('/debug/table'), /host a\.test/);
    assert.ok((await controller.metric(watchErrors)) > before, 'the metric tells');
    assert.match(controller.output(), /contact with the API server is lost|does not let this program read/);
    proxy.fault = () => null;
    await expectConverged(t, scene);
  });
}
