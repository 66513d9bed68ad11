// Secrets that take no certificate, and namespaces with very many: neither keeps the certificates of others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../kube/index.ts';
import { AcmeWorld, acmeIngress } from './acme-world.fixture.ts';

const minute = 60_000;

test('a Secret with our label that cannot be ours is left alone: nothing is ordered for it, and nobody waits', async () => {
  const world = new AcmeWorld();
  const type = 'kubernetes.io/tls';
  const empty = { 'tls.crt': '', 'tls.key': '' };
  const annotations = { 'sallyport.dev/acme-fingerprint': '' };
  const odd: Record<string, Partial<Secret>> = {
    opaque: { type: 'Opaque' },
    fixed: { type, data: empty, immutable: true },
    empty: { type, data: empty },
    annotated: { type, data: empty, metadata: { name: '', annotations } },
  };
  for (const [name, part] of Object.entries(odd)) {
    const labels = { 'sallyport.dev/acme': 'certificate' };
    const metadata = { ...part.metadata, namespace: 'attic', name: `${name}-tls`, labels };
    world.put({ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', ...part, metadata });
    world.put(acmeIngress(name, [`${name}.test`], 'attic'));
  }
  world.put(acmeIngress('web', ['a.test']));
  // As the API server would.
  world.refusalOf = (namespace) => (namespace === 'attic' ? 422 : null);
  world.agent.onStartedLeading();
  await world.clock.pass(minute);
  assert.deepEqual(world.server.orders, ['a.test']);
  assert.ok(world.secret('shop', 'web-tls') !== null);
  const told = world.events.filter((event) => /CertificateFailed: Secret "attic\/.*left alone$/.test(event));
  assert.equal(told.length, 4);
});

for (const status of [403, 404, 409, 422, 500]) {
  test(`a namespace that refuses Secrets with ${status} costs no order, and only its own hosts wait`, async () => {
    const world = new AcmeWorld();
    for (const name of ['b', 'c', 'd', 'e', 'f']) world.put(acmeIngress(name, [`${name}.test`], 'full'));
    world.put(acmeIngress('web', ['a.test']));
    let tries = 0;
    world.refusalOf = (namespace) => {
      if (namespace !== 'full') return null;
      tries += 1;
      return status;
    };
    world.agent.onStartedLeading();
    await world.clock.pass(minute);
    assert.deepEqual(world.server.orders, ['a.test']);
    assert.ok(world.events.some((event) => event.endsWith(`"full/b-tls" yet: refused with ${status}`)));
    await world.clock.pass(59 * minute);
    // Conflicts are read again at once, up to five times.
    assert.ok(tries <= 5 * 4 * (status === 409 ? 5 : 1), `${tries} tries in an hour`);
    world.refusalOf = () => null;
    await world.clock.pass(60 * minute);
    assert.equal(world.server.orders.length, 6);
  });
}

test('a Secret that is refused after the order keeps its own hosts waiting, not the others', async () => {
  const world = new AcmeWorld();
  for (const name of ['b', 'c', 'd', 'e']) world.put(acmeIngress(name, [`${name}.test`], 'full'));
  world.put(acmeIngress('web', ['a.test']));
  world.refusalOf = (namespace, isTrial) => (namespace === 'full' && !isTrial ? 403 : null);
  world.agent.onStartedLeading();
  await world.clock.pass(minute);
  assert.ok(world.secret('shop', 'web-tls') !== null);
  assert.equal(world.server.orders.length, 5);
});

test('an API server that is away is nobody’s fault: everybody waits, and nothing is ordered', async () => {
  const world = new AcmeWorld();
  world.put(acmeIngress('web', ['a.test']));
  world.refusalOf = () => 503;
  world.agent.onStartedLeading();
  await world.clock.pass(minute);
  assert.deepEqual(world.server.orders, []);
  world.refusalOf = () => null;
  await world.clock.pass(3 * minute);
  assert.deepEqual(world.server.orders, ['a.test']);
});

test('a namespace with very many certificates does not come before the others', async () => {
  const world = new AcmeWorld();
  for (let number = 10; number < 40; number += 1) {
    world.put(acmeIngress(`n${number}`, [`n${number}.many.test`], 'aaa'));
  }
  const others = ['b', 'c', 'd', 'e', 'f', 'g'];
  for (const name of others) world.put(acmeIngress(name, [`${name}.test`], name));
  world.agent.onStartedLeading();
  await world.clock.pass(5 * minute);
  assert.equal(world.server.orders.length, 36);
  const early = world.server.orders.slice(0, 10);
  for (const name of others)
    assert.ok(early.includes(`${name}.test`), `${name} waits behind ${early.join()}`);
});
