// Passwords that change while a worker serves, and people who guess them: what a flood of wrong ones does to others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credentials, PasswordUser, TablePatch } from '../../../src/model/index.ts';
import { type KubeObject, type Secret } from '../../../src/kube/index.ts';
import { sampleIngress, sampleRule } from '../../../src/translate/sample-objects.fixture.ts';
import { renderExposition } from '../../../src/observe/exposition.ts';
import { RawClient } from '../harness.ts';
import { nginxPrefix, serve, type Served, trusting } from './annotated.ts';
import { asking, basic, bcrypt10, bcrypt14, bcrypt4, passwordSecret } from './password-objects.ts';

const right = basic('anna', 'open sesame');

/** A patch that changes one Secret's users; null: it is gone. */
function change(version: number, users: readonly PasswordUser[] | null): TablePatch {
  const none = { set: [], removed: [] };
  const id: Credentials['id'] = 'basic-file shop/users';
  const set: Credentials[] = users === null ? [] : [{ id, kind: 'basic', users }];
  return {
    version,
    hosts: none,
    upstreams: none,
    certificates: none,
    credentials: { set, removed: users === null ? [id] : [] },
  };
}

test('a changed Secret counts from the next request on, for remembered passwords too', async (t) => {
  const objects = [passwordSecret({ auth: `anna:${bcrypt4}` })];
  const served = await serve(t, { annotations: asking, objects });
  const { worker } = served.proxy;
  assert.equal((await served.ask('/', right)).status, 200);
  worker.apply(change(2, [{ name: 'anna', scheme: 'plain', hash: '{PLAIN}swordfish' }]));
  assert.equal((await served.ask('/', right)).status, 401);
  assert.equal((await served.ask('/', basic('anna', 'swordfish'))).status, 200);
  worker.apply(change(3, null));
  assert.equal((await served.ask('/', basic('anna', 'swordfish'))).status, 503);
  worker.apply(change(4, [{ name: 'anna', scheme: 'bcrypt', hash: bcrypt4 }]));
  assert.equal((await served.ask('/', right)).status, 200);
  assert.equal(worker.passwords.queue.counters.checked, 2);
});

/** Beside the Ingress of host `a.test`: one that asks by a cheaper hash, one that asks for nothing. */
function neighbours(): KubeObject[] {
  const cheap: Secret = passwordSecret({ auth: `anna:${bcrypt4}` }, 'cheap');
  const annotations = { [`${nginxPrefix}/auth-type`]: 'basic', [`${nginxPrefix}/auth-secret`]: 'cheap' };
  return [
    cheap,
    sampleIngress({ rules: [sampleRule('cheap.test', ['/'])] }, { name: 'cheap', day: 2, annotations }),
    sampleIngress({ rules: [sampleRule('open.test', ['/'])] }, { name: 'open', day: 2 }),
  ];
}

/** Guesses at host `a.test`, each on a connection of its own; resolves when all have been sent. */
async function guess(t: Parameters<typeof serve>[0], { proxy }: Served, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < count; i += 1) {
    const client = await RawClient.open(t, proxy.port);
    client.send(
      `GET / HTTP/1.1\r\nHost: a.test\r\n${basic(i % 2 === 0 ? 'anna' : `nobody${i}`, `guess ${i}`)}\r\n`,
    );
    clients.push(client);
  }
  return clients;
}

test('a flood of guesses against costly hashes is refused, and harms no other Ingress', async (t) => {
  const objects = [passwordSecret({ auth: `anna:${bcrypt14}` }), ...neighbours()];
  const served = await serve(t, { annotations: asking, objects });
  const { queue } = served.proxy.worker.passwords;
  const clients = await guess(t, served, 100);
  // One is looked at, 32 of this client wait (or fewer, if some were answered meanwhile); the others are told at once.
  const refused = async (): Promise<string> =>
    await Promise.any(
      clients.map(async (client) => {
        const text = await client.responses(1);
        if (!text.startsWith('HTTP/1.1 503 ')) throw new Error(text);
        return text;
      }),
    );
  assert.match(await refused(), /\r\nRetry-After: 1\r\n/);
  assert.ok(queue.counters.refused > 0);
  for (let i = 0; i < 20; i += 1) {
    assert.equal((await served.ask('/', '', 'GET', 'open.test')).status, 200);
    assert.equal((await served.ask('/', '', 'GET', 'cheap.test')).status, 401);
  }
  // A hash of the neighbour does not wait for those of the flood.
  const waiting = queue.waiting;
  assert.equal((await served.ask('/', right, 'GET', 'cheap.test')).status, 200);
  assert.ok(waiting > 0);
  const told = renderExposition(served.proxy.worker.collect());
  assert.match(told, /^sallyport_password_hashes_total\{outcome="refused"\} [1-9]/m);
  assert.match(told, /^sallyport_passwords_waiting [1-9]/m);
  const reasons = served.proxy.worker.core.recorder.reasons;
  assert.ok((reasons.get('password-queue') ?? 0) > 0);
  assert.equal(served.proxy.worker.core.counters.bugs, 0);
});

test('one client who guesses does not keep others of the Ingress from signing in', async (t) => {
  const objects = [passwordSecret({ auth: `anna:${bcrypt4}\nbert:${bcrypt10}` })];
  const served = await serve(t, { annotations: asking, objects }, trusting);
  const from = (address: string): string => `X-Forwarded-For: ${address}\r\n`;
  const flood: RawClient[] = [];
  for (let i = 0; i < 60; i += 1) {
    const client = await RawClient.open(t, served.proxy.port);
    client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${from('192.0.2.1')}${basic('bert', `guess ${i}`)}\r\n`);
    flood.push(client);
  }
  await Promise.any(flood.map(async (client) => await client.responses(1)));
  const { queue } = served.proxy.worker.passwords;
  const waiting = queue.waiting;
  assert.equal((await served.ask('/', from('192.0.2.2') + right)).status, 200);
  // After one or two guesses, not after all of them.
  assert.ok(queue.waiting > 0 && waiting > 0);
});

test('who signed in before the flood goes on', async (t) => {
  const objects = [passwordSecret({ auth: `anna:${bcrypt4}\nbert:${bcrypt14}` })];
  const served = await serve(t, { annotations: asking, objects });
  assert.equal((await served.ask('/', right)).status, 200);
  const flood = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const client = await RawClient.open(t, served.proxy.port);
      client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${basic('bert', `guess ${i}`)}\r\n`);
      return client;
    }),
  );
  await Promise.any(flood.map(async (client) => await client.responses(1)));
  for (let i = 0; i < 10; i += 1) assert.equal((await served.ask('/', right)).status, 200);
});

test('a worker that closes answers those who wait for a hash', async (t) => {
  const objects = [passwordSecret({ auth: `anna:${bcrypt14}` })];
  const served = await serve(t, { annotations: asking, objects });
  const clients = await guess(t, served, 3);
  served.proxy.worker.passwords.close();
  const answers = await Promise.all(clients.map(async (client) => await client.responses(1)));
  for (const text of answers) assert.match(text, /^HTTP\/1\.1 503 /);
});
