import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ingress, KubeObject, Service } from '../../kube/index.ts';
import type { ControllerStep } from '../controller.ts';
import { fixedAddresses, serviceAddresses } from './address-source.ts';
import { addressesOfService, addressOfNode, hasAddresses } from './ingress-addresses.ts';
import { World, writerOf } from './status-world.fixture.ts';

test('StatusWriter: writes the addresses once, and again when somebody else changed them', async () => {
  const world = new World();
  const writer = writerOf(
    world,
    fixedAddresses(() => ['203.0.113.7', '192.0.2.1', 'lb.example.com']),
  );
  for (const name of ['a', 'b', 'c']) world.put(name);
  writer.onStep(world.sync());
  await writer.idle();
  assert.deepEqual(world.stored.get('a')?.status?.loadBalancer?.ingress, [
    { hostname: 'lb.example.com' },
    { ip: '192.0.2.1' },
    { ip: '203.0.113.7' },
  ]);
  assert.equal(world.writes.length, 3);
  writer.onStep({
    version: 1,
    changes: [{ kind: 'set', object: world.seen.get('Ingress/shop/a') as Ingress }],
    problemsChanged: [],
  });
  await writer.idle();
  assert.equal(world.writes.length, 3, 'the view has not seen the write yet: it is not repeated');
  writer.onStep(world.sync());
  world.put('b', { loadBalancer: { ingress: [{ ip: '198.51.100.9' }] } });
  writer.onStep(world.sync());
  await writer.idle();
  assert.deepEqual(world.writes.map(({ name }) => name).sort(), ['a', 'b', 'b', 'c']);
});

test('StatusWriter: takes back what it wrote from an Ingress that is ours no more, and nothing else', async () => {
  const world = new World();
  const writer = writerOf(
    world,
    fixedAddresses(() => ['192.0.2.1']),
  );
  world.put('left');
  world.put('foreign', { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } });
  world.notOurs.add('shop/foreign');
  writer.onStep(world.sync());
  await writer.idle();
  writer.onStep(world.sync());
  world.notOurs.add('shop/left');
  const object = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'x' } };
  const changes = [
    { kind: 'set' as const, object: { ...object, spec: { controller: 'a/b' } } as KubeObject },
  ];
  writer.onStep({ version: 2, changes, problemsChanged: [] });
  await writer.idle();
  assert.deepEqual(world.ips('left'), []);
  assert.deepEqual(world.ips('foreign'), ['192.0.2.1']);
});

test('StatusWriter: a Service without address writes nothing and takes nothing away', async () => {
  const world = new World();
  const service = (ingress: readonly { ip: string }[]): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'ingress', name: 'lb' },
    spec: { type: 'LoadBalancer', sessionAffinity: 'None', clusterIP: '10.96.0.9' },
    status: { loadBalancer: { ingress } },
  });
  const setService = (ingress: readonly { ip: string }[]): ControllerStep => {
    const object = service(ingress);
    world.seen.set('Service/ingress/lb', object);
    return { version: 1, changes: [{ kind: 'set', object }], problemsChanged: [] };
  };
  const writer = writerOf(world, serviceAddresses('ingress/lb', world));
  world.put('a', { loadBalancer: { ingress: [{ ip: '198.51.100.9' }] } });
  writer.onStep(world.sync());
  writer.onStep(setService([]));
  await writer.idle();
  assert.deepEqual(world.ips('a'), ['198.51.100.9']);
  writer.onStep(setService([{ ip: '192.0.2.1' }]));
  await writer.idle();
  assert.deepEqual(world.ips('a'), ['192.0.2.1']);
});

test('StatusWriter: clears on shutdown when it is asked to, and only while it leads', async () => {
  const world = new World();
  const writer = writerOf(
    world,
    fixedAddresses(() => ['192.0.2.1']),
  );
  world.put('a');
  world.put('b');
  writer.onStep(world.sync());
  await writer.idle();
  writer.onStep(world.sync());
  await writer.stop(true);
  assert.deepEqual([world.ips('a'), world.ips('b')], [[], []]);
  const next = writerOf(
    world,
    fixedAddresses(() => ['192.0.2.1']),
  );
  next.onStep(world.sync());
  await next.idle();
  next.onStep(world.sync());
  world.isLeading = false;
  await next.stop(true);
  assert.deepEqual(world.ips('a'), ['192.0.2.1']);
});

test('StatusWriter: what is cleared stays so, though the watch tells of it while the rest is being cleared', async () => {
  const world = new World();
  const writer = writerOf(
    world,
    fixedAddresses(() => ['192.0.2.1']),
  );
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) world.put(name);
  world.onWritten = () => writer.onStep(world.sync());
  writer.onStep(world.sync());
  await writer.idle();
  await writer.stop(true);
  assert.deepEqual(
    names.flatMap((name) => world.ips(name)),
    [],
  );
});

