// Near endpoints: hints for zones and nodes, trafficDistribution where there are none, and when nothing is preferred.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SliceEndpoint } from '../kube/index.ts';
import {
  sampleIngress,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  sampleService,
  sampleSlice,
  setAll,
} from './sample-objects.fixture.ts';
import { resolveUpstream } from './resolve-upstream.ts';
import type { ProxyPlace } from './topology.ts';
import { Translator } from './translator.ts';

interface Placed {
  readonly zone?: string;
  readonly node?: string;
  readonly forZones?: readonly string[];
  readonly forNodes?: readonly string[];
  readonly terminating?: boolean;
}

/** Endpoints 10.0.0.0, 10.0.0.1 …; the numbers of those that are near. */
function nearOf(placed: readonly Placed[], own: Partial<ProxyPlace>, distribution?: string): number[] {
  const named = (names: readonly string[]) => names.map((name) => ({ name }));
  const endpoints = placed.map(
    ({ zone, node, forZones, forNodes, terminating }, at): SliceEndpoint => ({
      addresses: [`10.0.0.${at}`],
      ...(zone !== undefined && { zone }),
      ...(node !== undefined && { nodeName: node }),
      ...(terminating === true && { conditions: { ready: false, serving: true, terminating: true } }),
      ...((forZones ?? forNodes) !== undefined && {
        hints: {
          ...(forZones !== undefined && { forZones: named(forZones) }),
          ...(forNodes !== undefined && { forNodes: named(forNodes) }),
        },
      }),
    }),
  );
  const service = sampleService();
  const spec = { ...service.spec, ...(distribution !== undefined && { trafficDistribution: distribution }) };
  const { target } = resolveUpstream(
    'shop/app',
    '80',
    { service: { ...service, spec }, slices: [sampleSlice(endpoints)], endpoints: undefined },
    false,
    [],
    'TCP',
    { zone: '', node: '', ...own },
  );
  assert.ok(target.kind === 'endpoints' && target.endpoints.length === placed.length);
  return target.endpoints.flatMap(({ near }, at) => (near === true ? [at] : []));
}

describe('hints', () => {
  const hinted = [{ forZones: ['a'] }, { forZones: ['a', 'b'] }, { forZones: ['b'] }];

  it('give endpoints to zones', () => {
    assert.deepEqual(nearOf(hinted, { zone: 'a' }), [0, 1]);
    assert.deepEqual(nearOf(hinted, { zone: 'b' }), [1, 2]);
  });

  it('count only if the own place is known, named by one, and every ready endpoint has them', () => {
    assert.deepEqual(nearOf(hinted, {}), []);
    assert.deepEqual(nearOf(hinted, { zone: 'c' }), []);
    assert.deepEqual(nearOf([...hinted, {}], { zone: 'a' }), []);
    assert.deepEqual(nearOf([...hinted, { terminating: true }], { zone: 'a' }), [0, 1]);
    assert.deepEqual(nearOf([{ forZones: ['a'] }, { forZones: ['a'] }], { zone: 'a' }), [], 'all are near');
  });

  it('give endpoints to nodes first, then to zones', () => {
    const both = [
      { forNodes: ['n1'], forZones: ['a'] },
      { forNodes: ['n2'], forZones: ['a'] },
      { forNodes: ['n3'], forZones: ['b'] },
    ];
    assert.deepEqual(nearOf(both, { zone: 'a', node: 'n2' }), [1]);
    assert.deepEqual(nearOf(both, { zone: 'a', node: 'n9' }), [0, 1]);
  });
});

describe('trafficDistribution without hints', () => {
  const placed = [
    { zone: 'a', node: 'n1' },
    { zone: 'a', node: 'n2' },
    { zone: 'b', node: 'n3' },
  ];

  it('prefers the zone, or the node and then the zone', () => {
    for (const distribution of ['PreferClose', 'PreferSameZone'])
      assert.deepEqual(nearOf(placed, { zone: 'a', node: 'n1' }, distribution), [0, 1]);
    assert.deepEqual(nearOf(placed, { zone: 'a', node: 'n1' }, 'PreferSameNode'), [0]);
    assert.deepEqual(nearOf(placed, { zone: 'a', node: 'n9' }, 'PreferSameNode'), [0, 1]);
  });

  it('prefers none where the Service says nothing, or nobody is near', () => {
    assert.deepEqual(nearOf(placed, { zone: 'a' }), []);
    assert.deepEqual(nearOf(placed, { zone: 'z' }, 'PreferClose'), []);
  });

  it('is not asked where slices have hints', () => {
    const hinted = placed.map((place) => ({ ...place, forZones: ['b'] }));
    assert.deepEqual(nearOf(hinted, { zone: 'a' }, 'PreferClose'), []);
  });
});

describe('a place that is learned later', () => {
  it('changes upstreams and no host, and holds for what comes after', () => {
    const translator = new Translator(sampleOptions({ place: { zone: '', node: 'n1' } }));
    const service = sampleService();
    const spec = { ...service.spec, trafficDistribution: 'PreferClose' };
    const placed = ['a', 'b'].map((zone, at) => ({ addresses: [`10.0.0.${at}`], zone }));
    const nearPorts = () => {
      const target = translator.table.upstreams.get('shop/app:80')?.target;
      return target?.kind === 'endpoints' ? target.endpoints.map(({ near }) => near === true) : [];
    };
    const ingress = sampleIngress({ rules: [sampleRule('a.test', ['/'])] });
    translator.apply(setAll([ingress, { ...service, spec }, sampleSlice(placed)]), sampleNowMs);
    assert.deepEqual(nearPorts(), [false, false]);
    translator.setPlace({ zone: 'b', node: 'n1' });
    const { patch } = translator.apply([], sampleNowMs);
    assert.deepEqual(nearPorts(), [false, true]);
    assert.deepEqual([patch?.hosts.set, patch?.upstreams.set.map(({ id }) => id)], [[], ['shop/app:80']]);
    translator.setPlace({ zone: 'b', node: 'n1' });
    assert.equal(translator.apply([], sampleNowMs).patch, null);
    translator.apply(setAll([sampleSlice([...placed, { addresses: ['10.0.0.7'], zone: 'b' }])]), sampleNowMs);
    assert.deepEqual(nearPorts(), [false, true, true]);
  });
});
