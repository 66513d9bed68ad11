// Two controllers before one API server: one leads and writes; when it dies, hangs or goes, the other does, and traffic notices nothing.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Api } from './api.ts';
import { addressesIn, leasePath, readHolder, Witness } from './lease.ts';
import { startLoad } from './load.ts';
import { ingressOf, siteOf } from './objects.ts';
import {
  type ControllerOptions,
  type ControllerProcess,
  publishedAddress,
  startApi,
  startOrigin,
  startReadyController,
} from './processes.ts';
import { waitFor } from './waiting.ts';

const timeout = 90_000;
const ingresses = '/apis/networking.k8s.io/v1/ingresses';
const ingressPath = (name: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/default/ingresses/${name}`;

interface Pair {
  readonly api: Api;
  readonly kubeconfigPath: string;
  readonly leader: ControllerProcess;
  readonly other: ControllerProcess;
  readonly leaderName: string;
}

/** A site and two controllers, the first of which leads and has written the status. */
async function startPair(
  t: TestContext,
  first: ControllerOptions,
  second: ControllerOptions = first,
): Promise<Pair> {
  const { api, kubeconfigPath } = await startApi(t);
  await api.applyAll(siteOf('a', 'a.test', await startOrigin(t)));
  const leader = await startReadyController(t, kubeconfigPath, first);
  await waitFor('a leader', leader.isLeading);
  const leaderName = await readHolder(api);
  assert.notEqual(leaderName, '');
  const other = await startReadyController(t, kubeconfigPath, second);
  await waitForAddresses(api, 'a', (addresses) => addresses.length === 1);
  return { api, kubeconfigPath, leader, other, leaderName };
}

async function waitForAddresses(
  api: Api,
  name: string,
  isWanted: (addresses: readonly string[]) => boolean,
): Promise<void> {
  await waitFor(`the wanted status of Ingress ${name}`, async () => {
    const ingress = await api.read(ingressPath(name));
    return ingress !== null && isWanted(addressesIn(ingress));
  });
}

function holdersIn(witness: Witness): readonly string[] {
  const holders = witness.seen.map(({ object }) => {
    const { holderIdentity = '' } = object['spec'] as { readonly holderIdentity?: string };
    return holderIdentity;
  });
  return holders.filter((holder, index) => holder !== holders[index - 1]);
}

test('a leader that is killed is followed within the time of its Lease; nothing is lost', {
  timeout,
}, async (t) => {
  const { api, leader, other, leaderName } = await startPair(t, {});
  assert.equal(await other.isLeading(), false);
  const witness = await Witness.open(t, api, ingresses);
  const load = startLoad(t, other.httpPort);
  await load.answers(50);
  leader.child.kill('SIGKILL');
  const killedMs = performance.now();
  await waitFor('the other leads', other.isLeading, 25_000);
  const tookSeconds = (performance.now() - killedMs) / 1_000;
  // The Lease is seen as much as one try (2.4 s) late, and found free as much as one try late.
  assert.ok(tookSeconds > 10 && tookSeconds < 15 + 2 * 2.4 + 4, `it took ${tookSeconds} s`);
  await api.apply(ingressOf('b', 'b.test', { service: 'a' }));
  await waitForAddresses(api, 'b', (addresses) => addresses[0] === publishedAddress);
  await load.answers(50);
  await load.end();
  assert.notEqual(await readHolder(api), leaderName);
  assert.equal(witness.ended, null);
  assert.deepEqual(
    witness.addressesOf('a').filter((addresses) => addresses.length === 0),
    [],
    'the status was there all the time',
  );
});

test('a leader that was stopped and wakes up writes nothing any more', { timeout }, async (t) => {
  const short = ['--election-ttl', '3s'];
  // Who wrote a status is seen by its address.
  const otherAddress = '203.0.113.2';
  const flags = [...short, '--publish-status-address', otherAddress];
  const { api, leader, other, leaderName } = await startPair(t, { flags: short }, { flags });
  const leases = await Witness.open(t, api, '/apis/coordination.k8s.io/v1/namespaces/default/leases');
  await waitFor('a renewal', () => leases.seen.length > 0);
  const load = startLoad(t, leader.httpPort);
  await load.answers(20);
  leader.child.kill('SIGSTOP');
  await waitFor('the other leads', other.isLeading);
  await waitForAddresses(api, 'a', ([address]) => address === otherAddress);
  await api.apply(ingressOf('b', 'b.test', { service: 'a' }));
  await waitForAddresses(api, 'b', ([address]) => address === otherAddress);
  // Its workers serve on, though nobody tells them anything new.
  await load.answers(20);
  const witness = await Witness.open(t, api, ingresses);
  leader.child.kill('SIGCONT');
  await leader.waitFor(/this replica leads no more/);
  await waitFor('it has seen who leads', async () =>
    leader.output().includes(`replica "${await readHolder(api)}" leads`),
  );
  // It knows of what it missed, and of a change that both see.
  await api.apply(ingressOf('c', 'c.test', { service: 'a' }));
  await waitFor('it serves the new Ingress', async () =>
    (await leader.page('/debug/table')).includes('c.test'),
  );
  await waitForAddresses(api, 'c', ([address]) => address === otherAddress);
  await load.end();
  const written = new Set(witness.seen.flatMap(({ object }) => addressesIn(object)));
  assert.deepEqual([...written], [otherAddress]);
  assert.deepEqual(holdersIn(leases), [leaderName, await readHolder(api)], 'one holder after the other');
  const events = await api.list('/api/v1/namespaces/default/events');
  const authors = events.filter(({ involvedObject }) =>
    /^[bc]$/.test((involvedObject as { name: string }).name),
  );
  assert.ok(authors.length > 0, 'there are Events');
  assert.deepEqual(
    new Set(authors.map(({ reportingInstance }) => reportingInstance)),
    new Set([await readHolder(api)]),
  );
});

/** Objects of Pods that run, by which replicas find each other. */
async function runPods(api: Api, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const metadata = { name, namespace: 'default', labels: { app: 'sallyport' } };
    const spec = { containers: [{ name: 'sallyport', image: 'sallyport' }] };
    await api.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
    await api.merge(`/api/v1/namespaces/default/pods/${name}/status`, { status: { phase: 'Running' } });
  }
}

test('a leader that goes hands over at once; the status goes with the last replica only', {
  timeout,
}, async (t) => {
  const { api, kubeconfigPath } = await startApi(t);
  await runPods(api, ['one', 'two']);
  await api.applyAll(siteOf('a', 'a.test', await startOrigin(t)));
  const leader = await startReadyController(t, kubeconfigPath, { pod: 'one' });
  await waitFor('a leader', leader.isLeading);
  const other = await startReadyController(t, kubeconfigPath, { pod: 'two' });
  await waitForAddresses(api, 'a', ([address]) => address === publishedAddress);
  const witness = await Witness.open(t, api, ingresses);
  const load = startLoad(t, other.httpPort);
  await load.answers(20);
  leader.child.kill('SIGTERM');
  assert.equal(await leader.ended, 0);
  assert.match(leader.output(), /gave up the Lease/);
  const endedMs = performance.now();
  await waitFor('the other leads', other.isLeading);
  // One try of the default's 2 s with its chance, and a slow machine; not the 15 s of the Lease.
  assert.ok(performance.now() - endedMs < 8_000, `it took ${performance.now() - endedMs} ms`);
  await api.apply(ingressOf('b', 'b.test', { service: 'a' }));
  await waitForAddresses(api, 'b', ([address]) => address === publishedAddress);
  await load.end();
  assert.deepEqual(
    witness.addressesOf('a').filter((addresses) => addresses.length === 0),
    [],
  );
  await api.remove('/api/v1/namespaces/default/pods/one?gracePeriodSeconds=0');
  other.child.kill('SIGTERM');
  assert.equal(await other.ended, 0);
  for (const name of ['a', 'b']) {
    const ingress = await api.read(ingressPath(name));
    assert.deepEqual(ingress === null ? null : addressesIn(ingress), [], name);
  }
  assert.equal(await readHolder(api), '');
});

test('the status stays where it is told to stay', { timeout }, async (t) => {
  const { api, kubeconfigPath } = await startApi(t);
  await api.applyAll(siteOf('a', 'a.test', await startOrigin(t)));
  const flags = ['--update-status-on-shutdown=false'];
  const controller = await startReadyController(t, kubeconfigPath, { flags });
  await waitForAddresses(api, 'a', ([address]) => address === publishedAddress);
  controller.child.kill('SIGTERM');
  assert.equal(await controller.ended, 0);
  const ingress = await api.read(ingressPath('a'));
  assert.deepEqual(ingress === null ? null : addressesIn(ingress), [publishedAddress]);
  const { leaseTransitions } = ((await api.read(leasePath))?.['spec'] ?? {}) as { leaseTransitions?: number };
  assert.equal(leaseTransitions, 0);
});