test('addressesOfService: by type', () => {
  const of = (spec: Partial<Service['spec']>, ingress: readonly object[] = []) =>
    addressesOfService({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'lb' },
      spec: { sessionAffinity: 'None', type: 'ClusterIP', ...spec },
      status: { loadBalancer: { ingress } },
    });
  assert.deepEqual(of({ clusterIP: '10.0.0.1' }), [{ ip: '10.0.0.1' }]);
  assert.deepEqual(of({ clusterIP: 'None' }), []);
  assert.deepEqual(of({ type: 'ExternalName', externalName: 'lb.example.com' }), [
    { hostname: 'lb.example.com' },
  ]);
  assert.deepEqual(of({ type: 'NodePort', clusterIP: '10.0.0.1' }), [{ ip: '10.0.0.1' }]);
  assert.deepEqual(of({ type: 'NodePort', clusterIP: '10.0.0.1', externalIPs: ['192.0.2.9'] }), [
    { ip: '192.0.2.9' },
  ]);
  assert.deepEqual(
    of({ type: 'LoadBalancer', externalIPs: ['192.0.2.9'] }, [{ ip: '192.0.2.1' }, { hostname: 'a.b' }]),
    [{ hostname: 'a.b' }, { ip: '192.0.2.1' }, { ip: '192.0.2.9' }],
  );
});

test('addressOfNode: the external address goes before the internal one, unless that is wanted', () => {
  const addresses = [
    { type: 'Hostname', address: 'node-1' },
    { type: 'InternalIP', address: '10.0.0.1' },
    { type: 'ExternalIP', address: '192.0.2.1' },
  ];
  assert.deepEqual(addressOfNode({ status: { addresses } }, false), { ip: '192.0.2.1' });
  assert.deepEqual(addressOfNode({ status: { addresses } }, true), { ip: '10.0.0.1' });
  assert.deepEqual(addressOfNode({ status: { addresses: addresses.slice(0, 2) } }, false), {
    ip: '10.0.0.1',
  });
  assert.equal(addressOfNode({ status: {} }, false), null);
});

test('StatusWriter: after any sequence of changes and failures every Ingress of ours has the addresses, and no write was made without leading', async () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd');
  const action = fc.oneof(
    names.map((name) => ({ kind: 'put' as const, name })),
    names.map((name) => ({ kind: 'foreign write' as const, name })),
    names.map((name) => ({ kind: 'remove' as const, name })),
    fc.boolean().map((on) => ({ kind: 'lead' as const, on })),
    fc.boolean().map((on) => ({ kind: 'away' as const, on })),
    fc.constantFrom('192.0.2.1', '192.0.2.2').map((ip) => ({ kind: 'address' as const, ip })),
    fc.constant({ kind: 'sync' as const }),
    fc.constant({ kind: 'timers' as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const world = new World();
      let address = '192.0.2.1';
      const timers: (() => void)[] = [];
      const runTimers = (): void => {
        for (const run of timers.splice(0)) run();
      };
      const writer = writerOf(
        world,
        fixedAddresses(() => [address]),
        timers,
      );
      writer.start();
      for (const each of actions) {
        if (each.kind === 'put') world.put(each.name);
        else if (each.kind === 'remove') world.stored.delete(each.name);
        else if (each.kind === 'lead') world.isLeading = each.on;
        else if (each.kind === 'away') world.isAway = each.on;
        else if (each.kind === 'address') address = each.ip;
        else if (each.kind === 'sync') writer.onStep(world.sync());
        else if (each.kind === 'timers') runTimers();
        else if (world.stored.has(each.name)) {
          world.put(each.name, { loadBalancer: { ingress: [{ ip: '198.51.100.9' }] } });
        }
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      world.isLeading = true;
      world.isAway = false;
      for (let round = 0; round < 6; round += 1) {
        writer.onStep(world.sync());
        runTimers();
        await new Promise<void>((resolve) => setImmediate(resolve));
        await writer.idle();
      }
      for (const [name, ingress] of world.stored) {
        assert.ok(hasAddresses(ingress.status?.loadBalancer?.ingress, [{ ip: address }]), name);
      }
      assert.ok(world.writes.every(({ wasLeading }) => wasLeading));
      const writesBefore = world.writes.length;
      runTimers();
      await writer.idle();
      assert.equal(world.writes.length, writesBefore, 'nothing is written without need');
    }),
    { numRuns: 150 },
  );
});
