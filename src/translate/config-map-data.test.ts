// ConfigMaps that annotations of Ingresses name: their content is in the routes, and follows every change.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { features } from '../features/index.ts';
import type { ConfigMap } from '../kube/index.ts';
import {
  sampleApp,
  sampleIngress,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  setAll,
} from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

const annotations = {
  'nginx.ingress.kubernetes.io/auth-url': 'http://auth.test/',
  'nginx.ingress.kubernetes.io/auth-proxy-set-headers': 'shop/fields',
};
const guarded = sampleIngress({ rules: [sampleRule('a.test', ['/'])] }, { annotations, day: 1 });

function configMap(name: string, text: string): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'shop', name },
    data: { 'X-Tenant': text },
  };
}

function policyOf(translator: Translator): string {
  const [route] = translator.table.hosts.get('a.test')?.routes ?? [];
  return JSON.stringify(route?.policies['external-auth']);
}

describe('ConfigMapData', () => {
  it('is in the routes, before the Ingress or behind it, and leaves with its ConfigMap', () => {
    const translator = new Translator(sampleOptions({ features }));
    translator.apply(setAll([...sampleApp, guarded]), sampleNowMs);
    assert.match(policyOf(translator), /shop\/fields\\", which does not exist/);
    translator.apply(setAll([configMap('fields', 'one')]), sampleNowMs);
    assert.match(policyOf(translator), /"X-Tenant",\[\{"kind":"text","text":"one"\}\]/);
    assert.deepEqual(translator.allProblems(), []);
    translator.apply(setAll([configMap('fields', 'two')]), sampleNowMs);
    assert.match(policyOf(translator), /"two"/);
    const ref = { kind: 'ConfigMap', namespace: 'shop', name: 'fields' } as const;
    translator.apply([{ kind: 'removed', ref }], sampleNowMs);
    assert.match(policyOf(translator), /which does not exist/);
    const [problem] = translator.allProblems();
    assert.equal(problem?.object.name, 'web');
  });

  it('that nobody names changes nothing', () => {
    const translator = new Translator(sampleOptions({ features }));
    translator.apply(setAll([...sampleApp, guarded, configMap('fields', 'one')]), sampleNowMs);
    assert.equal(translator.apply(setAll([configMap('other', 'x')]), sampleNowMs).patch, null);
    const free = sampleIngress({ rules: [sampleRule('a.test', ['/'])] }, { day: 1 });
    translator.apply(setAll([free]), sampleNowMs);
    assert.equal(translator.apply(setAll([configMap('fields', 'two')]), sampleNowMs).patch, null);
    translator.apply(setAll([guarded]), sampleNowMs);
    assert.match(policyOf(translator), /"two"/);
  });

  it('gives the same whatever comes first', () => {
    const objects = [...sampleApp, guarded, configMap('fields', 'one')];
    const [first, second] = [objects, objects.toReversed()].map((list) => {
      const translator = new Translator(sampleOptions({ features }));
      for (const object of list) translator.apply(setAll([object]), sampleNowMs);
      return policyOf(translator);
    });
    assert.equal(first, second);
  });
});
