// Two controllers before one API server divide the limits of clients by the endpoints of their Service; without the flag each counts alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../cli/up-process.ts';
import { classOf, ingressOf, serviceOf, sliceOf } from './objects.ts';
import { type ControllerProcess, startApi, startOrigin, startReadyController } from './processes.ts';

const timeout = 90_000;
const prefix = 'nginx.ingress.kubernetes.io';
/** With the first request ten at once. */
const burst = 9;

/** How many of `count` requests are let in. */
async function countAdmitted(controller: ControllerProcess, count: number): Promise<number> {
  let admitted = 0;
  for (let i = 0; i < count; i += 1) {
    const { status } = await ask(controller.httpPort, 'a.test');
    assert.ok(status === 200 || status === 503, String(status));
    if (status === 200) admitted += 1;
  }
  return admitted;
}

test('replicas let in together what the limit says, each its part', { timeout }, async (t) => {
  const { api, kubeconfigPath } = await startApi(t);
  const annotations = { [`${prefix}/limit-rpm`]: '1', [`${prefix}/limit-burst-multiplier`]: String(burst) };
  const origin = await startOrigin(t);
  await api.applyAll([
    classOf('sallyport'),
    serviceOf('a'),
    sliceOf('a', [origin]),
    ingressOf('a', 'a.test', { annotations }),
    serviceOf('replicas'),
    sliceOf('replicas', [
      { address: '10.1.0.1', port: 80 },
      { address: '10.1.0.2', port: 80 },
    ]),
  ]);
  const flags = ['--limits-share=default/replicas'];
  const [first, second, alone] = await Promise.all([
    startReadyController(t, kubeconfigPath, { flags }),
    startReadyController(t, kubeconfigPath, { flags }),
    startReadyController(t, kubeconfigPath),
  ]);
  const startedMs = performance.now();
  const parts = [await countAdmitted(first, 20), await countAdmitted(second, 20)];
  const whole = await countAdmitted(alone, 20);
  // A slow machine gives the buckets time to leak.
  const leaked = Math.ceil((performance.now() - startedMs) / 60_000) - 1;
  for (const part of parts) assert.ok(part >= 5 && part <= 5 + leaked, `${part} of one replica`);
  assert.ok(whole >= 10 && whole <= 10 + leaked, `${whole} of one that counts alone`);
});
