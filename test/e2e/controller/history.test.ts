// Whatever has happened to the objects of an API server, a controller that saw it happen serves what one serves that starts afterwards.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { root } from '../../cli/up-process.ts';
import type { Api, ApiValue } from './api.ts';
import { type ControllerProcess, startApi, startReadyController } from './processes.ts';
import { waitFor } from './waiting.ts';
import {
  action,
  changingNamespaces,
  controllerConfigMap,
  firstObjects,
  repair,
  richObjects,
} from './world-actions.ts';

const definition = join(root, 'deploy/chart/sallyport/crds/sallyportparameters.yaml');
const flags = ['--disable-leader-election', '--update-status=false', '--configmap', controllerConfigMap];
/** What the table of `richObjects` shows: a property of empty tables would say nothing. */
const signs = [
  /host x\.test {2}tls s1\/c1/,
  /192\.0\.2\.11:8080/,
  /ingress\/s1\/i\/.*bodies over 3145728 bytes/,
  /ingress\/s1\/j\/.*bodies over 7340032 bytes/,
  /ingress\/s1\/k\/.*bodies over 8388608 bytes/,
];

/** Namespaces that are being deleted are gone. */
async function settle(api: Api): Promise<void> {
  await waitFor('no namespace is Terminating', async () => {
    const list = await api.list('/api/v1/namespaces');
    return list.every(({ metadata }) => metadata['deletionTimestamp'] === undefined);
  });
}

async function begin(api: Api): Promise<void> {
  for (const name of changingNamespaces) await api.remove(`/api/v1/namespaces/${name}`);
  for (const name of ['sallyport', 'alt', 'nowhere'])
    await api.remove(`/apis/networking.k8s.io/v1/ingressclasses/${name}`);
  await settle(api);
  await api.applyAll(firstObjects);
}

async function tableOfFreshStart(t: TestContext, kubeconfigPath: string): Promise<string> {
  const fresh: ControllerProcess = await startReadyController(t, kubeconfigPath, { flags });
  const table = await fresh.page('/debug/table');
  fresh.child.kill('SIGKILL');
  await fresh.ended;
  return table;
}

test('a long history and a fresh start give the same table', { timeout: 110_000 }, async (t) => {
  const { api, kubeconfigPath } = await startApi(t);
  await api.apply(parse(readFileSync(definition, 'utf8')) as ApiValue);
  await begin(api);
  const witness = await startReadyController(t, kubeconfigPath, { flags });
  const expectSame = async (): Promise<string> => {
    const wanted = await tableOfFreshStart(t, kubeconfigPath);
    let found = '';
    const isSame = async (): Promise<boolean> => (found = await witness.page('/debug/table')) === wanted;
    await waitFor('the table of a fresh start', isSame, 5_000).catch(() => {});
    assert.equal(found, wanted);
    return wanted;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 40, maxLength: 90 }), async (actions) => {
      await begin(api);
      for (const { run } of actions) await run(api);
      await settle(api);
      for (const { run } of repair) await run(api);
      await expectSame();
    }),
    // Every run starts a process; and what fails is shown whole, since making it smaller would start a hundred.
    { numRuns: 5, endOnFailure: true },
  );
  await begin(api);
  await api.applyAll(richObjects);
  const rich = await expectSame();
  for (const sign of signs) assert.match(rich, sign);
  assert.equal(await witness.metric('sallyport_translation_errors_total'), 0);
});
