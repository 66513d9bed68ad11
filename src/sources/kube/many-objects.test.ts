// 10,000 Ingresses and 10,000 EndpointSlices over HTTP: what is delivered is asserted, times are told, since they depend on the
// machine.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObjectChange } from '../object-change.ts';
import { FakeApiHttp } from './fake-api-http.fixture.ts';
import { FakeApiServer } from './fake-api-server.fixture.ts';
import { KubeHttpClient } from './http-client.ts';
import { plainConnection } from './http-server.fixture.ts';
import { paths } from './kube-source-bench.fixture.ts';
import { KubeSource } from './kube-source.ts';

const count = 10_000;

function fill(api: FakeApiServer): void {
  for (let index = 0; index < count; index += 1) {
    const key = `team-${index % 100}/app-${index}`;
    api.put(paths.ingresses, key, ingressOf(index));
    api.put(paths.slices, key, sliceOf(index));
  }
}

function ingressOf(index: number): Readonly<Record<string, unknown>> {
  const service = { name: `app-${index}`, port: { number: 80 } };
  const path = { path: '/', pathType: 'Prefix', backend: { service } };
  const host = `app-${index}.example.com`;
  return { spec: { ingressClassName: 'main', rules: [{ host, http: { paths: [path] } }] } };
}

function sliceOf(index: number): Readonly<Record<string, unknown>> {
  const endpoints = [1, 2, 3].map((last) => ({
    addresses: [`10.${index >> 8}.${index & 255}.${last}`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: `node-${last}`,
    targetRef: { kind: 'Pod', name: `app-${index}-${last}`, namespace: 'x', uid: 'y' },
    zone: 'a',
  }));
  return {
    labels: { 'kubernetes.io/service-name': `app-${index}` },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: '', protocol: 'TCP', port: 8080 }],
  };
}

describe('KubeSource with many objects', () => {
  it('delivers them at first as one change, and then each change alone', async (test) => {
    const api = new FakeApiServer(Object.values(paths));
    fill(api);
    const http = new FakeApiHttp(api);
    const client = new KubeHttpClient({ connection: plainConnection(await http.listen()) });
    const deliveries: (readonly ObjectChange[])[] = [];
    let onDelivery: () => void = () => undefined;
    const source = new KubeSource({
      client,
      log: { info: () => undefined, warn: () => undefined },
      scope: { kind: 'all' },
      onChanges: (changes) => {
        deliveries.push(changes);
        onDelivery();
      },
    });
    test.after(async () => {
      await source.stop();
      client.close();
      http.stop();
    });
    const startedMs = performance.now();
    await source.start();
    const firstMs = performance.now() - startedMs;
    assert.equal(deliveries[0]?.length, 2 * count);
    const { promise, resolve } = Promise.withResolvers<void>();
    onDelivery = resolve;
    const changedMs = performance.now();
    api.put(paths.slices, 'team-7/app-7', sliceOf(8));
    await promise;
    const changeMs = performance.now() - changedMs;
    assert.equal(deliveries[1]?.length, 1);
    test.diagnostic(`first delivery ${Math.round(firstMs)} ms, a change ${changeMs.toFixed(1)} ms`);
  });
});
