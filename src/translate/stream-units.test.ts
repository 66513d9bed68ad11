// TCP and UDP services: which routes entries become, that a change touches what it names, and what is told of a ConfigMap.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigMap } from '../kube/index.ts';
import type { StreamRoute } from '../model/index.ts';
import { setAll, sampleOptions, sampleService, sampleSlice } from './sample-objects.fixture.ts';
import { parseStreamEntry } from './stream-entries.ts';
import { Translator } from './translator.ts';

const nowMs = Date.UTC(2026, 0, 1);

function configMap(data: Readonly<Record<string, string>>, name = 'tcp'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress', name }, data };
}

function start(data: Readonly<Record<string, string>>): Translator {
  const translator = new Translator(
    sampleOptions({ tcpServices: 'ingress/tcp', udpServices: 'ingress/udp' }),
  );
  translator.apply(
    setAll([
      sampleService('db', [{ port: 5432, targetPort: 5432 }], 'shop'),
      sampleSlice([{ addresses: ['10.0.0.1'] }], {
        namespace: 'shop',
        name: 'db-1',
        service: 'db',
        ports: [{ name: '', port: 5432, protocol: 'TCP' }],
      }),
      configMap(data),
      configMap({}, 'udp'),
    ]),
    nowMs,
  );
  return translator;
}

describe('StreamUnits', () => {
  it('makes a route of an entry, and brings its upstream into the table', () => {
    const translator = start({ '5432': 'shop/db:5432' });
    const wanted: StreamRoute = {
      id: 'tcp/5432',
      protocol: 'tcp',
      port: 5432,
      upstream: 'shop/db:5432',
      wantsProxyHeader: false,
      proxyProtocol: 'off',
      source: 'configmap/ingress/tcp/data/5432',
    };
    assert.deepEqual([...translator.table.streams.values()], [wanted]);
    assert.deepEqual([...translator.table.upstreams.keys()], ['shop/db:5432']);
    assert.deepEqual(translator.allProblems(), []);
  });

  it('patches the entries that changed, and no others', () => {
    const translator = start({ '5432': 'shop/db:5432', '5433': 'shop/db:5432' });
    const changed = configMap({ '5432': 'shop/db:5432', '5434': 'shop/db:5432:PROXY' });
    const { patch } = translator.apply([{ kind: 'set', object: changed }], nowMs);
    assert.deepEqual(
      patch?.streams?.set.map(({ id }) => id),
      ['tcp/5434'],
    );
    assert.deepEqual(patch?.streams?.removed, ['tcp/5433']);
    assert.deepEqual(patch?.upstreams, { set: [], removed: [] });
    assert.equal(translator.apply([{ kind: 'set', object: { ...changed } }], nowMs).patch, null);
  });

  it('touches no stream when endpoints change', () => {
    const translator = start({ '5432': 'shop/db:5432' });
    const slice = sampleSlice([{ addresses: ['10.0.0.2'] }], {
      namespace: 'shop',
      name: 'db-1',
      service: 'db',
      ports: [{ name: '', port: 5432, protocol: 'TCP' }],
    });
    const { patch } = translator.apply([{ kind: 'set', object: slice }], nowMs);
    assert.equal(patch?.streams, undefined);
    assert.deepEqual(
      patch?.upstreams.set.map(({ id }) => id),
      ['shop/db:5432'],
    );
  });

  it('takes streams and upstreams away with their ConfigMap, and says that it is gone', () => {
    const translator = start({ '5432': 'shop/db:5432' });
    const ref = { kind: 'ConfigMap', namespace: 'ingress', name: 'tcp' };
    const { patch } = translator.apply([{ kind: 'removed', ref }], nowMs);
    assert.deepEqual(patch?.streams?.removed, ['tcp/5432']);
    assert.deepEqual(patch?.upstreams.removed, ['shop/db:5432']);
    assert.deepEqual(
      translator.problemsOf(ref).map(({ code, field }) => [code, field]),
      [['StreamInvalid', '']],
    );
  });

  it('leaves ConfigMaps alone that it was not told to follow', () => {
    const translator = new Translator(sampleOptions());
    translator.apply(setAll([configMap({ '5432': 'shop/db:5432' })]), nowMs);
    assert.equal(translator.table.streams.size, 0);
    assert.deepEqual(translator.allProblems(), []);
  });
});

describe('parseStreamEntry', () => {
  it('reads the marks by their places', () => {
    const marks = (value: string) => {
      const reading = parseStreamEntry('tcp', '1', value);
      return 'entry' in reading ? [reading.entry.wantsProxyHeader, reading.entry.proxyProtocol] : null;
    };
    assert.deepEqual(marks('a/b:1'), [false, 'off']);
    assert.deepEqual(marks('a/b:1:PROXY'), [true, 'off']);
    assert.deepEqual(marks('a/b:1:PROXY:PROXY'), [true, 'v1']);
    assert.deepEqual(marks('a/b:1::PROXY'), [false, 'v1']);
    assert.deepEqual(marks('a/b:1:proxy:'), [true, 'off']);
    for (const bad of [
      'a/b:1:PROXY:PROXY:',
      'a/b:1:PROX',
      'a/b',
      'a:1',
      '/b:1',
      'a/:1',
      'a/b/c:1',
      'a/b:0',
      'a/b:65536',
    ])
      assert.equal(marks(bad), null, bad);
  });

  it('takes a port in plain digits for a key', () => {
    for (const key of ['0', '65536', '05', '+5', '1e3', ' 5', '', '__proto__'])
      assert.ok('wanted' in parseStreamEntry('tcp', key, 'a/b:1'), key);
    assert.ok('entry' in parseStreamEntry('udp', '65535', 'a/b:dns'));
  });
});
