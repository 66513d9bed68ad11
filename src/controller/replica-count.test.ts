// How many replicas are ready, by slices that come, change and go.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { EndpointSlice } from '../kube/index.ts';
import { objectKey } from '../model/index.ts';
import type { ObjectChange } from '../sources/index.ts';
import { ReplicaCount } from './replica-count.ts';

interface SliceParts {
  readonly service?: string;
  readonly namespace?: string;
  readonly family?: EndpointSlice['addressType'];
  readonly notReady?: readonly string[];
}

function slice(name: string, addresses: readonly string[], parts: SliceParts = {}): ObjectChange {
  const { service = 'proxy', namespace = 'ingress', family = 'IPv4', notReady = [] } = parts;
  const object: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType: family,
    endpoints: addresses.map((address) => ({
      addresses: [address],
      conditions: { ready: !notReady.includes(address) },
    })),
  };
  return { kind: 'set', object };
}

it('counts the ready endpoints of its Service over all slices, and one at the least', () => {
  const count = new ReplicaCount(objectKey('ingress', 'proxy'));
  assert.equal(count.current, 1);
  count.take([
    slice('proxy-a', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], { notReady: ['10.0.0.3'] }),
    slice('proxy-b', ['10.0.0.2', '10.0.0.4']),
    slice('proxy-v6', ['2001:db8::1', '2001:db8::2'], { family: 'IPv6' }),
    slice('other', ['10.0.0.7', '10.0.0.8', '10.0.0.9', '10.0.0.10'], { service: 'other' }),
    slice('proxy-c', ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.14'], { namespace: 'elsewhere' }),
  ]);
  assert.equal(count.current, 3);
  count.take([slice('proxy-b', ['10.0.0.4'], { service: 'other' })]);
  assert.equal(count.current, 2);
  for (const name of ['proxy-a', 'proxy-v6']) {
    count.take([{ kind: 'removed', ref: { kind: 'EndpointSlice', namespace: 'ingress', name } }]);
  }
  assert.equal(count.current, 1);
});
