// What becomes of certificates that are wanted, against a fake ACME server and with a fake clock.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { AcmeWorld, acmeIngress } from './acme-world.fixture.ts';

const minute = 60_000;
const day = 86_400_000;

function startWorld(...hosts: readonly (readonly [string, readonly string[]])[]): AcmeWorld {
  const world = new AcmeWorld();
  for (const [name, list] of hosts) world.put(acmeIngress(name, list));
  world.agent.onStartedLeading();
  return world;
}

function leafOf(world: AcmeWorld, name: string): X509Certificate {
  const text = world.secret('shop', name)?.data?.['tls.crt'] ?? '';
  return new X509Certificate(Buffer.from(text, 'base64'));
}

test('a certificate is ordered while its challenge is answered, kept in its Secret, and told of', async () => {
  const world = startWorld(['web', ['a.test', 'b.test']]);
  const answered: string[] = [];
  world.server.onChallenge = (host, token) => {
    const challenge = world.table.challenges.get(`http-01/${token}`);
    if (challenge?.host === host && challenge.keyAuthorization.startsWith(`${token}.`)) answered.push(host);
  };
  await world.clock.pass(minute);
  assert.deepEqual(answered.sort(), ['a.test', 'b.test']);
  assert.equal(leafOf(world, 'web-tls').subjectAltName, 'DNS:a.test, DNS:b.test');
  assert.equal(world.secret('shop', 'web-tls')?.metadata.labels?.['sallyport.dev/acme'], 'certificate');
  assert.equal(world.table.challenges.size, 0);
  assert.deepEqual(world.events, [
    'web CertificateOrdered: orders a certificate for "a.test", "b.test" at acme.test',
    'web CertificateIssued: the certificate for "a.test", "b.test" is in Secret "shop/web-tls"',
  ]);
  assert.deepEqual(world.server.accounts, [
    { termsOfServiceAgreed: true, contact: ['mailto:ops@shop.test'] },
  ]);
  await world.clock.pass(day);
  assert.equal(world.server.orders.length, 1);
});

test('it is renewed before two thirds of its life are over, and the old one serves until then', async () => {
  const world = startWorld(['web', ['a.test']]);
  await world.clock.pass(minute);
  const first = leafOf(world, 'web-tls').fingerprint;
  await world.clock.pass(56 * day);
  assert.equal(leafOf(world, 'web-tls').fingerprint, first);
  await world.clock.pass(5 * day);
  assert.notEqual(leafOf(world, 'web-tls').fingerprint, first);
  assert.deepEqual(world.server.orders, ['a.test', 'a.test']);
});

test('a host that fails is tried less and less often, and the others have their certificate meanwhile', async () => {
  const world = startWorld(['bad', ['bad.test', 'good.test']], ['web', ['a.test']]);
  world.server.badHosts.add('bad.test');
  await world.clock.pass(2 * minute);
  assert.deepEqual(world.server.orders.toSorted(), ['a.test', 'bad.test good.test', 'good.test']);
  assert.ok(
    world.events.includes(
      'bad CertificateFailed: no certificate for Secret "shop/bad-tls" yet: bad.test: nobody answers at bad.test',
    ),
  );
  assert.equal(leafOf(world, 'bad-tls').subjectAltName, 'DNS:good.test');
  await world.clock.pass(58 * minute);
  const inFirstHour = world.server.orders.filter((order) => order.includes('bad.test')).length;
  assert.ok(inFirstHour <= 4, `${inFirstHour} tries in an hour`);
  world.server.badHosts.clear();
  await world.clock.pass(day);
  assert.equal(leafOf(world, 'bad-tls').subjectAltName, 'DNS:bad.test, DNS:good.test');
});

test('who starts again and again does not ask again for hosts that have failed', async () => {
  const world = startWorld(['bad', ['bad.test']]);
  world.server.badHosts.add('bad.test');
  for (let restarts = 0; restarts < 60; restarts += 1) {
    await world.clock.pass(minute);
    world.restart();
  }
  assert.ok(world.server.orders.length >= 3, 'it is tried again');
  assert.ok(world.server.orders.length <= 4, `${world.server.orders.length} tries in an hour`);
  world.server.badHosts.clear();
  await world.clock.pass(day);
  assert.equal(leafOf(world, 'bad-tls').subjectAltName, 'DNS:bad.test');
  const { annotations } = world.secret('system', 'sallyport-acme-challenges')?.metadata ?? {};
  assert.equal(annotations?.['sallyport.dev/acme-failures'], '{}');
});

