// Client affinity, seals and weights of Services and slices, as the table has them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Upstream } from '../model/index.ts';
import {
  readProblems,
  sampleIngress,
  sampleRule,
  sampleService,
  sampleSlice,
  translateSample,
} from './sample-objects.fixture.ts';
import { weightAnnotation } from './service-policies.ts';

const service = sampleService();
const ingress = sampleIngress({ rules: [sampleRule('a.test', ['/'])] });

function upstreamOf(objects: Parameters<typeof translateSample>[0]): Upstream | undefined {
  return translateSample([ingress, ...objects]).table.upstreams.get('shop/app:80');
}

describe('policies of Services', () => {
  it('are absent where a Service says nothing', () => {
    assert.deepEqual(Object.keys(upstreamOf([service, sampleSlice(['10.0.0.1'])]) ?? {}).sort(), [
      'id',
      'namespace',
      'port',
      'service',
      'target',
    ]);
  });

  it('tell sessionAffinity and the uid', () => {
    const sticky = {
      ...service,
      metadata: { ...service.metadata, uid: 'u-1' },
      spec: { ...service.spec, sessionAffinity: 'ClientIP' as const },
    };
    const upstream = upstreamOf([sticky, sampleSlice(['10.0.0.1'])]);
    assert.equal(upstream?.hashesClients, true);
    assert.equal(upstream.seal, 'u-1');
  });

  it('give the endpoints of a slice its weight, and tell a bad one', () => {
    const weighted = (text: string) => {
      const slice = sampleSlice(['10.0.0.2'], { name: 'b' });
      return { ...slice, metadata: { ...slice.metadata, annotations: { [weightAnnotation]: text } } };
    };
    const objects = [service, sampleSlice(['10.0.0.1'])];
    const target = upstreamOf([...objects, weighted('20')])?.target;
    assert.deepEqual(target?.kind === 'endpoints' && target.endpoints, [
      { address: '10.0.0.1', port: 8080, ready: true },
      { address: '10.0.0.2', port: 8080, ready: true, weight: 20 },
    ]);
    for (const text of ['0', '257', '1.5', 'x', '']) {
      const { problems } = translateSample([ingress, ...objects, weighted(text)]);
      assert.deepEqual(readProblems(problems), [
        `warning AnnotationInvalid EndpointSlice shop/b metadata.annotations[${weightAnnotation}]`,
      ]);
    }
  });
});
