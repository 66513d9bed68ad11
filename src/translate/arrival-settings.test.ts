// Settings of the ConfigMap about how connections begin: what they come to, and what bad ones do.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigMap } from '../kube/index.ts';
import { defaultArrivalSettings } from '../model/index.ts';
import { sampleOptions, setAll } from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

const nowMs = Date.UTC(2026, 0, 1);

function configMap(data: Readonly<Record<string, string>>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress', name: 'settings' }, data };
}

function start(data: Readonly<Record<string, string>>): Translator {
  const translator = new Translator(sampleOptions({ configMap: 'ingress/settings' }));
  translator.apply(setAll([configMap(data)]), nowMs);
  return translator;
}

describe('arrival settings', () => {
  it('leave it to the flags without keys', () => {
    assert.deepEqual(start({}).table.arrivals, defaultArrivalSettings);
  });

  it('take every key', () => {
    const { table } = start({
      'use-proxy-protocol': 'true',
      'proxy-protocol-header-timeout': '500ms',
      'proxy-real-ip-cidr': '10.0.0.0/8, fd00::/8,192.0.2.1',
      'proxy-stream-timeout': '600s',
      'use-forwarded-headers': 'true',
      'enable-real-ip': 'true',
      'compute-full-forwarded-for': 'true',
      'forwarded-for-header': 'CF-Connecting-IP',
    });
    assert.deepEqual(table.arrivals, {
      wantsProxyHeader: true,
      proxyHeaderMs: 500,
      trustedCidrs: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'],
      tcpIdleMs: 600_000,
      trustsForwarded: true,
      takesRealIp: true,
      appendsFor: true,
      forwardedForName: 'cf-connecting-ip',
    });
  });

  it('believe nobody while the networks cannot be read', () => {
    for (const bad of [
      '10.0.0.0/33',
      '10.0.0.0/8,x',
      '',
      'fd00::/129',
      '010.0.0.1',
      '10.0.0.0/8/8',
      '10.0.0.0/08',
    ]) {
      const translator = start({ 'proxy-real-ip-cidr': bad });
      assert.deepEqual(translator.table.arrivals, { ...defaultArrivalSettings, trustedCidrs: [] }, bad);
      assert.match(translator.allProblems()[0]?.message ?? '', /nobody is believed$/);
    }
  });

  it('leave it to the flags where other values are bad, and say so', () => {
    const translator = start({
      'use-proxy-protocol': 'yes',
      'proxy-protocol-header-timeout': '0',
      'proxy-stream-timeout': '10 m',
    });
    assert.deepEqual(translator.table.arrivals, defaultArrivalSettings);
    assert.equal(translator.allProblems().length, 3);
  });

  it('change with a patch of their own', () => {
    const translator = start({});
    const changed = configMap({ 'use-proxy-protocol': 'true' });
    const { patch } = translator.apply([{ kind: 'set', object: changed }], nowMs);
    assert.deepEqual(patch?.arrivals, { ...defaultArrivalSettings, wantsProxyHeader: true });
    assert.equal(patch?.tls, undefined);
  });
});
