// service-upstream: the Service's address as the only endpoint, beside the same Service's endpoints for others.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { Service } from '../kube/index.ts';
import {
  sampleIngress,
  sampleRule,
  sampleService,
  sampleSlice,
  translateSample,
} from './sample-objects.fixture.ts';

const key = 'nginx.ingress.kubernetes.io/service-upstream';
const byAddress = sampleIngress(
  { rules: [sampleRule('a.test', ['/'])] },
  { name: 'a', annotations: { [key]: 'true' } },
);
const byEndpoints = sampleIngress({ rules: [sampleRule('b.test', ['/'])] }, { name: 'b' });

function withIp(clusterIP: string, part: Partial<Service['spec']> = {}): Service {
  const service = sampleService();
  return { ...service, spec: { ...service.spec, clusterIP, ...part } };
}

function targets(service: Service, ...others: readonly object[]) {
  const objects = [byAddress, byEndpoints, service, sampleSlice(['10.0.0.1', '10.0.0.2'])];
  const { table, problems } = translateSample(objects, { features, ...Object.assign({}, ...others) });
  const addresses = [...table.upstreams].map(([id, { target, port }]) => {
    const list =
      target.kind === 'endpoints' ? target.endpoints.map(({ address, port: n }) => `${address}:${n}`) : [];
    return `${id} (${port}) ${list.join(' ')}`;
  });
  return { addresses: addresses.sort(), problems };
}

describe('service-upstream', () => {
  it('has the clusterIP and port of the Service, and leaves others their endpoints', () => {
    const { addresses, problems } = targets(withIp('10.96.0.7'));
    assert.deepEqual(addresses, [
      'shop/app:80 (80) 10.0.0.1:8080 10.0.0.2:8080',
      'shop/app:80@cluster-ip (80) 10.96.0.7:80',
    ]);
    assert.deepEqual(problems, []);
  });

  it('needs no endpoint, for the network behind the address may have some', () => {
    const { table, problems } = translateSample([byAddress, withIp('10.96.0.7')], { features });
    assert.equal(table.upstreams.get('shop/app:80@cluster-ip')?.target.kind, 'endpoints');
    assert.deepEqual(problems, []);
  });

  it('keeps the endpoints of a headless Service, and what is refused as an address', () => {
    for (const address of ['None', '', '169.254.1.1'])
      assert.ok(
        targets(withIp(address)).addresses.includes(
          'shop/app:80@cluster-ip (80) 10.0.0.1:8080 10.0.0.2:8080',
        ),
      );
  });

  it('is the default where the ConfigMap says so', () => {
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'ops', name: 'settings' },
      data: { 'service-upstream': 'true' },
    } as const;
    const objects = [byEndpoints, withIp('10.96.0.7'), configMap];
    const { table } = translateSample(objects, { features, configMap: 'ops/settings' });
    assert.deepEqual([...table.upstreams.keys()], ['shop/app:80@cluster-ip']);
  });
});