test('a renewal that fails leaves what is served, and does not leave its host out', async () => {
  const world = startWorld(['web', ['a.test', 'b.test']]);
  await world.clock.pass(minute);
  const first = leafOf(world, 'web-tls').fingerprint;
  world.server.badHosts.add('b.test');
  await world.clock.pass(65 * day);
  assert.equal(leafOf(world, 'web-tls').fingerprint, first);
  world.server.badHosts.clear();
  await world.clock.pass(2 * day);
  assert.equal(leafOf(world, 'web-tls').subjectAltName, 'DNS:a.test, DNS:b.test');
  assert.notEqual(leafOf(world, 'web-tls').fingerprint, first);
});

test('a limit of the server is kept to: nothing is asked before Retry-After', async () => {
  const world = startWorld(['web', ['a.test']]);
  world.server.refusals.push({ status: 429, type: 'rateLimited', detail: 'too many', retryAfter: '7200' });
  await world.clock.pass(119 * minute);
  assert.deepEqual(world.server.orders, []);
  assert.ok(world.events.some((event) => event.endsWith('yet: too many')));
  await world.clock.pass(5 * minute);
  assert.deepEqual(world.server.orders, ['a.test']);
});

test('only the host that the server names has failed', async () => {
  const world = startWorld(['web', ['a.test', 'b.test']]);
  const identifier = { type: 'dns', value: 'b.test' };
  world.server.refusals.push({
    status: 400,
    type: 'rejectedIdentifier',
    detail: 'not allowed',
    subproblems: [{ identifier, detail: 'on a list' }],
  });
  await world.clock.pass(minute);
  assert.deepEqual(world.server.orders, ['a.test']);
});

test('a server that is away, and nonces that it refuses, are nobody’s fault', async () => {
  const world = startWorld(['web', ['a.test']]);
  world.server.isAway = true;
  await world.clock.pass(minute / 2);
  world.server.isAway = false;
  world.server.badNonces = 5;
  await world.clock.pass(2 * minute);
  assert.deepEqual(world.server.orders, ['a.test']);
  assert.equal(leafOf(world, 'web-tls').subjectAltName, 'DNS:a.test');
});

test('a Secret that is not ours is left alone, also when it becomes another’s later', async () => {
  const world = new AcmeWorld();
  const foreign = { 'tls.crt': 'b3RoZXI=', 'tls.key': 'b3RoZXI=' };
  const metadata = { namespace: 'shop', name: 'web-tls' };
  world.put({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data: foreign });
  world.put(acmeIngress('web', ['a.test']));
  world.put(acmeIngress('own', ['b.test']));
  world.agent.onStartedLeading();
  await world.clock.pass(minute);
  assert.deepEqual(world.secret('shop', 'web-tls')?.data, foreign);
  assert.deepEqual(world.server.orders, ['b.test']);
  assert.ok(
    world.events.some((event) => event.startsWith('web CertificateFailed: Secret "shop/web-tls" exists')),
  );
  const own = world.secret('shop', 'own-tls');
  assert.ok(own !== null);
  world.put({ ...own, data: foreign });
  await world.clock.pass(80 * day);
  assert.deepEqual(world.secret('shop', 'own-tls')?.data, foreign);
  assert.deepEqual(world.server.orders, ['b.test']);
});

test('nothing is ordered for wildcards, for hosts of another namespace, and by a replica that does not lead', async () => {
  const world = new AcmeWorld();
  world.put(acmeIngress('wild', ['*.a.test']));
  world.put(acmeIngress('aaa', ['a.test'], 'owner'));
  world.put(acmeIngress('thief', ['a.test']));
  world.isLeading = false;
  world.agent.onStartedLeading();
  await world.clock.pass(minute);
  assert.deepEqual(world.server.orders, []);
  world.isLeading = true;
  world.agent.onStartedLeading();
  await world.clock.pass(minute);
  assert.deepEqual(world.server.orders, ['a.test']);
  assert.equal(world.secret('shop', 'thief-tls'), null);
  assert.ok(world.secret('owner', 'aaa-tls') !== null);
  assert.equal(world.secret('shop', 'wild-tls'), null);
});

test('what an earlier leader left of challenges is taken away', async () => {
  const world = new AcmeWorld();
  const token = 't'.repeat(43);
  const left = { kind: 'http-01', host: 'a.test', keyAuthorization: `${token}.${'k'.repeat(43)}` };
  const data = { [token]: Buffer.from(JSON.stringify(left)).toString('base64') };
  const metadata = {
    namespace: 'system',
    name: 'sallyport-acme-challenges',
    labels: { 'sallyport.dev/acme': 'challenges' },
  };
  world.put({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data });
  assert.equal(world.table.challenges.size, 1);
  world.agent.onStartedLeading();
  await world.clock.pass(minute);
  assert.equal(world.table.challenges.size, 0);
});
