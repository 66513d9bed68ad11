// The cost of a change is the size of the change: ten thousand Ingresses, and what a change touches among them. Times are
// printed, not asserted.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { features } from '../../src/features/index.ts';
import type { Ingress, KubeObject } from '../../src/kube/index.ts';
import { Translator } from '../../src/translate/index.ts';
import {
  sampleBackend,
  sampleIngress,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  sampleService,
  sampleSlice,
  setAll,
} from '../../src/translate/sample-objects.fixture.ts';

const ingressCount = 10_000;
const namespaceCount = 100;
const changeCount = 500;

function ingressOf(index: number, service = 'app'): Ingress {
  const annotations = { 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' };
  const rule = sampleRule(`h${index}.example.com`, [
    '/',
    { path: '/api', pathType: 'Prefix', backend: sampleBackend(service) },
  ]);
  return sampleIngress(
    { rules: [rule] },
    { namespace: `n${index % namespaceCount}`, name: `i${index}`, annotations },
  );
}

function servicesOf(namespace: string): KubeObject[] {
  return ['app', 'other'].flatMap((name) => [
    sampleService(name, [{ port: 80, targetPort: 8080 }], namespace),
    sampleSlice(['10.0.0.1'], { namespace, service: name }),
  ]);
}

/** Median and 99th percentile of some changes, each applied as a step of its own. */
function timeChanges(context: TestContext, title: string, change: (index: number) => void): void {
  const times = Array.from({ length: changeCount }, (_, index) => {
    const start = performance.now();
    change(index);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const at = (part: number) => (times[Math.floor(times.length * part)] ?? 0).toFixed(3);
  context.diagnostic(`${title}: median ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

void it(`${ingressCount} Ingresses, then one change at a time`, (context) => {
  const translator = new Translator(sampleOptions({ features }));
  const namespaces = Array.from({ length: namespaceCount }, (_, index) => `n${index}`);
  const ingresses = Array.from({ length: ingressCount }, (_, index) => ingressOf(index));
  const objects = [...ingresses, ...namespaces.flatMap(servicesOf)];
  const start = performance.now();
  translator.apply(setAll(objects), sampleNowMs);
  context.diagnostic(`from scratch: ${(performance.now() - start).toFixed(0)} ms`);
  assert.equal(translator.table.hosts.size, ingressCount);
  assert.deepEqual(translator.allProblems(), []);

  timeChanges(context, 'one Ingress', (index) => {
    const { patch } = translator.apply(
      setAll([ingressOf((index * 17) % ingressCount, 'other')]),
      sampleNowMs,
    );
    assert.equal(patch?.hosts.set.length, 1);
    assert.ok((patch?.upstreams.set.length ?? 0) <= 1);
  });
  timeChanges(context, 'one slice', (index) => {
    const slice = sampleSlice([`10.0.${index % 200}.2`], { namespace: `n${index % namespaceCount}` });
    const { patch } = translator.apply(setAll([slice]), sampleNowMs);
    assert.deepEqual([patch?.hosts.set.length, patch?.upstreams.set.length], [0, 1]);
  });
  assert.equal(translator.table.hosts.size, ingressCount);
});
